package cache

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrPanic is returned by [Flight.Wait] when run panicked. The error is a
	// [*PanicError], whose text says no more than that.
	ErrPanic = errors.New("cache: a flight panicked")

	// ErrTimeout is returned by [Flight.Wait], wrapped around what run
	// returned, when the flight took longer than [Flights.Timeout].
	ErrTimeout = errors.New("cache: a flight took too long")
)

const (
	defaultFlightTimeout = 10 * time.Minute

	// closeGrace is how long a flight that Close cancelled has to put away
	// what it has.
	closeGrace = 5 * time.Second
)

// PanicError is what a panic in run becomes.
type PanicError struct {
	Value any    // what run panicked with; nil if it ended its goroutine
	Stack []byte // for the log; not part of Error
}

// Error returns the text of ErrPanic: the value may hold anything.
func (e *PanicError) Error() string { return ErrPanic.Error() }

// Unwrap returns [ErrPanic].
func (e *PanicError) Unwrap() error { return ErrPanic }

// Flights runs one piece of work a key at a time, whoever asks for it. The
// work is detached from its callers: it goes on when all of them have left.
// The zero value is ready for use. It is safe for concurrent use.
//
// Work that costs money must store its result before it returns, and must look
// for the result before it starts:
//
//	flight := flights.Join(ctx, key, func(ctx context.Context, emit func(E)) (V, error) {
//		if v, ok := store.Get(key); ok { // stored since the caller looked
//			return v, nil
//		}
//		v, err := pay(ctx, emit)
//		if err == nil {
//			err = store.Put(key, v)
//		}
//		return v, err
//	})
//
// Without the look inside, a caller who missed the store just before a flight
// stored its result, and joined just after that flight ended, would pay again.
// With it there is no such window: a flight ends after its result is stored,
// so whoever starts the next one finds it.
//
// E is the type of the events that a flight sends while it runs, V that of its
// result. Both are shared by all callers and must not be changed.
type Flights[E, V any] struct {
	// Timeout is how long one flight may take. Then its context ends, and
	// run must return. Zero means 10 minutes. It must not be changed after
	// the first Join.
	Timeout time.Duration

	// Leases keep apart the flights of all processes that share a store: a
	// flight waits while another process flies the same key, and then finds
	// its result in the look of above. Nil knows of this process alone. It
	// must not be changed after the first Join.
	Leases *Leases

	// Shared reports whether the result of a key is stored for others. A
	// flight that stores nothing, or that is to pay again, would make others
	// wait for nothing, and flies without a lease. Nil means all are.
	Shared func(key string) bool

	mu      sync.Mutex
	running map[string]*flight[E, V]
	closed  bool
	idle    chan struct{} // made by Close, closed when nothing runs any more
}

// Flight is one caller's hold on a flight. A caller may drop it at any time.
type Flight[E, V any] struct {
	*flight[E, V]
	leads bool
}

type flight[E, V any] struct {
	cancel  context.CancelCauseFunc
	done    chan struct{} // closed when value and err are set
	value   V
	err     error
	waiters atomic.Int64

	mu      sync.Mutex
	events  []E
	over    bool
	changed chan struct{} // closed, and replaced, at each event
}

// Join returns the flight of the key, and starts it if there is none. The
// first caller's run is used; it gets a context with the values of the first
// caller's ctx, but neither its deadline nor its cancellation, and must heed
// that context. emit sends an event to all callers, also to those who join
// later; it may be called by several goroutines, and does nothing after run
// has returned.
func (f *Flights[E, V]) Join(ctx context.Context, key string,
	run func(ctx context.Context, emit func(E)) (V, error),
) *Flight[E, V] {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl, ok := f.running[key]; ok {
		return &Flight[E, V]{flight: fl}
	}
	fl := &flight[E, V]{done: make(chan struct{}), changed: make(chan struct{})}
	if f.closed {
		fl.end(fl.value, ErrClosed)
		return &Flight[E, V]{flight: fl}
	}
	if f.running == nil {
		f.running = make(map[string]*flight[E, V])
	}
	f.running[key] = fl

	// Two contexts, because the cause of a deadline can only be given with it.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	fl.cancel = cancel
	ctx, stop := context.WithTimeoutCause(ctx, f.timeout(), ErrTimeout)
	go func() {
		defer cancel(nil)
		defer stop()
		f.fly(ctx, key, fl, run)
	}()
	return &Flight[E, V]{flight: fl, leads: true}
}

