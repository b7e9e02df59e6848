package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
	"yeok/translate"
)

// hostTable is what a Host or :authority may say to a door that asks nobody for a
// key, where yeok.example is allowed.
var hostTable = []struct {
	host string
	want bool
}{
	{"localhost", true}, {"localhost:8080", true}, {"LocalHost:1", true}, {"localhost.", true}, {"localhost.:8080", true},
	{"127.0.0.1", true}, {"127.0.0.1:8080", true}, {"127.200.3.4:80", true}, {"[::1]", true}, {"[::1]:8080", true},
	{"yeok.example", true}, {"YEOK.Example.:443", true},
	{"rebound.example", false}, {"rebound.example:8080", false}, {"localhost.rebound.example", false}, {"127.0.0.1.rebound.example", false},
	{"notlocalhost", false}, {"sub.yeok.example", false}, {"yeok.example.rebound.example", false},
	{"10.0.0.1:8080", false}, {"0.0.0.0", false}, {"[::]:8080", false}, {"[fe80::1]", false}, {"128.0.0.1", false}, {"2130706433", false},
}

// askHTTP makes a request for a host, and returns the reason of a refusal.
func askHTTP(t *testing.T, base, path, host string, header ...string) (code int, reason string, head http.Header) {
	t.Helper()
	verb, body := "GET", ""
	if strings.HasPrefix(path, "/v1/articles:") {
		verb, body = "POST", `{"source":{"text":"새들시에 3일 비가 내렸다고 기상청이 밝혔다."}}`
	}
	r, err := http.NewRequestWithContext(t.Context(), verb, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode == http.StatusForbidden {
		reason, _ = reasonAndField(errorIn(t, answer))
	}
	return resp.StatusCode, reason, resp.Header
}

// asking is a connection to a gRPC server under another name.
func asking(t *testing.T, addr, authority string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithAuthority(authority))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// TestDNSRebinding: a door that asks nobody for a key answers to names of this
// machine alone, whatever is asked for; a door that asks for keys to all names.
func TestDNSRebinding(t *testing.T) {
	keys, texts := keyring(t, access.Key{})
	for _, keyed := range []bool{false, true} {
		c := server.Config{Hosts: []string{"yeok.example"}}
		if keyed {
			c.Keys = keys
		}
		g := openWith(t, "", c)
		if keyed {
			g = g.as(t, texts[0])
		}
		admin := httptest.NewUnstartedServer(g.srv.Admin())
		admin.Config.Protocols = new(http.Protocols)
		admin.Config.Protocols.SetHTTP1(true)
		admin.Config.Protocols.SetUnencryptedHTTP2(true)
		admin.Start()
		t.Cleanup(admin.Close)
		for _, test := range hostTable {
			for _, path := range []string{"/v1/languages", "/v1/articles:clean", "/healthz", "/openapi.json"} {
				code, reason, _ := askHTTP(t, g.http, path, test.host, "Authorization", "Bearer "+g.key)
				if got := code == http.StatusOK; got != (test.want || keyed) || !got && reason != "HOST_UNKNOWN" {
					t.Errorf("keyed %t, HTTP %s as %q = %d %s, want answered %t", keyed, path, test.host, code, reason, test.want)
				}
			}
			if code, reason, _ := askHTTP(t, admin.URL, "/metrics", test.host); (code == http.StatusOK) != test.want || !test.want && reason != "HOST_UNKNOWN" {
				t.Errorf("keyed %t, the admin listener as %q = %d %s, want answered %t", keyed, test.host, code, reason, test.want)
			}
			ctx := t.Context()
			conn := asking(t, g.addr, test.host)
			opts := []grpc.CallOption{}
			if keyed {
				opts = append(opts, grpc.PerRPCCredentials(bearer(g.key)))
			}
			stream, err := yeokv1.NewTranslationServiceClient(conn).StreamTranslateArticle(ctx, &yeokv1.StreamTranslateArticleRequest{}, opts...)
			if err == nil {
				_, err = stream.Recv()
			}
			if got := status.Code(err) == codes.InvalidArgument; got != (test.want || keyed) {
				t.Errorf("keyed %t, a gRPC stream as %q = %v, want let in %t", keyed, test.host, err, test.want)
			}
			_, err = yeokv1.NewTranslationServiceClient(conn).ListLanguages(ctx, &yeokv1.ListLanguagesRequest{}, opts...)
			if got, reason := status.Code(err), ""; (got == codes.OK) != (test.want || keyed) {
				t.Errorf("keyed %t, gRPC as %q = %v %s, want answered %t", keyed, test.host, err, reason, test.want)
			}
			_, err = yeokv1.NewAdminServiceClient(asking(t, admin.Listener.Addr().String(), test.host)).GetMemoryStats(ctx, &yeokv1.GetMemoryStatsRequest{})
			reason, _ := reasonAndField(err)
			if got := status.Code(err); (got == codes.OK) != test.want || !test.want && (got != codes.PermissionDenied || reason != "HOST_UNKNOWN") {
				t.Errorf("keyed %t, the AdminService as %q = %v, want answered %t", keyed, test.host, err, test.want)
			}
		}
	}
}

// TestPagesOfStrangers: no page of another host gets an answer or the right to read
// one, whether its browser asks before it posts or not.
func TestPagesOfStrangers(t *testing.T) {
	g := open(t, "", server.Limits{})
	for origin, want := range map[string]int{
		"http://localhost:8080": 200, "http://127.0.0.1:3000": 200, "https://[::1]": 200,
		"https://stranger.example": 403, "http://localhost.stranger.example": 403, "null": 403, "file://": 403, "": 200,
	} {
		var header []string
		if origin != "" {
			header = []string{"Origin", origin}
		}
		for _, path := range []string{"/v1/languages", "/v1/articles:clean"} {
			code, _, head := askHTTP(t, g.http, path, "127.0.0.1", header...)
			if code != want {
				t.Errorf("%s from a page of %q = %d, want %d", path, origin, code, want)
			}
			for name := range head {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s from a page of %q is answered with %s", path, origin, name)
				}
			}
		}
		header = append(header, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
		if _, code, head := g.send(t, "OPTIONS", "/v1/articles:translate", nil, header...); code/100 == 2 || head.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("a browser that asks for %q whether it may post is told %d %v", origin, code, head)
		}
	}
}

