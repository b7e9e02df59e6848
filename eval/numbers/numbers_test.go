package numbers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/eval/numbers"
	"yeok/translate/language"
)

// TestNumberSet wants every amount of 500 sentences read in every language, no
// right rendering doubted, and at least 95 % of the wrong ones found.
func TestNumberSet(t *testing.T) {
	list, err := numbers.Sentences(1, 500)
	if err != nil {
		t.Fatal(err)
	}
	korean := numbers.Korean(list)
	for _, c := range korean.Cases {
		t.Logf("ko: %s", c)
	}
	if korean.Unread > 0 {
		t.Errorf("ko: %d of %d amounts not read", korean.Unread, korean.Wanted)
	}
	for _, l := range language.Targets() {
		n := numbers.Measure(list, l)
		for _, c := range n.Cases {
			t.Logf("%s: %s", l.Code, c)
		}
		t.Logf("%s: %d of %d amounts not read, %d of %d right renderings doubted, %d of %d wrong ones missed", l.Code, n.Unread, n.Wanted, n.Doubted, n.Right, n.Missed, n.Wrong)
		if n.Unread > 0 || n.Doubted > 0 || 20*n.Missed > n.Wrong {
			t.Errorf("%s: %d amounts not read, %d right renderings doubted, %d of %d wrong ones missed; want 0, 0, at most 5 %%", l.Code, n.Unread, n.Doubted, n.Missed, n.Wrong)
		}
	}
}

func TestSentencesAreTheSameForASeed(t *testing.T) {
	first, err := numbers.Sentences(7, 60)
	if err != nil {
		t.Fatal(err)
	}
	again, err := numbers.Sentences(7, 60)
	if err != nil {
		t.Fatal(err)
	}
	for i := range first {
		if diff := cmp.Diff(first[i].Right, again[i].Right); diff != "" || first[i].Korean != again[i].Korean {
			t.Errorf("Sentences(7, 60)[%d] differ between two runs (-first +again):\n%s", i, diff)
		}
	}
}
