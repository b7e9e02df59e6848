package server_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

// TestADoubtedWordingIsNotShown: an edited block is translated with its past wording
// in view, unless a check doubted that.
func TestADoubtedWordingIsNotShown(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			llm.Fail(llmtest.Rule{Fault: llmtest.ChangedNumber, Block: "P1"}, llmtest.Rule{Fault: llmtest.HangulLeft, Block: "T"})
			g := open(t, "", server.Limits{}, modelAt(llm))
			req := ship(pageOf(plainHead, tenBlocks(), plainTail))
			req.TargetLanguageCodes = []string{"en"}
			was := &yeokv1.TranslateArticleResponse{}
			if err := door.call(t, g, req, was); err != nil {
				t.Fatal(err)
			}
			tr := was.GetTranslations()[0]
			for _, id := range []string{"title", "p1"} {
				if !doubts(tr.GetFindings(), id) {
					t.Fatalf("no doubt about %s in %v", id, tr.GetFindings())
				}
			}
			llm.Heal()
			before := len(llm.Requests())
			changed := tenBlocks()
			changed[0] = strings.Replace(changed[0], "두 배 많은", "두 배가 넘는", 1)
			changed[2] = strings.Replace(changed[2], "62%", "64%", 1)
			req.Source = text(strings.Replace(pageOf(plainHead, changed, plainTail).GetText(), "6척 수주…", "6척 따내…", 1))
			if err := door.call(t, g, req, &yeokv1.TranslateArticleResponse{}); err != nil {
				t.Fatal(err)
			}
			asked := llm.Requests()[before:]
			if len(asked) == 0 || !strings.Contains(asked[0].User, "(P3 was translated) "+tr.GetBlocks()[2].GetText()) {
				t.Fatalf("the edit was asked for %d times without the good block's past", len(asked))
			}
			for _, q := range asked {
				for _, doubted := range []string{tr.GetTitle(), tr.GetBlocks()[0].GetText(), "(T was", "(P1 was"} {
					if strings.Contains(q.User, doubted) {
						t.Errorf("the model is shown the doubted %q", doubted)
					}
				}
			}
		})
	}
}

func doubts(findings []*yeokv1.Finding, id string) bool {
	for _, f := range findings {
		if f.GetBlockId() == id && f.GetSeverity() == yeokv1.Finding_ERROR {
			return true
		}
	}
	return false
}

// afterNoStore makes a call that fails and may not be stored, and after it the same
// call when the model can do it.
func afterNoStore(t *testing.T, door door, rule llmtest.Rule, req, resp proto.Message, failed func() bool) {
	t.Helper()
	llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{rule}})
	g := open(t, "", server.Limits{}, modelAt(llm))
	if err := door.call(t, g, req, resp, "cache-control", "no-store"); err != nil || !failed() {
		t.Fatalf("no-store: %v, %v; want a part that failed", resp, err)
	}
	llm.Heal()
	before := llm.Stats().Requests
	proto.Reset(resp)
	if err := door.call(t, g, req, resp); err != nil || failed() || llm.Stats().Requests == before {
		t.Errorf("the next call: %v, %v after %d requests; want it paid, and good", resp, err, llm.Stats().Requests-before)
	}
}

// TestAFailureOfNoStoreIsForgotten: who forbids storing leaves nothing behind, not
// even that it failed.
func TestAFailureOfNoStoreIsForgotten(t *testing.T) {
	for _, door := range doors {
		t.Run("article/"+door.name, func(t *testing.T) {
			resp := &yeokv1.TranslateArticleResponse{}
			afterNoStore(t, door, llmtest.Rule{Fault: llmtest.Refusal, Language: "ja"},
				&yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en", "ja"}}, resp,
				func() bool { return resp.GetTranslations()[1].GetState() == yeokv1.Translation_FAILED })
		})
		t.Run("strings/"+door.name, func(t *testing.T) {
			resp := &yeokv1.TranslateTextResponse{}
			afterNoStore(t, door, llmtest.Rule{Fault: llmtest.MissingBlock, Block: "B2"},
				&yeokv1.TranslateTextRequest{Texts: []string{"새벽전자가 두 번째 공장을 짓는다고 밝혔다.", "노을중공업은 배를 짓지 않는다고 밝혔다."}, TargetLanguageCode: "en"}, resp,
				func() bool { return resp.GetTranslations()[1].GetState() == yeokv1.Translation_FAILED })
		})
	}
}