// unreadTable is who is refused at the door, by either.
func unreadTable(t *testing.T) (keys *access.Keys, table []unread) {
	keys, texts := keyring(t, access.Key{}, access.Key{Expires: time.Now().Add(-time.Second)},
		access.Key{Scopes: []access.Scope{access.Read}}, access.Key{RequestsPerMinute: 1})
	return keys, []unread{
		{"no key", "", codes.Unauthenticated, 401, "KEY_MISSING"},
		{"a wrong key", "Bearer " + texts[0] + "x", codes.Unauthenticated, 401, "KEY_INVALID"},
		{"an expired key", "Bearer " + texts[1], codes.Unauthenticated, 401, "KEY_EXPIRED"},
		{"a key for something else", "Bearer " + texts[2], codes.PermissionDenied, 403, "SCOPE_MISSING"},
		{"a key over its limit", "Bearer " + texts[3], codes.ResourceExhausted, 429, "CALLER_LIMIT"},
	}
}

type unread struct {
	name, authorization string
	code                codes.Code
	http                int
	reason              string
}

// TestStrangersAreRefusedUnread: who is refused is told so by the head of his
// request alone, and need send no more; it counts and is answered as ever.
func TestStrangersAreRefusedUnread(t *testing.T) {
	keys, table := unreadTable(t)
	g := openWith(t, "", server.Config{Keys: keys})
	list := &yeokv1.ListLanguagesRequest{}
	if err := callGRPC(t, g, list, answerTo(list), "authorization", table[4].authorization); err != nil {
		t.Fatal(err) // the one call of the limited key
	}
	for _, test := range table {
		t.Run(test.name, func(t *testing.T) {
			counted := func() float64 {
				return metric(t, g, `yeok_key_refusals_total{reason="`+test.reason+`"}`)
			}
			before, made := counted(), 0.
			for _, method := range []string{"CleanArticle", "TranslateArticle", "TranslateText", "StreamTranslateArticle"} {
				calls := metric(t, g, `yeok_calls_total{code="`+test.code.String()+`",method="`+method+`"}`)
				err := headOverGRPC(t, g, method, test.authorization)
				if reason, _ := reasonAndField(err); status.Code(err) != test.code || reason != test.reason || requestIDIn(err) == "" {
					t.Errorf("%s over gRPC: %v %s, want %v %s", method, err, reason, test.code, test.reason)
				}
				if got := metric(t, g, `yeok_calls_total{code="`+test.code.String()+`",method="`+method+`"}`); got != calls+1 {
					t.Errorf("%s over gRPC counted %v times, want once", method, got-calls)
				}
				made++
			}
			for _, path := range []string{"/v1/articles:clean", "/v1/articles:translate", "/v1/text:translate", "/v1/articles:streamTranslate"} {
				for _, size := range []string{"Content-Length: 5000", "Content-Length: 5000000", "Transfer-Encoding: chunked", "Content-Length: 5000\r\nExpect: 100-continue"} {
					code, body := headOverHTTP(t, g, path, size, test.authorization)
					if reason, _ := reasonAndField(errorIn(t, body)); code != test.http || reason != test.reason {
						t.Errorf("%s with %q: %d %s, want %d %s", path, size, code, reason, test.http, test.reason)
					}
					made++
				}
			}
			if got := counted() - before; got != made {
				t.Errorf("%v refusals are counted, want %v", got, made)
			}
		})
	}
}

func requestIDIn(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(interface{ GetRequestId() string }); ok {
			return info.GetRequestId()
		}
	}
	return ""
}

