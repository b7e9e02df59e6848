package check_test

import (
	"path/filepath"
	"testing"

	"yeok/eval/renderings"
	"yeok/translate/language"
)

// TestBusinessNumbers wants at most 1 % of right renderings to be doubted and at
// least 95 % of wrong ones to be found, in every language and every set.
func TestBusinessNumbers(t *testing.T) {
	t.Run("phrases", func(t *testing.T) {
		judge(t, "testdata/business.txt", renderings.Frames())
	})
	sets, err := filepath.Glob("testdata/sentences/*.txt")
	if err != nil || len(sets) == 0 {
		t.Fatalf("no sets of sentences: %v", err)
	}
	for _, file := range sets {
		t.Run(filepath.Base(file), func(t *testing.T) {
			judge(t, file, renderings.Bare())
		})
	}
}

func judge(t *testing.T, file string, frames []renderings.Frame) {
	t.Helper()
	list, err := renderings.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range language.Targets() {
		n := renderings.Measure(list, frames, l)
		for _, doubt := range n.Cases {
			t.Logf("%s: %s", l.Code, doubt)
		}
		t.Logf("%s: %d of %d right renderings doubted, %d of %d wrong ones missed", l.Code, n.Doubted, n.Right, n.Missed, n.Wrong)
		if n.Right == 0 || n.Wrong == 0 || 100*n.Doubted > n.Right || 20*n.Missed > n.Wrong {
			t.Errorf("%s: %d of %d right renderings doubted, %d of %d wrong ones missed; want at most 1 %% and 5 %%", l.Code, n.Doubted, n.Right, n.Missed, n.Wrong)
		}
	}
}
