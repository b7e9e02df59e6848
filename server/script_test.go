package server_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yeok/server"
)

// script is the server's end of a connection whose caller sends pieces one after
// the other and then ends it. He is polite, and does not send the next piece before
// what the last one asked for is answered, unless he is eager.
type script struct {
	eager bool

	mu      sync.Mutex
	pieces  [][]byte
	heard   bytes.Buffer
	expired chan struct{} // closed when a read deadline has passed
	closed  chan struct{}
}

func newScript(pieces ...[]byte) *script {
	return &script{pieces: pieces, expired: make(chan struct{}), closed: make(chan struct{})}
}

// Read hands out at most one piece. net/http reads one byte while it answers, to see
// whether somebody is there; to that nobody is gone.
func (s *script) Read(p []byte) (int, error) {
	s.mu.Lock()
	for len(s.pieces) > 0 && len(s.pieces[0]) == 0 {
		s.pieces = s.pieces[1:]
	}
	looks := len(p) == 1
	if looks && (!s.eager || len(s.pieces) == 0) {
		expired := s.expired
		s.mu.Unlock()
		<-expired
		return 0, os.ErrDeadlineExceeded
	}
	defer s.mu.Unlock()
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.pieces[0])
	s.pieces[0] = s.pieces[0][n:]
	return n, nil
}

// SetReadDeadline only knows deadlines that have passed, and none.
func (s *script) SetReadDeadline(at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case at.IsZero() || at.After(time.Now()):
		s.expired = make(chan struct{})
	default:
		close(s.expired)
	}
	return nil
}

func (s *script) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.Write(p)
}

func (s *script) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	return nil
}

func (s *script) SetDeadline(at time.Time) error { return s.SetReadDeadline(at) }
func (*script) SetWriteDeadline(time.Time) error { return nil }
func (*script) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (*script) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// theatre serves scripts.
type theatre struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	web    *http.Server
	passed atomic.Int64 // requests that net/http has seen
}

func (th *theatre) Accept() (net.Conn, error) {
	select {
	case c := <-th.conns:
		return c, nil
	case <-th.closed:
		return nil, net.ErrClosed
	}
}

func (th *theatre) Close() error {
	th.once.Do(func() { close(th.closed) })
	return nil
}

func (*theatre) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// stage serves srv's HTTP API to scripts, attached to their connections or not.
func stage(t testing.TB, srv *server.Server, attach bool) *theatre {
	t.Helper()
	th := &theatre{conns: make(chan net.Conn), closed: make(chan struct{})}
	handler := srv.HTTP()
	th.web = &http.Server{IdleTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		th.passed.Add(1)
		handler.ServeHTTP(w, r)
	})}
	l := net.Listener(th)
	if attach {
		l = srv.Attach(th.web, l)
	}
	served := make(chan error, 1)
	go func() { served <- th.web.Serve(l) }()
	t.Cleanup(func() {
		th.Close()
		<-served
		th.web.Close()
	})
	return th
}

// play has one caller say his pieces, and returns what he hears until the end, and
// how many requests went through net/http.
func (th *theatre) play(t testing.TB, s *script) (heard string, passed int) {
	t.Helper()
	before := th.passed.Load()
	th.conns <- s
	select {
	case <-s.closed:
	case <-time.After(30 * time.Second):
		t.Fatal("the connection does not end")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.String(), int(th.passed.Load() - before)
}
