package server_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/test/bufconn"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
	"yeok/translate"
)

const english = "/v1/articles/cms-1/translations/en"

// get is a GET as it is sent, with these header lines behind Host.
func get(path string, lines ...string) string {
	head := append([]string{"GET " + path + " HTTP/1.1", "Host: localhost"}, lines...)
	return strings.Join(head, "\r\n") + "\r\n\r\n"
}

var (
	ours       = regexp.MustCompile(`Date: [^\r]+|Age: \d+|[a-z2-7]{10}-[0-9a-z]+`)
	statusLine = regexp.MustCompile(`HTTP/1\.[01] `)
)

// comparable is what was heard without what differs from one time to the next: the
// order in a head, dates, ages and the ids of requests.
func comparable(heard string) []string {
	var all []string
	for _, answer := range statusLine.Split(ours.ReplaceAllString(heard, "-"), -1) {
		head, body, _ := strings.Cut(answer, "\r\n\r\n")
		lines := strings.Split(head, "\r\n")
		slices.Sort(lines)
		lines = slices.DeleteFunc(lines, func(line string) bool {
			return line == "X-Request-Id: -" || strings.HasPrefix(line, "Content-Length") && strings.Contains(body, `"requestId":"-"`)
		})
		all = append(all, strings.Join(append(lines, "", body), "\n"))
	}
	return all
}

