package glossary_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/translate/glossary"
)

func TestHanja(t *testing.T) {
	tests := []struct {
		headline, body string
		want           []glossary.Expansion
	}{
		{"靑 “추경 검토”", "", []glossary.Expansion{{Hanja: "靑", Korean: "청와대", Start: 0, End: 1}}},
		{"與野 합의", "", []glossary.Expansion{{Hanja: "與野", Korean: "여야", Start: 0, End: 2}}},
		{"尹 “사실 아니다”", "윤가람 새벽전자 대표는 이날", []glossary.Expansion{{Hanja: "尹", Korean: "윤가람", Person: true, Start: 0, End: 1}}},
		{"李·朴 회동", "이도윤 회장과 박서준 의원이 만났다. 이하늘 대표는 빠졌다.", []glossary.Expansion{
			{Hanja: "李", Korean: "이도윤", Others: []string{"이하늘"}, Person: true, Start: 0, End: 1},
			{Hanja: "朴", Korean: "박서준", Person: true, Start: 2, End: 3},
		}},
		{"韓 대표 사퇴", "한가온 대표가 물러났다.", []glossary.Expansion{{Hanja: "韓", Korean: "한국", Others: []string{"한가온"}, Start: 0, End: 1}}},
		{"이도윤(李道允) 회장", "", nil},
		{"한글 제목", "", nil},
		{"尹 침묵", "이름 없는 글", nil},
	}
	for _, test := range tests {
		got := glossary.Hanja(test.headline, test.body)
		if diff := cmp.Diff(test.want, got, cmp.Transformer("empty", func(s []string) []string { return append([]string(nil), s...) })); diff != "" {
			t.Errorf("Hanja(%q) (-want +got):\n%s", test.headline, diff)
		}
	}
}

// TestWordings wants what the languages say for a sign, and the names of countries
// that the headline does not speak of.
func TestWordings(t *testing.T) {
	const headline, body = "美·中 회담…尹 “환영”", "윤가람 대표는 이날"
	expansions := glossary.Hanja(headline, body)
	if len(expansions) != 3 {
		t.Fatalf("Hanja(%q) = %v, want three", headline, expansions)
	}
	for _, code := range []string{"en", "zh-Hans", "ja", "vi"} {
		for _, e := range expansions {
			w := e.Wordings(headline, code)
			if len(w) != 1 || len(w[0].Right) == 0 || w[0].Person != (e.Hanja == "尹") {
				t.Errorf("Wordings(%s, %s) = %+v, want one with wordings", e.Hanja, code, w)
			}
		}
	}
	us := expansions[0].Wordings(headline, "en")[0]
	if !slices.Contains(us.Right, "U.S.") || slices.Contains(us.Wrong, "China") || !slices.Contains(us.Wrong, "Japan") {
		t.Errorf("Wordings(美, en) = %+v, want U.S., and Japan but not China as wrong", us)
	}
	if spoken := glossary.Hanja("美, 일본과 합의", "")[0].Wordings("美, 일본과 합의", "en")[0]; slices.Contains(spoken.Wrong, "Japan") {
		t.Errorf("Wordings(美, en) = %+v, want Japan, which stands there in Hangul, not wrong", spoken)
	}
	if w := glossary.Hanja("韓美 합의", "")[0].Wordings("韓美 합의", "en"); len(w) != 2 || w[1].Hanja != "美" {
		t.Errorf("Wordings(韓美, en) = %+v, want one a country", w)
	}
}

// TestSeed wants the built-in authority whole: every entry valid and with all
// four languages, no contradictions.
func TestSeed(t *testing.T) {
	names := append(glossary.Names(), glossary.Titles()...)
	if len(names) < 150 {
		t.Errorf("Names() and Titles() have %d entries, want 150 at least", len(names))
	}
	if _, err := glossary.New(names); err != nil {
		t.Errorf("New(Names() and Titles()) = %v", err)
	}
	for _, e := range names {
		for _, code := range []string{"en", "zh-Hans", "ja", "vi"} {
			if e.Target(code) == "" {
				t.Errorf("%s: no target in %s", e.Source, code)
			}
		}
	}
	if len(glossary.Surnames()) < 50 {
		t.Errorf("Surnames() has %d, want 50 at least", len(glossary.Surnames()))
	}
}

// TestNamesBySurname: of a Korean person the surname will do, wherever it stands in the
// name.
func TestNamesBySurname(t *testing.T) {
	tests := []struct{ source, code, want string }{
		{"박정희", "en", "Park"},
		{"이승만", "en", "Rhee"},
		{"이승만", "vi", "Lý"},
		{"이승만", "zh-Hans", "李"},
	}
	for _, test := range tests {
		i := slices.IndexFunc(glossary.Names(), func(e glossary.Entry) bool { return e.Source == test.source })
		if i < 0 {
			t.Errorf("Names() has no %s", test.source)
			continue
		}
		e := glossary.Names()[i]
		forms := strings.Split(e.Target(test.code), "|")
		if got, want := slices.Contains(forms, test.want), e.Kind == "person"; got != want {
			t.Errorf("%s: %s = %q, %s among them: %v, want %v", test.code, test.source, forms, test.want, got, want)
		}
	}
}
