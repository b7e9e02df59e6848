package server_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/status"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

// into is the n-th of some articles that differ, in several languages.
func into(n int, codes ...string) *yeokv1.TranslateArticleRequest {
	req := inEnglish(n)
	req.TargetLanguageCodes = codes
	return req
}

// reservedFor is the most that a language of that article can cost.
func reservedFor(t *testing.T, n int, code string) *yeokv1.Usage {
	t.Helper()
	return estimate(t, into(n, code)).GetReservedUsage()
}

const ofAllTokens = `model="",per="day",tenant="",unit="tokens"`

// TestBudgetOfAllLanguages: what has no room for all the languages that have to be
// started starts none. What is remembered is answered beside the refusal.
func TestBudgetOfAllLanguages(t *testing.T) {
	limit := tokensOf(reservedFor(t, 0, "en")) + tokensOf(reservedFor(t, 0, "ja")) - 1
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			g := openWith(t, "", server.Config{Budgets: []server.Budget{{Per: server.Day, Tokens: limit}}}, modelAt(llm))
			checkSpent(t, "two languages", door.call(t, g, into(0, "en", "ja"), &yeokv1.TranslateArticleResponse{}), "gateway")
			if paid, left := llm.Stats().Requests, spent(t, g, ofAllTokens); paid != 0 || left > 0 {
				t.Errorf("a request that is refused made %d calls, and holds %v", paid, left)
			}
			resp := &yeokv1.TranslateArticleResponse{}
			for _, codes := range [][]string{{"en"}, {"en", "ja", "vi"}} {
				if err := door.call(t, g, into(0, codes...), resp); err != nil {
					t.Fatalf("%v: %v", codes, err)
				}
			}
			for i, made := range resp.GetTranslations() {
				if i == 0 && made.GetState() != yeokv1.Translation_COMPLETE {
					t.Errorf("what is remembered is %v", made.GetState())
				}
				if i > 0 {
					checkSpent(t, made.GetLanguageCode(), status.FromProto(made.GetError()).Err(), "gateway")
				}
			}
			if paid := llm.Stats().Requests; paid != 1 {
				t.Errorf("%d calls were made, want that for en", paid)
			}
			if err := door.call(t, g, into(0, "ja"), resp); err != nil {
				t.Errorf("one of them, for which there is room: %v", err)
			}
		})
	}
}

// TestBudgetOfAStream: a stream without money for all of its languages ends before
// its first event, over HTTP with the status.
func TestBudgetOfAStream(t *testing.T) {
	limit := tokensOf(reservedFor(t, 0, "en")) + tokensOf(reservedFor(t, 0, "ja")) - 1
	for _, door := range streamDoors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			g := openWith(t, "", server.Config{Budgets: []server.Budget{{Per: server.Day, Tokens: limit}}}, modelAt(llm))
			req := &yeokv1.StreamTranslateArticleRequest{Source: inEnglish(0).GetSource(), TargetLanguageCodes: []string{"en", "ja"}}
			events, err := door.read(t, g, req)
			checkSpent(t, "two languages", err, "gateway")
			if len(events) != 0 {
				t.Errorf("it sends %d events, want none", len(events))
			}
			if paid := llm.Stats().Requests; paid != 0 {
				t.Errorf("a stream that is refused made %d calls", paid)
			}
			req.TargetLanguageCodes = []string{"en"}
			if _, err := door.read(t, g, req); err != nil {
				t.Errorf("one language: %v", err)
			}
		})
	}
}

// TestBudgetThatJustFits: the estimates are what is reserved, and in the end what
// was used is spent, no less and no more.
func TestBudgetThatJustFits(t *testing.T) {
	codes := []string{"en", "ja", "vi"}
	var limit, used int64
	for _, code := range codes {
		limit += tokensOf(reservedFor(t, 0, code))
	}
	llm := llmtest.New(t, llmtest.Options{})
	g := openWith(t, "", server.Config{Budgets: []server.Budget{{Per: server.Day, Tokens: limit}}}, modelAt(llm))
	resp := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, into(0, codes...), resp); err != nil {
		t.Fatal(err)
	}
	for _, made := range resp.GetTranslations() {
		if made.GetState() != yeokv1.Translation_COMPLETE {
			t.Errorf("%s is %v: %v", made.GetLanguageCode(), made.GetState(), made.GetError())
		}
		used += tokensOf(made.GetProvenance().GetUsage())
	}
	if got := spent(t, g, ofAllTokens); got != float64(used) || used == 0 {
		t.Errorf("spent = %v, used were %d", got, used)
	}
}

// TestBudgetOfJoinedLanguages: who joins a flight needs no money for it.
func TestBudgetOfJoinedLanguages(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{TTFT: time.Second})
	limit := tokensOf(reservedFor(t, 0, "en")) + tokensOf(reservedFor(t, 0, "ja")) + tokensOf(reservedFor(t, 0, "vi"))
	g := openWith(t, "", server.Config{Budgets: []server.Budget{{Per: server.Day, Tokens: limit}}}, modelAt(llm))
	first := make(chan error, 1)
	go func() { first <- callGRPC(t, g, into(0, "en"), &yeokv1.TranslateArticleResponse{}) }()
	waitFor(t, "the first is under way", func() bool { return llm.Stats().InFlight == 1 })
	resp := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, into(0, "en", "ja", "vi"), resp); err != nil {
		t.Fatal(err)
	}
	for _, made := range resp.GetTranslations() {
		if made.GetState() != yeokv1.Translation_COMPLETE {
			t.Errorf("%s is %v: %v", made.GetLanguageCode(), made.GetState(), made.GetError())
		}
	}
	if err := <-first; err != nil || llm.Stats().Requests != 3 {
		t.Errorf("the first: %v; %d calls, want one for each language", err, llm.Stats().Requests)
	}
}

// TestBudgetOfLanguagesAtModels: what the first model has no money for goes to the
// next, and if that has none either, the first is not asked for its part.
func TestBudgetOfLanguagesAtModels(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	dear := reservedFor(t, 0, "en").GetCostUsd() * 1.05 // priced as estimates are
	cheap := reservedFor(t, 0, "ja").GetCostUsd() / 10 * 1.05
	budgets := []server.Budget{{Model: "dear", Per: server.Month, USD: dear}, {Model: "cheap", Per: server.Month, USD: cheap}}
	g := openWith(t, "", server.Config{Budgets: budgets}, priced(llm, "dear", 10), priced(llm, "cheap", 1))
	checkSpent(t, "three languages", callGRPC(t, g, into(0, "en", "ja", "vi"), &yeokv1.TranslateArticleResponse{}), "model:cheap")
	for _, model := range []string{"dear", "cheap"} {
		if held := spent(t, g, `model="`+model+`",per="month",tenant="",unit="usd"`); held > 0 || llm.Stats().Requests != 0 {
			t.Errorf("a request that is refused holds %v of %s, and made %d calls", held, model, llm.Stats().Requests)
		}
	}
	resp := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, into(0, "en", "ja"), resp); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"dear", "cheap"} {
		if got := resp.GetTranslations()[i].GetProvenance().GetModel(); got != want {
			t.Errorf("%s was translated by %q, want %q", resp.GetTranslations()[i].GetLanguageCode(), got, want)
		}
	}
}
