package server_test

import (
	"context"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/internal/llmtest"
	"yeok/server"
)

// throwingLog is a log that panics, once, when it is told of a failure by that
// function.
type throwingLog struct {
	slog.Handler
	at     string
	thrown *atomic.Bool
}

func (l throwingLog) Handle(ctx context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "was not stored") && strings.Contains(string(debug.Stack()), l.at) && !l.thrown.Swap(true) {
		panic(planted)
	}
	return l.Handler.Handle(ctx, r)
}

// away is a memory whose store cannot be reached, so that every write of it fails.
func away(t *testing.T) *cache.Cache {
	t.Helper()
	c, err := cache.Open(cache.Options{Redis: cache.Redis{URL: "redis://127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPanicsInTheBackground has what goes on beside a call panic with a text in hand:
// the process goes on, the caller is told of an internal error, the log of type, place
// and request, and what was paid for is remembered all the same.
func TestPanicsInTheBackground(t *testing.T) {
	article := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}}
	for name, test := range map[string]struct {
		at     string
		before proto.Message // asked first; nil for nothing
		req    proto.Message
	}{
		"filing an article": {"server.(*Server).putArticle(", elsewhere(article), article},
		"writing segments":  {"server.(*segments).write(", nil, &yeokv1.TranslateTextRequest{Texts: []string{"새벽전자가 두 번째 공장을 짓는다고 밝혔다."}, TargetLanguageCode: "en"}},
		"storing a whole":   {"server.(*Server).storeWhole(", nil, article},
	} {
		for _, door := range doors {
			t.Run(name+"/"+door.name, func(t *testing.T) {
				llm := llmtest.New(t, llmtest.Options{})
				said := &lockedLog{}
				log := throwingLog{slog.NewTextHandler(said, nil), test.at, new(atomic.Bool)}
				g := openWith(t, "", server.Config{Cache: away(t), Logger: slog.New(log)}, modelAt(llm))
				if test.before != nil {
					log.thrown.Store(true) // not now
					if err := door.call(t, g, test.before, answerTo(test.before)); err != nil {
						t.Fatalf("the call before: %v", err)
					}
					log.thrown.Store(false)
				}
				err := door.call(t, g, test.req, answerTo(test.req), "x-request-id", "call-7")
				if got := status.Convert(err); got.Code() != codes.Internal || got.Message() != "internal error" || !log.thrown.Load() {
					t.Fatalf("the caller is told %v, want INTERNAL and no more; thrown: %v", err, log.thrown.Load())
				}
				for _, want := range []string{"panic: string", "background_test.go", "request=call-7"} {
					if !strings.Contains(said.String(), want) {
						t.Errorf("the log does not say %q: %s", want, said)
					}
				}
				if strings.Contains(said.String(), "새벽전자") || strings.Contains(said.String(), "sk-planted") {
					t.Errorf("the log repeats what was thrown: %s", said)
				}
				paid := llm.Stats().Requests
				if err := door.call(t, g, test.req, answerTo(test.req)); err != nil {
					t.Fatalf("the next call: %v", err)
				}
				if got := llm.Stats().Requests - paid; got != 0 {
					t.Errorf("the next call cost %d requests, want what was paid for to be remembered", got)
				}
			})
		}
	}
}

// elsewhere asks for the same article by another name: then it is translated, and its
// filing under the name of req is not part of storing a translation.
func elsewhere(req *yeokv1.TranslateArticleRequest) *yeokv1.TranslateArticleRequest {
	other := proto.CloneOf(req)
	other.ArticleId = "cms-0"
	return other
}

// TestPanicOfFilingEndsAStream: over a stream too, filing that panics is an error of
// the call and not the end of the process.
func TestPanicOfFilingEndsAStream(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	log := throwingLog{slog.NewTextHandler(io.Discard, nil), "server.(*Server).putArticle(", new(atomic.Bool)}
	g := openWith(t, "", server.Config{Cache: away(t), Logger: slog.New(log)}, modelAt(llm))
	article := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en", "ja"}}
	log.thrown.Store(true) // not now
	if _, err := g.grpc.TranslateArticle(t.Context(), elsewhere(article)); err != nil {
		t.Fatal(err)
	}
	log.thrown.Store(false)
	stream, err := g.grpc.StreamTranslateArticle(t.Context(), &yeokv1.StreamTranslateArticleRequest{
		Source: article.Source, ArticleId: article.ArticleId, TargetLanguageCodes: article.TargetLanguageCodes,
	})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = stream.Recv()
	}
	if status.Code(err) != codes.Internal {
		t.Errorf("the stream ended with %v, want INTERNAL", err)
	}
}
