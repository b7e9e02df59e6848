package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/server"
	"yeok/translate"
)

// gate is a running yeok with both its doors on loopback.
type gate struct {
	grpc yeokv1.TranslationServiceClient
	conn *grpc.ClientConn
	http string // base URL
	addr string // of gRPC
	key  string // that every call brings; "" for none
	srv  *server.Server

	drain func() // stops the server, leaving its HTTP listener and the store
	close func() // ends it before the test does; for restarts
}

// open starts a yeok over the models and the store at path ("" keeps it in
// memory) and ends it with the test.
func open(t testing.TB, path string, limits server.Limits, models ...translate.Model) *gate {
	t.Helper()
	return openWith(t, path, server.Config{Limits: limits}, models...)
}

func translator(t testing.TB, options translate.Options) *translate.Translator {
	t.Helper()
	tr, err := translate.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// openWith is open with more to choose; a translator and a cache of c are used as they
// are.
func openWith(t testing.TB, path string, c server.Config, models ...translate.Model) *gate {
	t.Helper()
	if c.Translator == nil {
		c.Translator = translator(t, translate.Options{Models: models})
	}
	if c.Cache == nil {
		store, err := cache.Open(cache.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		c.Cache = store
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	srv, err := server.New(c)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.GRPC().Serve(listener) }()
	web := httptest.NewUnstartedServer(srv.HTTP())
	web.Listener = srv.Attach(web.Config, web.Listener)
	web.Start()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{grpc: yeokv1.NewTranslationServiceClient(conn), conn: conn, http: web.URL, addr: listener.Addr().String(), srv: srv}
	g.drain = sync.OnceFunc(func() {
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
		defer stop()
		if err := srv.Drain(ctx); err != nil {
			t.Errorf("Drain = %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
	g.close = sync.OnceFunc(func() {
		g.drain()
		conn.Close()
		web.Close()
		if err := c.Cache.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	t.Cleanup(g.close)
	return g
}

// as is the same gate for who has the key.
func (g *gate) as(t testing.TB, key string) *gate {
	t.Helper()
	conn, err := grpc.NewClient(g.addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithPerRPCCredentials(bearer(key)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	own := *g
	own.grpc, own.conn, own.key = yeokv1.NewTranslationServiceClient(conn), conn, key
	return &own
}

// bearer is a key as gRPC clients send it.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (bearer) RequireTransportSecurity() bool { return false }

// door is a way in: the same calls over gRPC and over HTTP, with the same
// results, so that one table tests both.
type door struct {
	name string
	call func(t testing.TB, g *gate, req, resp proto.Message, header ...string) error
}

var doors = []door{{"gRPC", callGRPC}, {"HTTP", callHTTP}}

func callGRPC(t testing.TB, g *gate, req, resp proto.Message, header ...string) error {
	t.Helper()
	ctx := metadata.AppendToOutgoingContext(t.Context(), header...)
	return g.conn.Invoke(ctx, methodOf(req).grpc, req, resp)
}

// callHTTP returns the Status of an error answer as a gRPC error.
func callHTTP(t testing.TB, g *gate, req, resp proto.Message, header ...string) error {
	t.Helper()
	body, err := protojson.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	method := methodOf(req)
	verb, path := "POST", method.path
	if strings.HasPrefix(path, "GET ") {
		verb, path, body = "GET", method.fill(req), nil
	}
	answer, code, _ := g.send(t, verb, path, body, header...)
	if code == http.StatusOK {
		if err := protojson.Unmarshal(method.wrap(answer), resp); err != nil {
			t.Fatalf("%s: answer is not a %T: %v\n%s", path, resp, err, answer)
		}
		return nil
	}
	return errorIn(t, answer)
}

func errorIn(t testing.TB, answer []byte) error {
	t.Helper()
	s := &statuspb.Status{}
	if err := protojson.Unmarshal(answer, s); err != nil {
		t.Fatalf("error answer is not a Status: %v\n%s", err, answer)
	}
	return status.FromProto(s).Err()
}

// send makes one HTTP request and returns body, status code and headers.
func (g *gate) send(t testing.TB, verb, path string, body []byte, header ...string) ([]byte, int, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), verb, g.http+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if g.key != "" {
		req.Header.Set("Authorization", "Bearer "+g.key)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", verb, path, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", verb, path, err)
	}
	return answer, resp.StatusCode, resp.Header
}

// method is where a request goes in either door.
type method struct {
	grpc, path string
	fill       func(proto.Message) string // path of a GET
	wrap       func([]byte) []byte        // bare resource → response message
}

func methodOf(req proto.Message) method {
	const service = "/yeok.v1.TranslationService/"
	whole := func(b []byte) []byte { return b }
	under := func(field string) func([]byte) []byte {
		return func(b []byte) []byte { return []byte(`{"` + field + `":` + string(b) + `}`) }
	}
	switch req := req.(type) {
	case *yeokv1.CleanArticleRequest:
		return method{grpc: service + "CleanArticle", path: "/v1/articles:clean", wrap: whole}
	case *yeokv1.TranslateArticleRequest:
		return method{grpc: service + "TranslateArticle", path: "/v1/articles:translate", wrap: whole}
	case *yeokv1.TranslateTextRequest:
		return method{grpc: service + "TranslateText", path: "/v1/text:translate", wrap: whole}
	case *yeokv1.GetArticleRequest:
		return method{service + "GetArticle", "GET ", func(proto.Message) string { return "/v1/articles/" + req.GetArticle() }, under("article")}
	case *yeokv1.GetTranslationRequest:
		return method{service + "GetTranslation", "GET ", func(proto.Message) string {
			return "/v1/articles/" + req.GetArticle() + "/translations/" + req.GetLanguageCode()
		}, under("translation")}
	default:
		return method{service + "ListLanguages", "GET ", func(proto.Message) string { return "/v1/languages" }, whole}
	}
}

// reasonAndField reads what a machine reads of an error.
func reasonAndField(err error) (reason, field string) {
	for _, detail := range status.Convert(err).Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			reason = d.GetReason()
		case *errdetails.BadRequest:
			field = d.GetFieldViolations()[0].GetField()
		}
	}
	return reason, field
}

func text(page string) *yeokv1.ArticleSource {
	return &yeokv1.ArticleSource{Content: &yeokv1.ArticleSource_Text{Text: page}}
}

func storePath(t *testing.T) string { return filepath.Join(t.TempDir(), "yeok.db") }

// page is an invented article in the shape of a real page.
const page = `새벽전자, 2공장 짓는다…1조2000억 투자

2026-03-02 09:30
글자크기 설정

'전력반도체' 국산화 승부수

새벽전자가 충북 새들시에 두 번째 공장을 짓는다. 투자 규모는 모두 1조2000억원으로, 창사 이래 가장 크다.

이 회사는 2일 이사회를 열어 이런 계획을 확정했다고 밝혔다. 착공은 다음 달 16일이며, 2027년 하반기부터 월 4만장을 생산한다.

김새론 새벽전자 부사장은 "고객사가 원하는 시점에 맞춰 물량을 늘리겠다"고 말했다. 지난해 매출은 8300억원으로 전년보다 12.5% 늘었다.

ⓒ 새들일보. 무단전재 및 재배포 금지

0개의 댓글
0 / 300
로그인 후 댓글작성이 가능합니다.
닫기
`

func TestBadInput(t *testing.T) {
	g := open(t, "", server.Limits{})
	ok := text(page)
	tests := []struct {
		name          string
		req           proto.Message
		code          codes.Code
		reason, field string
	}{
		{"no source", &yeokv1.CleanArticleRequest{}, codes.InvalidArgument, "ARTICLE_EMPTY", "source"},
		{"empty text", &yeokv1.CleanArticleRequest{Source: text("")}, codes.InvalidArgument, "ARTICLE_EMPTY", "source.text"},
		{"blank text", &yeokv1.CleanArticleRequest{Source: text(" \n\u200b\n")}, codes.InvalidArgument, "ARTICLE_EMPTY", "source"},
		{"only chrome", &yeokv1.TranslateArticleRequest{Source: text("글자크기 설정\n공유하기\n닫기\n0개의 댓글\n로그인 후 댓글작성이 가능합니다.\n닫기\n")}, codes.FailedPrecondition, "NO_ARTICLE_FOUND", ""},
		{"5 MB text", &yeokv1.TranslateArticleRequest{Source: text(strings.Repeat("가나다라 마바사.\n", 5<<20/24))}, codes.InvalidArgument, "ARTICLE_TOO_LONG", "source.text"},
		{"a long article", &yeokv1.TranslateArticleRequest{Source: text(strings.Repeat("새벽전자가 두 번째 공장을 짓는다고 밝혔다. ", 6000))}, codes.InvalidArgument, "ARTICLE_TOO_LONG", "source"},
		{"unknown language", &yeokv1.TranslateArticleRequest{Source: ok, TargetLanguageCodes: []string{"en", "fr"}}, codes.InvalidArgument, "LANGUAGE_UNSUPPORTED", "targetLanguageCodes[1]"},
		{"traditional Chinese", &yeokv1.TranslateArticleRequest{Source: ok, TargetLanguageCodes: []string{"zh-Hant"}}, codes.InvalidArgument, "LANGUAGE_UNSUPPORTED", "targetLanguageCodes[0]"},
		{"bad article id", &yeokv1.TranslateArticleRequest{Source: ok, ArticleId: "No Spaces"}, codes.InvalidArgument, "ID_INVALID", "articleId"},
		{"term without source", &yeokv1.TranslateArticleRequest{Source: ok, GlossaryEntries: []*yeokv1.GlossaryEntry{{Targets: map[string]string{"en": "x"}}}}, codes.InvalidArgument, "TERM_EMPTY", "glossaryEntries[0].source"},
		{"term for no language", &yeokv1.TranslateArticleRequest{Source: ok, GlossaryEntries: []*yeokv1.GlossaryEntry{{Source: "새벽", Targets: map[string]string{"xx": "x"}}}}, codes.InvalidArgument, "LANGUAGE_UNSUPPORTED", "glossaryEntries[0].targets"},
		{"structure without blocks", &yeokv1.TranslateArticleRequest{Source: structured()}, codes.InvalidArgument, "ARTICLE_EMPTY", "source.article.blocks"},
		{"two blocks of one id", &yeokv1.TranslateArticleRequest{Source: structured("a", "a")}, codes.InvalidArgument, "ID_DUPLICATE", "source.article.blocks[1].id"},
		{"a block called title", &yeokv1.TranslateArticleRequest{Source: structured("a", "title")}, codes.InvalidArgument, "ID_RESERVED", "source.article.blocks[1].id"},
		{"a block called subtitle", &yeokv1.CleanArticleRequest{Source: structured("subtitle12")}, codes.InvalidArgument, "ID_RESERVED", "source.article.blocks[0].id"},
		{"a long language", &yeokv1.TranslateArticleRequest{Source: ok, TargetLanguageCodes: []string{strings.Repeat("e", 1<<20)}}, codes.InvalidArgument, "LANGUAGE_UNSUPPORTED", "targetLanguageCodes[0]"},
		{"two blocks of one long id", &yeokv1.TranslateArticleRequest{Source: structured(strings.Repeat("a", 1<<20), strings.Repeat("a", 1<<20))}, codes.InvalidArgument, "ID_DUPLICATE", "source.article.blocks[1].id"},
		{"no model", &yeokv1.TranslateArticleRequest{Source: ok}, codes.FailedPrecondition, "MODEL_NOT_CONFIGURED", ""},
		{"no strings", &yeokv1.TranslateTextRequest{TargetLanguageCode: "en"}, codes.InvalidArgument, "TEXT_EMPTY", "texts"},
		{"too many strings", &yeokv1.TranslateTextRequest{TargetLanguageCode: "en", Texts: make([]string, 201)}, codes.InvalidArgument, "TOO_MANY", "texts"},
		{"strings for no language", &yeokv1.TranslateTextRequest{Texts: []string{"가"}}, codes.InvalidArgument, "LANGUAGE_UNSUPPORTED", "targetLanguageCode"},
		{"unknown article", &yeokv1.GetArticleRequest{Article: "nobody"}, codes.NotFound, "ARTICLE_NOT_FOUND", ""},
		{"bad name", &yeokv1.GetArticleRequest{Article: "A_B"}, codes.InvalidArgument, "ID_INVALID", "article"},
		{"unknown translation", &yeokv1.GetTranslationRequest{Article: "nobody", LanguageCode: "en"}, codes.NotFound, "ARTICLE_NOT_FOUND", ""},
		{"translation into no language", &yeokv1.GetTranslationRequest{Article: "a", LanguageCode: "xx"}, codes.InvalidArgument, "LANGUAGE_UNSUPPORTED", "languageCode"},
	}
	for _, test := range tests {
		for _, door := range doors {
			t.Run(test.name+"/"+door.name, func(t *testing.T) {
				err := door.call(t, g, test.req, &yeokv1.CleanArticleResponse{})
				if fault := faultOfRefusal(err, 0); fault != "" && test.reason != "MODEL_NOT_CONFIGURED" {
					t.Errorf("%.200v: %s", err, fault)
				}
				reason, field := reasonAndField(err)
				if status.Code(err) != test.code || reason != test.reason || field != test.field {
					t.Errorf("got %v %s %q (%v), want %v %s %q", status.Code(err), reason, field, err, test.code, test.reason, test.field)
				}
			})
		}
	}
}

func structured(ids ...string) *yeokv1.ArticleSource {
	a := &yeokv1.Article{}
	for _, id := range ids {
		a.Blocks = append(a.Blocks, &yeokv1.Block{Id: id, Text: "새벽전자가 공장을 짓는다."})
	}
	return &yeokv1.ArticleSource{Content: &yeokv1.ArticleSource_Article{Article: a}}
}

func TestHTTPOnly(t *testing.T) {
	g := open(t, "", server.Limits{RequestBytes: 1 << 20})
	tests := []struct {
		name, verb, path, body string
		header                 []string
		code                   int
		reason, field          string
	}{
		{name: "unknown field", verb: "POST", path: "/v1/articles:translate", body: `{"source":{"text":"가"},"lang":"en"}`, code: 400, reason: "FIELD_UNKNOWN", field: "lang"},
		{name: "invalid UTF-8", verb: "POST", path: "/v1/articles:translate", body: "{\"source\":{\"text\":\"\xff\"}}", code: 400, reason: "NOT_UTF8", field: "source.text"},
		{name: "no JSON", verb: "POST", path: "/v1/articles:clean", body: "가", code: 400, reason: "JSON_INVALID", field: "body"},
		{name: "a form", verb: "POST", path: "/v1/articles:clean", body: "a=b", header: []string{"Content-Type", "application/x-www-form-urlencoded"}, code: 415, reason: "CONTENT_TYPE_UNSUPPORTED"},
		{name: "too large", verb: "POST", path: "/v1/articles:clean", body: `{"source":{"text":"` + strings.Repeat("a", 1<<20) + `"}}`, code: 413, reason: "REQUEST_TOO_LARGE"},
		{name: "wrong method on a POST", verb: "GET", path: "/v1/articles:clean", code: 405, reason: "METHOD_NOT_ALLOWED"},
		{name: "wrong method on a GET", verb: "DELETE", path: "/v1/articles/a", code: 405, reason: "METHOD_NOT_ALLOWED"},
		{name: "wrong method on a list", verb: "POST", path: "/v1/languages", body: "{}", code: 405, reason: "METHOD_NOT_ALLOWED"},
		{name: "a method on no name", verb: "PUT", path: "/v1/articles/", code: 404, reason: "PATH_UNKNOWN"},
		{name: "unknown path", verb: "GET", path: "/v2/articles", code: 404, reason: "PATH_UNKNOWN"},
		{name: "no UTF-8 in a name", verb: "GET", path: "/v1/articles/%ff%00", code: 404, reason: "PATH_UNKNOWN"},
		{name: "no UTF-8 in a path", verb: "POST", path: "/%fe:%ff", body: "{}", code: 404, reason: "PATH_UNKNOWN"},
		{name: "no UTF-8 in a header", verb: "POST", path: "/v1/articles:clean", body: "{}", header: []string{"Content-Type", "a/\xff"}, code: 415, reason: "CONTENT_TYPE_UNSUPPORTED"},
		{name: "unknown verb", verb: "POST", path: "/v1/articles:frobnicate", body: "{}", code: 404, reason: "PATH_UNKNOWN"},
		{name: "event stream of nothing", verb: "POST", path: "/v1/articles:streamTranslate", body: "{}", header: []string{"Accept", "text/event-stream"}, code: 400, reason: "ARTICLE_EMPTY", field: "source"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var body []byte
			if test.body != "" {
				body = []byte(test.body)
			}
			answer, code, header := g.send(t, test.verb, test.path, body, test.header...)
			reason, field := reasonAndField(errorIn(t, answer))
			if code != test.code || reason != test.reason || field != test.field {
				t.Errorf("%s %s = %d %s %q, want %d %s %q\n%s", test.verb, test.path, code, reason, field, test.code, test.reason, test.field, answer)
			}
			if code == http.StatusMethodNotAllowed && header.Get("Allow") == "" {
				t.Errorf("%s %s: 405 without Allow", test.verb, test.path)
			}
		})
	}
}

func TestHealthAndDescription(t *testing.T) {
	g := open(t, "", server.Limits{})
	for _, path := range []string{"/healthz", "/readyz", "/openapi.json"} {
		if body, code, _ := g.send(t, "GET", path, nil); code != 200 || !bytes.HasPrefix(body, []byte("{")) {
			t.Errorf("GET %s = %d %.60s, want 200 and JSON", path, code, body)
		}
	}
	langs := &yeokv1.ListLanguagesResponse{}
	for _, door := range doors {
		if err := door.call(t, g, &yeokv1.ListLanguagesRequest{}, langs); err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, l := range langs.GetLanguages() {
			codes = append(codes, l.GetLanguageCode())
		}
		if got, want := strings.Join(codes, " "), "zh-Hans en ja vi"; got != want {
			t.Errorf("%s: languages = %q, want %q", door.name, got, want)
		}
	}
}

// rawCodec sends bytes that no honest client would.
type rawCodec struct{}

func (rawCodec) Name() string                  { return "proto" }
func (rawCodec) Marshal(v any) ([]byte, error) { return v.([]byte), nil }

// Unmarshal keeps the bytes where v has room for them.
func (rawCodec) Unmarshal(wire []byte, v any) error {
	if kept, ok := v.(*[]byte); ok {
		*kept = bytes.Clone(wire)
	}
	return nil
}

func TestInvalidUTF8OverGRPC(t *testing.T) {
	g := open(t, "", server.Limits{})
	good, err := proto.Marshal(&yeokv1.TranslateArticleRequest{Source: text("X"), TargetLanguageCodes: []string{"en"}})
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Replace(good, []byte("X"), []byte("\xff"), 1)
	for _, method := range []string{"TranslateArticle", "StreamTranslateArticle", "CleanArticle"} {
		err := g.conn.Invoke(t.Context(), "/yeok.v1.TranslationService/"+method, bad, nil, grpc.ForceCodec(rawCodec{}))
		reason, field := reasonAndField(err)
		if status.Code(err) != codes.InvalidArgument || reason != "NOT_UTF8" || field != "source.text" {
			t.Errorf("%s = %v %s %q, want INVALID_ARGUMENT NOT_UTF8 source.text", method, err, reason, field)
		}
	}
}

// TestNoMessageOverGRPC sends bytes that are no message of the method.
func TestNoMessageOverGRPC(t *testing.T) {
	g := open(t, "", server.Limits{})
	for _, method := range []string{"TranslateArticle", "StreamTranslateArticle", "CleanArticle", "GetArticle", "ListLanguages"} {
		err := g.conn.Invoke(t.Context(), "/yeok.v1.TranslationService/"+method, []byte{0x0a, 0xff}, nil, grpc.ForceCodec(rawCodec{}))
		if reason, _ := reasonAndField(err); status.Code(err) != codes.InvalidArgument || reason != "MESSAGE_INVALID" {
			t.Errorf("%s = %v %s, want INVALID_ARGUMENT MESSAGE_INVALID", method, err, reason)
		}
	}
}
