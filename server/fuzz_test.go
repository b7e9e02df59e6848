package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

// fuzzed is a gateway for a fuzz target: small limits, and a model that answers
// and knows how often it was asked.
type fuzzed struct {
	*gate
	llm *llmtest.Server
}

func openFuzzed(f *testing.F) fuzzed {
	llm := llmtest.New(f, llmtest.Options{})
	return fuzzed{open(f, "", server.Limits{RequestBytes: 64 << 10, ArticleChars: 2000, Blocks: 20, TextChars: 2000, Terms: 20}, modelAt(llm)), llm}
}

// paid runs do, and counts what the model was asked meanwhile.
func (g fuzzed) paid(do func()) int {
	before := g.llm.Stats().Requests
	do()
	return g.llm.Stats().Requests - before
}

// requests has a good request for every RPC, and some in other forms.
func requests() []proto.Message {
	terms := []*yeokv1.GlossaryEntry{{Source: "새벽전자", Targets: map[string]string{"en": "Saebyeok", "ja": "セビョク"}, Strict: true}}
	structure := &yeokv1.ArticleSource{Url: "https://news.example/1", Content: &yeokv1.ArticleSource_Article{Article: &yeokv1.Article{
		LanguageCode: "ko", Title: "새벽전자, 공장 짓는다", Subtitles: []string{"1조2000억 투자"}, Bylines: []string{"김새론 기자"}, Blocks: []*yeokv1.Block{
			{Id: "a", Kind: yeokv1.Block_PARAGRAPH, Text: "새벽전자가 16일 공장을 짓는다."},
			{Kind: yeokv1.Block_QUOTE, Html: proto.String(`"<b>물량</b>을 <a href="https://news.example">늘린다</a>"`)},
			{Id: "titles", Text: "매출은 8300억원이다."}, {Kind: yeokv1.Block_TABLE_CELL, Text: "12.5%"},
		}}}}
	html := &yeokv1.ArticleSource{Content: &yeokv1.ArticleSource_Html{Html: "<html><head><title>새벽전자</title></head><body><article><h1>새벽전자, 공장 짓는다</h1><p>새벽전자가 <b>16일</b> 공장을 짓는다.</p></article></body></html>"}}
	return []proto.Message{
		&yeokv1.CleanArticleRequest{Source: text(page)},
		&yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en", "EN-us", "ja"}, ArticleId: "cms-1", GlossaryEntries: terms},
		&yeokv1.StreamTranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"vi"}, Priority: yeokv1.TranslateArticleRequest_BATCH},
		&yeokv1.TranslateTextRequest{Texts: []string{"공장을 짓는다.", "", "16일", "공장을 짓는다."}, TargetLanguageCode: "ja", GlossaryEntries: terms},
		&yeokv1.GetArticleRequest{Article: "cms-1"},
		&yeokv1.GetTranslationRequest{Article: "cms-1", LanguageCode: "en"},
		&yeokv1.ListLanguagesRequest{},
		&yeokv1.CleanArticleRequest{Source: html},
		&yeokv1.TranslateArticleRequest{Source: structure, TargetLanguageCodes: []string{"zh"}},
		&yeokv1.TranslateArticleRequest{Source: html, ArticleId: "cms-2", DryRun: true},
		&yeokv1.StreamTranslateArticleRequest{Source: structure, ArticleId: "cms-3"},
		&yeokv1.TranslateTextRequest{Texts: []string{"<p>공장을 <b>짓는다</b>&amp;</p>"}, Format: yeokv1.TranslateTextRequest_HTML, TargetLanguageCode: "en"},
		&yeokv1.PurgeMemoryRequest{ArticleId: "cms-1", DryRun: true},
		&yeokv1.PurgeMemoryRequest{All: true},
		&yeokv1.GetMemoryStatsRequest{},
		&yeokv1.CompactMemoryRequest{},
	}
}

// methods are all RPCs, those of the admin listener last.
func methods() (public, admin []string) {
	for _, m := range yeokv1.TranslationService_ServiceDesc.Methods {
		public = append(public, "/yeok.v1.TranslationService/"+m.MethodName)
	}
	for _, m := range yeokv1.AdminService_ServiceDesc.Methods {
		admin = append(admin, "/yeok.v1.AdminService/"+m.MethodName)
	}
	return append(public, "/yeok.v1.TranslationService/StreamTranslateArticle"), admin
}

