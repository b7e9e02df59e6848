package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/translate/check"
	"yeok/translate/language"
)

// TestWhole: segments that were checked alone, each with its own terms, show beside
// each other what Article finds with all terms.
func TestWhole(t *testing.T) {
	english, _ := language.Lookup("en")
	terms := []check.Term{
		{Source: "새벽전자", Target: "Saebyeok Electronics|Saebyeok", Strict: true},
		{Source: "도윤테크", Target: "Doyun 테크"},
		{Source: "백산그룹", Target: "Montblanc Partners"},
	}
	segments := []check.Segment{
		{ID: "title", Role: check.Title, Source: "새벽전자, 도윤테크 인수", Target: "Daybreak Electronics Buys Doyun 테크"},
		{ID: "p1", Source: "이도윤 새벽전자 대표는 21일 3400억원을 투자한다고 밝혔다.", Target: "Lee Do-yun, head of Saebyeok Electronics, said it will invest 34 billion won."},
		{ID: "p2", Source: "백산그룹과 도윤테크가 함께한다.", Target: "Montblanc Partners and Doyun 테크 take part."},
		{ID: "p3", Source: "이도윤 대표는 “좋은 날”이라고 말했다. 백산그룹은 답하지 않았다.", Target: "Lee Do-yoon told Gregory Hamilton of Montblanc Partners and Quentin Larsson."},
		{ID: "p4", Source: "빈 문단이다.", Target: ""},
	}
	for mask := range 1 << len(terms) {
		var own []check.Term
		for i, term := range terms {
			if mask>>i&1 == 1 {
				own = append(own, term)
			}
		}
		var looked []check.Checked
		for _, s := range segments {
			looked = append(looked, check.Look(s, english, check.Context{Glossary: own}))
		}
		for _, glossary := range [][]check.Term{terms, terms[:1], nil} {
			got := check.Whole(looked, english, glossary)
			want := check.Article(segments, english, check.Context{Glossary: glossary})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Whole of segments checked with %v, then %v (-Article +Whole):\n%s", own, glossary, diff)
			}
		}
	}
}
