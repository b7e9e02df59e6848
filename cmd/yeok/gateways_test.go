package main_test

import (
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
