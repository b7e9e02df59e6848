package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

// recalls is how many times a translation was looked for behind the stored answers:
// how many calls were worked on for themselves.
func (g *gate) recalls(t *testing.T) (n int) {
	t.Helper()
	w := httptest.NewRecorder()
	g.srv.Admin().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost/metrics", nil))
	for _, found := range regexp.MustCompile(`(?m)^yeok_recalls_total\{.*\} (\d+)$`).FindAllStringSubmatch(w.Body.String(), -1) {
		count, err := strconv.Atoi(found[1])
		if err != nil {
			t.Fatal(err)
		}
		n += count
	}
	return n
}

// TestACrowdIsWorkedOnOnce has a crowd ask for the same new article, with and without
// one who went ahead and hangs up: the work is done for a few of them, and the others
// get the bytes.
func TestACrowdIsWorkedOnOnce(t *testing.T) {
	const crowd = 100
	for _, door := range doors {
		for _, leaves := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/the first leaves %t", door.name, leaves), func(t *testing.T) {
				llm := llmtest.New(t, llmtest.Options{TTFT: 1500 * time.Millisecond})
				g := open(t, "", server.Limits{}, modelAt(llm))
				req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}}
				var all sync.WaitGroup
				first, hangUp := context.WithCancel(t.Context())
				defer hangUp()
				if leaves {
					all.Go(func() { _ = door.callAs(first, t, g, req) }) // that it ends is what is wanted
					waitFor(t, "the first is worked on", func() bool { return g.recalls(t) == 1 })
				}
				for range crowd {
					all.Go(func() {
						if err := door.call(t, g, req, &yeokv1.TranslateArticleResponse{}); err != nil {
							t.Error(err)
						}
					})
				}
				time.Sleep(200 * time.Millisecond) // for the crowd to stand behind the first
				hangUp()
				all.Wait()
				if got := llm.Stats().Requests; got != 1 {
					t.Errorf("%d calls were paid, want 1", got)
				}
				if got := g.recalls(t); got > 4 {
					t.Errorf("%d of %d calls were worked on, want 4 at most", got, crowd)
				}
			})
		}
	}
}

// callAs is call for whose context may end.
func (d door) callAs(ctx context.Context, t *testing.T, g *gate, req proto.Message) error {
	if d.name == "gRPC" {
		return g.conn.Invoke(ctx, methodOf(req).grpc, req, answerTo(req))
	}
	r, err := http.NewRequestWithContext(ctx, "POST", g.http+methodOf(req).path, bytes.NewReader(jsonOf(t, req)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
