package translate_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"yeok/article"
	"yeok/internal/llmtest"
	"yeok/translate"
)

// TestTranslateWindow: what does not fit the window goes in smaller calls, down to
// sentences; what still does not fit is named.
func TestTranslateWindow(t *testing.T) {
	long := sample()
	long.Blocks[3].Text = strings.TrimSpace(strings.Repeat(long.Blocks[3].Text+" ", 40))
	for _, test := range []struct {
		name    string
		size    translate.PromptSize
		window  int // that the profile says
		server  int // that the server has
		article article.Article
		calls   int // at least; 1 is exactly one
		err     error
	}{
		{"large", translate.PromptFull, 32000, 0, sample(), 1, nil},
		{"smaller than the article", translate.PromptCompact, 600, 0, sample(), 2, nil},
		{"full prompt in a small window", translate.PromptFull, 2700, 0, long, 3, nil},
		{"smaller than a block", translate.PromptCompact, 800, 0, long, 3, nil},
		{"smaller than a sentence", translate.PromptCompact, 200, 0, sample(), 0, translate.ErrTooLong},
		{"not known, and the server says so", translate.PromptCompact, 0, 300, sample(), 2, nil},
		{"not known, and a block is too large", translate.PromptCompact, 0, 500, long, 3, nil},
	} {
		llm := llmtest.New(t, llmtest.Options{ContextWindow: test.server})
		m := model(llm, translate.Profile{Prompt: test.size, ContextWindow: test.window})
		got, err := translator(t, m).Translate(context.Background(), translate.Request{Article: test.article, Target: target(t, "en")})
		if !errors.Is(err, test.err) {
			t.Errorf("%s: Translate: %v, want %v", test.name, err, test.err)
			continue
		}
		if err != nil {
			if !strings.Contains(err.Error(), "title") {
				t.Errorf("%s: Translate: %v names no block", test.name, err)
			}
			continue
		}
		if got.State != translate.Complete {
			t.Errorf("%s: Translate has state %v, findings %+v, want Complete", test.name, got.State, got.Findings)
		}
		if n := llm.Stats().Requests; n < test.calls || test.calls == 1 && n != 1 {
			t.Errorf("%s: %d calls, want %d", test.name, n, test.calls)
		}
	}
}

// TestTranslateWindowCut: a server that cuts the prompt without a word is found
// out, and nothing that it wrote is kept.
func TestTranslateWindowCut(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{ContextWindow: 2500, CutPrompt: true})
	req := into(t, "en")
	req.Article.Blocks[3].Text = strings.TrimSpace(strings.Repeat(req.Article.Blocks[3].Text+" ", 120))
	got, err := translator(t, model(llm, translate.Profile{})).Translate(context.Background(), req)
	if !errors.Is(err, translate.ErrWindow) || len(got.Segments) != 0 {
		t.Errorf("Translate: %v, segments %v, want ErrWindow and none", err, got.Segments)
	}
	if got.Usage.Requests == 0 {
		t.Error("Translate forgot what was paid")
	}
}
