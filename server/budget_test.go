package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
	"yeok/translate"
)

// priced is a model at a fake, at a price.
func priced(llm *llmtest.Server, name string, usd float64) translate.Model {
	return translate.Model{Name: name, BaseURL: llm.URL(), Price: translate.Price{Prompt: usd, CachedPrompt: usd, Completion: usd}}
}

// inEnglish asks for the n-th of some articles that differ.
func inEnglish(n int) *yeokv1.TranslateArticleRequest {
	source := pageOf(plainHead, tenBlocks()[n:n+4], plainTail)
	return &yeokv1.TranslateArticleRequest{Source: source, TargetLanguageCodes: []string{"en"}}
}

// estimate is what a request would cost, by a gateway that pays nothing.
func estimate(t *testing.T, req *yeokv1.TranslateArticleRequest) *yeokv1.TranslationEstimate {
	t.Helper()
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, priced(llm, "m", 10))
	req.DryRun = true
	defer func() { req.DryRun = false }()
	resp := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, req, resp); err != nil {
		t.Fatal(err)
	}
	return resp.GetEstimates()[0]
}

func tokensOf(u *yeokv1.Usage) int64 { return int64(u.GetPromptTokens() + u.GetCompletionTokens()) }

// spent reads an account off the metrics; -1 if it is not there.
func spent(t *testing.T, g *gate, labels string) float64 {
	t.Helper()
	w := httptest.NewRecorder()
	g.srv.Admin().ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if value, ok := strings.CutPrefix(line, "yeok_budget_spent{"+labels+"} "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	return -1
}

// TestBudgetOfEachTenant: what one tenant has spent is spent for it alone, and
// what is remembered costs nothing.
func TestBudgetOfEachTenant(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	keys, texts := keyring(t, access.Key{Tenant: "sports"}, access.Key{Tenant: "city"})
	limit := tokensOf(estimate(t, inEnglish(0)).GetReservedUsage()) + 200
	g := openWith(t, "", server.Config{Keys: keys, Budgets: []server.Budget{{Tenant: server.EachTenant, Per: server.Day, Tokens: limit}}}, modelAt(llm))
	sports, city := "Bearer "+texts[0], "Bearer "+texts[1]
	first := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, inEnglish(0), first, "authorization", sports); err != nil {
		t.Fatalf("an article within the budget: %v", err)
	}
	used := float64(tokensOf(first.GetTranslations()[0].GetProvenance().GetUsage()))
	if got := spent(t, g, `model="",per="day",tenant="sports",unit="tokens"`); got != used {
		t.Errorf("spent = %v, want what the article has used, %v", got, used)
	}
	for _, door := range doors {
		err := door.call(t, g, inEnglish(1), &yeokv1.TranslateArticleResponse{}, "authorization", sports)
		checkSpent(t, door.name, err, "tenant:sports")
		again := &yeokv1.TranslateArticleResponse{}
		if err := door.call(t, g, inEnglish(0), again, "authorization", sports); err != nil {
			t.Errorf("%s: what is remembered is refused: %v", door.name, err)
		}
	}
	texted := callGRPC(t, g, &yeokv1.TranslateTextRequest{Texts: tenBlocks(), TargetLanguageCode: "en"}, &yeokv1.TranslateTextResponse{}, "authorization", sports)
	checkSpent(t, "strings", texted, "tenant:sports")
	body, code, header := g.send(t, "POST", "/v1/articles:translate", jsonOf(t, inEnglish(1)), "Authorization", sports)
	if after, err := strconv.Atoi(header.Get("Retry-After")); code != http.StatusTooManyRequests || err != nil || after > 86400 {
		t.Errorf("over HTTP: %d, Retry-After %q, want 429 and the time to midnight: %s", code, header.Get("Retry-After"), body)
	}
	if err := callGRPC(t, g, inEnglish(1), &yeokv1.TranslateArticleResponse{}, "authorization", city); err != nil {
		t.Errorf("another tenant: %v", err)
	}
}

