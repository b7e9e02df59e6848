package main

import (
	"errors"
	"log/slog"
	"net"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
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

// garbageRoom is how much may at least be allocated between two collections. A
// collection takes some 20 ms of a processor whatever there is to collect; by Go's
// rule a gateway with little in its memory would have two a second under load, and
// on a single processor hits wait for them. With as much alive as this, the rule
// is Go's own.
const garbageRoom = 128 << 20

// spaceCollections keeps garbageRoom until stop is called. The memory limit is
// kept all the same, and GOGC wins over it.
func spaceCollections(getenv func(string) string) (stop func()) {
	if getenv("GOGC") != "" {
		return func() {}
	}
	type collection struct{ stopped *atomic.Bool } // not without a pointer: those are allocated together
	var stopped atomic.Bool
	now := 100
	var adjust func(*collection)
	adjust = func(next *collection) { // runs after each collection
		if next.stopped.Load() {
			return
		}
		if percent := roomPercent(); percent > now+now/10 || percent < now-now/10 {
			now = percent
			debug.SetGCPercent(percent)
		}
		runtime.SetFinalizer(next, adjust)
	}
	adjust(&collection{&stopped})
	return func() {
		stopped.Store(true)
		debug.SetGCPercent(100)
	}
}

// roomPercent is the GOGC of garbageRoom for what is alive now. Go counts stacks and
// global variables to that, and gives GOGC percent of 4 MB at least.
func roomPercent() int {
	const least = 4 << 20
	marked := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(marked)
	var alive uint64
	for _, part := range marked {
		alive += part.Value.Uint64()
	}
	return max(100, int(100*garbageRoom/max(least, alive)))
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
	return &patientConn{Conn: conn, limit: p.limit}, nil
}

type patientConn struct {
	net.Conn
	limit time.Duration

	mu       sync.Mutex
	extended time.Time // when the deadline was set
}

// Write gives the caller new time to take what is written, of at least three
// quarters of the limit: setting a deadline costs as much as looking at the clock
// ten times. A long answer is many writes.
func (c *patientConn) Write(p []byte) (int, error) {
	if err := c.extend(time.Now()); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func (c *patientConn) extend(now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.extended) <= c.limit/4 {
		return nil
	}
	c.extended = now
	return c.SetWriteDeadline(now.Add(c.limit))
}
