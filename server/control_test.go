package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/internal/llmtest"
	"yeok/server"
	"yeok/translate"
)

// step is one call in a story of one answer, and what must come of it.
type step struct {
	after   time.Duration // since the step before
	control string
	paid    bool
	status  string // Cache-Status; "" for an error, which is 504
	age     string // over HTTP
}

// story is told with a memory that forgets after an hour.
var story = []step{
	{0, "only-if-cached", false, "", ""},
	{0, "", true, "yeok; fwd=miss; stored", ""},
	{90 * time.Second, "", false, "yeok; hit", "90"},
	{0, "", false, "yeok; hit", "90"}, // stored bytes
	{0, "only-if-cached", false, "yeok; hit", "90"},
	{0, "max-age=120", false, "yeok; hit", "90"},
	{0, "max-age=90", false, "yeok; hit", "90"},
	{0, "max-age=60, only-if-cached", false, "", ""},
	{0, "max-age=soon, max-age=, max-stale=1, no-transform", false, "yeok; hit", "90"},
	{0, `x="a, no-cache", max-age="100"`, false, "yeok; hit", "90"},
	{0, "no-store", false, "yeok; hit", "90"},
	{0, "max-age=60", true, "yeok; fwd=request; stored", ""},
	{time.Second, "", false, "yeok; hit", "1"},
	{0, "max-age=0", true, "yeok; fwd=request; stored", ""},
	{2 * time.Second, "", false, "yeok; hit", "2"},
	{0, "max-age=1, no-store", true, "yeok; fwd=request", ""},
	{0, "", false, "yeok; hit", "2"},
	{0, "no-cache, only-if-cached", false, "", ""},
	{0, "no-cache", true, "yeok; fwd=request; stored", ""},
	{30 * time.Minute, "min-fresh=1800", false, "yeok; hit", "1800"},
	{0, "min-fresh=1801, only-if-cached", false, "", ""},
	{0, "min-fresh=1801", true, "yeok; fwd=request; stored", ""},
	{time.Hour, "only-if-cached", false, "", ""},
	{0, "max-age=60", true, "yeok; fwd=miss; stored", ""},
}

// TestCacheControlOverTime tells the story through both doors, on a clock that no
// machine can hold up.
func TestCacheControlOverTime(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	model := modelAt(llm)
	model.BaseURL = shortLived(t, llm.URL())
	for name, req := range map[string]proto.Message{
		"article": &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}},
		"texts":   &yeokv1.TranslateTextRequest{Texts: []string{"새벽전자가 공장을 짓는다.", "비가 내렸다."}, TargetLanguageCode: "ja"},
	} {
		for _, over := range []string{"gRPC", "HTTP"} {
			t.Run(name+"/"+over, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { tell(t, llm, model, over, req) })
			})
		}
	}
}

func tell(t *testing.T, llm *llmtest.Server, model translate.Model, over string, req proto.Message) {
	g := openInside(t, model)
	for i, s := range story {
		time.Sleep(s.after)
		before := llm.Stats().Requests
		got := g.ask(t, over, req, s.control)
		if paid := llm.Stats().Requests > before; paid != s.paid {
			t.Errorf("step %d, Cache-Control %q: paid %t, want %t", i, s.control, paid, s.paid)
		}
		want := heard{code: codes.OK, status: s.status}
		switch {
		case s.status == "":
			want = heard{code: codes.NotFound, reason: "NOT_REMEMBERED"}
		case over == "HTTP":
			want.age = s.age
		}
		if over == "HTTP" {
			want.http = http.StatusOK
			if s.status == "" {
				want.http = http.StatusGatewayTimeout
			}
		}
		if got != want {
			t.Errorf("step %d, Cache-Control %q: %+v, want %+v", i, s.control, got, want)
		}
	}
}

// shortLived is a way to a server that ends every connection with its answer:
// inside of a bubble, one that stays open would stop the clock.
func shortLived(t *testing.T, to string) string {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: target.Scheme, Host: target.Host}))
	web.Config.SetKeepAlivesEnabled(false)
	web.Start()
	t.Cleanup(web.Close)
	return web.URL + target.Path
}

