package article_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yeok/article"
)

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

func itoa(n int) string { return strconv.Itoa(n) }

// The seed is the one page whose result is fixed to the line.
func TestSeed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t), "seed", "*.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("seed: %v %v", files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	c, err := article.Clean(article.Source{Text: string(raw)}, article.Options{})
	if err != nil {
		t.Fatalf("Clean(seed): %v", err)
	}
	lines := strings.Split(string(raw), "\n")
	a := c.Article
	if got, want := a.Title, lines[0]; got != want {
		t.Errorf("Title = %q, want %q", got, want)
	}
	want := []string{"AI 시대 반도체 강국 韓 협력 '필수'", "글로벌 OTT, K-콘텐츠 투자협력 강화"}
	if diff := cmp.Diff(want, a.Subtitles); diff != "" {
		t.Errorf("Subtitles (-want +got):\n%s", diff)
	}
	if want := time.Date(2024, 2, 21, 6, 17, 0, 0, time.UTC); !a.PublishTime.Equal(want) {
		t.Errorf("PublishTime = %v, want %v", a.PublishTime, want)
	}
	if len(a.Blocks) != 9 {
		t.Errorf("len(Blocks) = %d, want 9", len(a.Blocks))
	}
	for _, b := range a.Blocks {
		if b.Kind != article.Paragraph {
			t.Errorf("block %s is of kind %d: %q", b.ID, b.Kind, b.Text)
		}
	}
	if !strings.HasPrefix(a.CopyrightNotice, "©") {
		t.Errorf("CopyrightNotice = %q", a.CopyrightNotice)
	}
	for _, r := range c.Removals {
		if r.Reason == 0 || r.Rule == "" {
			t.Errorf("removal without reason or rule: %+v", r)
		}
	}
	for _, l := range c.Lines {
		if len(l.Kept) == 0 && l.Rule == "" {
			t.Errorf("line %d %q is neither kept nor removed by a rule", l.Number, l.Text)
		}
	}
	if t.Failed() {
		for _, l := range c.Lines {
			t.Logf("%3d %-10s %-24s %.60s", l.Number, l.Role, l.Rule, l.Text)
		}
	}
}
