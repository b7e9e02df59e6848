package main_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	yeokv1 "yeok/api/yeok/v1"
)

// TestServeRefusesOpenDoors: without keys there is nothing but loopback, and
// half a TLS is no TLS. Nothing may have been opened when it is said.
func TestServeRefusesOpenDoors(t *testing.T) {
	cert, key := pairPEM(t)
	_, otherKey := pairPEM(t)
	dir := folder(t, map[string]string{"cert.pem": cert, "key.pem": key, "other.pem": otherKey, "broken.jsonl": "x", "empty.pem": ""})
	for _, test := range []struct {
		args []string
		want []string
	}{
		{[]string{"--grpc-addr=0.0.0.0:0"}, []string{"grpc-addr: 0.0.0.0:0 can be reached from other machines", "set keys-file"}},
		{[]string{"--http-addr=:0", "--admin-addr=[::]:0"}, []string{"http-addr: :0 can", "admin-addr: [::]:0 can"}},
		{[]string{"--keys-file=none.jsonl"}, []string{"keys-file: ", "none.jsonl"}},
		{[]string{"--keys-file=broken.jsonl"}, []string{"keys-file: ", "line 1 is not a key"}},
		{[]string{"--tls-cert=cert.pem"}, []string{"tls-cert: needs tls-key"}},
		{[]string{"--tls-key=key.pem", "--http-addr=:0"}, []string{"tls-cert: needs tls-key", "http-addr: :0 can"}},
		{[]string{"--tls-cert=cert.pem", "--tls-key=other.pem"}, []string{"tls-cert: ", "does not match"}},
		{[]string{"--tls-cert=none.pem", "--tls-key=key.pem"}, []string{"tls-cert: ", "none.pem"}},
		{[]string{"--tls-client-ca=cert.pem"}, []string{"tls-client-ca: means nothing without tls-cert"}},
		{[]string{"--tls-cert=cert.pem", "--tls-key=key.pem", "--tls-client-ca=empty.pem"}, []string{"empty.pem holds no certificate"}},
	} {
		got := call{dir: dir}.run(t, append([]string{"serve", "--store=memory"}, test.args...)...)
		if got.code != 2 || strings.Contains(got.stderr, "listening") {
			t.Errorf("yeok serve %q: exit %d, stderr %q", test.args, got.code, got.stderr)
		}
		for _, want := range test.want {
			if !strings.Contains(got.stderr, want) {
				t.Errorf("yeok serve %q says %q, want %q", test.args, got.stderr, want)
			}
		}
	}
}

func TestServeSaysThatKeysAreOff(t *testing.T) {
	dir := t.TempDir()
	for _, key := range []string{"", makeKey(t, dir)} {
		var args []string
		if key != "" {
			args = []string{"--keys-file=keys.jsonl"}
		}
		g := serve(t, call{dir: dir}, append(args, "--store=memory")...)
		g.signal(t, syscall.SIGTERM)
		if said, _ := g.end(t); strings.Contains(said, "keys are off") != (key == "") {
			t.Errorf("yeok serve %q says %q", args, said)
		}
	}
}

