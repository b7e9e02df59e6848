package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
	"yeok/translate"
)

// These are complaints about other gateways that nothing else here covers through
// the front door; docs/regressions.md has the whole list.

// inEnglishAs asks for the page in English under a name.
func inEnglishAs(id, page string) *yeokv1.TranslateArticleRequest {
	return &yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}, ArticleId: id}
}

// TestARefusalIsNeverRemembered has the model decline, and looks for its words in
// everything that is answered afterwards.
func TestARefusalIsNeverRemembered(t *testing.T) {
	for _, fault := range []llmtest.Fault{llmtest.Refusal, llmtest.InjectionObeyed, llmtest.KoreanEchoed} {
		llm := llmtest.New(t, llmtest.Options{})
		llm.Fail(llmtest.Rule{Fault: fault})
		g := open(t, storePath(t), server.Limits{}, modelAt(llm))
		resp := &yeokv1.TranslateArticleResponse{}
		err := callGRPC(t, g, inEnglishAs("cms-1", page), resp)
		if err == nil && resp.GetTranslations()[0].GetState() == yeokv1.Translation_COMPLETE {
			t.Errorf("%s: COMPLETE", fault)
		}
		llm.Heal()
		good := &yeokv1.TranslateArticleResponse{}
		if err := callGRPC(t, g, inEnglishAs("cms-1", page), good, "cache-control", "no-cache"); err != nil {
			t.Fatal(err)
		}
		again := &yeokv1.TranslateArticleResponse{}
		if err := callGRPC(t, g, inEnglishAs("cms-2", page), again); err != nil {
			t.Fatal(err)
		}
		for _, tr := range []*yeokv1.Translation{good.GetTranslations()[0], again.GetTranslations()[0]} {
			if tr.GetState() != yeokv1.Translation_COMPLETE || strings.Contains(tr.String(), "HACKED") {
				t.Errorf("%s: after the model was well again: %v", fault, tr)
			}
		}
	}
}

// TestANegationIsAnotherSentence changes one syllable, one digit, one mark: each
// time the block is paid for, and never taken from what it resembles.
func TestANegationIsAnotherSentence(t *testing.T) {
	const head, was = "새벽전자 결산\n\n2026-03-02 09:30\n\n", "새벽전자는 지난해 3월에 새들시의 공장을 닫는다고 밝혔고, 직원 1200명은 다른 곳으로 옮기기로 했다."
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	for i, is := range []string{
		was,
		strings.Replace(was, "닫는다고", "닫지 않는다고", 1),
		strings.Replace(was, "1200명", "1201명", 1),
		strings.Replace(was, "지난해 3월", "지난해 4월", 1),
		strings.Replace(was, "밝혔고,", "밝혔고", 1),
	} {
		before := llm.Stats().Requests
		resp := &yeokv1.TranslateArticleResponse{}
		if err := callGRPC(t, g, inEnglishAs(fmt.Sprint("cms-", i), head+is), resp); err != nil {
			t.Fatal(err)
		}
		if llm.Stats().Requests == before {
			t.Errorf("%q was answered from what another sentence was translated into", is)
		}
	}
}

// TestNoCacheJoinsNoFlight has one caller pay anew while another waits for the
// first answer: the two must not share it.
func TestNoCacheJoinsNoFlight(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{TTFT: 200 * time.Millisecond})
	g := open(t, "", server.Limits{}, modelAt(llm))
	var both sync.WaitGroup
	for _, control := range []string{"", "no-cache", "no-cache"} {
		both.Go(func() {
			resp := &yeokv1.TranslateArticleResponse{}
			if err := callGRPC(t, g, inEnglishAs("", page), resp, "cache-control", control); err != nil {
				t.Error(err)
			} else if got := resp.GetTranslations()[0].GetProvenance().GetCacheStatus(); got != yeokv1.Provenance_MISS {
				t.Errorf("%q is answered as %v, want MISS", control, got)
			}
		})
	}
	both.Wait()
	if got := llm.Stats().Requests; got != 3 {
		t.Errorf("%d requests to the model, want one for each caller", got)
	}
}

