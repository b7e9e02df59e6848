package cache

import (
	"context"
	"crypto/rand"
	mathrand "math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

const (
	// leaseTime is how long a lease lasts that nobody renews: how long the
	// others wait for a gateway that died.
	leaseTime = 2500 * time.Millisecond

	// leaseRenewal leaves room for some renewals that fail.
	leaseRenewal = 500 * time.Millisecond

	// leasePoll is the time between two looks at another's lease. News of its
	// end come at once where the server tells of changes, so that looking is
	// only for leases that end by themselves. Half of it is random, so that
	// gateways do not look all at once.
	leasePoll          = 250 * time.Millisecond
	leasePollUntracked = 20 * time.Millisecond
)

// Leases let the flights of one process at a time work on a key, among all
// processes that share a Redis. They are made by [Cache.Leases]; nil lets every
// flight fly.
//
// A lease is a random token under the key, which only its holder can renew or
// remove: a holder that was away too long can do nothing to the next one. It
// saves money; it does not guard the truth. A holder that lost its lease goes
// on, because its work is paid and its result is as good as the other's, and a
// flight that cannot get an answer from the server flies without.
type Leases struct {
	store *redisStore

	mu      sync.Mutex
	waiting map[string][]chan struct{} // by key; closed to wake
	ending  sync.WaitGroup             // renewals, and the removals after them
	closing chan struct{}              // closed by close: whoever flies still does so without

	held, waited, without, lost atomic.Uint64
}

// LeaseCounters count what flights and their leases did.
type LeaseCounters struct {
	Held    uint64 // flights that flew with a lease
	Waited  uint64 // those among them that waited for another process
	Without uint64 // flights that flew without, because the server did not answer
	Lost    uint64 // leases that ended before their flight did
}

func newLeases(s *redisStore) *Leases {
	return &Leases{store: s, waiting: map[string][]chan struct{}{}, closing: make(chan struct{})}
}

func (l *Leases) counters() LeaseCounters {
	if l == nil {
		return LeaseCounters{}
	}
	return LeaseCounters{Held: l.held.Load(), Waited: l.waited.Load(), Without: l.without.Load(), Lost: l.lost.Load()}
}

// hold waits until this process has the lease of the key, and returns how to
// end it, or ctx's error. Who waited must look for the result before he works.
func (l *Leases) hold(ctx context.Context, key string) (end func(), err error) {
	if l == nil {
		return func() {}, nil
	}
	token := rand.Text()
	for tries := 0; ; tries++ {
		woken := l.watch(key) // before the attempt: the lease may end right after it
		got, err := l.take(key, token)
		switch {
		case err != nil:
			l.unwatch(key, woken)
			l.without.Add(1)
			return func() {}, nil
		case got:
			l.unwatch(key, woken)
			l.held.Add(1)
			if tries > 0 {
				l.waited.Add(1)
			}
			return l.keep(key, token), nil
		}
		err = l.await(ctx, woken)
		l.unwatch(key, woken)
		if err != nil {
			return nil, err
		}
	}
}

func (l *Leases) await(ctx context.Context, woken <-chan struct{}) error {
	poll := leasePollUntracked
	if c := l.store.client.Load(); c != nil && c.tracking {
		poll = leasePoll
	}
	timer := time.NewTimer(poll/2 + mathrand.N(poll))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-woken:
	case <-timer.C:
	}
	return nil
}

func (l *Leases) leaseKey(key string) string { return l.store.prefix + leaseKind + key }

func (l *Leases) take(key, token string) (bool, error) {
	_, err := ask(l.store, l.store.timeout, func(ctx context.Context, c *connection) (struct{}, error) {
		set := c.B().Set().Key(l.leaseKey(key)).Value(token).Nx().PxMilliseconds(leaseTime.Milliseconds()).Build()
		return struct{}{}, c.Do(ctx, set).Error()
	})
	if rueidis.IsRedisNil(err) {
		return false, nil
	}
	return err == nil, err
}

const (
	renewScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
	return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0`

	endScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
	return redis.call('DEL', KEYS[1])
end
return 0`
)

// compared runs a script that does something if the token is still there, and
// reports whether it was.
func (l *Leases) compared(script, key string, args ...string) (bool, error) {
	n, err := ask(l.store, l.store.timeout, func(ctx context.Context, c *connection) (int64, error) {
		return rueidis.NewLuaScript(script).Exec(ctx, c, []string{l.leaseKey(key)}, args).AsInt64()
	})
	return n > 0, err
}

// keep renews the lease until end is called, which does not wait.
func (l *Leases) keep(key, token string) (end func()) {
	over := make(chan struct{})
	l.ending.Go(func() {
		tick := time.NewTicker(leaseRenewal)
		defer tick.Stop()
		for {
			select {
			case <-over:
				l.remove(key, token)
				return
			case <-l.closing:
				l.remove(key, token)
				return
			case <-tick.C:
				mine, err := l.compared(renewScript, key, token, strconv.FormatInt(leaseTime.Milliseconds(), 10))
				if err == nil && !mine {
					l.lost.Add(1)
					return
				}
			}
		}
	})
	return sync.OnceFunc(func() { close(over) })
}

// remove lets the next one fly. If the server does not answer the lease ends by
// itself.
func (l *Leases) remove(key, token string) { _, _ = l.compared(endScript, key, token) }

// close removes all leases. It must be called once.
func (l *Leases) close() {
	close(l.closing)
	l.ending.Wait()
}

func (l *Leases) watch(key string) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	woken := make(chan struct{})
	l.waiting[key] = append(l.waiting[key], woken)
	return woken
}

func (l *Leases) unwatch(key string, woken chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.waiting[key][:0]
	for _, w := range l.waiting[key] {
		if w != woken {
			left = append(left, w)
		}
	}
	if len(left) == 0 {
		delete(l.waiting, key)
		return
	}
	l.waiting[key] = left
}

// wake lets those look who wait for the key. Its lease was taken, renewed or
// removed; the server does not say which.
func (l *Leases) wake(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, woken := range l.waiting[key] {
		close(woken)
	}
	delete(l.waiting, key)
}

func (l *Leases) wakeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, all := range l.waiting {
		for _, woken := range all {
			close(woken)
		}
		delete(l.waiting, key)
	}
}
