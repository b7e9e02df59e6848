package check_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"yeok/translate/check"
	"yeok/translate/language"
)

// TestCheck gives every check a text that it must find, and a near one that it
// must leave alone.
func TestCheck(t *testing.T) {
	const (
		ko = "새벽전자는 21일 서울에서 새 공장을 짓겠다고 밝혔다. 회사 측은 일자리가 늘어날 것으로 전망했다."
		en = "Saebyeok Electronics said on the 21st that it will build a new plant in Seoul. The company expects jobs to increase."
	)
	tests := []struct {
		name, code, source, target string
		role                       check.Role
		want                       check.Name // "" for no finding
	}{
		{"good", "en", ko, en, check.Body, ""},
		{"empty", "en", ko, " ", check.Body, check.Missing},
		{"empty for a number", "en", "2024", "", check.Body, check.Missing},
		{"Hangul", "en", ko, strings.Replace(en, "Seoul", "서울", 1), check.Body, check.Hangul},
		{"kana in Chinese", "zh-Hans", "서울에서 열렸다.", "在首尔の举行。", check.Body, check.Script},
		{"traditional form", "zh-Hans", "서울에서 열렸다.", "在首爾舉行。", check.Body, check.Script},
		{"Chinese for Japanese", "ja", "서울에서 열렸다.", "这次会议在首尔举行。", check.Title, check.Script},
		{"Vietnamese without marks", "vi", "서울에서 회의가 열렸다.", "Cuoc hop da duoc to chuc tai Seoul.", check.Body, check.Script},
		{"two characters in a long sentence", "vi", "경찰과 소방당국은 목격자의 말을 토대로 정확한 화재 원인을 조사하고 있다.", "Cảnh sát và lực lượng cứu hỏa đang điều tra nguyên nhân của vụ cháy dựa trên lời kể của người 目击.", check.Body, check.Script},
		{"the hurt made dead", "en", "공장서 불…2명 다치고 35명 대피", "Factory fire kills nobody but 2 died, 35 evacuated", check.Title, check.Novelty},
		{"the hurt made dead", "ja", "공장서 불…2명 다치고 35명 대피", "工場で火災、2人が死んだ。35人が避難", check.Title, check.Novelty},
		{"the hurt made dead", "vi", "공장서 불…2명 다치고 35명 대피", "Cháy nhà máy, 2 người chết và 35 người sơ tán", check.Title, check.Novelty},
		{"the hurt made dead", "zh-Hans", "공장서 불…2명 다치고 35명 대피", "工厂起火……2人死亡35人疏散", check.Title, check.Novelty},
		{"the dead made hurt", "en", "이 사고로 직원 2명이 숨졌다.", "Two workers were hurt in the accident.", check.Body, check.Novelty},
		{"the dead made hurt", "zh-Hans", "이 사고로 직원 2명이 숨졌다.", "2名员工在这起事故中受伤。", check.Body, check.Novelty},
		{"the dead", "en", "이 사고로 직원 2명이 숨졌다.", "The accident claimed the lives of two workers.", check.Body, ""},
		{"a network, no death", "en", "통신사망 사업자 2곳이 다투고 있다.", "Two operators of telecom networks are in a dispute.", check.Body, ""},
		{"a deadline", "en", "마감 시한은 12일이다.", "The deadline is the 12th.", check.Body, ""},
		{"a country put in", "en", "AI 시대 반도체 강국 韓 협력 '필수'", "In the AI era, cooperation with chip powerhouses Korea and China 'essential'", check.Title, check.NameCheck},
		{"a country for a person", "vi", "우태린 대표는 계획을 받아들일 수 없다고 맞섰다.", "Việt Nam đã quyết định không chấp nhận kế hoạch của đại diện Woo Tae-rin.", check.Body, check.NameCheck},
		{"a country by its capital", "en", "워싱턴과 모스크바가 협상을 시작했다.", "The United States and Russia began to negotiate.", check.Body, ""},
		{"Spanish for English", "en", "서울에서 회의가 열렸다.", "La reunión de los ministros se celebró en la ciudad.", check.Body, check.Script},
		{"too short", "en", ko, "Saebyeok.", check.Body, check.Length},
		{"fence", "en", ko, "```" + en + "```", check.Body, check.Preamble},
		{"thinking", "en", ko, "<think>hm</think>" + en, check.Body, check.Preamble},
		{"agreement", "en", ko, "Sure! " + en, check.Body, check.Preamble},
		{"of course in the source", "en", "물론 " + ko, "Of course, " + en, check.Body, ""},
		{"refusal", "en", ko, "I'm sorry, but I can't assist with that request. " + en[:20], check.Body, check.Refusal},
		{"apology in the source", "en", "“죄송합니다. 새 공장을 짓겠습니다.”", "“I'm sorry. We will build a new plant.”", check.Body, ""},
		{"loop", "en", ko, en + " build a new plant build a new plant build a new plant.", check.Body, check.Repetition},
		{"address", "en", ko, strings.Replace(en, "Seoul", "Seoul (see http://x.example.com)", 1), check.Body, check.Novelty},
		{"telephone", "en", ko, strings.Replace(en, "Seoul", "Seoul (010-1234-5678)", 1), check.Body, check.Novelty},
		{"markup lost", "en", "<x1>서울</x1>에서 열렸다.", "It was held in Seoul.", check.Body, check.Markup},
		{"another person", "en", "이도윤 회장은 서울에서 새 공장을 짓겠다고 말했다.", "Vladimir Rostov said in Seoul that he would build a new plant.", check.Body, check.NameCheck},
		{"the same person", "en", "이도윤 회장은 서울에서 새 공장을 짓겠다고 말했다.", "Chairman Lee Do-yun said in Seoul that he would build a new plant.", check.Body, ""},
		{"headline stop", "en", "새벽전자, 새 공장 짓는다", "Saebyeok Electronics to build new plant.", check.Title, check.Headline},
		{"headline joint", "en", "새벽전자 새 공장…일자리 늘 듯", "Saebyeok builds plant … jobs may grow", check.Title, check.Headline},
		{"hedge", "en", "일자리가 늘어날 것으로 전망했다.", "The jobs are going up.", check.Body, check.Hedge},
		{"mark lost", "en", "그는 “짓겠다”고 말했다.", "He said, “We will build it.", check.Body, check.Typography},
		{"bracket lost", "en", "그는 짓겠다(증축)고 말했다.", "He said they would build (extend it.", check.Body, check.Typography},
		{"marks mixed", "en", "그는 “짓겠다”고 말했다.", "He said, “We will build it.\"", check.Body, check.Typography},
		{"quotation that goes on", "en", "그는 짓겠다고 말했다.", "He said, “We will build it.", check.Body, ""},
		{"quotation", "en", "그는 “짓겠다”고 말했다.", "He told them it would be built.", check.Body, check.Quote},
	}
	for _, test := range tests {
		findings := check.Check(check.Segment{ID: "p1", Role: test.role, Source: test.source, Target: test.target}, target(t, test.code), check.Context{})
		var got []string
		hit := test.want == ""
		for _, f := range findings {
			got = append(got, string(f.Check)+": "+f.Message)
			hit = hit || f.Check == test.want
		}
		if !hit || test.want == "" && len(got) > 0 {
			t.Errorf("%s: Check(%q, %q) = %q, want %q", test.name, test.source, test.target, got, test.want)
		}
	}
}