// TestARetryIsChargedOnce tries again after a failure that passed. What the first
// try brought is not paid for again.
func TestARetryIsChargedOnce(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	llm.Fail(
		llmtest.Rule{Fault: llmtest.MissingBlock, Block: "P2", Times: 1},
		llmtest.Rule{Fault: llmtest.Unavailable, Request: 2}, llmtest.Rule{Fault: llmtest.Unavailable, Request: 3}, llmtest.Rule{Fault: llmtest.Unavailable, Request: 4},
	)
	tr := translator(t, translate.Options{Models: []translate.Model{modelAt(llm)}, MaxRetryWait: time.Millisecond})
	g := openWith(t, "", server.Config{Translator: tr})
	if err := callGRPC(t, g, inEnglishAs("", page), &yeokv1.TranslateArticleResponse{}); status.Code(err) != codes.Unavailable {
		t.Fatalf("the first try = %v, want UNAVAILABLE", err)
	}
	llm.Heal()
	time.Sleep(1100 * time.Millisecond) // as long as the model asked to be left alone
	before := llm.Stats()
	resp := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, inEnglishAs("", page), resp); err != nil {
		t.Fatal(err)
	}
	usage := resp.GetTranslations()[0].GetProvenance().GetUsage()
	requests := llm.Requests()
	if asked := requests[len(requests)-1].Asked; usage.GetRequests() != 1 || llm.Stats().Requests != before.Requests+1 || len(asked) != 1 || asked[0] != "P2" {
		t.Errorf("the second try asked for %q and is charged with %v, want P2 alone and one request", asked, usage)
	}
}

// TestWhatAnAnswerCosts asks in every way for the same: a stream costs what a
// unary call costs, and what is remembered costs nothing.
func TestWhatAnAnswerCosts(t *testing.T) {
	cost := func(stream bool) (paid, again *yeokv1.Usage) {
		llm := llmtest.New(t, llmtest.Options{})
		m := modelAt(llm)
		m.Price = translate.Price{Prompt: 1, CachedPrompt: 1, Completion: 2}
		g := open(t, "", server.Limits{}, m)
		for _, usage := range []**yeokv1.Usage{&paid, &again} {
			if !stream {
				resp := &yeokv1.TranslateArticleResponse{}
				if err := callGRPC(t, g, inEnglishAs("", page), resp); err != nil {
					t.Fatal(err)
				}
				*usage = resp.GetTranslations()[0].GetProvenance().GetUsage()
				continue
			}
			events, err := streamSSE(t, g, &yeokv1.StreamTranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				if tr := e.GetTranslation(); tr != nil {
					*usage = tr.GetProvenance().GetUsage()
				}
			}
		}
		return paid, again
	}
	unary, unaryAgain := cost(false)
	stream, streamAgain := cost(true)
	if unary.GetCostUsd() <= 0 || !proto.Equal(unary, stream) {
		t.Errorf("a unary call costs %v, a stream %v, want the same and not nothing", unary, stream)
	}
	for name, usage := range map[string]*yeokv1.Usage{"unary": unaryAgain, "stream": streamAgain} {
		if usage.GetCostUsd() != 0 || usage.GetRequests() != 0 || usage.GetPromptTokens() != 0 || usage.GetCompletionTokens() != 0 {
			t.Errorf("%s: what is remembered costs %v", name, usage)
		}
	}
}

// TestTheOrderOfFieldsIsNoChange sends the same request in a thousand orders of the
// keys of its maps. All are one answer.
func TestTheOrderOfFieldsIsNoChange(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	targets := []string{`"en":"Saebyeok Electronics"`, `"ja":"セビョク電子"`, `"zh-Hans":"晓电子"`, `"vi":"Saebyeok"`}
	source, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		turn := i % len(targets)
		terms := strings.Join(append(append([]string{}, targets[turn:]...), targets[:turn]...), strings.Repeat(" ", i%7)+",")
		fields := []string{`"source":{"text":` + string(source) + `}`, `"targetLanguageCodes":["en"]`, `"glossaryEntries":[{"targets":{` + terms + `},"source":"새벽전자"}]`}
		turn = i % len(fields)
		body := "{" + strings.Join(append(append([]string{}, fields[turn:]...), fields[:turn]...), ",") + "}"
		if answer, code, _ := g.send(t, "POST", "/v1/articles:translate", []byte(body)); code != 200 {
			t.Fatalf("POST %s = %d %s", body, code, answer)
		}
	}
	if got := llm.Stats().Requests; got != 1 {
		t.Errorf("a thousand orders of one request were %d requests to the model, want 1", got)
	}
}

// TestMarkupInTextStaysText sends what looks like markup in plain text and in HTML,
// to be answered as text.
func TestMarkupInTextStaysText(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	resp := &yeokv1.TranslateTextResponse{}
	req := &yeokv1.TranslateTextRequest{Texts: []string{"공장은 &lt;script&gt; 문을 <b>닫지</b> 않는다."}, Format: yeokv1.TranslateTextRequest_HTML, TargetLanguageCode: "en"}
	if err := callGRPC(t, g, req, resp); err != nil {
		t.Fatal(err)
	}
	if got := resp.GetTranslations()[0].GetText(); !strings.Contains(got, "&lt;script&gt;") || strings.Contains(got, "<script") || !strings.Contains(got, "<b>") {
		t.Errorf("TranslateText(%q) = %q, want the script escaped and the markup kept", req.Texts[0], got)
	}
}
