package cache_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"yeok/cache"
)

// redisServer is a real Redis on the loopback interface, in a folder of its own.
type redisServer struct {
	t       testing.TB
	dir     string
	addr    string
	args    []string
	process *os.Process
}

// startRedis starts a server that ends with the test. The test is skipped where
// there is no redis-server.
func startRedis(t testing.TB, args ...string) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("REDIS IS NOT TESTED: there is no redis-server here (Debian: apt-get install redis-server)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &redisServer{t: t, dir: t.TempDir(), addr: l.Addr().String(), args: args}
	l.Close()
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *redisServer) start() {
	s.t.Helper()
	_, port, _ := net.SplitHostPort(s.addr)
	cmd := exec.Command("redis-server", append([]string{"--bind", "127.0.0.1", "--port", port, "--dir", s.dir,
		"--save", "", "--appendonly", "no", "--daemonize", "no"}, s.args...)...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.process = cmd.Process
	go func() { _ = cmd.Wait() }()
	for range 500 {
		if conn, err := net.Dial("tcp", s.addr); err == nil {
			conn.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatal("redis-server does not listen after five seconds")
}

func (s *redisServer) kill() {
	_ = s.process.Signal(syscall.SIGCONT) // in case a test has stopped it
	_ = s.process.Kill()
	for range 500 {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			return
		}
		conn.Close()
		time.Sleep(10 * time.Millisecond)
	}
}

// do sends one command as an operator would, behind yeok's back.
func (s *redisServer) do(args ...string) rueidis.RedisResult {
	s.t.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{s.addr}, DisableCache: true, ForceSingleClient: true})
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	return client.Do(context.Background(), client.B().Arbitrary(args...).Build())
}

func (s *redisServer) mustDo(args ...string) {
	s.t.Helper()
	if err := s.do(args...).Error(); err != nil {
		s.t.Fatalf("%q: %v", args, err)
	}
}

// options are those of a cache of its own on the server.
func (s *redisServer) options() cache.Options {
	return cache.Options{Redis: cache.Redis{URL: "redis://" + s.addr, Prefix: fmt.Sprintf("test%d:", serial.Add(1))}}
}

var serial atomic.Int64

// startCluster starts a cluster of one server, which is a cluster to its clients.
func startCluster(t testing.TB) *redisServer {
	s := startRedis(t, "--cluster-enabled", "yes")
	s.mustDo("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	eventually(t, "the cluster is ready", func() bool {
		info, _ := s.do("CLUSTER", "INFO").ToString()
		return strings.Contains(info, "cluster_state:ok")
	})
	return s
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for range 1000 {
		if holds() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("after five seconds it is still not so that %s", what)
}

// TestRedisTellsOfChanges changes entries through one gateway and reads them
// through another, whose copy in memory must go.
func TestRedisTellsOfChanges(t *testing.T) {
	options := startRedis(t).options()
	a, b := open(t, options), open(t, options)
	reads := func(key, want string) {
		t.Helper()
		eventually(t, fmt.Sprintf("the other gateway reads %q under %s", want, key), func() bool {
			got, _ := b.Get(key)
			return string(got) == want
		})
	}
	put(t, a, "k", "one", "language:en")
	put(t, a, "deleted", "one")
	reads("k", "one")
	reads("deleted", "one")
	reads("new", "")
	put(t, a, "new", "one")
	reads("new", "one") // that it was missing was in memory too
	// News of the Put above may come late and drop a copy once more.
	eventually(t, "the copy in memory is used", func() bool {
		before := b.Counters().Memory.Hits
		contents(b, "k")
		return b.Counters().Memory.Hits > before
	})
	put(t, a, "k", "two", "language:en")
	reads("k", "two")
	if err := a.Delete("deleted"); err != nil {
		t.Fatal(err)
	}
	reads("deleted", "")
	if n, _, err := a.Purge([]string{"language:en"}, false); n != 1 || err != nil {
		t.Fatalf("Purge = %d, %v, want 1", n, err)
	}
	reads("k", "")
}

