package renderings_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/eval/renderings"
	"yeok/translate/language"
)

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "texts.txt")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRead(t *testing.T) {
	got, err := renderings.Read(write(t, "# a comment\n\n= 직원 350명\nen 350 workers | some 350 workers ! 350 workers => 530 workers | 35 workers\n"))
	want := []renderings.Text{{
		Korean: "직원 350명",
		Right:  map[string][]string{"en": {"350 workers", "some 350 workers"}},
		Wrong:  map[string][]string{"en": {"530 workers", "35 workers"}},
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Read: %v (-want +got):\n%s", err, diff)
	}
	for _, broken := range []string{"en 350 workers ! 35 workers\n", "= 직원 350명\nen 350 workers\n", "= 직원 350명\nen 350 workers ! 360 => 35\n"} {
		if _, err := renderings.Read(write(t, broken)); err == nil {
			t.Errorf("Read(%q): got no error", broken)
		}
	}
}

func TestMeasure(t *testing.T) {
	english, ok := language.Lookup("en")
	if !ok {
		t.Fatal("no English")
	}
	list := []renderings.Text{{
		Korean: "직원 350명",
		Right:  map[string][]string{"en": {"350 workers", "53 workers"}}, // the second is wrong
		Wrong:  map[string][]string{"en": {"35 workers", "350 workers"}}, // the second is right
	}}
	for _, frames := range [][]renderings.Frame{renderings.Frames(), renderings.Bare()} {
		got := renderings.Measure(list, frames, english)
		n := len(frames)
		if got.Right != 2*n || got.Doubted != n || got.Wrong != 2*n || got.Missed != n || len(got.Cases) != 2*n || n == 0 {
			t.Errorf("Measure in %d frames: got %+v, want half of %d each", n, got, 2*n)
		}
	}
}