// TestRepeatedRequests asks over connections that answer by themselves, and over
// others, and hears the same. Requests that came before in the same manner do not
// get to net/http; all others do.
func TestRepeatedRequests(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"})
	mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: pageOf(plainHead, tenBlocks(), plainTail), ArticleId: "cms-2"})
	attached, plain := stage(t, g.srv, true), stage(t, g.srv, false)
	var header http.Header
	for _, path := range []string{english, "/v1/articles/cms-2/translations/ja", "/v1/articles/cms-2/translations/en", "/v1/articles/cms-2", "/v1/articles/cms-1/translations/zh"} {
		for range 3 { // made, put into the form of this door, and stored in it
			if _, code, h := g.send(t, "GET", path, nil); code != http.StatusOK {
				t.Fatalf("GET %s = %d", path, code)
			} else if path == english {
				header = h
			}
		}
	}
	tag := header.Get("Etag")
	times := func(n int, piece string) []string { return slices.Repeat([]string{piece}, n) }
	clean := `{"source":{"text":"` + english + `"}}`
	post := fmt.Sprintf("POST /v1/articles:clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(clean), clean)
	inBody := func(body string) string {
		return fmt.Sprintf("POST /v1/articles:clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
	}
	usual := get(english)
	tests := []struct {
		name   string
		pieces []string
		passed int // to net/http; a first GET is one, since nobody knows its manner
	}{
		{"the same again", times(5, usual), 1},
		{"other articles and languages", []string{usual, get("/v1/articles/cms-2/translations/ja"), get("/v1/articles/cms-2"), get("/v1/articles/cms-1/translations/zh")}, 1},
		{"with gzip", times(3, get("/v1/articles/cms-2/translations/en", "Accept-Encoding: deflate, gzip")), 1},
		{"with gzip, where it does not pay", times(3, get(english, "Accept-Encoding: gzip")), 1},
		{"with a tag that fits", times(3, get(english, "If-None-Match: "+tag)), 1},
		{"in small letters", times(3, get(english, "if-none-match: "+tag)), 1},
		{"with a list of tags", times(3, get(english, `If-None-Match: "a", `+tag)), 3},
		{"with a tag over two lines", times(3, get(english, `If-None-Match: "a",`, " "+tag)), 3},
		{"with other tags", []string{get(english, `If-None-Match: "a"`), get(english, `If-None-Match: W/`+tag), get(english, "If-None-Match: *"), get(english, "If-None-Match: "+tag)}, 1},
		{"with a tag in gzip", times(2, get("/v1/articles/cms-2/translations/en", "Accept-Encoding: gzip", `If-None-Match: "x-gzip"`)), 1},
		{"with a tag and without", []string{usual, get(english, "If-None-Match: "+tag), usual, get(english, "If-None-Match: "+tag)}, 2},
		{"with two tags", times(3, get(english, "If-None-Match: "+tag, "If-None-Match: "+tag)), 3},
		{"three at once", []string{usual, usual + usual + usual}, 1},
		{"and something else behind", []string{usual, usual + get("/v1/languages") + usual, usual}, 4},
		{"two that are the same again", times(3, usual+get("/v1/languages")), 6},
		{"and a part behind", []string{usual, usual + usual[:20], usual[20:], usual}, 3},
		{"in two parts", []string{usual, usual[:30], usual[30:], usual}, 3},
		{"all but a byte", []string{get("/v1/languages") + usual[:len(usual)-1], "\n" + usual, usual}, 4},
		{"a byte too many", []string{usual, "X" + usual, usual}, 2},
		{"byte by byte", slices.Concat([]string{usual}, strings.Split(usual, ""), []string{usual}), 3},
		{"another manner", []string{usual, get(english, "User-Agent: b"), usual, get(english, "User-Agent: b")}, 4},
		{"what is not there", []string{usual, get("/v1/articles/cms-9"), get("/v1/articles/cms-1/translations/de"), usual}, 3},
		{"no such path", []string{usual, get("/v1/"), get("/v1/articles/cms-1/"), get("/v1/articles//cms-1"), usual}, 4},
		{"dots", []string{usual, get("/v1/articles/../articles/cms-1"), get("/v1/./articles/cms-1"), usual}, 3},
		{"written otherwise", []string{usual, get("/v1/articles/cms%2D1/translations/en"), get(english + "?a=b"), usual}, 3},
		{"an absolute target", []string{usual, get("http://localhost" + english), usual}, 2},
		{"HEAD", []string{usual, strings.Replace(usual, "GET", "HEAD", 1), usual}, 2},
		{"HTTP/1.0", []string{usual, strings.Replace(usual, "HTTP/1.1", "HTTP/1.0", 1)}, 2},
		{"an earlier end of the head", []string{usual, get(english) + "X: y\r\n\r\n"}, 1},
		{"with bare line ends", times(2, strings.ReplaceAll(usual, "\r\n", "\n")), 1},
		{"a blank line of another kind", times(2, "GET "+english+" HTTP/1.1\r\nHost: localhost\n\nGET "+english+" HTTP/1.1\r\nHost: localhost\r\n\r\n"), 4},
		{"to be closed", times(2, get(english, "Connection: close")), 1},
		{"to be kept", times(3, get(english, "Connection: keep-alive")), 1},
		{"with an id", times(3, get(english, "X-Request-Id: 7")), 3},
		{"with an empty body", times(3, get(english, "Content-Length: 0")), 1},
		{"with a body", times(3, get(english, "Content-Length: 5")+"GET /"), 3},
		{"with a body behind", []string{get(english, "Content-Length: 5"), "GET /", get(english, "Content-Length: 5"), "GET /"}, 2},
		{"in chunks", times(3, get(english, "Transfer-Encoding: chunked")+"0\r\n\r\n"), 3},
		{"with an expectation", times(3, get(english, "Expect: 100-continue")), 1},
		{"with an unknown expectation", times(3, get(english, "Expect: 200-ok")), 0},
		{"to become something else", times(3, get(english, "Connection: Upgrade", "Upgrade: h2c")), 3},
		{"a head that is cut where another could begin", []string{usual, get("/v1/languages") + usual[:strings.Index(usual, "\n")+1], usual, usual}, 2},
		{"without a host", []string{usual, "GET " + english + " HTTP/1.1\r\n\r\n"}, 1},
		{"a strange host", []string{usual, strings.Replace(usual, "localhost", "news.example", 1), usual}, 2},
		{"a strange page", []string{usual, get(english, "Origin: https://news.example"), get(english, "Origin: https://news.example"), usual}, 3},
		{"between others", []string{usual, post, usual, post, usual}, 3},
		{"in the body of another", []string{usual, inBody(usual), usual, usual}, 2},
		{"in the body of another, at once", []string{usual, inBody(usual) + usual, usual}, 2},
		{"too large for what is kept", times(2, get(english, "X: "+strings.Repeat("y", 2<<10))), 2},
		{"larger than the buffer", times(2, get(english, "X: "+strings.Repeat("y", 5<<10))), 2},
	}
	for _, eager := range []bool{false, true} {
		for _, test := range tests {
			var pieces [2][][]byte
			for _, piece := range test.pieces {
				for i := range pieces {
					pieces[i] = append(pieces[i], []byte(piece))
				}
			}
			one, other := newScript(pieces[0]...), newScript(pieces[1]...)
			one.eager, other.eager = eager, eager
			want, _ := plain.play(t, one)
			got, passed := attached.play(t, other)
			if diff := cmp.Diff(comparable(want), comparable(got)); diff != "" {
				t.Errorf("%s (eager %v): heard otherwise than from net/http (-want +got):\n%s", test.name, eager, diff)
			}
			if passed != test.passed && !eager {
				t.Errorf("%s: %d requests got to net/http, want %d", test.name, passed, test.passed)
			}
		}
	}
}

// TestRepeatedRequestsAreLetIn: a key is asked for, and counted, each time.
func TestRepeatedRequestsAreLetIn(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	keys, texts := keyring(t, access.Key{Tenant: "a"}, access.Key{Tenant: "b"}, access.Key{Tenant: "a", RequestsPerMinute: 6}, access.Key{Tenant: "a", Scopes: []access.Scope{access.Clean}})
	g := openWith(t, "", server.Config{Keys: keys}, modelAt(llm))
	req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}
	if err := callGRPC(t, g, req, &yeokv1.TranslateArticleResponse{}, "authorization", "Bearer "+texts[0]); err != nil {
		t.Fatal(err)
	}
	attached := stage(t, g.srv, true)
	with := func(key string) []byte { return []byte(get(english, "Authorization: Bearer "+key)) }
	heard, passed := attached.play(t, newScript(with(texts[0]), with(texts[0]), with(texts[0])))
	if got := strings.Count(heard, "200 OK"); got != 3 || passed > 2 {
		t.Errorf("of three equal requests %d were answered, and %d got to net/http", got, passed)
	}
	for name, test := range map[string]struct{ other, want string }{
		"another tenant's key": {texts[1], "404"}, "no key of ours": {"k", "401"}, "a key without the scope": {texts[3], "403"},
	} {
		heard, _ := attached.play(t, newScript(with(texts[0]), with(texts[0]), with(test.other), with(texts[0])))
		if !strings.Contains(heard, "HTTP/1.1 "+test.want) || strings.Count(heard, "200 OK") != 3 {
			t.Errorf("%s: heard %s", name, heard)
		}
	}
	var limited [][]byte
	for range 9 {
		limited = append(limited, with(texts[2]))
	}
	heard, _ = attached.play(t, newScript(limited...))
	if ok, refused := strings.Count(heard, "200 OK"), strings.Count(heard, "HTTP/1.1 429"); ok != 6 || refused != 3 {
		t.Errorf("with six calls a minute %d were answered and %d refused, of 9", ok, refused)
	}
}

