package server

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Attach ties web, which serves [Server.HTTP], to its listener in plain text, and
// returns the listener to serve on. It sets the ConnContext and the ConnState of
// web, and reads its IdleTimeout. Answers are the same without it; with it, stored
// ones leave in one write and without what net/http does for each.
func (s *Server) Attach(web *http.Server, l net.Listener) net.Listener {
	web.ConnContext = func(ctx context.Context, nc net.Conn) context.Context {
		if c, ok := nc.(*conn); ok {
			return context.WithValue(ctx, connKey{}, c)
		}
		return ctx
	}
	web.ConnState = func(nc net.Conn, state http.ConnState) {
		if c, ok := nc.(*conn); ok {
			c.turnTo(state)
		}
	}
	return attached{l, s, web.IdleTimeout}
}

// attached is a listener whose connections know the server.
type attached struct {
	net.Listener
	s    *Server
	idle time.Duration
}

// Accept waits for the next connection.
func (a attached) Accept() (net.Conn, error) {
	nc, err := a.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: nc, s: a.s, repeats: repeats{idle: a.idle, resting: true}}, nil
}

// conn is a caller's connection under net/http, which reads requests from it and
// writes answers to it. It can put a head that is ready into what net/http writes,
// send head and body in one piece, and answer by itself what was asked before; see
// [repeats].
type conn struct {
	net.Conn
	s *Server
	repeats

	mu       sync.Mutex
	gathered *[]byte // what was written since gather; nil outside of it
	lines    []byte  // to be inserted; see insert

	use atomic.Int32
}

// Who uses a conn. Close must not cut an answer of which net/http knows nothing.
const (
	byOthers int32 = iota // net/http
	byItself              // it is answering
	toBeShut              // it is answering, and shuts itself afterwards
)

// connKey is where the context of a request over HTTP holds its connection.
type connKey struct{}

// connOf returns the connection of a request; nil if it is none of a listener's
// that was attached, or not over HTTP/1.
func connOf(r *http.Request) *conn {
	if r.ProtoMajor != 1 {
		return nil
	}
	c, _ := r.Context().Value(connKey{}).(*conn)
	return c
}

// gatherBytes is what is gathered at most; more is sent as it comes.
const gatherBytes = 64 << 10

var sendBuffers = sync.Pool{New: func() any { b := make([]byte, 0, gatherBytes); return &b }}

// Write sends p, or keeps it for flush.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.write(p)
}

func (c *conn) write(p []byte) (int, error) {
	if c.lines != nil {
		return c.writeInserting(p)
	}
	if c.gathered != nil && len(*c.gathered)+len(p) <= gatherBytes {
		*c.gathered = append(*c.gathered, p...)
		return len(p), nil
	}
	if err := c.release(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// insert puts lines of a head behind the first line of what is written next. So
// a head can be ready before a request comes, and net/http still decides about
// the connection and sends the date.
func (c *conn) insert(lines []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = lines
}

func (c *conn) writeInserting(p []byte) (n int, err error) {
	alone := c.gathered == nil
	if alone {
		c.gathered = sendBuffers.Get().(*[]byte)
	}
	first := bytes.IndexByte(p, '\n') + 1
	*c.gathered = append(append(append(*c.gathered, p[:first]...), c.lines...), p[first:]...)
	if c.lines = nil; alone {
		err = c.release()
	}
	return len(p), err
}

// gather keeps what is written until flush, so that head and body of an answer
// leave in one packet train: net/http would make two system calls of them, and
// these are half of what a hit costs.
func (c *conn) gather() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gathered == nil {
		c.gathered = sendBuffers.Get().(*[]byte)
	}
}

// flush sends what was gathered. Its error is that of the next write, too.
func (c *conn) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.release()
}

func (c *conn) release() error {
	if c.gathered == nil {
		return nil
	}
	b := c.gathered
	c.gathered = nil
	var err error
	if len(*b) > 0 {
		_, err = c.Conn.Write(*b)
	}
	*b = (*b)[:0]
	sendBuffers.Put(b)
	return err
}

// Close ends the connection, when what it answers by itself is sent. A second
// Close does not wait for that.
func (c *conn) Close() error {
	if c.use.CompareAndSwap(byItself, toBeShut) {
		return nil
	}
	return c.Conn.Close()
}
