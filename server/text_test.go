package server_test

import (
	"strings"
	"testing"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

func TestTranslateText(t *testing.T) {
	texts := []string{
		"새벽전자가 공장을 짓는다.",
		"",
		"2026",
		"  첫 줄은 이렇다.\n\n둘째 줄은 30명이다.  ",
		"새벽전자가 공장을 짓는다.", // again: the same translation, paid once
	}
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			g := open(t, storePath(t), server.Limits{}, modelAt(llm))
			req := &yeokv1.TranslateTextRequest{Texts: texts, TargetLanguageCode: "en-GB"}
			first, second := &yeokv1.TranslateTextResponse{}, &yeokv1.TranslateTextResponse{}
			for _, resp := range []*yeokv1.TranslateTextResponse{first, second} {
				if err := door.call(t, g, req, resp); err != nil {
					t.Fatal(err)
				}
				checkTexts(t, resp)
			}
			if got := second.GetProvenance(); got.GetCacheStatus() != yeokv1.Provenance_HIT || got.GetUsage().GetRequests() != 0 {
				t.Errorf("second call: %v, want a HIT that paid nothing", got)
			}
			if asked := strings.Join(llm.Requests()[0].Asked, " "); len(llm.Requests()) != 1 || len(strings.Fields(asked)) != 3 {
				t.Errorf("%d model calls, the first for %q; want one call for three runs", len(llm.Requests()), asked)
			}
			// Another list with a string in common pays for the new string alone.
			other := &yeokv1.TranslateTextResponse{}
			if err := door.call(t, g, &yeokv1.TranslateTextRequest{Texts: []string{texts[0], "새 문장이 하나 더 있다."}, TargetLanguageCode: "en"}, other); err != nil {
				t.Fatal(err)
			}
			if got := other.GetProvenance().GetCacheStatus(); got != yeokv1.Provenance_PARTIAL || other.GetTranslations()[0].GetText() != first.GetTranslations()[0].GetText() {
				t.Errorf("another list: %v, %q", got, other.GetTranslations())
			}
		})
	}
}

func checkTexts(t *testing.T, resp *yeokv1.TranslateTextResponse) {
	t.Helper()
	out := resp.GetTranslations()
	if len(out) != 5 {
		t.Fatalf("%d translations of 5 strings", len(out))
	}
	for i, tr := range out {
		if tr.GetState() != yeokv1.Translation_COMPLETE {
			t.Errorf("text %d: %v %v", i, tr.GetState(), tr.GetFindings())
		}
	}
	if out[1].GetText() != "" || out[2].GetText() != "2026" {
		t.Errorf("empty and number = %q, %q; want them as they were", out[1].GetText(), out[2].GetText())
	}
	if got := out[3].GetText(); !strings.HasPrefix(got, "  ") || !strings.HasSuffix(got, "  ") || strings.Count(got, "\n") != 2 || !strings.Contains(got, "30") {
		t.Errorf("white space and lines are not as they were: %q", got)
	}
	if out[0].GetText() != out[4].GetText() || out[0].GetText() == "" {
		t.Errorf("one string, two translations: %q, %q", out[0].GetText(), out[4].GetText())
	}
}

func TestTranslateHTML(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	source := `<div class="a"><p>새벽전자가 <a href="https://example.com/?a=1&amp;b=2">두 번째 공장</a>을 짓는다.</p><p>1 &lt; 2 라고 말했다.</p><script>var 가 = 1;</script></div>`
	resp := &yeokv1.TranslateTextResponse{}
	if err := callHTTP(t, g, &yeokv1.TranslateTextRequest{Texts: []string{source}, Format: yeokv1.TranslateTextRequest_HTML, TargetLanguageCode: "ja"}, resp); err != nil {
		t.Fatal(err)
	}
	got := resp.GetTranslations()[0].GetText()
	for _, kept := range []string{`<div class="a"><p>`, `<a href="https://example.com/?a=1&amp;b=2">`, `</a>`, `</p><p>`, `<script>var 가 = 1;</script></div>`, `&lt;`} {
		if !strings.Contains(got, kept) {
			t.Errorf("HTML lost %q: %s", kept, got)
		}
	}
	if strings.Contains(got, "새벽전자") {
		t.Errorf("text was not translated: %s", got)
	}
}

func TestADoubtfulTextIsNotPaidTwice(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	llm.Fail(llmtest.Rule{Fault: llmtest.HangulLeft})
	g := open(t, "", server.Limits{}, modelAt(llm))
	req := &yeokv1.TranslateTextRequest{Texts: []string{"새벽전자가 두 번째 공장을 짓는다고 밝혔다."}, TargetLanguageCode: "vi"}
	for i := range 2 {
		resp := &yeokv1.TranslateTextResponse{}
		if err := callGRPC(t, g, req, resp); err != nil {
			t.Fatal(err)
		}
		tr := resp.GetTranslations()[0]
		if tr.GetState() != yeokv1.Translation_NEEDS_REVIEW || len(tr.GetFindings()) == 0 {
			t.Errorf("call %d: %v, findings %v; want NEEDS_REVIEW with findings", i, tr.GetState(), tr.GetFindings())
		}
		if hit := resp.GetProvenance().GetCacheStatus() == yeokv1.Provenance_HIT; hit != (i == 1) {
			t.Errorf("call %d: %v", i, resp.GetProvenance())
		}
	}
}

// TestATextThatFailsIsNotPaidTwice: the list comes back as it was, the string that
// failed as failed, for nothing.
func TestATextThatFailsIsNotPaidTwice(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	llm.Fail(llmtest.Rule{Fault: llmtest.MissingBlock, Block: "B2"})
	g := open(t, "", server.Limits{}, modelAt(llm))
	req := &yeokv1.TranslateTextRequest{
		Texts:              []string{"새벽전자가 두 번째 공장을 짓는다고 밝혔다.", "노을중공업은 배를 짓지 않는다고 밝혔다."},
		TargetLanguageCode: "en",
	}
	for _, step := range []struct {
		control string
		pays    bool
	}{{"", true}, {"", false}, {"no-cache", true}, {"", false}} {
		before := llm.Stats().Requests
		resp := &yeokv1.TranslateTextResponse{}
		if err := callGRPC(t, g, req, resp, "cache-control", step.control); err != nil {
			t.Fatal(err)
		}
		if paid := llm.Stats().Requests > before; paid != step.pays {
			t.Errorf("%q: paid %v, want %v", step.control, paid, step.pays)
		}
		if out := resp.GetTranslations(); out[0].GetState() != yeokv1.Translation_COMPLETE || out[1].GetState() != yeokv1.Translation_FAILED {
			t.Errorf("%q: %v and %v, want COMPLETE and FAILED", step.control, out[0].GetState(), out[1].GetState())
		}
	}
}
