//go:build e2e

package e2e_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	_ "google.golang.org/genproto/googleapis/rpc/errdetails" // so that errors of a translation decode
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
)

// translate posts to :translate and returns the decoded answer with its bytes.
func (g *gateway) translate(t *testing.T, page string) (*yeokv1.TranslateArticleResponse, []byte) {
	t.Helper()
	response := g.post(t, "/v1/articles:translate", page, "application/json")
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("translate: reading the answer: %v", err)
	}
	answer := new(yeokv1.TranslateArticleResponse)
	decode(t, body, answer)
	return answer, body
}

// streamed is what one stream brought.
type streamed struct {
	article      *yeokv1.Article
	blocks       map[string]map[string]string // language, block id → last text
	translations map[string]*yeokv1.Translation
	names        []string // of the events, in order
}

// failed reports whether a language came without a usable translation.
func (s streamed) failed() bool {
	for _, translation := range s.translations {
		if translation.State == yeokv1.Translation_FAILED {
			return true
		}
	}
	return false
}

// stream posts to :streamTranslate and reads its Server-Sent Events to the end.
func (g *gateway) stream(t *testing.T, page string) streamed {
	t.Helper()
	response := g.post(t, "/v1/articles:streamTranslate", page, "text/event-stream")
	defer response.Body.Close()
	if got, want := response.Header.Get("Content-Type"), "text/event-stream"; !strings.HasPrefix(got, want) {
		t.Errorf("stream: Content-Type: got %q, want %q", got, want)
	}
	s := streamed{blocks: map[string]map[string]string{}, translations: map[string]*yeokv1.Translation{}}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 16<<20)
	var name string
	for lines.Scan() {
		if event, ok := strings.CutPrefix(lines.Text(), "event:"); ok {
			name = strings.TrimSpace(event)
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
			s.add(t, name, []byte(data))
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("stream: %v after %d events", err, len(s.names))
	}
	return s
}

func (s *streamed) add(t *testing.T, name string, data []byte) {
	t.Helper()
	s.names = append(s.names, name)
	switch name {
	case "article":
		s.article = new(yeokv1.Article)
		decode(t, data, s.article)
	case "block":
		block := new(yeokv1.TranslatedBlock)
		decode(t, data, block)
		if s.blocks[block.LanguageCode] == nil {
			s.blocks[block.LanguageCode] = map[string]string{}
		}
		s.blocks[block.LanguageCode][block.Id] = block.Text
	case "translation":
		translation := new(yeokv1.Translation)
		decode(t, data, translation)
		t.Logf("%s: %v, %d findings", translation.LanguageCode, translation.State, len(translation.Findings))
		s.translations[translation.LanguageCode] = translation
	case "done":
		decode(t, data, new(yeokv1.StreamDone))
	default:
		t.Fatalf("stream: event %q: %s", name, data)
	}
}

// post sends a page for all languages; anything but 200 ends the test.
func (g *gateway) post(t *testing.T, path, page, accept string) *http.Response {
	t.Helper()
	body, err := protojson.Marshal(&yeokv1.TranslateArticleRequest{
		Source: &yeokv1.ArticleSource{Content: &yeokv1.ArticleSource_Text{Text: page}},
	})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("POST %s: %v", path, err)
	}
	if response.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(response.Body)
		response.Body.Close()
		t.Fatalf("POST %s: got %s, want 200: %s", path, response.Status, answer)
	}
	return response
}

// decode is strict: a field that the contract does not know ends the test.
func decode(t *testing.T, data []byte, into proto.Message) {
	t.Helper()
	if err := protojson.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v in %s", into.ProtoReflect().Descriptor().Name(), err, data)
	}
}
