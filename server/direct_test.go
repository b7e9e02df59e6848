package server_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
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

// TestAnswersOfPaidCalls: an answer that was written before what was paid for was
// stored is, byte for byte, the JSON of what is remembered, but for what it says of
// the price.
func TestAnswersOfPaidCalls(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, storePath(t), server.Limits{}, modelAt(llm))
	for _, test := range []struct {
		path, body string
		resp       proto.Message
	}{
		{"/v1/articles:translate", `{"source":{"text":` + quoted(t, page) + `},"articleId":"cms-1","targetLanguageCodes":["en","ja"]}`, &yeokv1.TranslateArticleResponse{}},
		{"/v1/text:translate", `{"texts":["새벽전자가 두 번째 공장을 짓는다고 밝혔다.","<b>"],"targetLanguageCode":"en"}`, &yeokv1.TranslateTextResponse{}},
	} {
		paid, code, head := g.send(t, "POST", test.path, []byte(test.body))
		if code != http.StatusOK || head.Get("Cache-Status") != "yeok; fwd=miss; stored" {
			t.Fatalf("POST %s = %d, Cache-Status %q", test.path, code, head.Get("Cache-Status"))
		}
		if err := protojson.Unmarshal(paid, test.resp); err != nil {
			t.Fatal(err)
		}
		again, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(test.resp)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(again), string(paid)); diff != "" {
			t.Errorf("%s: the answer is not the JSON of what it says (-want +got):\n%s", test.path, diff)
		}
		remembered, _, _ := g.send(t, "POST", test.path, []byte(test.body), "Cache-Control", "only-if-cached")
		if diff := cmp.Diff(withoutPrice(remembered), withoutPrice(paid)); diff != "" {
			t.Errorf("%s: the answer is not what is remembered (-want +got):\n%s", test.path, diff)
		}
	}
}

// withoutPrice leaves out of an answer what differs for who pays.
func withoutPrice(answer []byte) string {
	return price.ReplaceAllString(string(answer), "")
}

var price = regexp.MustCompile(`"usage": ?\{[^}]*\}|"cacheStatus": ?"[A-Z]+"|"origin": ?"[A-Z]+"|"createTime": ?"[^"]*"`)

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