// TestRedisUntracked reads a change without the server's help.
func TestRedisUntracked(t *testing.T) {
	options := startRedis(t).options()
	options.Redis.NoTracking = true
	a, b := open(t, options), open(t, options)
	put(t, a, "k", "one")
	contents(b, "k")
	put(t, a, "k", "two")
	eventually(t, "the other gateway reads the change", func() bool {
		got, _ := b.Get("k")
		return string(got) == "two"
	})
}

// TestRedisGoesAway lets the server die and come back. Readers get misses, at
// once; what is in memory stays; a writer is told.
func TestRedisGoesAway(t *testing.T) {
	server := startRedis(t)
	options := server.options()
	c := open(t, options)
	put(t, c, "in memory", "v")
	put(t, c, "in redis", "v")
	contents(c, "in memory")
	server.kill()
	if got := contents(c, "in memory", "in redis"); len(got) != 1 {
		t.Errorf("while the server is away: %v, want what is in memory", got)
	}
	eventually(t, "the breaker is open", func() bool {
		began := time.Now()
		c.Get("absent")
		return time.Since(began) < 10*time.Millisecond
	})
	err := c.Put("paid", cache.Entry{Value: []byte("v")})
	if !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("Put = %v, want ErrUnavailable", err)
	}
	if got := contents(c, "paid"); len(got) != 1 {
		t.Error("what was paid while the server is away is forgotten")
	}
	if c.Counters().File.Errors == 0 {
		t.Error("Counters: no errors")
	}
	server.start()
	eventually(t, "the server takes a Put again", func() bool {
		return c.Put("back", cache.Entry{Value: []byte("v")}) == nil
	})
	eventually(t, "copies of what the server has lost are not believed any more", func() bool {
		return len(contents(c, "in memory")) == 0
	})
	if got := contents(c, "paid"); len(got) != 1 {
		t.Error("what the server has never had is forgotten")
	}
	another := open(t, options)
	eventually(t, "what was paid while the server was away is there for others", func() bool {
		return len(contents(another, "paid")) == 1
	})
}

// TestRedisHangs stops the server without closing its connections.
func TestRedisHangs(t *testing.T) {
	server := startRedis(t)
	options := server.options()
	options.Redis.Timeout = 50 * time.Millisecond
	c := open(t, options)
	put(t, c, "k", "v")
	if err := server.process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for range 100 {
		if _, ok := c.Get("k"); ok {
			t.Fatal("Get found something behind a server that hangs")
		}
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("100 readers waited %v for a server that hangs, want three timeouts of 50ms", took)
	}
	if err := server.process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the entry is read again", func() bool { _, ok := c.Get("k"); return ok })
}

// TestRedisIsNotThereYet opens a cache before its server is up.
func TestRedisIsNotThereYet(t *testing.T) {
	server := startRedis(t)
	server.kill()
	c := open(t, server.options())
	if err := c.Put("k", cache.Entry{Value: []byte("v")}); !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("Put = %v, want ErrUnavailable", err)
	}
	if _, err := c.Stats(); !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("Stats = %v, want ErrUnavailable", err)
	}
	if err := c.Ping(); !errors.Is(err, cache.ErrUnavailable) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Ping = %v, want ErrUnavailable and why", err)
	}
	server.start()
	eventually(t, "the server takes a Put", func() bool {
		return c.Put("k", cache.Entry{Value: []byte("v")}) == nil
	})
	if err := c.Ping(); err != nil {
		t.Errorf("Ping = %v", err)
	}
}

