package main_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"yeok/internal/llmtest"
)

// translateHanging calls yeok, and returns once the model has the request and
// keeps it.
func translateHanging(t *testing.T, g *gateway, llm *llmtest.Server) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"source": map[string]string{"text": page(t)}, "targetLanguageCodes": []string{"en"}})
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		resp, err := http.Post("http://"+g.addrs["http"]+"/v1/articles:translate", "application/json", bytes.NewReader(body))
		if err == nil {
			_ = resp.Body.Close() // how the call ends is not what is tested
		}
	}()
	for llm.Stats().InFlight == 0 {
		select {
		case <-answered:
			t.Fatal("the call was answered, and the model was not asked")
		default:
			runtime.Gosched()
		}
	}
}

// TestServeCutsWhatHangs drains for as long as it is told, not for ever.
func TestServeCutsWhatHangs(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.Hang}}})
	g := serve(t, call{dir: t.TempDir(), env: modelEnv(llm)}, "--store=memory", "--drain-timeout=100ms")
	translateHanging(t, g, llm)
	g.signal(t, syscall.SIGTERM)
	said, code := g.end(t)
	if code != 0 || !strings.Contains(said, "what still ran after 100ms was cut") {
		t.Errorf("yeok serve with a call that hangs, after SIGTERM: exit %d, said %q", code, said)
	}
}

// TestServeSecondSignal ends at once, whatever runs.
func TestServeSecondSignal(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.Hang}}})
	g := serve(t, call{dir: t.TempDir(), env: modelEnv(llm)}, "--store=memory", "--drain-timeout=1h")
	translateHanging(t, g, llm)
	g.signal(t, syscall.SIGTERM)
	for code := http.StatusOK; code == http.StatusOK; {
		_, code = get(t, "http://"+g.addrs["http"]+"/readyz") // draining once it is not
	}
	g.signal(t, syscall.SIGTERM)
	if said, code := g.end(t); code != 1 {
		t.Errorf("yeok serve after the second SIGTERM: exit %d, want 1; it said %q", code, said)
	}
}
