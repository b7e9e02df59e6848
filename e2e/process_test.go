//go:build e2e

package e2e_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// root is the repository's root; tests run in their package's folder.
const root = ".."

const (
	modelReadyWithin = 15 * time.Minute // the first time it is fetched
	yeokReadyWithin  = 30 * time.Second
	yeokEndsWithin   = time.Minute // longer than its drain timeout
)

// startModel runs the demo's local model until the test ends; it returns the
// model's base URL.
func startModel(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "python3", filepath.Join(root, "demo", "model.py"), "serve", "--with-parent")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Wait() }) // the test's context has ended it
	return firstMatch(t, out, regexp.MustCompile(`^(http://\S+)$`), modelReadyWithin)
}

// buildYeok builds the binary once; it returns its path.
func buildYeok(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "yeok")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/yeok")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build ./cmd/yeok: %v\n%s", err, out)
	}
	return binary
}

// writeSettings writes settings with one model and a store of their own; it
// returns the file's path.
func writeSettings(t *testing.T, modelURL string) string {
	t.Helper()
	folder := t.TempDir()
	prompts, err := filepath.Abs("../demo/prompts") // the model is the demo's, and so are its prompts
	if err != nil {
		t.Fatal(err)
	}
	settings, err := json.Marshal(map[string]any{ // JSON is YAML
		"httpAddr": "127.0.0.1:0", "grpcAddr": "127.0.0.1:0", "adminAddr": "127.0.0.1:0",
		"store":     filepath.Join(folder, "yeok.db"),
		"promptDir": prompts,
		"models": []any{map[string]any{
			"name":    "qwen2.5-coder-1.5b-instruct-q4_k_m",
			"baseUrl": modelURL,
			"profile": map[string]any{
				"blocksPerCall": 1, "prompt": "compact", "contextWindow": 4096, "concurrency": 4, "temperature": 0,
				"extra": map[string]any{"repeat_penalty": 1.1, "repeat_last_n": 128, "cache_prompt": true},
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "yeok.yaml")
	if err := os.WriteFile(path, settings, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// gateway is a running `yeok serve`.
type gateway struct {
	cmd *exec.Cmd
	url string // of its HTTP API
}

// startYeok runs yeok until stop is called, or the test ends.
func startYeok(t *testing.T, binary, settings string) *gateway {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, "serve", "--config", settings)
	cmd.Env = environment()
	talk, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address := firstMatch(t, talk, regexp.MustCompile(`http listening on (\S+)`), yeokReadyWithin)
	return &gateway{cmd: cmd, url: "http://" + address}
}

// stop sends SIGTERM and reports anything but a clean end.
func (g *gateway) stop(t *testing.T) {
	t.Helper()
	if err := g.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("yeok serve ended before it was told to: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- g.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("yeok serve after SIGTERM: got %v, want exit 0", err)
		}
	case <-time.After(yeokEndsWithin):
		t.Fatalf("yeok serve did not end within %v of SIGTERM", yeokEndsWithin)
	}
}

// environment is the user's, less what would override the test's settings.
func environment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "YEOK_") && !strings.HasPrefix(entry, "OPENAI_") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// firstMatch reads lines until one matches and returns the match's first group;
// what comes after is read and logged, so that its writer never blocks.
func firstMatch(t *testing.T, r io.Reader, pattern *regexp.Regexp, within time.Duration) string {
	t.Helper()
	found := make(chan string, 1)
	go func() {
		defer close(found)
		for lines := bufio.NewScanner(r); lines.Scan(); {
			if match := pattern.FindStringSubmatch(lines.Text()); match != nil && len(found) == 0 {
				found <- match[1]
				continue
			}
			os.Stderr.WriteString(lines.Text() + "\n")
		}
	}()
	select {
	case match, ok := <-found:
		if !ok {
			t.Fatalf("process ended without a line like %v", pattern)
		}
		return match
	case <-time.After(within):
		t.Fatalf("no line like %v within %v", pattern, within)
	}
	return ""
}