// methodNamed is the place of the method that takes the message.
func methodNamed(list []string, m proto.Message) int {
	name := strings.TrimSuffix(string(m.ProtoReflect().Descriptor().Name()), "Request")
	return slices.IndexFunc(list, func(full string) bool { return path.Base(full) == name })
}

// FuzzGRPCMessage sends bytes as the message of every method. Whatever they are,
// the answer is one that says whose fault it is, or messages of that method; who is
// refused has cost nothing.
func FuzzGRPCMessage(f *testing.F) {
	g := openFuzzed(f)
	operator := g.adminConn(f, g.srv.Admin())
	public, admin := methods()
	all := slices.Concat(public, admin)
	for _, m := range requests() {
		wire, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(methodNamed(all, m)), wire)
	}
	f.Fuzz(func(t *testing.T, which byte, wire []byte) {
		method, conn := all[int(which)%len(all)], g.conn
		if slices.Contains(admin, method) {
			conn = operator
		}
		var answers [][]byte
		var err error
		paid := g.paid(func() { answers, err = exchange(t, conn, method, wire) })
		if err != nil {
			if fault := faultOfRefusal(err, paid); fault != "" {
				t.Errorf("%s(%q) = %v: %s", method, wire, err, fault)
			}
			return
		}
		for _, answer := range answers {
			if m := emptyAnswer(t, method); proto.Unmarshal(answer, m) != nil {
				t.Errorf("%s(%q) answers %q, which is no %s", method, wire, answer, m.ProtoReflect().Descriptor().Name())
			}
		}
	})
}

// exchange sends the bytes of a message, and returns those of the answers.
func exchange(t *testing.T, conn *grpc.ClientConn, method string, wire []byte) (answers [][]byte, err error) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, method, grpc.ForceCodec(rawCodec{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.SendMsg(wire); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	for {
		var answer []byte
		if err := stream.RecvMsg(&answer); errors.Is(err, io.EOF) {
			return answers, nil
		} else if err != nil {
			return nil, err
		}
		answers = append(answers, answer)
	}
}

// FuzzRequestJSON posts bodies to every path that takes one. The answer is what
// the proto promises or an error that names the field, and gRPC's answer to the
// same message is the same, for nothing.
func FuzzRequestJSON(f *testing.F) {
	g := openFuzzed(f)
	paths := []string{"/v1/articles:clean", "/v1/articles:translate", "/v1/articles:streamTranslate", "/v1/text:translate"}
	rpcs := []string{"CleanArticle", "TranslateArticle", "StreamTranslateArticle", "TranslateText"} // in the same order
	for _, m := range requests() {
		i := methodNamed(rpcs, m)
		if i < 0 {
			continue // it has no body
		}
		body, err := protojson.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), body)
	}
	for i, body := range []string{
		`{}`, `{"source":null}`, `{"source":{"text":"가"},"dry_run":true}`, `[]`, "\xff", `{"texts":["\ud800"]}`, `{"texts":[""],"targetLanguageCode":"en"}`, `{"source":{"text":"가","text":"나"}}`,
		`{"source":{"text":"가","publishTime":"0001-01-01T00:00:00Z"},"priority":7}`, `{"glossaryEntries":[{"source":"가","targets":{"en":""}}]}`, `{"source":{"article":{"blocks":[{"html":"<"}]}}}`,
	} {
		f.Add(byte(i), []byte(body))
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		path, rpc := paths[int(which)%len(paths)], rpcs[int(which)%len(paths)]
		req := emptyRequest(t, "/yeok.v1.TranslationService/"+rpc)
		malformed := protojson.Unmarshal(body, req) != nil
		var answer []byte
		var code int
		paid := g.paid(func() { answer, code, _ = g.send(t, "POST", path, body) })
		err := errorOver(t, code, answer)
		if err != nil {
			if fault := faultOfRefusal(err, paid); fault != "" {
				t.Errorf("POST %s %q = %v: %s", path, body, err, fault)
			}
		} else if malformed {
			t.Errorf("POST %s %q = %s, though it is no request", path, body, answer)
		}
		if malformed {
			return
		}
		first, other := g.ask(t, doors[0], req)
		got, _ := reasonAndField(err)
		if want, _ := reasonAndField(other); status.Code(err) != status.Code(other) || got != want {
			t.Errorf("POST %s %q = %v, over gRPC %v", path, body, err, other)
		}
		if err != nil || other != nil {
			return
		}
		for _, fault := range faultsOfAnswer(req, first) {
			t.Errorf("POST %s %q: %s\n%s", path, body, fault, answer)
		}
		g.checkAgain(t, req, first)
	})
}