// TestWhatIsGoodComesBeforeWhatIsDoubted: once a caller has paid again for what was
// doubted, everybody has the good one, although the doubted one is remembered too.
func TestWhatIsGoodComesBeforeWhatIsDoubted(t *testing.T) {
	for _, door := range doors {
		t.Run("article/"+door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.HangulLeft, Block: "P1"}}})
			g := open(t, storePath(t), server.Limits{}, modelAt(llm))
			req := ship(pageOf(plainHead, tenBlocks(), plainTail))
			req.TargetLanguageCodes = []string{"en"}
			resp := &yeokv1.TranslateArticleResponse{}
			call := func(header ...string) *yeokv1.Translation {
				t.Helper()
				if err := door.call(t, g, req, resp, header...); err != nil {
					t.Fatal(err)
				}
				return resp.GetTranslations()[0]
			}
			if tr := call(); !doubts(tr.GetFindings(), "p1") {
				t.Fatalf("no doubt about p1 in %v", tr.GetFindings())
			}
			llm.Heal()
			good := call("cache-control", "no-cache").GetBlocks()[0].GetText()
			changed := tenBlocks()
			changed[6] = strings.Replace(changed[6], "7%", "8%", 1)
			req.Source = pageOf(plainHead, changed, plainTail)
			before := llm.Stats().Requests
			tr := call()
			if b := tr.GetBlocks()[0]; b.GetText() != good || b.GetOrigin() != yeokv1.Block_REUSED || tr.GetState() != yeokv1.Translation_COMPLETE {
				t.Errorf("an edit elsewhere: %v, p1 = %v, want COMPLETE with the good %q", tr.GetState(), b, good)
			}
			if got := llm.Stats().Requests - before; got != 1 {
				t.Errorf("an edit elsewhere cost %d requests, want 1", got)
			}
		})
		t.Run("string/"+door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.HangulLeft}}})
			g := open(t, storePath(t), server.Limits{}, modelAt(llm))
			req := &yeokv1.TranslateTextRequest{Texts: []string{"새벽전자가 두 번째 공장을 짓는다고 밝혔다."}, TargetLanguageCode: "vi"}
			for _, step := range []struct {
				control string
				want    yeokv1.Translation_State
			}{{"", yeokv1.Translation_NEEDS_REVIEW}, {"no-cache", yeokv1.Translation_COMPLETE}, {"", yeokv1.Translation_COMPLETE}} {
				resp := &yeokv1.TranslateTextResponse{}
				if err := door.call(t, g, req, resp, "cache-control", step.control); err != nil {
					t.Fatal(err)
				}
				if got := resp.GetTranslations()[0]; got.GetState() != step.want {
					t.Errorf("%q: %v, want %v", step.control, got, step.want)
				}
				llm.Heal()
			}
		})
	}
}

// TestSpansOfStrings: strings that go to the model together have findings of their
// own, which point into the string as it came and as it is answered, or nowhere.
func TestSpansOfStrings(t *testing.T) {
	const plain, html = yeokv1.TranslateTextRequest_PLAIN, yeokv1.TranslateTextRequest_HTML
	tests := []struct {
		name    string
		format  yeokv1.TranslateTextRequest_Format
		texts   []string
		located []bool // whether the source or the target can be pointed into
	}{
		{"plain", plain, []string{
			"새벽전자가 직원 30명을 새로 뽑았다고 밝혔다.",
			"노을중공업은 올해 들어 배 12척을 만들었다고 밝혔다.",
			"  누리조선은 선박 14척을 수주했다고 밝혔다.\n",
			"새들시는 나무를 심었다고 밝혔다.\n새들시는 다리 25개를 놓았다고 밝혔다.",
			"새벽은행은  지점 17곳을 닫았다고 밝혔다.",
			"누리조선은 선박 14척을 수주했다고 밝혔다.", // as above, without the space
		}, []bool{true, true, false, false, true, true}},
		{"HTML", html, []string{
			"새벽전자가 직원 30명을 새로 뽑았다고 밝혔다.",
			"새벽전자가 <b>새로</b> 직원 31명을 뽑았다고 밝혔다.",
			"<p>노을중공업은 배 12척을 만들었다고 밝혔다.</p>",
			"한빛&#44; 누리는 선박 14척을 수주했다고 밝혔다.",
		}, []bool{true, false, false, true}},
	}
	for _, test := range tests {
		for _, door := range doors {
			t.Run(test.name+"/"+door.name, func(t *testing.T) {
				llm := llmtest.New(t, llmtest.Options{Strike: func(q llmtest.Request) (rules []llmtest.Rule) {
					for _, tag := range q.Asked {
						rules = append(rules, llmtest.Rule{Fault: llmtest.ChangedNumber, Block: tag})
					}
					return rules
				}})
				g := open(t, "", server.Limits{}, modelAt(llm))
				req := &yeokv1.TranslateTextRequest{Texts: test.texts, Format: test.format, TargetLanguageCode: "en"}
				for range 2 { // paid, and remembered
					resp := &yeokv1.TranslateTextResponse{}
					if err := door.call(t, g, req, resp); err != nil {
						t.Fatal(err)
					}
					for i, tr := range resp.GetTranslations() {
						checkSpans(t, test.texts[i], tr, test.located[i])
					}
				}
				if got := strings.Join(llm.Requests()[0].Asked, " "); len(strings.Fields(got)) < len(test.texts)-1 {
					t.Errorf("the first request asks for %q alone, not for all strings", got)
				}
			})
		}
	}
}

// checkSpans checks that the findings of a string whose number was changed say so, and
// point to it if they can.
func checkSpans(t *testing.T, source string, tr *yeokv1.TextTranslation, located bool) {
	t.Helper()
	at := func(text string, span *yeokv1.TextSpan) string {
		runes := []rune(text)
		return string(runes[min(int(span.GetStart()), len(runes)):min(int(span.GetEnd()), len(runes))])
	}
	found := false
	for _, f := range tr.GetFindings() {
		if span := f.GetSourceSpan(); span != nil && at(source, span) != f.GetSourceText() {
			t.Errorf("%q: source span %v holds %q, not %q", source, span, at(source, span), f.GetSourceText())
		}
		if span := f.GetTargetSpan(); span != nil && at(tr.GetText(), span) != f.GetTargetText() {
			t.Errorf("%q: target span %v of %q holds %q, not %q", source, span, tr.GetText(), at(tr.GetText(), span), f.GetTargetText())
		}
		found = found || f.GetCheck() == yeokv1.Finding_NUMBER && (f.GetSourceSpan() != nil || f.GetTargetSpan() != nil)
	}
	if found != located {
		t.Errorf("%q: a located finding about the number: %v, want %v; %v", source, found, located, tr.GetFindings())
	}
}
