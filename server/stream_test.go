package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

var streamRequest = &yeokv1.StreamTranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en", "vi"}}

// streamDoors are the three forms of a stream; each returns its events, and the
// error that ended it.
var streamDoors = []struct {
	name string
	read func(*testing.T, *gate, proto.Message) ([]*yeokv1.StreamTranslateArticleResponse, error)
}{{"gRPC", streamGRPC}, {"NDJSON", streamNDJSON}, {"SSE", streamSSE}}

func streamGRPC(t *testing.T, g *gate, req proto.Message) (events []*yeokv1.StreamTranslateArticleResponse, err error) {
	t.Helper()
	stream, err := g.grpc.StreamTranslateArticle(t.Context(), req.(*yeokv1.StreamTranslateArticleRequest))
	if err != nil {
		return nil, err
	}
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return events, err
		}
		events = append(events, event)
	}
}

func streamNDJSON(t *testing.T, g *gate, req proto.Message) (events []*yeokv1.StreamTranslateArticleResponse, err error) {
	t.Helper()
	body, _, _ := g.send(t, "POST", "/v1/articles:streamTranslate", jsonOf(t, req))
	for line := range bytes.Lines(body) {
		var wrapped struct{ Result, Error json.RawMessage }
		if err := json.Unmarshal(line, &wrapped); err != nil {
			t.Fatalf("not a line of JSON: %s", line)
		}
		if wrapped.Result == nil {
			return events, errorIn(t, wrapped.Error)
		}
		event := &yeokv1.StreamTranslateArticleResponse{}
		if err := protojson.Unmarshal(wrapped.Result, event); err != nil {
			t.Fatalf("not an event: %s", line)
		}
		events = append(events, event)
	}
	return events, nil
}

func streamSSE(t *testing.T, g *gate, req proto.Message) (events []*yeokv1.StreamTranslateArticleResponse, err error) {
	t.Helper()
	resp := g.openEvents(t, req, "")
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return nil, errorIn(t, body)
	}
	for e := range readEvents(t, resp.Body) {
		if e.name == "error" {
			return events, errorIn(t, e.data)
		}
		events = append(events, e.message(t))
	}
	return events, nil
}

func jsonOf(t *testing.T, m proto.Message) []byte {
	t.Helper()
	body, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func (g *gate) openEvents(t *testing.T, req proto.Message, lastEventID string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", g.http+"/v1/articles:streamTranslate", bytes.NewReader(jsonOf(t, req)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Last-Event-ID", lastEventID)
	if g.key != "" {
		r.Header.Set("Authorization", "Bearer "+g.key)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Content-Type"); resp.StatusCode == 200 && got != "text/event-stream" {
		t.Errorf("Content-Type = %q, want text/event-stream", got)
	}
	return resp
}

// event is one Server-Sent Event.
type event struct {
	name, id string
	data     []byte
}

func readEvents(t testing.TB, body io.Reader) func(yield func(event) bool) {
	return func(yield func(event) bool) {
		var e event
		lines := bufio.NewScanner(body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "event":
				e.name = value
			case "id":
				e.id = value
			case "data":
				e.data = []byte(value)
			case "":
				if e.name != "" && !yield(e) {
					return
				}
				e = event{}
			default:
				t.Errorf("not a line of an event: %q", lines.Text())
			}
		}
	}
}

func (e event) message(t *testing.T) *yeokv1.StreamTranslateArticleResponse {
	t.Helper()
	m := &yeokv1.StreamTranslateArticleResponse{}
	if err := protojson.Unmarshal([]byte(`{"`+e.name+`":`+string(e.data)+`}`), m); err != nil {
		t.Fatalf("event %s: %v\n%s", e.name, err, e.data)
	}
	return m
}

func TestStream(t *testing.T) {
	for _, door := range streamDoors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			g := open(t, "", server.Limits{}, modelAt(llm))
			for _, cached := range []yeokv1.Provenance_CacheStatus{yeokv1.Provenance_MISS, yeokv1.Provenance_HIT} {
				events, err := door.read(t, g, streamRequest)
				if err != nil {
					t.Fatal(err)
				}
				checkStream(t, events, cached)
			}
			if got := llm.Stats().Requests; got != 2 {
				t.Errorf("two streams made %d model calls, want one a language", got)
			}
		})
	}
}

func checkStream(t *testing.T, events []*yeokv1.StreamTranslateArticleResponse, cached yeokv1.Provenance_CacheStatus) {
	t.Helper()
	if len(events) != 1+2*3+2+1 {
		t.Fatalf("%d events, want an article, 3 blocks and a translation a language, and done", len(events))
	}
	a := events[0].GetArticle()
	if a == nil {
		t.Fatalf("first event = %v, want the article", events[0])
	}
	blocks := map[string]map[string]string{}
	for _, e := range events[1 : len(events)-1] {
		if b := e.GetBlock(); b != nil {
			if blocks[b.GetLanguageCode()] == nil {
				blocks[b.GetLanguageCode()] = map[string]string{}
			}
			blocks[b.GetLanguageCode()][b.GetId()] = b.GetText()
			continue
		}
		tr := e.GetTranslation()
		if tr.GetState() != yeokv1.Translation_COMPLETE || tr.GetProvenance().GetCacheStatus() != cached {
			t.Errorf("%s: %v %v, want COMPLETE %v", tr.GetLanguageCode(), tr.GetState(), tr.GetProvenance().GetCacheStatus(), cached)
		}
		for _, b := range tr.GetBlocks() {
			if got := blocks[tr.GetLanguageCode()][b.GetId()]; got != b.GetText() {
				t.Errorf("%s %s: the stream said %q, the whole %q", tr.GetLanguageCode(), b.GetId(), got, b.GetText())
			}
		}
	}
	done := events[len(events)-1].GetDone()
	if done == nil || (done.GetUsage().GetRequests() > 0) != (cached == yeokv1.Provenance_MISS) {
		t.Errorf("last event = %v, want done with what was paid", events[len(events)-1])
	}
}