// errorOver is the error that an answer over HTTP is, nil if it is none. A stream
// whose call fails at once has it in its first line.
func errorOver(t *testing.T, code int, answer []byte) error {
	t.Helper()
	if code == http.StatusOK {
		return nil
	}
	var streamed struct{ Error json.RawMessage }
	if json.Unmarshal(answer, &streamed) == nil && streamed.Error != nil {
		answer = streamed.Error
	}
	return errorIn(t, answer)
}

// FuzzTranslate has requests of all kinds around texts, so that what a mutation
// changes is the text and not its wrapping.
func FuzzTranslate(f *testing.F) {
	g := openFuzzed(f)
	f.Add(byte(0), page, "cms-1", "en", "새벽전자")
	f.Add(byte(1), "<h1>새벽전자, 공장 짓는다</h1><p>새벽전자가 <b>16일</b> 공장을 짓는다.</p><ul><li>12.5%<li>8300억원</ul>", "", "ja", "")
	f.Add(byte(2), "새벽전자, 공장 짓는다\na\t새벽전자가 공장을 짓는다.\n\t네.\ntitle\t1조2000억원이다.\nsubtitle1\t네.", "cms-2", "zh-CN", "네")
	f.Add(byte(3), "<p>공장을 <b>짓는다</b>&amp;</p>\n네.\n\n16일", "", "vi", "공장")
	f.Add(byte(4), "공장을 짓는다.\n\"물량을 늘린다\"고 했다.", "x", "VI-vn", "물량")
	f.Add(byte(8+0), page, "UPPER", "fr", "")
	f.Add(byte(16+2), "제목\n[[P1]]\t[[T]] 가격은 $5이다.\n[[P2]]\t</x1>\u200b", "", "en", "")
	f.Fuzz(func(t *testing.T, form byte, content, id, code, term string) {
		req := orderOf(form, content, id, code, term)
		door := doors[int(form>>4)%len(doors)]
		var resp proto.Message
		var err error
		paid := g.paid(func() { resp, err = g.ask(t, door, req) })
		if err != nil {
			if fault := faultOfRefusal(err, paid); fault != "" {
				t.Errorf("%s %v = %v: %s", door.name, req, err, fault)
			}
			return
		}
		for _, fault := range faultsOfAnswer(req, resp) {
			t.Errorf("%s %v: %s\n%v", door.name, req, fault, resp)
		}
		g.checkAgain(t, req, resp)
	})
}

// orderOf is a request of the form that is asked for, around the texts.
func orderOf(form byte, content, id, code, term string) proto.Message {
	content, id, code, term = strings.ToValidUTF8(content, "?"), strings.ToValidUTF8(id, "?"), strings.ToValidUTF8(code, "?"), strings.ToValidUTF8(term, "?")
	var terms []*yeokv1.GlossaryEntry
	if term != "" {
		terms = append(terms, &yeokv1.GlossaryEntry{Source: term, Targets: map[string]string{"en": "Term", "ja": "用語"}, Strict: form&32 != 0})
	}
	source := text(content)
	switch form % 5 {
	case 1:
		source.Content = &yeokv1.ArticleSource_Html{Html: content}
	case 2:
		title, rest, _ := strings.Cut(content, "\n")
		a := &yeokv1.Article{Title: title}
		for line := range strings.SplitSeq(rest, "\n") {
			id, said, _ := strings.Cut(line, "\t")
			a.Blocks = append(a.Blocks, &yeokv1.Block{Id: id, Text: said, Kind: yeokv1.Block_Kind(len(said) % 8)})
		}
		source.Content = &yeokv1.ArticleSource_Article{Article: a}
	case 3, 4:
		return &yeokv1.TranslateTextRequest{Texts: strings.Split(content, "\n"), TargetLanguageCode: code, GlossaryEntries: terms,
			Format: yeokv1.TranslateTextRequest_Format(4 - form%5)}
	}
	return &yeokv1.TranslateArticleRequest{Source: source, ArticleId: id, TargetLanguageCodes: []string{code}, GlossaryEntries: terms, DryRun: form&8 != 0}
}

