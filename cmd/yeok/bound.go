package main

import (
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"golang.org/x/net/netutil"
)

const (
	// maxConnections of one door. One more waits to be accepted, so that a flood
	// takes no memory. It is far above what callers keep open: HTTP/2 carries
	// many calls in one connection.
	maxConnections = 4096

	// writeTimeout is how long a caller may take none of what it is sent. There
	// is no such limit on an answer as a whole.
	writeTimeout = time.Minute

	// memoryShare of the control group's limit is what Go may use before it
	// collects harder; the rest is for the store's mapped file and for stacks.
	memoryShare = 0.8
)

// boundMemory keeps the process under the memory limit of its control group, by
// collecting garbage rather than by being killed. GOMEMLIMIT wins over it.
func boundMemory(log *slog.Logger) {
	limit, err := memlimit.Set(memlimit.WithRatio(memoryShare), memlimit.WithProvider(memlimit.FromCgroup))
	switch {
	case err == nil && limit > 0:
		log.Debug("memory limit", "bytes", limit)
	case errors.Is(err, memlimit.ErrNoLimit), errors.Is(err, memlimit.ErrNoCgroup), err == nil:
	default:
		log.Warn("the control group's memory limit cannot be read; set GOMEMLIMIT", "error", err)
	}
}

// bounded is a listener whose callers are not too many and not too slow.
func bounded(l net.Listener) net.Listener {
	return patient{netutil.LimitListener(l, maxConnections), writeTimeout}
}

// patient ends a connection whose caller takes nothing for limit.
type patient struct {
	net.Listener
	limit time.Duration
}

// Accept waits for the next connection.
func (p patient) Accept() (net.Conn, error) {
	conn, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return patientConn{conn, p.limit}, nil
}

type patientConn struct {
	net.Conn
	limit time.Duration
}

// Write gives each write its own time. A long answer is many writes.
func (c patientConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