func TestGlossary(t *testing.T) {
	terms := []check.Term{{Source: "새벽전자", Target: "Saebyeok Electronics", Strict: true}, {Source: "회장", Target: "chairman"}}
	tests := []struct {
		source, target string
		want           []check.Severity
	}{
		{"새벽 전자가 만들었다.", "Saebyeok Electronics made it.", nil},
		{"새벽전자가 만들었다.", "Dawn Electronics made it.", []check.Severity{check.Error}},
		{"이 회장이 만들었다.", "President Lee made it.", []check.Severity{check.Warning}},
		{"동새벽전자가 만들었다.", "Dongsaebyeok made it.", nil},
	}
	for _, test := range tests {
		var got []check.Severity
		for _, f := range check.Check(check.Segment{Source: test.source, Target: test.target}, target(t, "en"), check.Context{Glossary: terms}) {
			if f.Check == check.Glossary {
				got = append(got, f.Severity)
			}
		}
		if len(got) != len(test.want) || len(got) > 0 && got[0] != test.want[0] {
			t.Errorf("Check(%q, %q): glossary severities %v, want %v", test.source, test.target, got, test.want)
		}
	}
}

// TestNameOfTerm: what the glossary wants is no name that a model made up.
func TestNameOfTerm(t *testing.T) {
	s := check.Segment{Source: "윤가람 대표는 미르온조선을 찾았다.", Target: "CEO Yun Ga-ram visited Mireon Shipbuilding."}
	for _, test := range []struct {
		terms []check.Term
		want  bool
	}{
		{nil, true},
		{[]check.Term{{Source: "미르온조선", Target: "Mireon Shipbuilding"}}, false},
		{[]check.Term{{Source: "누리조선", Target: "Mireon Shipbuilding"}}, true}, // does not occur
	} {
		got := false
		for _, f := range check.Check(s, target(t, "en"), check.Context{Glossary: test.terms}) {
			got = got || f.Check == check.NameCheck
		}
		if got != test.want {
			t.Errorf("Check(%q, %q) with terms %v doubts the name: got %v, want %v", s.Source, s.Target, test.terms, got, test.want)
		}
	}
	dotted := check.Segment{Source: "우태린 푸른연대 원내대표는 맞섰다.", Target: "ウ・テリン・プルン連帯院内代表は反論した。"}
	for _, f := range check.Check(dotted, target(t, "ja"), check.Context{}) {
		if f.Check == check.NameCheck {
			t.Errorf("Check(%q, %q): %s", dotted.Source, dotted.Target, f.Message)
		}
	}
}

