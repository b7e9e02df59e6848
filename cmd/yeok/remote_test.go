package main_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCacheThroughTheGateway has a running gateway do all that `yeok cache` can,
// with and without being told that it runs.
func TestCacheThroughTheGateway(t *testing.T) {
	dir := filledStore(t)
	offline := call{dir: dir, env: []string{"YEOK_STORE=store.db"}}
	if got := offline.run(t, "cache", "export", "offline.yeok"); got.code != 0 {
		t.Fatalf("yeok cache export: %q", got.stderr)
	}
	g := serve(t, call{dir: dir}, "--store=store.db")
	other := serve(t, call{dir: dir}, "--store=other.db")
	for name, c := range map[string]call{
		"address": {dir: dir, env: []string{"YEOK_STORE=nothing.db"}},
		"in use":  {dir: dir, env: []string{"YEOK_STORE=store.db", "YEOK_ADMIN_ADDR=" + g.addrs["admin"]}},
	} {
		var flags []string
		if name == "address" {
			flags = []string{"--address", g.addrs["admin"]}
		}
		if got := c.run(t, append([]string{"cache", "stats"}, flags...)...); got.code != 0 || !strings.Contains(got.stdout, "4 entries") {
			t.Errorf("%s: yeok cache stats: exit %d, stdout %q, stderr %q", name, got.code, got.stdout, got.stderr)
		}
		if got := c.run(t, append([]string{"cache", "export", "online.yeok"}, flags...)...); got.code != 0 || !strings.Contains(got.stderr, "4 entries exported") {
			t.Errorf("%s: yeok cache export: exit %d, stderr %q", name, got.code, got.stderr)
		}
		if want, got := content(t, dir, "offline.yeok"), content(t, dir, "online.yeok"); want != got {
			t.Errorf("%s: the gateway's export (%d bytes) is not that of its store (%d bytes)", name, len(got), len(want))
		}
	}
	into := call{dir: dir}
	for _, want := range []string{`{"added":4,"expired":0,"kept":0}`, `{"added":0,"expired":0,"kept":4}`} {
		got := into.run(t, "cache", "import", "online.yeok", "--format", "json", "--address", other.addrs["admin"])
		if got.code != 0 || strings.TrimSpace(got.stdout) != want {
			t.Errorf("yeok cache import --address: exit %d, stdout %q, stderr %q, want %s", got.code, got.stdout, got.stderr, want)
		}
	}
	into.stdin = content(t, dir, "online.yeok")[:2000]
	if got := into.run(t, "cache", "import", "--address", other.addrs["admin"]); got.code != 1 || !strings.Contains(got.stderr, "not a whole export") || !strings.Contains(got.stderr, "the same import again") {
		t.Errorf("yeok cache import of a cut file: exit %d, stderr %q", got.code, got.stderr)
	}
}

func content(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestCacheAsksAGuardedGateway reaches an admin listener with keys, TLS and client
// certificates, and is told what is missing.
func TestCacheAsksAGuardedGateway(t *testing.T) {
	cert, key := pairPEM(t)
	dir := folder(t, map[string]string{"cert.pem": cert, "key.pem": key, "empty.pem": "", "blank.txt": "\n"})
	operator, reader, desk := makeKey(t, dir, "--scope", "admin"), makeKey(t, dir, "--scope", "read"), makeKey(t, dir, "--scope", "admin", "--tenant", "desk")
	for name, text := range map[string]string{"operator.txt": operator + "\n", "reader.txt": reader} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g := serve(t, call{dir: dir}, "--store=store.db", "--keys-file=keys.jsonl", "--admin-addr=0.0.0.0:0",
		"--tls-cert=cert.pem", "--tls-key=key.pem", "--tls-client-ca=cert.pem")
	_, port, err := net.SplitHostPort(g.addrs["admin"])
	if err != nil {
		t.Fatal(err)
	}
	at := "127.0.0.1:" + port
	trusted := []string{"--tls-server-ca=cert.pem", "--tls-client-cert=cert.pem", "--tls-client-key=key.pem"}
	for name, test := range map[string]struct {
		env  string
		args []string
		code int
		want string
	}{
		"a key by environment": {"YEOK_API_KEY=" + operator, trusted, 0, "entries"},
		"a key by file":        {"", append([]string{"--api-key-file=operator.txt"}, trusted...), 0, "entries"},
		"no key":               {"", trusted, 1, "put it in YEOK_API_KEY"},
		"a wrong key":          {"YEOK_API_KEY=" + operator + "x", trusted, 1, "the key is not valid"},
		"a key without admin":  {"", append([]string{"--api-key-file=reader.txt"}, trusted...), 1, "lacks the scope admin"},
		"a tenant's key":       {"YEOK_API_KEY=" + desk, trusted, 0, "0 entries"},
		"plain text":           {"YEOK_API_KEY=" + operator, nil, 1, "no gateway answers at " + at},
		"an unknown authority": {"YEOK_API_KEY=" + operator, []string{"--tls=on"}, 1, "certificate signed by unknown authority"},
		"another name":         {"YEOK_API_KEY=" + operator, append([]string{"--tls-server-name=other.example"}, trusted...), 1, "other.example"},
		"no certificate":       {"YEOK_API_KEY=" + operator, trusted[:1], 1, "no gateway answers at " + at},
		"two keys":             {"YEOK_API_KEY=" + operator, []string{"--api-key-file=operator.txt"}, 2, "one of them is wanted"},
		"a blank file":         {"", []string{"--api-key-file=blank.txt"}, 2, "there is no key in blank.txt"},
		"no file":              {"", []string{"--api-key-file=none.txt"}, 2, "none.txt"},
		"half a pair":          {"", []string{"--tls-client-cert=cert.pem"}, 2, "tls-client-cert: needs tls-client-key"},
		"an empty authority":   {"", []string{"--tls-server-ca=empty.pem"}, 2, "there is no certificate in empty.pem"},
		"TLS off and on":       {"", []string{"--tls=off", "--tls-server-ca=cert.pem"}, 2, "tls: is off, but"},
		"TLS perhaps":          {"", []string{"--tls=perhaps"}, 2, `"perhaps" is not on, off or auto`},
	} {
		c := call{dir: dir, env: []string{test.env}}
		got := c.run(t, append([]string{"cache", "stats", "--address", at}, test.args...)...)
		if got.code != test.code || !strings.Contains(got.stdout+got.stderr, test.want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want exit %d and %q", name, got.code, got.stdout, got.stderr, test.code, test.want)
		}
		if strings.Contains(got.stdout+got.stderr, operator) {
			t.Errorf("%s: the key is said", name)
		}
	}
	c := call{dir: dir, env: []string{"YEOK_API_KEY=" + desk}}
	if got := c.run(t, append([]string{"cache", "export", "--tenant=sports", "--address", at}, trusted...)...); got.code != 1 || !strings.Contains(got.stderr, "its own tenant's memory alone") {
		t.Errorf("another tenant's export: exit %d, stderr %q", got.code, got.stderr)
	}
}
