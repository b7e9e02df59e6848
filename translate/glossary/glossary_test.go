package glossary_test

import (
	"errors"
	"strings"
	"testing"

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

func TestNewErrors(t *testing.T) {
	en := func(s string) map[string]string { return map[string]string{"en": s} }
	tests := []struct {
		name    string
		entries []glossary.Entry
		want    error
	}{
		{"no source", []glossary.Entry{{Targets: en("A")}}, glossary.ErrSource},
		{"no target", []glossary.Entry{{Source: "가람"}}, glossary.ErrTarget},
		{"conflict", []glossary.Entry{{Source: "가람", Targets: en("A")}, {Source: "가 람", Targets: en("B")}}, glossary.ErrConflict},
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
