package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
	"yeok/translate"
)

// languagesAsked lists the target languages of the model's calls, as they came.
func languagesAsked(llm *llmtest.Server) string {
	var codes []string
	for _, r := range llm.Requests() {
		codes = append(codes, r.Language)
	}
	return strings.Join(codes, " ")
}

// TestInteractiveBeforeBatch: while the model takes one call at a time, somebody
// who waits is served before the rest of a batch, also when he asks for what the
// batch has begun.
func TestInteractiveBeforeBatch(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm, answer := thinking(t)
			model := modelAt(llm)
			model.Profile.Concurrency = 1
			// A small model's prompts: they do not wait for each other to warm a cache.
			model.Profile.Prompt = translate.PromptCompact
			g := open(t, "", server.Limits{}, model)
			var callers sync.WaitGroup
			ask := func(priority yeokv1.TranslateArticleRequest_Priority, source *yeokv1.ArticleSource, codes ...string) {
				callers.Go(func() {
					req := &yeokv1.TranslateArticleRequest{Source: source, TargetLanguageCodes: codes, Priority: priority}
					if err := door.call(t, g, req, &yeokv1.TranslateArticleResponse{}); err != nil {
						t.Error(err)
					}
				})
			}
			waiting := func(articles float64) {
				t.Helper()
				waitFor(t, "articles wait", func() bool { return metric(t, g, "yeok_queue_articles") == articles })
			}
			archive, older := text(page), text(longPage(3))
			ask(yeokv1.TranslateArticleRequest_BATCH, archive, "en")
			waitFor(t, "the batch has begun", func() bool { return llm.Stats().Requests == 1 })
			ask(yeokv1.TranslateArticleRequest_BATCH, archive, "ja")
			waiting(1)
			ask(yeokv1.TranslateArticleRequest_BATCH, older, "zh-Hans")
			waiting(2)
			ask(yeokv1.TranslateArticleRequest_PRIORITY_UNSPECIFIED, text(longPage(2)), "vi")
			waiting(3)
			ask(yeokv1.TranslateArticleRequest_INTERACTIVE, older, "zh-Hans") // joins the batch's flight
			waitFor(t, "he has joined", func() bool { return metric(t, g, `yeok_recalls_total{language="zh-Hans",outcome="joined"}`) == 1 })
			answer()
			callers.Wait()
			got := languagesAsked(llm)
			if !strings.HasPrefix(got, "en ") || !strings.HasSuffix(got, " ja") || len(llm.Requests()) != 4 {
				t.Errorf("calls went %s, want the batch's ja last", got)
			}
		})
	}
}

// TestLatencyTarget: an article is translated in as many calls as its target
// needs at the model's speed, and what that costs is told.
func TestLatencyTarget(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{TokensPerSecond: 800})
	g := openWith(t, "", server.Config{Translator: translator(t, translate.Options{
		Models:        []translate.Model{modelAt(llm)},
		TargetLatency: 400 * time.Millisecond,
	})})
	req := &yeokv1.TranslateArticleRequest{Source: pageOf(plainHead, tenBlocks(), plainTail), TargetLanguageCodes: []string{"en"}}
	if err := callGRPC(t, g, req, &yeokv1.TranslateArticleResponse{}); err != nil {
		t.Fatal(err)
	}
	first := llm.Stats().Requests // at the speed of a usual model
	if first < 2 {
		t.Errorf("an unknown model was asked %d times, want several for 0.4s", first)
	}
	changed := tenBlocks()
	for i := range changed {
		changed[i] = strings.Replace(changed[i], "다.", "다고 한다.", 1)
	}
	req.Source = pageOf(plainHead, changed, plainTail)
	resp := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, req, resp); err != nil {
		t.Fatal(err)
	}
	// Now it is known to be faster: fewer calls will do, or as many where this
	// machine is too busy to be that fast.
	second := llm.Stats().Requests - first
	if second > first {
		t.Errorf("a model known to be fast was asked %d times, want at most %d", second, first)
	}
	checkBlocks(t, "en", resp.GetArticle().GetBlocks(), resp.GetTranslations()[0].GetBlocks())
	if got := int(resp.GetTranslations()[0].GetProvenance().GetUsage().GetRequests()); got != second {
		t.Errorf("usage tells %d requests, want %d", got, second)
	}
	if got, want := metric(t, g, `yeok_spread_total{kind="calls"}`), float64(first+second-2); got != want {
		t.Errorf("yeok_spread_total tells %v calls, want %v", got, want)
	}
	if got := metric(t, g, `yeok_spread_total{kind="prompt_tokens"}`); got <= 0 {
		t.Errorf("yeok_spread_total tells %v prompt tokens, want some", got)
	}
	if got := metric(t, g, `yeok_model_tokens_per_second{model="`+llmtest.Model+`"}`); got <= 0 {
		t.Errorf("yeok_model_tokens_per_second = %v, want what was measured", got)
	}
}

// metric reads one value off the admin listener's page.
func metric(t *testing.T, g *gate, name string) float64 {
	t.Helper()
	w := httptest.NewRecorder()
	g.srv.Admin().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/metrics", nil))
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindSubmatch(body)
	if found == nil {
		return 0
	}
	value, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
