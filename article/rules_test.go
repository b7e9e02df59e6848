package article_test

import (
	"errors"
	"strings"
	"testing"

	"yeok/article"
)

// Every rule's example, put where a page would have it, must go by that rule.
func TestRuleExamples(t *testing.T) {
	list, err := article.Rules()
	if err != nil {
		t.Fatalf("Rules(): %v", err)
	}
	seen := map[string]bool{}
	for _, r := range list {
		if r.ID == "" || r.Description == "" || r.Reason == article.ReasonUnspecified || seen[r.ID] {
			t.Errorf("Rules(): rule %+v lacks an id, a reason or a description, or comes twice", r)
		}
		seen[r.ID] = true
		for _, example := range r.Examples {
			page := "새들시, 수소버스 120대 도입\n2025-01-09 11:11\n" + body + "\n" + example + "\n"
			c, err := article.Clean(article.Source{Text: page}, article.Options{})
			if err != nil {
				t.Errorf("Clean(%s example): %v", r.ID, err)
				continue
			}
			if !removedBy(c, example, r.ID) {
				t.Errorf("rule %s does not take its example %q; removals: %v", r.ID, example, c.Removals)
			}
		}
	}
}

const body = `새들시가 시내버스 120대를 수소버스로 바꾼다고 9일 밝혔다. 사업비는 국비를 포함해 940억원이다.

첫 차는 3월 2일 7번 노선에 투입된다. 충전소는 차고지 두 곳에 짓고 안전 검사를 마쳤다.

시 관계자는 "충전소 안전이 가장 먼저"라며 "시민과 약속한 날짜를 지키겠다"고 말했다.
`

func removedBy(c article.Cleaning, text, rule string) bool {
	for _, r := range c.Removals {
		if r.Rule == rule && strings.Contains(text, r.Text) {
			return true
		}
	}
	return false
}

func TestDisabledRules(t *testing.T) {
	page := "새들시, 수소버스 120대 도입\n2025-01-09 11:11\n" + body + "\n이미지 확대\n\n" + body[:0] + "시의회는 다음 주에 예산안을 심의하고 결과를 시민에게 알린다고 밝혔다.\n"
	c, err := article.Clean(article.Source{Text: page}, article.Options{DisabledRules: []string{"ko.chrome.image"}})
	if err != nil {
		t.Fatalf("Clean: %v", err)
	}
	kept := false
	for _, b := range c.Article.Blocks {
		kept = kept || b.Text == "이미지 확대"
	}
	if !kept {
		t.Errorf("Clean with ko.chrome.image off: %q is not kept", "이미지 확대")
	}
	_, err = article.Clean(article.Source{Text: page}, article.Options{DisabledRules: []string{"ko.nothing"}})
	if !errors.Is(err, article.ErrUnknownRule) || !strings.Contains(err.Error(), "ko.nothing") {
		t.Errorf("Clean with an unknown rule: error %v, want ErrUnknownRule that names it", err)
	}
}

func TestSourceErrors(t *testing.T) {
	twice := &article.Article{Blocks: []article.Block{{ID: "a", Text: "가"}, {ID: "a", Text: "나"}}}
	for name, tc := range map[string]struct {
		src  article.Source
		want error
		says string
	}{
		"nothing":     {article.Source{}, article.ErrEmpty, ""},
		"blanks":      {article.Source{Text: " \n\t\n\u3164\n"}, article.ErrEmpty, ""},
		"only chrome": {article.Source{Text: "메뉴\n로그인\n공유하기\n글자크기 설정\n"}, article.ErrNoArticle, ""},
		"no markup":   {article.Source{HTML: "<div></div>"}, article.ErrNoArticle, ""},
		"two sources": {article.Source{Text: "가", HTML: "<p>가</p>"}, article.ErrInvalid, "source"},
		"same id":     {article.Source{Article: twice}, article.ErrInvalid, "source.article.blocks[1].id"},
		"no blocks":   {article.Source{Article: &article.Article{Title: "가"}}, article.ErrNoArticle, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := article.Clean(tc.src, article.Options{})
			if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("Clean = %v, want %v that says %q", err, tc.want, tc.says)
			}
		})
	}
}