// FuzzPath asks for what is at paths, in any way that HTTP knows. Nothing is a
// failure of the gateway, nothing is paid, and an error says what is wrong.
func FuzzPath(f *testing.F) {
	g := openFuzzed(f)
	if _, err := g.grpc.TranslateArticle(f.Context(), &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}}); err != nil {
		f.Fatal(err)
	}
	verbs := []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}
	for i, path := range []string{
		"/v1/articles/cms-1", "/v1/articles/cms-1/translations/en", "/v1/languages", "/healthz", "/readyz", "/openapi.json", "/v1/articles:clean", "/v1/articles/", "/v1/articles/cms-1/translations/EN-us",
		"/", "/v1/../v1/languages", "//v1//languages", "/v1/articles/cms-1/translations/fr", "/v1/articles/\xff", "/v1/articles/a b?x=%", "/v2", "/v1/articles/nobody", "/v1/articles:translate/", "/v1/{article}",
	} {
		for _, tag := range []string{"", "*", `W/"a", "b-gzip"`} {
			f.Add(byte(i), path, tag)
			f.Add(byte(0), path, tag)
		}
	}
	f.Add(byte(slices.Index(verbs, "PUT")), "/v1/articles/", "")
	f.Add(byte(slices.Index(verbs, "PUT")), "?/a ", "*")
	noRedirect := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	f.Fuzz(func(t *testing.T, verb byte, path, tag string) {
		u, err := url.Parse(g.http)
		if err != nil {
			t.Fatal(err)
		}
		u.Path, u.RawQuery, _ = strings.Cut("/"+strings.TrimPrefix(path, "/"), "?")
		r, err := http.NewRequestWithContext(t.Context(), verbs[int(verb)%len(verbs)], u.String(), nil)
		if err != nil {
			t.Skip("no client sends such a path")
		}
		r.Header["If-None-Match"] = []string{tag}
		var resp *http.Response
		paid := g.paid(func() { resp, err = noRedirect.Do(r) })
		if err != nil {
			t.Skip("no client sends such a header")
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode == http.StatusBadRequest && strings.HasPrefix(string(body), "400 Bad Request") {
			t.Skip("net/http refuses such a request line")
		}
		if fault := faultOfHTTP(r, resp, body, paid); fault != "" {
			t.Errorf("%s %q, If-None-Match %q = %d %s: %s", r.Method, path, tag, resp.StatusCode, body, fault)
		}
	})
}

// FuzzResume sends ids of events, also such as no gateway has made. A reader who
// resumes gets what he has not seen, or everything, each once, and an end.
func FuzzResume(f *testing.F) {
	g := openFuzzed(f)
	body, err := protojson.Marshal(&yeokv1.StreamTranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en", "ja"}})
	if err != nil {
		f.Fatal(err)
	}
	read := func(t testing.TB, id string) []event {
		r, err := http.NewRequestWithContext(t.Context(), "POST", g.http+"/v1/articles:streamTranslate", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header["Content-Type"], r.Header["Accept"] = []string{"application/json"}, []string{"text/event-stream"}
		r.Header["Last-Event-Id"] = []string{id}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Skip("no client sends such a header")
		}
		defer resp.Body.Close()
		if resp.StatusCode == http.StatusBadRequest {
			t.Skip("net/http refuses such a header")
		}
		return slices.Collect(readEvents(t, resp.Body))
	}
	read(f, "") // pays
	all := read(f, "")
	revision, _, _ := strings.Cut(all[0].id, ";")
	for _, e := range all {
		f.Add(e.id)
	}
	for _, rest := range []string{"", ";", ";en=ffffffffffff!;ja=0", ";en=-1", ";=;==", ";zz=1!", ";en=+1;en=2", ";en=0x1", ";en=1_0", ";en=!;ja=!!"} {
		f.Add(revision + rest)
	}
	for _, id := range []string{"", "x;en=ff", ";;;", "en=-1!", strings.Repeat("9", 1000), strings.ToUpper(revision) + ";en=1"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		rest := read(t, id)
		if len(rest) == 0 || rest[len(rest)-1].name != "done" {
			t.Fatalf("a stream after the id %q has no end: %v", id, rest)
		}
		for i, e := range rest {
			same := func(other event) bool { return other.name == e.name && bytes.Equal(other.data, e.data) }
			if !slices.ContainsFunc(all, same) || slices.ContainsFunc(rest[:i], same) {
				t.Errorf("a stream after the id %q has an event twice, or one that is not of the whole stream: %s %s", id, e.name, e.data)
			}
		}
		at := slices.IndexFunc(all, func(e event) bool { return e.id == id })
		if want := len(all) - 1 - at; (at >= 0 || !strings.HasPrefix(id, revision)) && len(rest) != want && at < len(all)-1 {
			t.Errorf("a stream after the id %q has %d events, want %d", id, len(rest), want)
		}
	})
}