func checkSpent(t *testing.T, name string, err error, subject string) {
	t.Helper()
	reason, _ := reasonAndField(err)
	if status.Code(err) != codes.ResourceExhausted || reason != "BUDGET_EXCEEDED" {
		t.Errorf("%s: %v %s, want RESOURCE_EXHAUSTED BUDGET_EXCEEDED", name, err, reason)
		return
	}
	var wait time.Duration
	var whose string
	for _, detail := range status.Convert(err).Details() {
		switch d := detail.(type) {
		case *errdetails.RetryInfo:
			wait = d.GetRetryDelay().AsDuration()
		case *errdetails.QuotaFailure:
			whose = d.GetViolations()[0].GetSubject()
		}
	}
	if wait <= 0 || wait > 31*24*time.Hour || whose != subject {
		t.Errorf("%s: RetryInfo %v, QuotaFailure of %q, want of %q", name, wait, whose, subject)
	}
}

// TestBudgetOfAModel: a model without money left gives way to the next one.
func TestBudgetOfAModel(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	most := estimate(t, inEnglish(0)).GetReservedUsage().GetCostUsd()
	g := openWith(t, "", server.Config{Budgets: []server.Budget{{Model: "dear", Per: server.Month, USD: most * 1.05}}},
		priced(llm, "dear", 10), priced(llm, "cheap", 1))
	for i, want := range []string{"dear", "cheap", "cheap"} {
		resp := &yeokv1.TranslateArticleResponse{}
		if err := callGRPC(t, g, inEnglish(i), resp); err != nil {
			t.Fatalf("article %d: %v", i, err)
		}
		if got := resp.GetTranslations()[0].GetProvenance().GetModel(); got != want {
			t.Errorf("article %d was translated by %q, want %q", i, got, want)
		}
	}
	if got := spent(t, g, `model="dear",per="month",tenant="",unit="usd"`); got <= 0 || got > most {
		t.Errorf("spent at the dear model: %v, want one article's part of %v", got, most)
	}
}

// TestBudgetAfterFailure: what a failed call did not use is given back.
func TestBudgetAfterFailure(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	llm.Fail(llmtest.Rule{Fault: llmtest.ServerError, Times: 3})
	limit := tokensOf(estimate(t, inEnglish(0)).GetReservedUsage()) + 200
	g := openWith(t, "", server.Config{Budgets: []server.Budget{{Per: server.Day, Tokens: limit}}}, modelAt(llm))
	if err := callGRPC(t, g, inEnglish(0), &yeokv1.TranslateArticleResponse{}); status.Code(err) != codes.Unavailable {
		t.Fatalf("a model that fails: %v", err)
	}
	if got := spent(t, g, `model="",per="day",tenant="",unit="tokens"`); got != 0 {
		t.Errorf("spent after calls that cost nothing = %v, want 0", got)
	}
	if err := callGRPC(t, g, inEnglish(0), &yeokv1.TranslateArticleResponse{}); err != nil {
		t.Errorf("the same article later: %v", err)
	}
}

// TestBudgetSurvivesARestart: what is spent is spent.
func TestBudgetSurvivesARestart(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	path := filepath.Join(t.TempDir(), "store.db")
	limit := tokensOf(estimate(t, inEnglish(0)).GetReservedUsage()) + 200
	config := server.Config{Budgets: []server.Budget{{Per: server.Month, Tokens: limit}}}
	account := `model="",per="month",tenant="",unit="tokens"`
	g := openWith(t, path, config, modelAt(llm))
	if err := callGRPC(t, g, inEnglish(0), &yeokv1.TranslateArticleResponse{}); err != nil {
		t.Fatal(err)
	}
	before := spent(t, g, account)
	g.close()
	g = openWith(t, path, config, modelAt(llm))
	if got := spent(t, g, account); got != before || got <= 0 {
		t.Errorf("spent after a restart = %v, before %v", got, before)
	}
	checkSpent(t, "after a restart", callGRPC(t, g, inEnglish(1), &yeokv1.TranslateArticleResponse{}), "gateway")
}

