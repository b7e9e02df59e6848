package access_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yeok/access"
)

// identity is a self-signed certificate and its key, as PEM.
type identity struct{ cert, key []byte }

// newIdentity makes one for 127.0.0.1 that is good until end.
func newIdentity(t *testing.T, name string, end time.Time) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: end.AddDate(-2, 0, 0), NotAfter: end,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:        true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return identity{
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
	}
}

// shake does one handshake over a pipe and returns whom the client met, and the
// two ends' errors.
func shake(t *testing.T, config *tls.Config, show *identity) (met string, client, server error) {
	t.Helper()
	there, here := net.Pipe()
	defer here.Close()
	done := make(chan error, 1)
	go func() {
		conn := tls.Server(there, config)
		err := conn.Handshake()
		if err == nil {
			_, err = conn.Write([]byte("x")) // only then has the client's certificate been looked at
		}
		there.Close()
		done <- err
	}()
	ask := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}
	if show != nil {
		pair, err := tls.X509KeyPair(show.cert, show.key)
		if err != nil {
			t.Fatal(err)
		}
		ask.Certificates = []tls.Certificate{pair}
	}
	conn := tls.Client(here, ask)
	err := conn.Handshake()
	if err == nil {
		met = conn.ConnectionState().PeerCertificates[0].Subject.CommonName
		_, err = io.ReadFull(conn, make([]byte, 1))
	}
	return met, err, <-done
}

// TestCertificatesFollowed replaces the files under a listener in every way that
// goes wrong in practice.
func TestCertificatesFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		year := time.Now().AddDate(1, 0, 0)
		first, second := newIdentity(t, "first", year), newIdentity(t, "second", year)
		old := newIdentity(t, "old", time.Now().Add(-time.Hour))
		dir := t.TempDir()
		certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
		write := func(path string, content []byte) {
			t.Helper()
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write(certFile, first.cert)
		write(keyFile, first.key)
		certs, err := access.OpenCertificates(certFile, keyFile, "")
		if err != nil {
			t.Fatal(err)
		}
		config := certs.Config("h2")
		log := &lockedLog{}
		go certs.Watch(t.Context(), slog.New(slog.NewTextHandler(log, nil)))
		expect := func(when, want, said string) {
			t.Helper()
			time.Sleep(1500 * time.Millisecond)
			synctest.Wait()
			if met, err, _ := shake(t, config, nil); met != want {
				t.Errorf("%s: the client met %q (%v), want %q", when, met, err, want)
			}
			got := log.take()
			if said == "" && got != "" || !strings.Contains(got, said) {
				t.Errorf("%s: logged %q, want %q", when, got, said)
			}
			if strings.Contains(got, "PRIVATE") {
				t.Errorf("%s: logged a key: %q", when, got)
			}
		}
		expect("at the start", "first", "")
		write(certFile, second.cert)
		expect("half a change", "first", "cannot be used")
		expect("still half a change", "first", "")
		write(keyFile, second.key)
		expect("the whole change", "second", "in use now")
		write(certFile, second.key) // the wrong way round
		expect("a key for a certificate", "second", "cannot be used")
		write(certFile, old.cert)
		write(keyFile, old.key)
		expect("an expired one", "second", "has expired on")
		if err := os.Remove(keyFile); err != nil {
			t.Fatal(err)
		}
		expect("no key file", "second", "no such file")
		write(certFile, first.cert)
		write(keyFile, first.key)
		expect("back to the first", "first", "in use now")
	})
}

func TestClientCertificates(t *testing.T) {
	year := time.Now().AddDate(1, 0, 0)
	own, friend, stranger := newIdentity(t, "yeok", year), newIdentity(t, "friend", year), newIdentity(t, "stranger", year)
	dir := t.TempDir()
	paths := map[string][]byte{"cert": own.cert, "key": own.key, "ca": friend.cert}
	for name, content := range paths {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	certs, err := access.OpenCertificates(filepath.Join(dir, "cert"), filepath.Join(dir, "key"), filepath.Join(dir, "ca"))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		show *identity
		want bool
	}{"none": {nil, false}, "a stranger's": {&stranger, false}, "a friend's": {&friend, true}} {
		met, client, server := shake(t, certs.Config("h2"), test.show)
		if ok := client == nil && server == nil; ok != test.want {
			t.Errorf("with %s certificate: met %q, client %v, server %v; want accepted %v", name, met, client, server, test.want)
		}
	}
}

// TestTLSMistakes: nothing but a usable pair opens.
func TestTLSMistakes(t *testing.T) {
	year := time.Now().AddDate(1, 0, 0)
	own, other, old := newIdentity(t, "yeok", year), newIdentity(t, "other", year), newIdentity(t, "old", time.Now().Add(-time.Hour))
	none := filepath.Join(t.TempDir(), "none")
	for name, files := range map[string][3]string{
		"no certificate":     {none, written(t, string(own.key)), ""},
		"no key":             {written(t, string(own.cert)), none, ""},
		"another's key":      {written(t, string(own.cert)), written(t, string(other.key)), ""},
		"expired":            {written(t, string(old.cert)), written(t, string(old.key)), ""},
		"no PEM":             {written(t, "x"), written(t, string(own.key)), ""},
		"no client CA":       {written(t, string(own.cert)), written(t, string(own.key)), none},
		"an empty client CA": {written(t, string(own.cert)), written(t, string(own.key)), written(t, "")},
	} {
		certs, err := access.OpenCertificates(files[0], files[1], files[2])
		if err == nil || strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%s: OpenCertificates = %v, want an error without the key", name, err)
		}
		if _, client, server := shake(t, certs.Config("h2"), nil); client == nil || server == nil {
			t.Errorf("%s: somebody could connect", name)
		}
	}
}
