package translate

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yeok/article"
	"yeok/translate/check"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

func languageOf(t *testing.T, code string) *language.Language {
	t.Helper()
	l, ok := language.Lookup(code)
	if !ok {
		t.Fatalf("language.Lookup(%q) found nothing", code)
	}
	return l
}

func TestHalves(t *testing.T) {
	for _, test := range []struct{ text, first, second string }{
		{"하나다. 둘이다. 셋이다. 넷이다.", "하나다. 둘이다.", "셋이다. 넷이다."},
		{`그는 "하나다." 그리고 갔다.`, `그는 "하나다."`, "그리고 갔다."},
		{"하나\n둘", "하나", "둘"},
		{"3.5% 늘었다", "", ""},
		{"하나다.", "", ""},
		{"", "", ""},
	} {
		u := &unit{text: test.text}
		a, b, ok := u.halves()
		if ok != (test.first != "") {
			t.Errorf("halves(%q) = %v", test.text, ok)
			continue
		}
		if ok && (a.text != test.first || b.text != test.second) {
			t.Errorf("halves(%q) = %q, %q, want %q, %q", test.text, a.text, b.text, test.first, test.second)
		}
	}
}

// TestHalvesEnd: cutting again and again comes to an end.
func TestHalvesEnd(t *testing.T) {
	var cut func(u *unit, depth int)
	cut = func(u *unit, depth int) {
		if depth > 20 {
			t.Fatalf("still cutting %q", u.text)
		}
		if a, b, ok := u.halves(); ok {
			cut(a, depth+1)
			cut(b, depth+1)
		}
	}
	cut(&unit{text: strings.Repeat("하나다. ", 500)}, 0)
	cut(&unit{text: strings.Repeat("\n", 500) + "하나"}, 0)
}

func TestAddTerms(t *testing.T) {
	at := time.Date(2025, 7, 21, 0, 0, 0, 0, time.UTC)
	entries := []glossary.Entry{
		{Source: "새벽전자", Targets: map[string]string{"en": "Saebyeok Electronics"}, Strict: true},
		{Source: "재정부", Targets: map[string]string{"en": "Finance Ministry"}, ValidUntil: at.AddDate(0, -1, 0)},
		{Source: "노을", Targets: map[string]string{"ja": "ノウル"}},
		{Source: "가자", Targets: map[string]string{"en": "Gaza"}, Contexts: []string{"이스라엘"}},
	}
	a := article.Article{Title: "가자 평화 회담", PublishTime: at, Blocks: []article.Block{
		{ID: "p1", Text: "새벽전자는 노을과 재정부를 만났다. 새벽전자가 말했다."},
		{ID: "p2", Text: "이스라엘은 밝혔다."},
	}}
	want := map[string][]check.Term{
		"title": {{Source: "가자", Target: "Gaza"}},
		"p1":    {{Source: "새벽전자", Target: "Saebyeok Electronics", Strict: true}},
		"p2":    nil,
	}
	english, _ := language.Lookup("en")
	req := Request{Article: a, Target: english, Glossary: entries}
	for _, u := range req.reading().unitsFor(req) {
		if diff := cmp.Diff(want[u.id], u.terms); diff != "" {
			t.Errorf("terms of %s (-want +got):\n%s", u.id, diff)
		}
	}
	want["title"] = nil // the context stands in another string
	req.Independent = true
	for _, u := range req.reading().unitsFor(req) {
		if diff := cmp.Diff(want[u.id], u.terms); diff != "" {
			t.Errorf("terms of the string %s (-want +got):\n%s", u.id, diff)
		}
	}
}