// TestDryRunOfAStream: a stream tells the figures of the unary call, before and after
// the article is remembered, and pays and files nothing.
func TestDryRunOfAStream(t *testing.T) {
	for _, door := range streamDoors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			g := open(t, "", server.Limits{}, priced(llm, "m", 10))
			unary := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", DryRun: true}
			streamed := &yeokv1.StreamTranslateArticleRequest{Source: unary.Source, ArticleId: unary.ArticleId, DryRun: true}
			for _, remembered := range []bool{false, true} {
				want := &yeokv1.TranslateArticleResponse{}
				if err := callGRPC(t, g, unary, want); err != nil {
					t.Fatal(err)
				}
				events, err := door.read(t, g, streamed)
				if err != nil {
					t.Fatal(err)
				}
				got := &yeokv1.TranslateArticleResponse{Article: events[0].GetArticle()}
				for _, event := range events[1 : len(events)-1] {
					got.Estimates = append(got.Estimates, event.GetEstimate())
				}
				if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" || len(got.GetEstimates()) != 4 {
					t.Errorf("remembered %t: estimates of the stream (-unary +stream):\n%s", remembered, diff)
				}
				if done := events[len(events)-1].GetDone(); done == nil || tokensOf(done.GetUsage()) != 0 {
					t.Errorf("the last event of a dry run is %v, want done at no cost", events[len(events)-1])
				}
				if paid := llm.Stats().Requests; !remembered && paid != 0 {
					t.Errorf("a dry run made %d model calls", paid)
				}
				if !remembered {
					if err := callGRPC(t, g, &yeokv1.GetArticleRequest{Article: "cms-1"}, &yeokv1.GetArticleResponse{}); status.Code(err) != codes.NotFound {
						t.Errorf("a dry run has filed the article: %v", err)
					}
					mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: unary.Source, ArticleId: "cms-1"})
				}
			}
		})
	}
}

func TestDryRun(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			g := open(t, "", server.Limits{}, priced(llm, "m", 10))
			req := inEnglish(0)
			req.ArticleId, req.TargetLanguageCodes = "cms-1", nil
			ask := func(dry bool) *yeokv1.TranslateArticleResponse {
				t.Helper()
				req.DryRun = dry
				resp := &yeokv1.TranslateArticleResponse{}
				if err := door.call(t, g, req, resp); err != nil {
					t.Fatal(err)
				}
				return resp
			}
			before := ask(true)
			if err := callGRPC(t, g, &yeokv1.GetArticleRequest{Article: "cms-1"}, &yeokv1.GetArticleResponse{}); status.Code(err) != codes.NotFound {
				t.Errorf("a dry run has filed the article: %v", err)
			}
			if n := llm.Stats().Requests; n != 0 || len(before.GetTranslations()) != 0 || len(before.GetEstimates()) != 4 {
				t.Fatalf("a dry run made %d requests and %d translations, and %d estimates", n, len(before.GetTranslations()), len(before.GetEstimates()))
			}
			for i, made := range ask(false).GetTranslations() {
				e, used := before.GetEstimates()[i], made.GetProvenance().GetUsage()
				if e.GetLanguageCode() != made.GetLanguageCode() || e.GetCacheStatus() != yeokv1.Provenance_MISS || e.GetModel() != "m" || e.GetSegmentCount() < 5 {
					t.Errorf("estimate %v for %s", e, made.GetLanguageCode())
				}
				if used.GetCostUsd() > e.GetReservedUsage().GetCostUsd() || e.GetUsage().GetCostUsd() > e.GetReservedUsage().GetCostUsd() || e.GetUsage().GetCostUsd() <= 0 {
					t.Errorf("%s cost %v, estimated %v, at most %v", made.GetLanguageCode(), used.GetCostUsd(), e.GetUsage().GetCostUsd(), e.GetReservedUsage().GetCostUsd())
				}
			}
			for _, e := range ask(true).GetEstimates() {
				if e.GetCacheStatus() != yeokv1.Provenance_HIT || e.GetSegmentCount() != 0 || tokensOf(e.GetUsage()) != 0 {
					t.Errorf("estimate of what is remembered: %v", e)
				}
			}
			req.Source = inEnglish(1).GetSource()
			for i, e := range ask(true).GetEstimates() {
				if e.GetCacheStatus() != yeokv1.Provenance_PARTIAL || e.GetSegmentCount() != 1 || tokensOf(e.GetUsage()) >= tokensOf(before.GetEstimates()[i].GetUsage()) {
					t.Errorf("estimate of an edit of one block: %v, of the whole %v", fmt.Sprint(e), before.GetEstimates()[i])
				}
			}
		})
	}
}
