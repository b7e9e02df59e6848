package server_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

// stored is how many calls of an RPC were answered with stored bytes.
func (g *gate) stored(t *testing.T, method string) int {
	t.Helper()
	recorder := httptest.NewRecorder()
	g.srv.Admin().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost/metrics", nil))
	found := regexp.MustCompile(`(?m)^yeok_stored_answers_total\{method="` + method + `"\} (\d+)$`).FindStringSubmatch(recorder.Body.String())
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// storedCalls are one of each request whose answers are stored, with empty answers.
func storedCalls() map[string]struct{ req, resp proto.Message } {
	return map[string]struct{ req, resp proto.Message }{
		"TranslateArticle": {&yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}, &yeokv1.TranslateArticleResponse{}},
		"GetArticle":       {&yeokv1.GetArticleRequest{Article: "cms-1"}, &yeokv1.GetArticleResponse{}},
		"GetTranslation":   {&yeokv1.GetTranslationRequest{Article: "cms-1", LanguageCode: "ja"}, &yeokv1.GetTranslationResponse{}},
		"TranslateText":    {&yeokv1.TranslateTextRequest{Texts: []string{"새벽전자가 공장을 짓는다."}, TargetLanguageCode: "en"}, &yeokv1.TranslateTextResponse{}},
	}
}

func TestStoredAnswersAreTheSame(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			g := open(t, "", server.Limits{}, modelAt(llm))
			article := storedCalls()["TranslateArticle"]
			if err := callGRPC(t, g, article.req, article.resp); err != nil {
				t.Fatal(err)
			}
			for method, call := range storedCalls() {
				if err := door.call(t, g, call.req, call.resp); err != nil {
					t.Fatalf("%s: %v", method, err)
				}
				second := proto.Clone(call.resp)
				if err := door.call(t, g, call.req, second); err != nil {
					t.Fatalf("%s: %v", method, err)
				}
				paid, before := llm.Stats().Requests, g.stored(t, method)
				for range 3 {
					again := proto.Clone(call.resp)
					if err := door.call(t, g, call.req, again); err != nil {
						t.Fatalf("%s: %v", method, err)
					}
					if diff := cmp.Diff(second, again, protocmp.Transform()); diff != "" {
						t.Errorf("%s: stored answer differs (-second +stored):\n%s", method, diff)
					}
				}
				if got := g.stored(t, method) - before; got != 3 {
					t.Errorf("%s: %d of 3 equal calls were answered with stored bytes", method, got)
				}
				if got := llm.Stats().Requests; got != paid {
					t.Errorf("%s: stored answers made %d model calls", method, got-paid)
				}
			}
		})
	}
}

func TestStoredAnswersEnd(t *testing.T) {
	const other = "새벽전자, 3공장도 짓는다\n\n새벽전자가 세 번째 공장을 짓는다고 4일 밝혔다.\n"
	tests := []struct {
		name   string
		change func(t *testing.T, g *gate) // what happens to the article
		revive bool                        // the old request is answered anew, without a model
		paid   bool                        // the old request has to be paid for
	}{
		{"nothing happens", func(*testing.T, *gate) {}, false, false},
		{"a new revision", func(t *testing.T, g *gate) {
			mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: text(other), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}})
		}, true, false},
		{"paid again", func(t *testing.T, g *gate) {
			mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}, "cache-control", "no-cache")
		}, true, false},
		{"purged by model", func(t *testing.T, g *gate) {
			purgeModel(t, g, false)
		}, true, true},
		{"counted for a purge", func(t *testing.T, g *gate) {
			purgeModel(t, g, true)
		}, false, false},
	}
	for _, test := range tests {
		for _, door := range doors {
			t.Run(test.name+"/"+door.name, func(t *testing.T) {
				llm := llmtest.New(t, llmtest.Options{})
				g := open(t, storePath(t), server.Limits{}, modelAt(llm))
				req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}
				for range 4 {
					if err := door.call(t, g, req, &yeokv1.TranslateArticleResponse{}); err != nil {
						t.Fatal(err)
					}
				}
				test.change(t, g)
				paid, stored := llm.Stats().Requests, g.stored(t, "TranslateArticle")
				resp := &yeokv1.TranslateArticleResponse{}
				if err := door.call(t, g, req, resp); err != nil {
					t.Fatal(err)
				}
				if got := g.stored(t, "TranslateArticle") == stored; got != test.revive {
					t.Errorf("made anew = %v, want %v", got, test.revive)
				}
				if got := llm.Stats().Requests > paid; got != test.paid {
					t.Errorf("paid = %v, want %v", got, test.paid)
				}
				newest := &yeokv1.GetArticleResponse{}
				if err := door.call(t, g, &yeokv1.GetArticleRequest{Article: "cms-1"}, newest); err != nil {
					t.Fatal(err)
				}
				if got, want := newest.GetArticle().GetRevisionId(), resp.GetArticle().GetRevisionId(); got != want {
					t.Errorf("newest revision is %s, want %s, which was sent last", got, want)
				}
			})
		}
	}
}