// TestRepeatedRequestsOfWhatChanged: the connection knows no answers, only how they
// are asked for.
func TestRepeatedRequestsOfWhatChanged(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}})
	near, far := net.Pipe()
	stage(t, g.srv, true).conns <- far
	defer near.Close()
	client := http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}}
	ask := func() string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://localhost"+english, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var body bytes.Buffer
		if _, err := body.ReadFrom(resp.Body); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(resp.StatusCode, " ", body.String())
	}
	before := ask()
	for range 4 {
		if got := ask(); got != before {
			t.Fatalf("asked again: %s, want %s", got, before)
		}
	}
	mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: text("새벽전자, 3공장도 짓는다\n\n새벽전자가 세 번째 공장을 짓는다고 4일 밝혔다.\n"), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}})
	after := ask()
	if after == before || !strings.HasPrefix(after, "200 ") {
		t.Errorf("after a new revision: %s", after)
	}
	purgeModel(t, g, false)
	if got := ask(); !strings.HasPrefix(got, "404 ") {
		t.Errorf("after a purge: %s", got)
	}
}

// TestShutdownLetsRepeatsEnd: net/http takes a connection for idle that answers by
// itself, but the answer reaches its caller whole.
func TestShutdownLetsRepeatsEnd(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}})
	th := stage(t, g.srv, true)
	near, far := net.Pipe()
	defer near.Close()
	if err := near.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	th.conns <- far
	answers := bufio.NewReader(near)
	ask := func() {
		if _, err := near.Write([]byte(get(english))); err != nil {
			t.Fatal(err)
		}
	}
	read := func() (int, error) {
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			return 0, err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode, err
	}
	for passed := int64(-1); passed != th.passed.Load(); { // until one did not get to net/http
		passed = th.passed.Load()
		ask()
		if code, err := read(); code != http.StatusOK || err != nil {
			t.Fatalf("before: %d, %v", code, err)
		}
	}
	ask()
	first := make([]byte, 1)
	if _, err := near.Read(first); err != nil { // the rest waits: a pipe holds nothing
		t.Fatal(err)
	}
	answers.Reset(io.MultiReader(bytes.NewReader(first), near))
	if err := th.web.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown = %v", err)
	}
	if code, err := read(); code != http.StatusOK || err != nil {
		t.Errorf("the answer under way: %d, %v", code, err)
	}
	if _, err := answers.ReadByte(); err != io.EOF {
		t.Errorf("behind it: %v, want the end", err)
	}
}

// TestRepeatedRequestsKeepTheConnection: a connection ends when nothing comes for as
// long as it may rest, and not before.
func TestRepeatedRequestsKeepTheConnection(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	model := modelAt(llm)
	model.BaseURL = shortLived(t, llm.URL())
	synctest.Test(t, func(t *testing.T) { keepAsking(t, model) })
}

func keepAsking(t *testing.T, model translate.Model) {
	const rest = 2 * time.Minute
	g := openInside(t, model)
	g.ask(t, "HTTP", &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}}, "")
	web := &http.Server{IdleTimeout: rest, Handler: g.web}
	l := bufconn.Listen(64 << 10)
	served := make(chan error, 1)
	go func() { served <- web.Serve(g.srv.Attach(web, l)) }()
	conn, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	for i := range 12 {
		if _, err := conn.Write([]byte(get(english))); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("answer %d = %d, %v", i, resp.StatusCode, err)
		}
		time.Sleep(rest * 5 / 6)
	}
	before := time.Now()
	if _, err := answers.ReadByte(); err != io.EOF || time.Since(before) > rest {
		t.Errorf("at rest for more than %s: %v after %s more", rest, err, time.Since(before))
	}
	web.Close()
	<-served
}