func TestOpenRefusesARedis(t *testing.T) {
	server := startRedis(t)
	server.mustDo("ACL", "SETUSER", "yeok", "on", ">secret", "~test*", "&*", "+@all", "-@dangerous")
	newer := server.options().Redis
	newer.URL = "redis://" + server.addr
	server.mustDo("SET", newer.Prefix+"format", "999")
	for name, test := range map[string]struct {
		redis cache.Redis
		want  string
	}{
		"wrong password":      {cache.Redis{URL: "redis://yeok@" + server.addr, Password: "guess"}, "WRONGPASS"},
		"foreign keys":        {cache.Redis{URL: "redis://yeok@" + server.addr, Password: "secret", Prefix: "other:"}, "NOPERM"},
		"newer format":        {newer, "format"},
		"password in the URL": {cache.Redis{URL: "redis://yeok:hunter2@" + server.addr}, "must not be in the address"},
		"unchecked TLS":       {cache.Redis{URL: "rediss://" + server.addr + "?skip_verify"}, "skip_verify"},
		"no Redis":            {cache.Redis{URL: "http://" + server.addr}, "the address of a Redis is"},
		"pattern as a prefix": {cache.Redis{URL: "redis://" + server.addr, Prefix: "*"}, "prefix"},
	} {
		c, err := cache.Open(cache.Options{Redis: test.redis})
		if err == nil {
			c.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: Open = %v, want an error with %q and no password", name, err, test.want)
		}
	}
	c := open(t, cache.Options{Redis: cache.Redis{URL: "redis://yeok@" + server.addr, Password: "secret", Prefix: "test:"}})
	put(t, c, "k", "v")
	if got := contents(c, "k"); len(got) != 1 {
		t.Error("a user who may is refused")
	}
	if _, err := cache.Open(cache.Options{Path: filepath.Join(t.TempDir(), "s"), Redis: newer}); err == nil {
		t.Error("Open took a file and a Redis")
	}
}

// TestRedisOverTLS talks to a server whose certificate an authority of the
// test's own has signed, as a user with as few rights as the README names.
func TestRedisOverTLS(t *testing.T) {
	dir := t.TempDir()
	certificate, key, authority := certify(t, dir)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	server := startRedis(t, "--tls-port", port, "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no")
	server.mustDo("ACL", "SETUSER", "yeok", "on", ">secret", "~yeok:*", "+@read", "+@write", "+@scripting", "+@connection", "+scan", "+role")
	options := cache.Options{Redis: cache.Redis{URL: "rediss://yeok@127.0.0.1:" + port + "/3", Password: "secret"}}
	if c, err := cache.Open(options); err == nil {
		c.Close()
		t.Error("Open took a server whose certificate nobody known has signed")
	}
	options.Redis.TLS = &tls.Config{RootCAs: authority, MinVersion: tls.VersionTLS12}
	g := newGateway(t, options, 0, nil)
	if _, err := g.translate(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	if got := contents(g.Cache, "k"); len(got) != 1 {
		t.Error("Get over TLS found nothing")
	}
	if n, _, err := g.Purge(nil, false); n != 1 || err != nil {
		t.Errorf("Purge = %d, %v, want 1", n, err)
	}
	if _, ok := g.Get("k"); ok {
		t.Error("Get after Purge found something")
	}
	if got := g.Counters(); got.File.Errors > 0 || got.Leases.Without > 0 || got.Leases.Held != 1 {
		t.Errorf("Counters = %+v, want one lease and no errors", got)
	}
}

// certify makes a certificate for 127.0.0.1 that signs itself.
func certify(t *testing.T, dir string) (certificate, key string, authority *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	inPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})
	err = errors.Join(
		os.WriteFile(certificate, inPEM, 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	authority = x509.NewCertPool()
	authority.AppendCertsFromPEM(inPEM)
	return certificate, key, authority
}

// TestRedisIsFull lets a writer meet a server without room. It is there, so
// readers are served.
func TestRedisIsFull(t *testing.T) {
	server := startRedis(t)
	options := server.options()
	options.MemoryBytes = 1
	c := open(t, options)
	put(t, c, "k", "v")
	server.mustDo("CONFIG", "SET", "maxmemory", "1")
	for range 5 {
		if err := c.Put("more", cache.Entry{Value: []byte("v")}); err == nil || errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("Put = %v, want the server's refusal", err)
		}
	}
	if got := contents(c, "k"); len(got) != 1 {
		t.Error("Get from a server that is full found nothing")
	}
}