func purgeModel(t *testing.T, g *gate, dryRun bool) {
	t.Helper()
	resp, err := g.admin(t).PurgeMemory(t.Context(), &yeokv1.PurgeMemoryRequest{Model: llmtest.Model, DryRun: dryRun})
	if err != nil || resp.GetEntries() == 0 {
		t.Fatalf("PurgeMemory = %v, %v", resp, err)
	}
}

func mustCall(t *testing.T, g *gate, req *yeokv1.TranslateArticleRequest, header ...string) {
	t.Helper()
	if err := callGRPC(t, g, req, &yeokv1.TranslateArticleResponse{}, header...); err != nil {
		t.Fatal(err)
	}
}

func TestStoredAnswersOverHTTP(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: text(longPage(20)), ArticleId: "cms-1"})
	const path = "/v1/articles/cms-1/translations/en"
	plain, _, first := g.send(t, "GET", path, nil, "Accept-Encoding", "identity")
	for _, encoding := range []string{"identity", "gzip", "br, gzip;q=0.5", "gzip;q=0", "identity"} {
		body, code, header := g.send(t, "GET", path, nil, "Accept-Encoding", encoding)
		packed := strings.Contains(encoding, "gzip") && !strings.Contains(encoding, "q=0") || strings.Contains(encoding, "q=0.5")
		if got := header.Get("Content-Encoding") == "gzip"; got != packed {
			t.Errorf("Accept-Encoding %s: Content-Encoding %q", encoding, header.Get("Content-Encoding"))
		}
		if packed {
			body = unpack(t, body)
		}
		if code != 200 || !bytes.Equal(body, plain) || header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %s: %d, Vary %q\n got %.200s\nwant %.200s", encoding, code, header.Get("Vary"), body, plain)
		}
		if header.Get("Cache-Status") != "yeok; hit" || header.Get("Age") == "" {
			t.Errorf("Accept-Encoding %s: Cache-Status %q, Age %q", encoding, header.Get("Cache-Status"), header.Get("Age"))
		}
		tag := header.Get("ETag")
		if same := tag == first.Get("ETag"); same == packed || tag == "" {
			t.Errorf("Accept-Encoding %s: ETag %s, that of the plain body is %s", encoding, tag, first.Get("ETag"))
		}
		if body, code, _ := g.send(t, "GET", path, nil, "Accept-Encoding", encoding, "If-None-Match", tag); code != 304 || len(body) != 0 {
			t.Errorf("Accept-Encoding %s, If-None-Match %s: %d with %d bytes", encoding, tag, code, len(body))
		}
		if head, code, header := g.send(t, "HEAD", path, nil, "Accept-Encoding", "identity"); code != 200 || len(head) != 0 || header.Get("Content-Length") != fmt.Sprint(len(plain)) {
			t.Errorf("HEAD = %d with %d bytes, Content-Length %s", code, len(head), header.Get("Content-Length"))
		}
	}
}

func unpack(t *testing.T, packed []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// An answer belongs to every byte of its request: nothing may be taken for
// equal that the decoder or the translator would tell apart.
func TestStoredAnswersAreNotMixedUp(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	texts := []string{"새벽전자가 공장을 짓는다.", "새벽전자가 공장을 짓지 않는다."}
	answers := map[string]bool{}
	for range 4 {
		for _, source := range texts {
			for _, code := range []string{"en", "ja"} {
				resp := &yeokv1.TranslateTextResponse{}
				if err := callHTTP(t, g, &yeokv1.TranslateTextRequest{Texts: []string{source}, TargetLanguageCode: code}, resp); err != nil {
					t.Fatal(err)
				}
				answers[source+code+resp.GetTranslations()[0].GetText()] = true
			}
		}
	}
	if len(answers) != 4 {
		t.Errorf("4 requests asked for four times got %d distinct answers", len(answers))
	}
	err := callGRPC(t, g, &yeokv1.GetTranslationRequest{Article: "cms-1", LanguageCode: "en"}, &yeokv1.GetTranslationResponse{})
	if status.Code(err) != codes.NotFound {
		t.Errorf("GetTranslation of an article that never came = %v", err)
	}
}

// TestACrowdIsServedByOne sees that equal requests let the first go ahead, and
// that all but the two who make the stored answer find it.
func TestACrowdIsServedByOne(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{TTFT: 300 * time.Millisecond})
			g := open(t, "", server.Limits{}, modelAt(llm))
			req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}
			const crowd = 60
			var group sync.WaitGroup
			for range crowd {
				group.Go(func() {
					if err := door.call(t, g, proto.Clone(req), &yeokv1.TranslateArticleResponse{}); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			if got := llm.Stats().Requests; got != len(languages) {
				t.Errorf("%d callers cost %d model calls, want %d", crowd, got, len(languages))
			}
			if got := g.stored(t, "TranslateArticle"); got < crowd/2 {
				t.Errorf("%d of %d callers were answered with stored bytes", got, crowd)
			}
		})
	}
}
