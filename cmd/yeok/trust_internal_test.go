package main

import (
	"net"
	"strings"
	"testing"
)

// fakeListener says that it listens somewhere.
type fakeListener struct {
	net.Listener
	at net.Addr
}

func (l fakeListener) Addr() net.Addr { return l.at }

// TestLoopback looks at what was really opened, whatever a name was said to mean.
func TestLoopback(t *testing.T) {
	for ip, want := range map[string]bool{"127.0.0.1": true, "127.8.8.8": true, "::1": true, "0.0.0.0": false, "::": false, "10.0.0.1": false} {
		if got := loopback(fakeListener{at: &net.TCPAddr{IP: net.ParseIP(ip)}}); got != want {
			t.Errorf("loopback(%s) = %v, want %v", ip, got, want)
		}
	}
	if loopback(fakeListener{at: &net.UnixAddr{}}) {
		t.Error("what is no TCP address is taken for loopback")
	}
}

// TestWarnOfPlainText warns of doors on which keys travel readable.
func TestWarnOfPlainText(t *testing.T) {
	for _, test := range []struct {
		at   address
		cert string
		want bool
	}{{"127.0.0.1:1", "", false}, {"0.0.0.0:1", "", true}, {"0.0.0.0:1", "cert.pem", false}} {
		var c config
		c.HTTPAddr, c.GRPCAddr, c.AdminAddr = test.at, "127.0.0.1:2", "127.0.0.1:3"
		c.KeysFile, c.TLSCert = "keys.jsonl", test.cert
		var said strings.Builder
		c.warnOfTrust(&host{stderr: &said})
		if got := strings.Contains(said.String(), "warning: http-addr 0.0.0.0:1 speaks plain text"); got != test.want || strings.Contains(said.String(), "grpc-addr") {
			t.Errorf("at %s with certificate %q: %q", test.at, test.cert, said.String())
		}
	}
}