func TestStreamOfFailures(t *testing.T) {
	for _, door := range streamDoors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			llm.Fail(llmtest.Rule{Fault: llmtest.Forbidden})
			g := open(t, "", server.Limits{}, modelAt(llm))
			events, err := door.read(t, g, streamRequest)
			reason, _ := reasonAndField(err)
			if status.Code(err) != codes.Internal || reason != "MODEL_REJECTED_US" {
				t.Errorf("ended with %v, want INTERNAL MODEL_REJECTED_US", err)
			}
			failed := 0
			for _, e := range events {
				if e.GetTranslation().GetState() == yeokv1.Translation_FAILED {
					failed++
				}
			}
			if failed != 2 {
				t.Errorf("%d languages said to have failed, want 2: %v", failed, events)
			}
			if _, err := door.read(t, g, &yeokv1.StreamTranslateArticleRequest{}); status.Code(err) != codes.InvalidArgument {
				t.Errorf("a stream of nothing = %v, want INVALID_ARGUMENT", err)
			}
		})
	}
}

func TestBlocksComeBeforeTheEnd(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{TokensPerSecond: 40})
	g := open(t, "", server.Limits{}, modelAt(llm))
	stream, err := g.grpc.StreamTranslateArticle(t.Context(), &yeokv1.StreamTranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}})
	if err != nil {
		t.Fatal(err)
	}
	for {
		event, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if event.GetBlock() != nil {
			break
		}
	}
	if got := llm.Stats(); got.Completed != 0 || got.InFlight != 1 {
		t.Errorf("when the first block came the model had ended %d answers, want it still writing: %+v", got.Completed, got)
	}
}

func TestEventsResume(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{TokensPerSecond: 200})
	g := open(t, "", server.Limits{}, modelAt(llm))
	resp := g.openEvents(t, streamRequest, "")
	var seen []string
	var last string
	for e := range readEvents(t, resp.Body) {
		seen, last = append(seen, key(t, e)), e.id
		if len(seen) == 4 {
			break
		}
	}
	resp.Body.Close() // the connection breaks

	resp = g.openEvents(t, streamRequest, last)
	defer resp.Body.Close()
	for e := range readEvents(t, resp.Body) {
		k := key(t, e)
		if slices.Contains(seen, k) {
			t.Errorf("%s came again after resuming from %s", k, last)
		}
		seen = append(seen, k)
	}
	slices.Sort(seen)
	want := []string{"article", "block en p1", "block en p2", "block en p3", "block vi p1", "block vi p2", "block vi p3", "done", "translation en", "translation vi"}
	if !slices.Equal(seen, want) {
		t.Errorf("events over both connections = %q, want %q", seen, want)
	}
	if got := llm.Stats().Requests; got != 2 {
		t.Errorf("a broken connection made %d model calls, want 2", got)
	}
}

func key(t *testing.T, e event) string {
	t.Helper()
	m := e.message(t)
	switch {
	case m.GetBlock() != nil:
		return "block " + m.GetBlock().GetLanguageCode() + " " + m.GetBlock().GetId()
	case m.GetTranslation() != nil:
		return "translation " + m.GetTranslation().GetLanguageCode()
	default:
		return e.name
	}
}

func TestDrainWaitsForWork(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{TTFT: 300 * time.Millisecond})
			g := open(t, storePath(t), server.Limits{}, modelAt(llm))
			req := &yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}}
			answered := make(chan error, 1)
			go func() { answered <- door.call(t, g, req, &yeokv1.TranslateArticleResponse{}) }()
			waitFor(t, "the model is at work", func() bool { return llm.Stats().InFlight > 0 })
			g.drain()
			select {
			case err := <-answered:
				if err != nil {
					t.Errorf("a call under way when the server stopped = %v, want its answer", err)
				}
			case <-time.After(10 * time.Second):
				t.Error("a call under way when the server stopped has no answer")
			}
			if _, code, _ := g.send(t, "GET", "/readyz", nil); code != http.StatusServiceUnavailable {
				t.Errorf("GET /readyz after the stop = %d, want 503", code)
			}
			clean := &yeokv1.CleanArticleRequest{Source: text(page)}
			if err := door.call(t, g, clean, &yeokv1.CleanArticleResponse{}); status.Code(err) != codes.Unavailable {
				t.Errorf("a call after the stop = %v, want UNAVAILABLE", err)
			}
		})
	}
}
