package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

// fuzzed is a gateway for a fuzz target: small limits, and a model that answers.
func fuzzed(f *testing.F) *gate {
	llm := llmtest.New(f, llmtest.Options{})
	return open(f, "", server.Limits{RequestBytes: 64 << 10, ArticleChars: 2000, Blocks: 20, TextChars: 2000}, modelAt(llm))
}

// FuzzGRPCMessage sends bytes as the message of every method. Whatever they are,
// the answer is one that says whose fault it is.
func FuzzGRPCMessage(f *testing.F) {
	g := fuzzed(f)
	methods := []string{"CleanArticle", "TranslateArticle", "StreamTranslateArticle", "TranslateText", "GetArticle", "GetTranslation", "ListLanguages"}
	for i, m := range []proto.Message{
		&yeokv1.CleanArticleRequest{Source: text(page)},
		&yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}, ArticleId: "cms-1",
			GlossaryEntries: []*yeokv1.GlossaryEntry{{Source: "새벽전자", Targets: map[string]string{"en": "Saebyeok"}}}},
		&yeokv1.StreamTranslateArticleRequest{Source: text("제목\n\n본문이다."), TargetLanguageCodes: []string{"vi"}},
		&yeokv1.TranslateTextRequest{Texts: []string{"가"}, TargetLanguageCode: "ja"},
		&yeokv1.GetArticleRequest{Article: "cms-1"},
		&yeokv1.GetTranslationRequest{Article: "cms-1", LanguageCode: "en"},
	} {
		wire, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), wire)
	}
	f.Fuzz(func(t *testing.T, which byte, wire []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		method := methods[int(which)%len(methods)]
		stream, err := g.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/yeok.v1.TranslationService/"+method, grpc.ForceCodec(rawCodec{}))
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.SendMsg(wire); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if err := stream.CloseSend(); err != nil {
			t.Fatal(err)
		}
		for err == nil {
			err = stream.RecvMsg(&[]byte{})
		}
		if errors.Is(err, io.EOF) {
			return
		}
		reason, _ := reasonAndField(err)
		switch code := status.Code(err); {
		case code == codes.ResourceExhausted && reason == "": // grpc-go's bound on a message
		case code == codes.Internal && reason == "MODEL_BAD_ANSWER": // of a text that the fake cannot translate
		case code == codes.Unknown, code == codes.Internal, code == codes.DeadlineExceeded, reason == "":
			t.Errorf("%s(%q) = %v, reason %q", method, wire, err, reason)
		}
	})
}

// FuzzRequestJSON posts bodies to every path that takes one. Nothing is answered
// as a failure of the gateway, and every answer is JSON.
func FuzzRequestJSON(f *testing.F) {
	g := fuzzed(f)
	paths := []string{"/v1/articles:clean", "/v1/articles:translate", "/v1/articles:streamTranslate", "/v1/text:translate"}
	for i, body := range []string{
		`{"source":{"text":"제목\n\n본문이다."}}`, `{"source":{"html":"<p>가</p>"},"targetLanguageCodes":["en"],"articleId":"cms-1"}`,
		`{"source":{"article":{"title":"가","blocks":[{"id":"p1","kind":"PARAGRAPH","text":"나"}]}},"target_language_codes":["vi"]}`,
		`{}`, `{"texts":["가","<b>나</b>"],"format":"HTML","targetLanguageCode":"ja"}`, `{"source":null}`, `[]`, "\xff", `{"texts":["\ud800"]}`,
	} {
		f.Add(byte(i), []byte(body))
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		path := paths[int(which)%len(paths)]
		answer, code, _ := g.send(t, "POST", path, body)
		reason := ""
		if code != http.StatusOK {
			var streamed struct{ Error json.RawMessage } // as the stream's lines are
			if json.Unmarshal(answer, &streamed) == nil && streamed.Error != nil {
				answer = streamed.Error
			}
			reason, _ = reasonAndField(errorIn(t, answer))
		}
		if code != http.StatusOK && reason == "" || code >= 500 && reason != "MODEL_BAD_ANSWER" {
			t.Errorf("POST %s %q = %d %s", path, body, code, answer)
		}
	})
}

// FuzzResume sends ids of events that no gateway has made. A reader who resumes
// gets what he has not seen, or everything, and an end.
func FuzzResume(f *testing.F) {
	g := fuzzed(f)
	req := &yeokv1.StreamTranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en", "ja"}}
	body, err := protojson.Marshal(req)
	if err != nil {
		f.Fatal(err)
	}
	var ids []string // of a stream from the beginning
	read := func(t testing.TB, id string) (events int, done bool) {
		r, err := http.NewRequestWithContext(t.Context(), "POST", g.http+"/v1/articles:streamTranslate", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "text/event-stream")
		r.Header["Last-Event-Id"] = []string{id}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, true // the client refuses such a header
		}
		defer resp.Body.Close()
		stream, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(stream)) {
			if got, ok := strings.CutPrefix(line, "id: "); ok && id == "" && len(ids) < 20 {
				ids = append(ids, strings.TrimSpace(got))
			}
		}
		return strings.Count(string(stream), "event: "), strings.Contains(string(stream), "event: done\n") || resp.StatusCode == http.StatusBadRequest
	}
	all, _ := read(f, "")
	for _, id := range append(ids, "x;en=ff", ";;;", "en=-1!", strings.Repeat("9", 1000)) {
		f.Add(id)
	}
	if revision, _, ok := strings.Cut(ids[0], ";"); ok || revision != "" {
		for _, rest := range []string{";en=ffffffffffff!;ja=0", ";en=-1", ";=;==", ";zz=1!"} {
			f.Add(revision + rest)
		}
	}
	f.Fuzz(func(t *testing.T, id string) {
		if n, done := read(t, id); !done || n > all {
			t.Errorf("a stream after the id %q: %d events of %d, done %t", id, n, all, done)
		}
	})
}
