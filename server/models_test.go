package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
	"yeok/translate"
)

func TestReadyNamesModels(t *testing.T) {
	broken, good := llmtest.New(t, llmtest.Options{}), llmtest.New(t, llmtest.Options{})
	broken.Fail(llmtest.Rule{Fault: llmtest.InsufficientQuota})
	g := open(t, "", server.Limits{},
		translate.Model{Name: "broken", BaseURL: broken.URL(), APIKey: "sk-secret"},
		translate.Model{Name: "good", BaseURL: good.URL()})
	resp := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, &yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}}, resp); err != nil {
		t.Fatal(err)
	}
	if got := resp.GetTranslations()[0].GetProvenance().GetModel(); got != "good" {
		t.Errorf("translated by %q, want the second model", got)
	}
	body, code, _ := g.send(t, "GET", "/readyz", nil)
	var ready struct {
		Status string
		Models []struct {
			Name, State, Cause string
			RetryAfterSeconds  int
		}
	}
	if err := json.Unmarshal(body, &ready); err != nil {
		t.Fatal(err)
	}
	if code != http.StatusOK || ready.Status != "SERVING" || len(ready.Models) != 2 {
		t.Fatalf("GET /readyz = %d %s, want it serving, and two models", code, body)
	}
	if m := ready.Models[0]; m.Name != "broken" || m.State != "paused" || m.Cause != "quota" || m.RetryAfterSeconds < 1 {
		t.Errorf("GET /readyz: first model %+v, want it paused for its quota", m)
	}
	if m := ready.Models[1]; m.Name != "good" || m.State != "ok" {
		t.Errorf("GET /readyz: second model %+v, want it ok", m)
	}
	if s := string(body); strings.Contains(s, "sk-secret") || strings.Contains(s, "127.0.0.1") {
		t.Errorf("GET /readyz tells a key or an address: %s", s)
	}
	w := httptest.NewRecorder()
	g.srv.Admin().ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/metrics", nil))
	for _, want := range []string{
		`yeok_model_up{model="broken"} 0`, `yeok_model_up{model="good"} 1`,
		`yeok_model_failures_total{class="quota",model="broken"} 1`, `yeok_model_extra_calls_total{kind="retry",model="good"} 0`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

func TestModelLimitReachesTheCaller(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{RetryAfter: 2 * time.Minute})
	llm.Fail(llmtest.Rule{Fault: llmtest.TooManyRequests})
	g := open(t, "", server.Limits{}, modelAt(llm))
	for _, again := range []string{"asked", "not asked again before its time"} {
		_, code, header := g.send(t, "POST", "/v1/articles:translate", jsonOf(t, &yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}}))
		if after := header.Get("Retry-After"); code != http.StatusTooManyRequests || after != "120" && after != "119" {
			t.Errorf("%s: %d, Retry-After %q, want 429 and 120", again, code, after)
		}
	}
	if got := llm.Stats().Requests; got != 1 {
		t.Errorf("a model that asked to be left alone had %d requests, want 1", got)
	}
}
