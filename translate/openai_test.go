package translate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"yeok/internal/llmtest"
	"yeok/translate"
)

// TestRequestBody: what go-openai would not send is sent.
func TestRequestBody(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	for i, test := range []struct {
		model translate.Model
		want  map[string]any
		none  []string
	}{
		{model(llm, translate.Profile{Extra: map[string]any{"repeat_penalty": 1.1}}),
			map[string]any{"temperature": 0.0, "repeat_penalty": 1.1, "stream": true}, []string{"max_completion_tokens", "frequency_penalty"}},
		{model(llm, translate.Profile{Temperature: 0.5}), map[string]any{"temperature": 0.5}, nil},
		{translate.Model{Name: "gpt-5-mini", BaseURL: llm.URL()}, map[string]any{"model": "gpt-5-mini"}, []string{"temperature", "max_tokens", "frequency_penalty"}},
	} {
		if _, err := translator(t, test.model).Translate(context.Background(), into(t, "en")); err != nil {
			t.Fatalf("%s: Translate: %v", test.model.Name, err)
		}
		var body map[string]any
		if err := json.Unmarshal(llm.Requests()[i].Body, &body); err != nil {
			t.Fatal(err)
		}
		for field, want := range test.want {
			if body[field] != want {
				t.Errorf("%s: %s = %v, want %v", test.model.Name, field, body[field], want)
			}
		}
		for _, field := range test.none {
			if v, ok := body[field]; ok {
				t.Errorf("%s: %s = %v is sent", test.model.Name, field, v)
			}
		}
	}
}

// TestLoopIsSampled: only a loop is answered with penalties.
func TestLoopIsSampled(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.RepetitionLoop, Block: "P3", Times: 1}}})
	if _, err := translator(t, model(llm, translate.Profile{})).Translate(context.Background(), into(t, "en")); err != nil {
		t.Fatalf("Translate: %v", err)
	}
	last := llm.Requests()[llm.Stats().Requests-1]
	var body map[string]any
	if err := json.Unmarshal(last.Body, &body); err != nil {
		t.Fatal(err)
	}
	if body["frequency_penalty"] != 0.3 || body["temperature"] != 0.2 {
		t.Errorf("the repair has penalty %v, temperature %v, want 0.3, 0.2", body["frequency_penalty"], body["temperature"])
	}
}

// TestOddServers: servers that are no model servers, or know other fields.
func TestOddServers(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// An old server that refuses a field that it does not know.
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "stream_options") {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":{"message":"Unknown request argument supplied: stream_options"}}`)
			return
		}
		forward(t, w, llm.URL(), body)
	}))
	defer behind.Close()
	redirecting := httptest.NewServer(http.RedirectHandler(llm.URL()+"/chat/completions", http.StatusTemporaryRedirect))
	defer redirecting.Close()
	website := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<html>Welcome!</html>")
	}))
	defer website.Close()
	gone := httptest.NewServer(nil)
	gone.Close()

	for _, test := range []struct {
		name, url string
		err       error
	}{
		{"refuses a field", behind.URL, nil},
		{"redirects", redirecting.URL, translate.ErrRejected},
		{"is a website", website.URL, translate.ErrUnavailable},
		{"is gone", gone.URL, translate.ErrUnavailable},
	} {
		m := translate.Model{Name: llmtest.Model, BaseURL: test.url, APIKey: "sk-secret"}
		_, err := translator(t, m).Translate(context.Background(), into(t, "en"))
		if !errors.Is(err, test.err) {
			t.Errorf("a server that %s: Translate: %v, want %v", test.name, err, test.err)
		}
		if err != nil && (strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "Welcome")) {
			t.Errorf("a server that %s: error %q tells of it", test.name, err)
		}
	}
	if n := llm.Stats().Requests; n != 1 {
		t.Errorf("the model got %d requests, want only that of the old server", n)
	}
}

func forward(t *testing.T, w http.ResponseWriter, url string, body []byte) {
	resp, err := http.Post(url+"/chat/completions", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Errorf("forward: %v", err)
		return
	}
	defer resp.Body.Close()
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}

func TestSecretHides(t *testing.T) {
	m := translate.Model{Name: "m", APIKey: "sk-secret"}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{fmt.Sprint(m), fmt.Sprintf("%v %+v %#v %s %q", m, m, m, m.APIKey, m.APIKey), string(data)} {
		if strings.Contains(got, "sk-secret") {
			t.Errorf("a secret shows in %q", got)
		}
	}
}