func TestMarkupFault(t *testing.T) {
	tests := []struct {
		source, target string
		good           bool
	}{
		{"<x1>가</x1> 나", "<x1>a</x1> b", true},
		{"<x1>가</x1><x2>나</x2>", "<x2>b</x2> <x1>a</x1>", true},
		{"<x1><x2>가</x2></x1>", "<x1><x2>a</x1></x2>", false},
		{"<x1>가</x1>", "a", false},
		{"가", "<x1>a</x1>", false},
		{"가 < 나", "a < b", true},
		{"<x1/>가", "a<x1/>", true},
	}
	for _, test := range tests {
		if got := check.MarkupFault(test.source, test.target); (got == "") != test.good {
			t.Errorf("MarkupFault(%q, %q) = %q, want good %t", test.source, test.target, got, test.good)
		}
	}
}

func TestLooping(t *testing.T) {
	tests := []struct {
		text string
		want bool
	}{
		{"", false},
		{"A sentence that says something once, and then goes on.", false},
		{strings.Repeat("and so on ", 4), true},
		{"Anfang " + strings.Repeat("据悉，", 8), true},
		{"哈哈哈", false},
		{strings.Repeat("-", 40), false},
	}
	for _, test := range tests {
		if got := check.Looping(test.text); got != test.want {
			t.Errorf("Looping(%q) = %t, want %t", test.text, got, test.want)
		}
	}
}

func TestArticle(t *testing.T) {
	segments := []check.Segment{
		{ID: "p1", Source: "새벽전자는 서울에 새 공장을 짓는다.", Target: "Saebyeok Electronics builds a plant in Seoul."},
		{ID: "p2", Source: "가람시는 다리를 고치기로 했다.", Target: "Saebyeok Electronics builds a plant in Seoul."},
	}
	findings := check.Article(segments, target(t, "en"), check.Context{})
	hit := false
	for _, f := range findings {
		hit = hit || f.SegmentID == "p2" && f.Check == check.Repetition
	}
	if !hit {
		t.Errorf("Article() = %v, want the repeated translation found", findings)
	}
}