func (f *Flights[E, V]) timeout() time.Duration {
	if f.Timeout > 0 {
		return f.Timeout
	}
	return defaultFlightTimeout
}

// fly runs the work and lands the flight whatever happens: also when run
// panics or ends its goroutine.
func (f *Flights[E, V]) fly(ctx context.Context, key string, fl *flight[E, V],
	run func(context.Context, func(E)) (V, error),
) {
	var value V
	var err error
	returned := false
	defer func() {
		if !returned {
			err = &PanicError{Value: recover(), Stack: debug.Stack()}
		} else if cause := context.Cause(ctx); err != nil && cause != nil {
			err = fmt.Errorf("%w: %w", cause, err)
		}
		f.land(key, fl, value, err)
	}()
	end, err := f.lease(ctx, key)
	if err == nil {
		defer end()
		value, err = run(ctx, fl.emit)
	}
	returned = true
}

func (f *Flights[E, V]) lease(ctx context.Context, key string) (end func(), err error) {
	if f.Shared != nil && !f.Shared(key) {
		return func() {}, nil
	}
	return f.Leases.hold(ctx, key)
}

// land takes the flight off the board before its callers are told, so that
// nobody can join a flight that is over.
func (f *Flights[E, V]) land(key string, fl *flight[E, V], value V, err error) {
	f.mu.Lock()
	delete(f.running, key)
	if f.closed && len(f.running) == 0 {
		close(f.idle)
	}
	f.mu.Unlock()
	fl.end(value, err)
}

// Running reports whether a flight of the key runs, so that the next Join would
// most likely start none.
func (f *Flights[E, V]) Running(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.running[key] != nil
}

// Len is the number of flights that run now.
func (f *Flights[E, V]) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.running)
}

// Close refuses new flights and waits for those that run. When ctx ends
// before they do, it cancels them, gives them a few seconds to put away what
// they have, and returns ctx's error. Close the store after the flights.
func (f *Flights[E, V]) Close(ctx context.Context) error {
	idle := f.refuse()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	f.cancelAll()
	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-idle:
	case <-grace.C:
	}
	return ctx.Err()
}

func (f *Flights[E, V]) refuse() (idle <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.closed = true
		f.idle = make(chan struct{})
		if len(f.running) == 0 {
			close(f.idle)
		}
	}
	return f.idle
}

func (f *Flights[E, V]) cancelAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fl := range f.running {
		fl.cancel(ErrClosed)
	}
}

func (fl *flight[E, V]) emit(event E) {
	fl.mu.Lock()
	defer fl.mu.Unlock()
	if fl.over {
		return
	}
	fl.events = append(fl.events, event)
	close(fl.changed)
	fl.changed = make(chan struct{})
}

func (fl *flight[E, V]) end(value V, err error) {
	fl.mu.Lock()
	defer fl.mu.Unlock()
	fl.value, fl.err, fl.over = value, err, true
	close(fl.changed)
	close(fl.done)
}

// since returns the events from number n on, whether there can be more, and
// what to wait for until there are.
func (fl *flight[E, V]) since(n int) (events []E, over bool, changed <-chan struct{}) {
	fl.mu.Lock()
	defer fl.mu.Unlock()
	return fl.events[n:len(fl.events):len(fl.events)], fl.over, fl.changed
}

// Started reports whether this caller's Join started the flight, so that it
// is the one to be charged for it.
func (f *Flight[E, V]) Started() bool { return f.leads }

// Waiters is the number of callers who are in Wait or Events now.
func (f *Flight[E, V]) Waiters() int { return int(f.waiters.Load()) }

// Wait returns the flight's result, or ctx's error as soon as ctx ends; the
// flight goes on then. A result that is there is returned even if ctx is over.
func (f *Flight[E, V]) Wait(ctx context.Context) (V, error) {
	f.waiters.Add(1)
	defer f.waiters.Add(-1)
	select {
	case <-f.done:
		return f.value, f.err
	default:
	}
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		var zero V
		return zero, ctx.Err()
	}
}

// Events yields every event of the flight from the first on, in the order in
// which they were sent, and ends with the flight or with ctx. Ask Wait which
// of the two it was.
func (f *Flight[E, V]) Events(ctx context.Context) iter.Seq[E] {
	return func(yield func(E) bool) {
		f.waiters.Add(1)
		defer f.waiters.Add(-1)
		for n := 0; ; {
			events, over, changed := f.since(n)
			for _, event := range events {
				if ctx.Err() != nil || !yield(event) {
					return
				}
			}
			n += len(events)
			if over {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}