// TestHouseTerms: the names of the house are terms unless the caller knows better,
// about the name itself or one that holds it.
func TestHouseTerms(t *testing.T) {
	english, _ := language.Lookup("en")
	name := glossary.Names()[0]
	soft := check.Term{Source: name.Source, Target: name.Targets["en"]}
	own := check.Term{Source: name.Source, Target: "Own Name", Strict: true}
	longer := check.Term{Source: name.Source + "서비스", Target: "Longer Name"}
	for _, test := range []struct {
		text     string
		glossary []check.Term
		want     []check.Term
	}{
		{name.Source + "는 밝혔다.", nil, []check.Term{soft}},
		{"새" + name.Source + "는 밝혔다.", nil, nil},
		{name.Source + "는 밝혔다.", []check.Term{own}, []check.Term{own}},
		{name.Source + "서비스는 밝혔다.", []check.Term{longer}, []check.Term{longer}},
		{"노을과 " + name.Source + "와 노을은", []check.Term{{Source: "노을", Target: "Noeul"}}, []check.Term{{Source: "노을", Target: "Noeul"}, soft}},
	} {
		req := Request{Target: english, Article: article.Article{Blocks: []article.Block{{ID: "p1", Text: test.text}}}}
		for _, term := range test.glossary {
			req.Glossary = append(req.Glossary, glossary.Entry{Source: term.Source, Targets: map[string]string{"en": term.Target}, Strict: term.Strict})
		}
		if diff := cmp.Diff(test.want, req.reading().unitsFor(req)[0].terms); diff != "" {
			t.Errorf("terms of %q (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestFacts(t *testing.T) {
	at := time.Date(2025, 7, 20, 15, 30, 0, 0, time.UTC) // 21 July in Korea
	j := (&Translator{}).newJob(Request{Target: &language.Language{}, Article: article.Article{
		Title:       "李 회장, 靑 방문…1조2000억 투자",
		PublishTime: at,
		Blocks: []article.Block{
			{ID: "p1", Text: "새벽전자는 21일 1조2000억원을 투자한다."},
			{ID: "p2", Text: "남쪽 바닷가의 도시다. 이도윤 회장은 이날 말했다."},
			{ID: "p3", Text: "직원은 350명이다. 지난 16일 시작했고 이날 끝났다."},
		},
	}})
	got := j.factsOf(j.units)
	want := []string{
		"published 2025-07-21 (Monday), Korean time",
		"李: 이도윤",
		"靑: 청와대",
		"21일: 2025-07-21",
		"1조2000억원: 1,200,000,000,000",
		"이날 in P2: 2025-07-21",
		"지난 16일: 2025-07-16",
		"이날 in P3: 2025-07-16",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("factsOf (-want +got):\n%s", diff)
	}
	j = (&Translator{}).newJob(Request{Target: &language.Language{}, Independent: true, Article: j.req.Article})
	want = []string{"21일: 2025-07-21", "1조2000억원: 1,200,000,000,000", "지난 16일: 2025-07-16", "이날: 2025-07-16"}
	if diff := cmp.Diff(want, j.factsOf(j.units)); diff != "" {
		t.Errorf("factsOf independent strings (-want +got):\n%s", diff)
	}
}

func TestEstimateTokens(t *testing.T) {
	// Tokens that the named tokenizers make of 1,000 characters of news
	// (the highest of o200k, Qwen3, Gemma3, Llama 3.1, DeepSeek-V3).
	for _, test := range []struct {
		text  string // one character of the kind
		least int
	}{{"가", 676}, {"汉", 792}, {"e", 220}, {"か", 776}, {"7", 1000}} {
		got := estimateTokens(strings.Repeat(test.text, 1000))
		if got < test.least || got > test.least*13/10 {
			t.Errorf("estimateTokens(1000 %s) = %d, want %d or a little more", test.text, got, test.least)
		}
	}
}

// TestSigns: what the hanja of a headline mean reaches its check, the person by
// name.
func TestSigns(t *testing.T) {
	english := languageOf(t, "en")
	req := Request{Target: english, Article: article.Article{Title: "尹 “사실 아니다”…檢 소환", Blocks: []article.Block{
		{ID: "p1", Text: "윤가람 대표는 21일 의혹을 부인했다."},
	}}}
	units := req.reading().unitsFor(req)
	for _, test := range []struct {
		headline string
		want     check.Name
	}{
		{"Yoon says “not true” as prosecutors summon him", ""},
		{"Yoon Ga-ram says “not true” as prosecutors summon him", ""},
		{"尹 says “not true” as prosecutors summon him", check.Script},
		{"Kim says “not true” as prosecutors summon him", check.Headline},
	} {
		findings := check.Check(units[0].checked(test.headline), english, check.Context{})
		if len(findings) != min(1, len(test.want)) || len(findings) > 0 && findings[0].Check != test.want {
			t.Errorf("Check(%q) = %v, want %q", test.headline, findings, test.want)
		}
	}
}
