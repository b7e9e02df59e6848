package cache

import (
	"sync/atomic"
	"time"
)

const (
	// breakerFailures in a row make the breaker open.
	breakerFailures = 3

	// breakerPause is how long nobody is let through then. After it, one is,
	// to see.
	breakerPause = time.Second
)

// breaker keeps readers from waiting, one timeout each, for a server that is not
// there. The zero value lets everybody through.
type breaker struct {
	// recovered is called when the server answers after it did not. It may be
	// nil.
	recovered func()

	failures atomic.Int64
	closedAt atomic.Int64 // Unix nanoseconds from which on one may try; 0: all may
}

func (b *breaker) allow() bool {
	at := b.closedAt.Load()
	if at == 0 {
		return true
	}
	now := time.Now().UnixNano()
	// Whoever moves the time on is the one who tries.
	return now >= at && b.closedAt.CompareAndSwap(at, now+int64(breakerPause))
}

func (b *breaker) note(answered bool) {
	if answered {
		if b.failures.Load() == 0 {
			return // nearly always, and without a write that all processors see
		}
		b.closedAt.Store(0)
		if b.failures.Swap(0) > 0 && b.recovered != nil {
			b.recovered()
		}
		return
	}
	if b.failures.Add(1) >= breakerFailures {
		b.closedAt.Store(time.Now().UnixNano() + int64(breakerPause))
	}
}