// headOverGRPC begins a call, sends no message, and returns how it ends.
func headOverGRPC(t *testing.T, g *gate, method, authorization string) error {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	var opts []grpc.CallOption
	if key, ok := strings.CutPrefix(authorization, "Bearer "); ok {
		opts = append(opts, grpc.PerRPCCredentials(bearer(key)))
	}
	stream, err := g.conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/yeok.v1.TranslationService/"+method, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return stream.RecvMsg(&yeokv1.CleanArticleResponse{})
}

// headOverHTTP sends the head of a request, and returns what comes back.
func headOverHTTP(t *testing.T, g *gate, path, size, authorization string) (int, []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.http, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n%s\r\n", path, size)
	if authorization != "" {
		fmt.Fprintf(conn, "Authorization: %s\r\n", authorization)
	}
	fmt.Fprint(conn, "\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("POST %s with %q: no answer to its head: %v", path, size, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

// planted is what a panic of the tests holds.
const planted = "새벽전자 비공개 sk-planted-0123456789"

// throwing is tracing that panics where a span of that name begins.
type throwing struct {
	noop.TracerProvider
	at string
}

func (p throwing) Tracer(string, ...trace.TracerOption) trace.Tracer { return throwingTracer{at: p.at} }

type throwingTracer struct {
	noop.Tracer
	at string
}

func (r throwingTracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	if strings.HasPrefix(name, r.at) {
		panic(fmt.Errorf("reading %q: %s", planted, planted))
	}
	return r.Tracer.Start(ctx, name, opts...)
}

// TestPanicsAreNeverTold has every phase of a call panic with a text in hand: the
// gateway goes on, the caller learns nothing, and the log learns what, where and in
// which call, but not the text.
func TestPanicsAreNeverTold(t *testing.T) {
	for _, at := range []string{"clean", "recall", "translate", "chat ", "check", "store"} {
		for _, door := range doors {
			t.Run(strings.TrimSpace(at)+"/"+door.name, func(t *testing.T) {
				llm := llmtest.New(t, llmtest.Options{})
				log := &lockedLog{}
				c := server.Config{TracerProvider: throwing{at: at}, Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
				c.Translator = translator(t, translate.Options{Models: []translate.Model{modelAt(llm)}, TracerProvider: c.TracerProvider, Logger: c.Logger})
				g := openWith(t, "", c)
				req := &yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}}
				err := door.call(t, g, req, answerTo(req), "x-request-id", "call-7")
				if got := status.Convert(err); got.Code() != codes.Internal || got.Message() != "internal error" {
					t.Fatalf("the caller is told %v, want INTERNAL and no more", err)
				}
				said := log.String()
				for _, want := range []string{"panic: *errors.errorString", "strangers_test.go", "request=call-7"} {
					if !strings.Contains(said, want) {
						t.Errorf("the log does not say %q: %s", want, said)
					}
				}
				metrics := httptest.NewRecorder()
				g.srv.Admin().ServeHTTP(metrics, httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost/metrics", nil))
				for where, text := range map[string]string{"log": said, "metrics": metrics.Body.String(), "answer": fmt.Sprint(err, status.Convert(err).Details())} {
					for _, secret := range []string{"새벽전자", "sk-planted", "reading"} {
						if strings.Contains(text, secret) {
							t.Errorf("%q stands in the %s: %s", secret, where, text)
						}
					}
				}
				if err := door.call(t, g, &yeokv1.ListLanguagesRequest{}, &yeokv1.ListLanguagesResponse{}); err != nil {
					t.Errorf("the next call: %v", err)
				}
			})
		}
	}
}

// TestPanicOfAHandlerIsNotTold: net/http would print what was thrown, and who called.
func TestPanicOfAHandlerIsNotTold(t *testing.T) {
	log := &lockedLog{}
	g := openWith(t, "", server.Config{Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err := callGRPC(t, g, &yeokv1.ListLanguagesRequest{}, &yeokv1.ListLanguagesResponse{}); err != nil { // so that both doors are open
		t.Fatal(err)
	}
	for name, handler := range map[string]http.Handler{"API": g.srv.HTTP(), "admin": g.srv.Admin()} {
		before := len(log.String())
		func() {
			defer func() {
				thrown := recover()
				if err, _ := thrown.(error); !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("%s: %v goes on to net/http, want the mark that cuts the answer", name, thrown)
				}
			}()
			handler.ServeHTTP(throwingWriter{httptest.NewRecorder()}, httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost/healthz", nil))
		}()
		if said := log.String()[before:]; strings.Contains(said, planted) || !strings.Contains(said, "panic: string") || !strings.Contains(said, "strangers_test.go") {
			t.Errorf("%s: the log says %s", name, said)
		}
	}
}

type throwingWriter struct{ http.ResponseWriter }

func (throwingWriter) Write([]byte) (int, error) { panic(planted) }
func (throwingWriter) WriteHeader(int)           { panic(planted) }
