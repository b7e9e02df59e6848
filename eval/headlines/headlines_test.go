package headlines_test

import (
	"testing"

	"yeok/eval/headlines"
	"yeok/translate/language"
)

func TestHeadlines(t *testing.T) {
	list, err := headlines.Read()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 60 {
		t.Errorf("Read() has %d headlines, want 60 at least", len(list))
	}
	for _, l := range language.Targets() {
		n := headlines.Measure(list, l)
		t.Logf("%s: %d facts, %d unknown; %d good, %d doubted; %d bad, %d missed", l.Code, n.Facts, n.Unknown, n.Good, n.Doubted, n.Bad, n.Missed)
		if n.Unknown+n.Doubted+n.Missed > 0 || n.Good != len(list) {
			for _, c := range n.Cases {
				t.Errorf("%s: %s", l.Code, c)
			}
		}
	}
}
