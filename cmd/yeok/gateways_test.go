package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"yeok/internal/llmtest"
)

// startRedis starts a real Redis that ends with the test, and returns its
// address.
func startRedis(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("REDIS IS NOT TESTED: there is no redis-server here (Debian: apt-get install redis-server)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_, port, _ := net.SplitHostPort(addr)
	l.Close()
	cmd := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--dir", t.TempDir(), "--save", "", "--requirepass", "secret")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	for range 500 {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return addr
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("redis-server does not listen after five seconds")
	return ""
}

// TestGatewaysShareABudget has one gateway spend what the other one then lacks.
func TestGatewaysShareABudget(t *testing.T) {
	addr := startRedis(t)
	llm := llmtest.New(t, llmtest.Options{})
	ask := func(g *gateway, source, more string) (int, string) {
		t.Helper()
		body := fmt.Sprintf(`{"source":{"text":%q},"targetLanguageCodes":["en"]%s}`, source, more)
		resp, err := http.Post("http://"+g.addrs["http"]+"/v1/articles:translate", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(answer)
	}
	free := serve(t, call{dir: t.TempDir(), env: append(modelEnv(llm), "YEOK_STORE=memory")})
	var dry struct {
		Estimates []struct {
			ReservedUsage struct{ PromptTokens, CompletionTokens int }
		}
	}
	if _, answer := ask(free, page(t), `,"dryRun":true`); json.Unmarshal([]byte(answer), &dry) != nil || len(dry.Estimates) != 1 {
		t.Fatalf("dry run: %s", answer)
	}
	most := dry.Estimates[0].ReservedUsage
	dir := folder(t, map[string]string{"yeok.yaml": fmt.Sprintf("budgets: [{per: month, tokens: %d}]", most.PromptTokens+most.CompletionTokens+200)})
	c := call{dir: dir, env: append(modelEnv(llm), "YEOK_STORE=redis://"+addr, "YEOK_STORE_PASSWORD=secret", "YEOK_CONFIG=yeok.yaml")}
	a, b := serve(t, c), serve(t, c)
	if code, answer := ask(a, page(t), ""); code != http.StatusOK {
		t.Errorf("the first article: %d %s", code, answer)
	}
	other := strings.Repeat("새들시는 다음 달부터 시내버스 노선을 새로 짠다고 밝혔다. 시민 의견은 이달 말까지 듣는다. ", 4)
	if code, answer := ask(b, "새들시, 버스 노선 개편\n\n"+other, ""); code != http.StatusTooManyRequests || !strings.Contains(answer, "BUDGET_EXCEEDED") {
		t.Errorf("another article at the other gateway: %d %s, want 429 BUDGET_EXCEEDED", code, answer)
	}
	if code, answer := ask(b, page(t), ""); code != http.StatusOK {
		t.Errorf("the first article at the other gateway, remembered: %d %s", code, answer)
	}
}

// TestGatewaysShareARedis asks two gateways for the same article at the same
// time, many callers each. What one would pay is paid once.
func TestGatewaysShareARedis(t *testing.T) {
	addr := startRedis(t)
	llm := llmtest.New(t, llmtest.Options{TTFT: 200 * time.Millisecond})
	c := call{dir: t.TempDir(), env: append(modelEnv(llm), "YEOK_STORE=redis://"+addr, "YEOK_STORE_PASSWORD=secret")}
	body := fmt.Sprintf(`{"source":{"text":%q},"targetLanguageCodes":["en"]}`, page(t))
	a, b := serve(t, c), serve(t, c)
	var wg sync.WaitGroup
	for range 20 {
		for _, g := range []*gateway{a, b} {
			wg.Go(func() {
				resp, err := http.Post("http://"+g.addrs["http"]+"/v1/articles:translate", "application/json", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				defer resp.Body.Close()
				if answer, err := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK || err != nil {
					t.Errorf("POST /v1/articles:translate: %s, %v: %.200s", resp.Status, err, answer)
				}
			})
		}
	}
	wg.Wait()
	paid := llm.Stats().Requests
	alone := llmtest.New(t, llmtest.Options{})
	one := call{dir: t.TempDir(), stdin: page(t), env: append(modelEnv(alone), "YEOK_STORE=memory")}
	translated(t, one, 0, "--to", "en")
	if want := alone.Stats().Requests; paid != want {
		t.Errorf("two gateways of 20 callers made %d requests to the model, one call makes %d", paid, want)
	}

	// The command line finds what the gateways remember, while they run.
	if got := c.run(t, "cache", "purge", "--language", "en", "--format", "json"); got.code != 0 || strings.HasPrefix(got.stdout, `{"bytes":0`) {
		t.Errorf("yeok cache purge: exit %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
	}
}
