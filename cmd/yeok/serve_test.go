package main_test

import (
	"bufio"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// gateway is a running `yeok serve`.
type gateway struct {
	cmd    *exec.Cmd
	said   *bufio.Reader // standard error
	before string        // what it said before it listened
	addrs  map[string]string
}

var listening = regexp.MustCompile(`^(http|grpc|admin) listening on (\S+)\n$`)

// serve starts `yeok serve` on free ports and waits until it listens.
func serve(t *testing.T, c call, args ...string) *gateway {
	t.Helper()
	args = append([]string{"serve", "--http-addr=127.0.0.1:0", "--grpc-addr=127.0.0.1:0", "--admin-addr=127.0.0.1:0"}, args...)
	g := &gateway{cmd: c.command(args...), addrs: map[string]string{}}
	stderr, err := g.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	g.said = bufio.NewReader(stderr)
	if err := g.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.cmd.Process.Kill() }) // it has ended already, if all is well
	for len(g.addrs) < 3 {
		line, err := g.said.ReadString('\n')
		if err != nil {
			t.Fatalf("yeok serve ended early; its last words: %q", line)
		}
		if m := listening.FindStringSubmatch(line); m != nil {
			g.addrs[m[1]] = m[2]
		} else {
			g.before += line
		}
	}
	return g
}

// end waits for the process and returns what it said since it listened, and its
// exit code.
func (g *gateway) end(t *testing.T) (said string, code int) {
	t.Helper()
	rest, err := io.ReadAll(g.said)
	if err != nil {
		t.Fatal(err)
	}
	_ = g.cmd.Wait() // the exit code says it
	return string(rest), g.cmd.ProcessState.ExitCode()
}

func (g *gateway) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := g.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, url string) (body string, code int) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content), resp.StatusCode
}

// TestServe starts without a model, answers on all doors, and ends with 0.
func TestServe(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		dir := t.TempDir()
		g := serve(t, call{dir: dir})
		for door, path := range map[string]string{"http": "/healthz", "admin": "/metrics"} {
			if body, code := get(t, "http://"+g.addrs[door]+path); code != http.StatusOK {
				t.Errorf("GET %s: %d %s", path, code, body)
			}
		}
		if got := (call{dir: dir}).run(t, "cache", "stats"); got.code != 1 || !strings.Contains(got.stderr, "another process") {
			t.Errorf("yeok cache stats beside a running yeok: exit %d, stderr %q", got.code, got.stderr)
		}
		if got := (call{dir: dir}).run(t, "cache", "stats", "--admin-addr", g.addrs["admin"]); got.code != 0 || !strings.Contains(got.stdout, "remembered") {
			t.Errorf("yeok cache stats through a running yeok: exit %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
		}
		for _, args := range [][]string{{"compact"}, {"purge", "--all", "--yes"}} {
			args = append(append([]string{"cache"}, args...), "--admin-addr", g.addrs["admin"])
			if got := (call{dir: dir}).run(t, args...); got.code != 0 {
				t.Errorf("yeok %q through a running yeok: exit %d, stderr %q", args, got.code, got.stderr)
			}
		}
		g.signal(t, s)
		said, code := g.end(t)
		if code != 0 {
			t.Errorf("yeok serve after %v: exit %d, want 0; it said %q", s, code, said)
		}
		if !strings.Contains(said, "no model: set YEOK_MODEL") {
			t.Errorf("yeok serve without a model does not say what is missing: %q", said)
		}
		if strings.Contains(said, "warning") {
			t.Errorf("yeok serve on loopback warns: %q", said)
		}
		if got := (call{dir: dir}).run(t, "cache", "stats"); got.code != 0 {
			t.Errorf("yeok cache stats after the end: exit %d, stderr %q", got.code, got.stderr)
		}
	}
}

// TestServeOnTakenPorts says so before anything is served, for all doors at once.
func TestServeOnTakenPorts(t *testing.T) {
	first := serve(t, call{dir: t.TempDir()})
	got := call{dir: t.TempDir()}.run(t, "serve",
		"--http-addr", first.addrs["http"], "--grpc-addr", first.addrs["grpc"], "--admin-addr=127.0.0.1:0")
	if got.code != 1 || !strings.Contains(got.stderr, "http-addr: ") || !strings.Contains(got.stderr, "grpc-addr: ") || strings.Contains(got.stderr, "listening on") {
		t.Errorf("yeok serve on taken ports: exit %d, stderr %q", got.code, got.stderr)
	}
	first.signal(t, syscall.SIGTERM)
	first.end(t)
}

// TestServeModelNotes tells half a model from none and from a whole one.
func TestServeModelNotes(t *testing.T) {
	dir := folder(t, map[string]string{"yeok.yaml": "models: [{name: listed, baseUrl: 'http://127.0.0.1:1/v1'}]"})
	for _, test := range []struct {
		env  []string
		want string // "" for a whole model
	}{
		{[]string{"OPENAI_API_KEY=k"}, "but YEOK_MODEL, the model's name, is not"},
		{[]string{"YEOK_MODEL=m"}, "m is not in the configuration file, and neither OPENAI_API_KEY nor OPENAI_BASE_URL is set"},
		{[]string{"YEOK_MODEL=m", "OPENAI_BASE_URL=http://127.0.0.1:1/v1"}, ""},
		{[]string{"YEOK_CONFIG=yeok.yaml"}, ""},
		{[]string{"YEOK_CONFIG=yeok.yaml", "YEOK_MODEL=listed"}, ""},
	} {
		g := serve(t, call{dir: dir, env: test.env}, "--store=memory")
		g.signal(t, syscall.SIGTERM)
		said, _ := g.end(t)
		if test.want == "" && strings.Contains(said, "no model") || !strings.Contains(said, test.want) {
			t.Errorf("yeok serve with %q says %q, want %q", test.env, said, test.want)
		}
	}
}

// TestServeOverADamagedStore goes on with a new file and says where the old one
// is; a tool leaves it and says what is wrong.
func TestServeOverADamagedStore(t *testing.T) {
	dir := folder(t, map[string]string{"yeok.db": string(make([]byte, 64<<10))})
	c := call{dir: dir, env: []string{"YEOK_STORE=yeok.db"}}
	if got := c.run(t, "cache", "stats"); got.code != 1 || !strings.Contains(got.stderr, "the store is damaged") {
		t.Errorf("yeok cache stats over a damaged store: exit %d, stderr %q", got.code, got.stderr)
	}
	g := serve(t, c)
	if body, code := get(t, "http://"+g.addrs["http"]+"/readyz"); code != http.StatusOK {
		t.Errorf("GET /readyz over a damaged store: %d %s", code, body)
	}
	g.signal(t, syscall.SIGTERM)
	if _, code := g.end(t); code != 0 {
		t.Errorf("yeok serve over a damaged store: exit %d", code)
	}
	if !strings.Contains(g.before, "the store is damaged") || !strings.Contains(g.before, "yeok.db.damaged-") {
		t.Errorf("yeok serve over a damaged store says %q", g.before)
	}
	if got := c.run(t, "cache", "stats"); got.code != 0 {
		t.Errorf("yeok cache stats over the new store: exit %d, stderr %q", got.code, got.stderr)
	}
	// A file of somebody else's is not touched.
	dir = folder(t, map[string]string{"yeok.db": strings.Repeat("dear diary\n", 10_000)})
	if got := (call{dir: dir, env: c.env}).run(t, "serve"); got.code != 1 || !strings.Contains(got.stderr, "not a yeok store") {
		t.Errorf("yeok serve over a diary: exit %d, stderr %q", got.code, got.stderr)
	}
}