// inside is a yeok without a socket.
type inside struct {
	srv  *server.Server
	web  http.Handler
	conn *grpc.ClientConn
}

func openInside(t *testing.T, model translate.Model) inside {
	t.Helper()
	store, err := cache.Open(cache.Options{TTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := server.New(server.Config{Translator: translator(t, translate.Options{Models: []translate.Model{model}}), Cache: store, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	listener := bufconn.Listen(1 << 20)
	served := make(chan error, 1)
	go func() { served <- srv.GRPC().Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///localhost", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		if err := srv.Drain(context.Background()); err != nil {
			t.Errorf("Drain = %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
		if err := store.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return inside{srv, srv.HTTP(), conn}
}

// heard is what a caller hears of his answer's history.
type heard struct {
	code        codes.Code
	http        int // 0 over gRPC
	reason      string
	status, age string
}

func (g inside) ask(t *testing.T, over string, req proto.Message, control string) heard {
	t.Helper()
	if over == "gRPC" {
		var header metadata.MD
		ctx := metadata.AppendToOutgoingContext(t.Context(), "cache-control", control)
		err := g.conn.Invoke(ctx, methodOf(req).grpc, req, answerTo(req), grpc.Header(&header))
		reason, _ := reasonAndField(err)
		return heard{code: status.Code(err), reason: reason, status: strings.Join(header.Get("cache-status"), "|"), age: strings.Join(header.Get("age"), "|")}
	}
	body, err := protojson.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "http://localhost"+methodOf(req).path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cache-Control", control)
	w := httptest.NewRecorder()
	g.web.ServeHTTP(w, r)
	got := heard{http: w.Code, status: w.Header().Get("Cache-Status"), age: w.Header().Get("Age")}
	if w.Code != http.StatusOK {
		err := errorIn(t, w.Body.Bytes())
		got.code = status.Code(err)
		got.reason, _ = reasonAndField(err)
	}
	return got
}

// TestOnlyIfCachedChangesNothing: who is refused leaves no article behind, and a
// stream is refused before it begins.
func TestOnlyIfCachedChangesNothing(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, storePath(t), server.Limits{}, modelAt(llm))
	const only = "only-if-cached"
	req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}}
	for _, door := range doors {
		if err := door.call(t, g, req, &yeokv1.TranslateArticleResponse{}, "cache-control", only); status.Code(err) != codes.NotFound {
			t.Errorf("%s: only-if-cached of what is not there = %v", door.name, err)
		}
	}
	streamed := &yeokv1.StreamTranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}}
	for _, accept := range []string{"text/event-stream", "application/json"} {
		if body, code, _ := g.send(t, "POST", "/v1/articles:streamTranslate", jsonOf(t, streamed), "Accept", accept, "Cache-Control", only); code != http.StatusGatewayTimeout {
			t.Errorf("a stream of %s = %d %s, want 504", accept, code, body)
		}
	}
	if err := callGRPC(t, g, &yeokv1.GetArticleRequest{Article: "cms-1"}, &yeokv1.GetArticleResponse{}); status.Code(err) != codes.NotFound {
		t.Errorf("GetArticle after a refusal = %v, want NOT_FOUND", err)
	}
	mustCall(t, g, req)
	paid := llm.Stats().Requests
	req.TargetLanguageCodes = []string{"ja", "en", "vi"}
	err := callGRPC(t, g, req, &yeokv1.TranslateArticleResponse{}, "cache-control", only)
	if status.Code(err) != codes.NotFound || !strings.Contains(err.Error(), "in ja, vi is not remembered") {
		t.Errorf("only-if-cached of one language of three = %v", err)
	}
	body, code, header := g.send(t, "POST", "/v1/articles:streamTranslate", jsonOf(t, streamed), "Accept", "text/event-stream", "Cache-Control", only)
	if code != http.StatusOK || !strings.Contains(string(body), "event: done") || !strings.HasPrefix(header.Get("Content-Type"), "text/event-stream") {
		t.Errorf("a stream of what is remembered = %d %s", code, body)
	}
	if got := llm.Stats().Requests; got != paid {
		t.Errorf("only-if-cached paid for %d calls", got-paid)
	}
}