// status is what the gateway answers to who has the key.
func (g *gateway) statusOf(t *testing.T, client *http.Client, scheme, key string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", scheme+"://"+g.addrs["http"]+"/v1/languages", nil)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

// TestServeTakesUpKeys makes and revokes keys while yeok runs.
func TestServeTakesUpKeys(t *testing.T) {
	dir := t.TempDir()
	c := call{dir: dir, env: []string{"YEOK_KEYS_FILE=keys.jsonl"}}
	first := makeKey(t, dir)
	g := serve(t, c, "--store=memory")
	for key, want := range map[string]int{"": 401, first: 200, first + "x": 401} {
		if got := g.statusOf(t, http.DefaultClient, "http", key); got != want {
			t.Errorf("GET /v1/languages with the key %q = %d, want %d", key, got, want)
		}
	}
	second := makeKey(t, dir)
	waitForStatus(t, g, second, 200)
	if got := c.run(t, "keys", "revoke", idOf(first)); got.code != 0 {
		t.Fatalf("yeok keys revoke: %q", got.stderr)
	}
	waitForStatus(t, g, first, 401)
	if got := g.statusOf(t, http.DefaultClient, "http", second); got != 200 {
		t.Errorf("revoking one key ended another: %d", got)
	}
	conn, err := grpc.NewClient(g.addrs["grpc"], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for key, want := range map[string]codes.Code{first: codes.Unauthenticated, second: codes.OK} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+key)
		if _, err := yeokv1.NewTranslationServiceClient(conn).ListLanguages(ctx, &yeokv1.ListLanguagesRequest{}); status.Code(err) != want {
			t.Errorf("ListLanguages with the key %s = %v, want %v", idOf(key), err, want)
		}
	}
	g.signal(t, syscall.SIGTERM)
	if said, code := g.end(t); code != 0 || strings.Contains(said, first) || strings.Contains(said, second) {
		t.Errorf("yeok serve: exit %d, said %q", code, said)
	}
}

func waitForStatus(t *testing.T, g *gateway, key string, want int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); g.statusOf(t, http.DefaultClient, "http", key) != want; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after 20 s the key %s is not yet answered with %d", idOf(key), want)
		}
	}
}

// TestServeOverTLS speaks TLS on both doors and nothing else.
func TestServeOverTLS(t *testing.T) {
	cert, key := pairPEM(t)
	dir := folder(t, map[string]string{"cert.pem": cert, "key.pem": key})
	g := serve(t, call{dir: dir}, "--store=memory", "--tls-cert=cert.pem", "--tls-key=key.pem")
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(cert))
	config := &tls.Config{RootCAs: pool}
	var version string
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
	if got := g.statusOf(t, client, "https", ""); got != 200 {
		t.Errorf("GET /v1/languages over TLS = %d", got)
	}
	if resp, err := client.Get("https://" + g.addrs["http"] + "/healthz"); err == nil {
		version = resp.Proto
		resp.Body.Close()
	}
	if version != "HTTP/2.0" {
		t.Errorf("HTTPS speaks %q, want HTTP/2.0", version)
	}
	if got := g.statusOf(t, http.DefaultClient, "http", ""); got != 400 {
		t.Errorf("plain HTTP is answered with %d, want 400", got)
	}
	for name, test := range map[string]struct {
		creds credentials.TransportCredentials
		want  codes.Code
	}{"TLS": {credentials.NewTLS(config), codes.OK}, "plain text": {insecure.NewCredentials(), codes.Unavailable}} {
		conn, err := grpc.NewClient(g.addrs["grpc"], grpc.WithTransportCredentials(test.creds))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		if _, err := yeokv1.NewTranslationServiceClient(conn).ListLanguages(ctx, &yeokv1.ListLanguagesRequest{}); status.Code(err) != test.want {
			t.Errorf("gRPC over %s = %v, want %v", name, err, test.want)
		}
		stop()
		conn.Close()
	}
	if _, code := get(t, "http://"+g.addrs["admin"]+"/metrics"); code != 200 {
		t.Errorf("the admin listener on loopback answers %d", code)
	}

	// A broken pair changes nothing; and yeok stays on TLS.
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line := ""; !strings.Contains(line, "cannot be used"); {
		var err error
		if line, err = g.said.ReadString('\n'); err != nil {
			t.Fatalf("yeok does not say that its certificate is broken: %v", err)
		}
	}
	client.CloseIdleConnections()
	if got := g.statusOf(t, client, "https", ""); got != 200 {
		t.Errorf("GET /v1/languages with a broken new certificate = %d", got)
	}
	g.signal(t, syscall.SIGTERM)
	if said, code := g.end(t); code != 0 || strings.Contains(said, "PRIVATE KEY") {
		t.Errorf("yeok serve: exit %d, said %q", code, said)
	}
}

// pairPEM is a self-signed certificate for 127.0.0.1, and its key.
func pairPEM(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}
