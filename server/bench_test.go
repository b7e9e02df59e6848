package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

// BenchmarkHit is a remembered article in four languages through yeok's HTTP
// handler, beside a handler that reads the same request and writes the same
// bytes. Neither has a network, so what is compared is yeok's own work; the
// ratio over a real one is in docs/benchmarks.md.
func BenchmarkHit(b *testing.B) {
	llm := llmtest.New(b, llmtest.Options{})
	keys, texts := keyring(b, access.Key{Tenant: "a"})
	open, keyed := open(b, "", server.Limits{}, modelAt(llm)), openWith(b, "", server.Config{Keys: keys}, modelAt(llm)).as(b, texts[0])
	req := &yeokv1.TranslateArticleRequest{Source: text(longPage(12)), ArticleId: "cms-1"}
	body, err := protojson.Marshal(req)
	if err != nil {
		b.Fatal(err)
	}
	for range 3 {
		for _, g := range []*gate{open, keyed} {
			if err := callHTTP(b, g, proto.Clone(req), &yeokv1.TranslateArticleResponse{}); err != nil {
				b.Fatal(err)
			}
		}
	}
	handler := open.srv.HTTP()
	answer := ask(handler, body, "").Body.Bytes()
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(answer)))
		_, _ = w.Write(answer)
	})
	for name, h := range map[string]http.Handler{"bare": bare, "yeok": handler, "yeok with keys": keyed.srv.HTTP()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if w := ask(h, body, texts[0]); w.Code != http.StatusOK {
					b.Fatalf("%s answers %d", name, w.Code)
				}
			}
		})
	}
}

func ask(h http.Handler, body []byte, key string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "http://localhost/v1/articles:translate", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+key)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func longPage(paragraphs int) string {
	page := "새벽전자, 2공장 짓는다\n\n"
	for day := range paragraphs {
		page += fmt.Sprintf("새벽전자가 충북 새들시에 두 번째 공장을 짓는다고 %d일 밝혔다. 투자 규모는 모두 1조2000억원으로, 창사 이래 가장 크다.\n\n", day+1)
	}
	return page
}
