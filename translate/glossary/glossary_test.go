package glossary_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yeok/translate/glossary"
)

func entries(sources ...string) []glossary.Entry {
	var list []glossary.Entry
	for _, s := range sources {
		list = append(list, glossary.Entry{Source: s, Targets: map[string]string{"en": s}})
	}
	return list
}

func TestMatch(t *testing.T) {
	all := entries("새벽전자", "더불어민주당", "민주당", "한강", "한강은행", "LG전자", "ABC", "김", "국민의힘", "가람", "의원", "한국")
	tests := []struct {
		text string
		want []string
	}{
		{"새벽전자가 밝혔다", []string{"새벽전자"}},
		{"새벽전자는", []string{"새벽전자"}},
		{"새벽전자의 실적", []string{"새벽전자"}},
		{"새벽전자에서만 쓴다", []string{"새벽전자"}},
		{"새벽 전자가 밝혔다", []string{"새벽전자"}},
		{"더불어 민주당은", []string{"더불어민주당"}},
		{"더불어민주당과 국민의힘이", []string{"더불어민주당", "국민의힘"}},
		{"한강은행과 한강", []string{"한강은행", "한강"}},
		{"한강은 흐른다", []string{"한강"}},
		{"북한강은 흐른다", nil},
		{"LG전자가 ABC를", []string{"LG전자", "ABC"}},
		{"XABC", nil},
		{"ABCD와", nil},
		{"김 회장", []string{"김"}},
		{"김이 난다", nil},
		{"가람이라는", []string{"가람"}},
		{"의원직", nil},
		{"한국어", nil},
		{"“한국”", []string{"한국"}},
		{"abc", []string{"ABC"}},
		{"", nil},
	}
	for _, test := range tests {
		var got []string
		for _, hit := range glossary.Match(all, test.text) {
			got = append(got, hit.Entry.Source)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("Match(%q) (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestMatchSpan(t *testing.T) {
	hits := glossary.Match(entries("새벽전자"), "어제 새벽 전자가 왔다")
	if len(hits) != 1 || hits[0].Start != 3 || hits[0].End != 8 {
		t.Errorf("Match() = %+v, want one hit at 3 to 8", hits)
	}
}

func TestMatchContext(t *testing.T) {
	list := []glossary.Entry{{Source: "가자", Targets: map[string]string{"en": "Gaza"}, Contexts: []string{"이스라엘", "가자지구"}}}
	if hits := glossary.Match(list, "집에 가자 하고 말했다"); len(hits) != 0 {
		t.Errorf("Match() = %v, want none without a context", hits)
	}
	if hits := glossary.Match(list, "이스라엘군이 가자를 떠났다"); len(hits) != 1 {
		t.Errorf("Match() = %v, want one in its context", hits)
	}
}

func TestMatchNotAfter(t *testing.T) {
	list := []glossary.Entry{{Source: "한강", Targets: map[string]string{"en": "Han River"}, NotAfter: []string{"작가"}}}
	for text, want := range map[string]int{"작가 한강은": 0, "작가한강은": 0, "서울 한강은": 1, "한강은": 1} {
		if hits := glossary.Match(list, text); len(hits) != want {
			t.Errorf("Match(%q) = %v, want %d", text, hits, want)
		}
	}
}

// TestValid: an entry holds from its first moment up to, and without, its end. Of an
// article without a date only what has no end is true.
func TestValid(t *testing.T) {
	from, until := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name  string
		entry glossary.Entry
		at    time.Time
		want  bool
	}{
		{"always", glossary.Entry{}, from, true},
		{"before", glossary.Entry{ValidFrom: from}, from.Add(-time.Second), false},
		{"at its beginning", glossary.Entry{ValidFrom: from}, from, true},
		{"before its end", glossary.Entry{ValidUntil: until}, until.Add(-time.Second), true},
		{"at its end", glossary.Entry{ValidUntil: until}, until, false},
		{"between", glossary.Entry{ValidFrom: from, ValidUntil: until}, from.AddDate(0, 6, 0), true},
		{"no date, an end", glossary.Entry{ValidUntil: until}, time.Time{}, false},
		{"no date, no end", glossary.Entry{ValidFrom: from}, time.Time{}, true},
	}
	for _, test := range tests {
		if got := test.entry.Valid(test.at); got != test.want {
			t.Errorf("%s: Valid(%v) = %v, want %v", test.name, test.at, got, test.want)
		}
	}
}

func TestNewErrors(t *testing.T) {
	en := func(s string) map[string]string { return map[string]string{"en": s} }
	change := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name    string
		entries []glossary.Entry
		want    error
	}{
		{"no source", []glossary.Entry{{Targets: en("A")}}, glossary.ErrSource},
		{"no target", []glossary.Entry{{Source: "가람"}}, glossary.ErrTarget},
		{"conflict", []glossary.Entry{{Source: "가람", Targets: en("A")}, {Source: "가 람", Targets: en("B")}}, glossary.ErrConflict},
		{"conflict of keeping and translating", []glossary.Entry{{Source: "가람", Targets: en("A")}, {Source: "가람", DoNotTranslate: true}}, glossary.ErrConflict},
		{"one name after the other", []glossary.Entry{{Source: "가람", Targets: en("A"), ValidUntil: change}, {Source: "가람", Targets: en("B"), ValidFrom: change}}, nil},
		{"two names for a day", []glossary.Entry{{Source: "가람", Targets: en("A"), ValidUntil: change.AddDate(0, 0, 1)}, {Source: "가람", Targets: en("B"), ValidFrom: change}}, glossary.ErrConflict},
		{"two names by context", []glossary.Entry{{Source: "가람", Targets: en("A"), Contexts: []string{"강"}}, {Source: "가람", Targets: en("B")}}, nil},
		{"twice the same", []glossary.Entry{{Source: "가람", Targets: en("A")}, {Source: "가람", Targets: en("A")}}, nil},
		{"kept as it is", []glossary.Entry{{Source: "ABC", DoNotTranslate: true}}, nil},
	}
	for _, test := range tests {
		if _, err := glossary.New(test.entries); !errors.Is(err, test.want) {
			t.Errorf("%s: New() error = %v, want %v", test.name, err, test.want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("새벽 전자가 김 회장과")
	f.Add(strings.Repeat("한강 ", 50))
	all := entries("새벽전자", "한강", "한강은행", "김", "ABC 전자")
	f.Fuzz(func(t *testing.T, text string) {
		n := len([]rune(text))
		last := 0
		for _, hit := range glossary.Match(all, text) {
			if hit.Start < last || hit.End <= hit.Start || hit.End > n {
				t.Errorf("Match(%q): span %d to %d out of range", text, hit.Start, hit.End)
			}
			last = hit.End
		}
	})
}
