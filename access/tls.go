package access

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// Certificates are what the listeners show and what they want to be shown, kept
// as the files are.
//
// With a client CA, a connection needs a certificate that it has signed, beside
// the key that each call needs: the certificate says which machines may try, the
// key says who they are. It names no tenant.
type Certificates struct {
	cert, key, clientCA string // files; clientCA may be ""

	seen stamp
	pair atomic.Pointer[pair]
}

// pair is one reading of the files.
type pair struct {
	cert    tls.Certificate
	clients *x509.CertPool // nil asks no client
}

// OpenCertificates reads a certificate chain and its key, and the authorities of
// clients, all PEM. What cannot be used is an error.
func OpenCertificates(cert, key, clientCA string) (*Certificates, error) {
	c := &Certificates{cert: cert, key: key, clientCA: clientCA}
	c.seen = stampOf(c.files()...)
	return c, c.reload()
}

func (c *Certificates) files() []string {
	files := []string{c.cert, c.key}
	if c.clientCA != "" {
		files = append(files, c.clientCA)
	}
	return files
}

// Watch follows the files until ctx ends, looking once a second. Files that
// cannot be used, or are gone, change nothing and are logged.
func (c *Certificates) Watch(ctx context.Context, log *slog.Logger) {
	follow(ctx, c.files(), c.seen, c.reload, log.With("file", "certificate"))
}

func (c *Certificates) reload() error {
	cert, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("access: certificate: %w", err)
	}
	if time.Now().After(cert.Leaf.NotAfter) {
		return fmt.Errorf("access: certificate %s has expired on %s", c.cert, cert.Leaf.NotAfter.Format(time.DateOnly))
	}
	read := &pair{cert: cert}
	if c.clientCA != "" {
		content, err := os.ReadFile(c.clientCA)
		if err != nil {
			return fmt.Errorf("access: client CA: %w", err)
		}
		read.clients = x509.NewCertPool()
		if !read.clients.AppendCertsFromPEM(content) {
			return fmt.Errorf("access: client CA %s holds no certificate", c.clientCA)
		}
	}
	c.pair.Store(read)
	return nil
}

// errNoPair is returned to a handshake while nothing usable was ever read.
var errNoPair = errors.New("access: no certificate")

// Config returns the configuration of a listener that speaks the protocols
// (ALPN). Each handshake uses what the files hold then.
func (c *Certificates) Config(protocols ...string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			now := c.pair.Load()
			if now == nil {
				return nil, errNoPair
			}
			config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: protocols, Certificates: []tls.Certificate{now.cert}}
			if now.clients != nil {
				config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, now.clients
				config.SessionTicketsDisabled = true // a ticket would outlive its CA
			}
			return config, nil
		},
	}
}
