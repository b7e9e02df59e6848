package server_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/internal/llmtest"
	"yeok/server"
)

// TestDirectCallsAnswerTheSame: past the in-memory connection a call is answered with
// the same bytes and the same head as over it, where those go who take trailers.
func TestDirectCallsAnswerTheSame(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, storePath(t), server.Limits{}, modelAt(llm))
	article := `{"source":{"text":` + quoted(t, page) + `},"articleId":"cms-1","targetLanguageCodes":["en","ja"]}`
	words := `{"texts":["새벽전자가 두 번째 공장을 짓는다고 밝혔다.","<b>"],"targetLanguageCode":"en"}`
	for path, body := range map[string]string{"/v1/articles:translate": article, "/v1/text:translate": words} {
		if _, code, _ := g.send(t, "POST", path, []byte(body)); code != http.StatusOK {
			t.Fatalf("POST %s = %d", path, code)
		}
	}
	for name, test := range map[string]struct {
		path, body string
		header     []string
		code       int
	}{
		"a clean article":      {"/v1/articles:clean", `{"source":{"text":` + quoted(t, page) + `}}`, nil, 200},
		"a remembered article": {"/v1/articles:translate", article, []string{"Cache-Control", "only-if-cached"}, 200},
		"remembered strings":   {"/v1/text:translate", words, []string{"Cache-Control", "only-if-cached"}, 200},
		"an estimate":          {"/v1/articles:translate", `{"source":{"text":"공장을 짓는다고 밝혔다."},"dryRun":true}`, nil, 200},
		"a bad field":          {"/v1/articles:translate", `{"source":{"text":"가"},"articleId":"?"}`, nil, 400},
		"nothing remembered":   {"/v1/text:translate", `{"texts":["노을"],"targetLanguageCode":"en"}`, []string{"Cache-Control", "only-if-cached"}, 504},
		"a bad timeout":        {"/v1/articles:clean", `{"source":{"text":"가"}}`, []string{"Grpc-Timeout", "soon"}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			header := append([]string{"X-Request-Id", "call-7", "Cache-Control", "max-age=1000000"}, test.header...)
			direct, code, head := g.send(t, "POST", test.path, []byte(test.body), header...)
			over, codeOver, headOver := g.send(t, "POST", test.path, []byte(test.body), append(header, "Te", "trailers")...)
			if code != test.code || codeOver != test.code {
				t.Fatalf("status %d, over the connection %d, want %d\n%s", code, codeOver, test.code, direct)
			}
			if diff := cmp.Diff(string(over), string(direct)); diff != "" {
				t.Errorf("the body differs (-over +direct):\n%s", diff)
			}
			for _, h := range []http.Header{head, headOver} {
				for _, name := range []string{"Date", "Content-Length", "Transfer-Encoding"} {
					h.Del(name)
				}
			}
			if diff := cmp.Diff(headOver, head); diff != "" {
				t.Errorf("the head differs (-over +direct):\n%s", diff)
			}
		})
	}
}

// TestDirectCallsHaveADeadline: that of grpc-gateway's header.
func TestDirectCallsHaveADeadline(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.Hang}}})
	g := open(t, storePath(t), server.Limits{}, modelAt(llm))
	t.Cleanup(llm.Close) // before the gate, which waits for what is under way
	answer, code, _ := g.send(t, "POST", "/v1/text:translate", []byte(`{"texts":["노을빛"],"targetLanguageCode":"en"}`), "Grpc-Timeout", "50m")
	if got := reasonOf(errorIn(t, answer)); code != http.StatusGatewayTimeout || got != "DEADLINE_EXCEEDED" {
		t.Errorf("a call with 50 ms is answered with %d, %s, want 504, DEADLINE_EXCEEDED", code, got)
	}
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	encoded, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}