// TestNumber wants what the translations of a business page may do to a number, and
// no more. "" is no finding.
func TestNumber(t *testing.T) {
	published := time.Date(2025, 7, 22, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name, source, code, target string
		want                       check.Severity
	}{
		{"one percent is a fact", "주가는 1% 올랐다.", "en", "Shares rose.", check.Error},
		{"one company is an article", "1개 회사가 참여했다.", "en", "A company took part.", ""},
		{"rounded to three figures", "매출은 3조4120억원이다.", "en", "Sales are 3.41 trillion won.", check.Warning},
		{"rounded to two", "매출은 3조4120억원이다.", "en", "Sales are 3.4 trillion won.", check.Error},
		{"rounded the wrong way", "매출은 3조4170억원이다.", "en", "Sales are 3.41 trillion won.", check.Error},
		{"nine months by their quarter", "3분기 누적 매출이 줄었다.", "en", "Sales from January to September fell.", ""},
		{"three months of nine", "3분기 누적 매출이 줄었다.", "en", "Sales from July to September fell.", check.Error},
		{"a quarter by its months", "3분기 매출이 줄었다.", "en", "Sales from July to September fell.", ""},
		{"the month of a bare day", "회사는 21일 밝혔다.", "en", "The firm said on July 21.", ""},
		{"a month too far", "회사는 21일 밝혔다.", "en", "The firm said on October 21.", check.Error},
		{"the year of a bare month", "회사는 3월 밝혔다.", "en", "The firm said in March 2025.", ""},
		{"a year too far", "회사는 3월 밝혔다.", "en", "The firm said in March 2020.", check.Error},
		{"a chip is no half", "3년 연속 반도체 수출이 늘었다.", "zh-Hans", "连续3年半导体出口增长。", ""},
		{"a floor by the number of people", "3층에서 3명이 일한다.", "ja", "四階で3人が働いている。", check.Error},
		{"in another currency", "매출은 500억원이다.", "en", "Sales are 50 billion dollars.", check.Error},
		{"a thousandth", "매출은 500억원이다.", "en", "Sales are 50 million won.", check.Error},
	}
	for _, test := range tests {
		findings := check.Check(check.Segment{Source: test.source, Target: test.target}, target(t, test.code), check.Context{PublishTime: published})
		var got check.Severity
		for _, f := range findings {
			if f.Check == check.Number {
				got = f.Severity
			}
		}
		if got != test.want {
			t.Errorf("%s: Check(%q, %q): NUMBER %q, want %q; all: %v", test.name, test.source, test.target, got, test.want, findings)
		}
	}
}

// TestReadOfAnotherText: a reading that is not of the source is not believed.
func TestReadOfAnotherText(t *testing.T) {
	s := check.Segment{Source: "매출은 500억원이다.", Target: "Sales are 50 billion won."}
	s.Read = check.ReadSource("매출은 700억원이다.")
	if findings := check.Check(s, target(t, "en"), check.Context{}); len(findings) > 0 {
		t.Errorf("Check with the reading of another text = %v, want none", findings)
	}
}

// TestShortDocument: a translation that drops a little everywhere shows over the whole
// article, where no segment is short enough to be doubted.
func TestShortDocument(t *testing.T) {
	const source = "새벽전자는 서울에서 새 공장을 짓겠다고 밝혔다. 회사 측은 일자리가 늘어날 것으로 전망했다."
	for whole, target := range map[bool]string{
		true:  "Saebyeok Electronics said that it would build a new plant in Seoul. The company expects jobs to increase.",
		false: "Saebyeok Electronics will build in Seoul, and expects jobs.",
	} {
		var segments []check.Segment
		for i := range 12 {
			segments = append(segments, check.Segment{ID: fmt.Sprint("p", i+1), Source: source, Target: target})
		}
		english, _ := language.Lookup("en")
		got := 0
		for _, f := range check.Article(segments, english, check.Context{}) {
			if f.Check == check.Length && f.Severity == check.Warning {
				got++
			}
		}
		if want := map[bool]int{true: 0, false: 1}[whole]; got != want {
			t.Errorf("Article of %q: %d warnings of LENGTH, want %d", target, got, want)
		}
	}
}

// TestAddedDate wants what a translation may add to a date, and no more.
func TestAddedDate(t *testing.T) {
	published := time.Date(2025, 7, 22, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		source, target string
		good           bool
	}{
		{"새벽전자는 21일 밝혔다.", "Saebyeok said on July 21.", true},
		{"새벽전자는 21일 밝혔다.", "Saebyeok said on March 21.", false},
		{"지난해 매출이 늘었다.", "Sales rose in 2024.", true},
		{"지난해 매출이 늘었다.", "Sales rose in 2014.", false},
		{"매출이 늘었다.", "Sales rose in 2024.", false},
	}
	for _, test := range tests {
		findings := check.Check(check.Segment{Source: test.source, Target: test.target}, target(t, "en"), check.Context{PublishTime: published})
		if got := !check.HasError(findings); got != test.good {
			t.Errorf("Check(%q, %q) = %v, want good %t", test.source, test.target, findings, test.good)
		}
	}
}
