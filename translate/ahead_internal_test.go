package translate

import (
	"slices"
	"testing"

	"yeok/article"
	"yeok/desk"
	"yeok/translate/check"
	"yeok/translate/language"
)

// TestReadAhead: what was read ahead is what the checks find without it, piece by
// piece at the desk; a unit that nobody has read is left out, and one in which
// reading panics ends nothing.
func TestReadAhead(t *testing.T) {
	d, err := desk.New(1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	const text, translation = "새벽전자 이도윤 회장은 21일 공장 2곳을 짓는다고 밝혔다.", "Kim Ha-neul of Saebyeok Electronics said on the 21st that it will build 3 plants."
	english, _ := language.Lookup("en")
	looked := func(u *unit) []check.Finding {
		return check.Look(u.checked(translation), english, check.Context{}).Findings()
	}
	units := func() []*unit {
		a := article.Article{}
		for _, id := range []string{"p1", "p2", "p3", "p4", "p5"} {
			a.Blocks = append(a.Blocks, article.Block{ID: id, Text: text})
		}
		return copied(Read(a, false).facts())
	}
	plain, ahead := units(), units()
	j := &job{req: Request{Turn: d.Turn(nil)}}
	j.readAhead(append(slices.Clone(ahead), &unit{id: "half"}))
	for i, u := range ahead {
		want := looked(plain[i])
		if got := looked(u); len(got) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: findings %v after it was read ahead, want %v", u.id, got, want)
		}
	}
	j.readAhead([]*unit{nil})
}
