package translate

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errOutrun ends the slower of two equal calls.
var errOutrun = errors.New("another call was answered first")

// hedged sends q, and once more if its first token is late; see Options.Hedge.
// The answer that begins first is heard, the other one is left.
func (c *client) hedged(ctx context.Context, q chat, waited time.Duration, onText func(string) error) (Usage, error) {
	if !c.hedge {
		return c.paid(ctx, q, waited, onText)
	}
	late, known := c.pace.late()
	if !known {
		return c.paid(ctx, q, waited, onText)
	}
	r := &race{onText: onText, begun: make(chan struct{})}
	first := make(chan lap, 1)
	go func() {
		first <- r.run(ctx, func(ctx context.Context, onText func(string) error) (Usage, error) {
			return c.paid(ctx, q, waited, onText)
		})
	}()
	timer := time.NewTimer(late)
	defer timer.Stop()
	select {
	case l := <-first:
		return l.usage, l.err
	case <-r.begun:
	case <-timer.C:
		if c.health.mayHedge() {
			return r.finish(<-r.second(ctx, c, q), <-first)
		}
	}
	l := <-first
	return l.usage, l.err
}

// race is two equal calls, of which one wins with its first text.
type race struct {
	onText func(string) error
	begun  chan struct{} // closed by the winner

	mu     sync.Mutex
	winner *runner
	all    []*runner
}

type runner struct{ leave context.CancelCauseFunc }

// lap is how one call ended.
type lap struct {
	usage Usage
	err   error
	won   bool
}

// second makes the second call, in a slot of its own.
func (r *race) second(ctx context.Context, c *client, q chat) <-chan lap {
	over := make(chan lap, 1)
	go func() {
		over <- r.run(ctx, func(ctx context.Context, onText func(string) error) (Usage, error) {
			arrived := time.Now()
			leave, err := c.queue.enter(ctx, c, q)
			if err != nil {
				return Usage{}, err
			}
			defer leave()
			return c.paid(ctx, q, time.Since(arrived), onText)
		})
	}()
	return over
}

func (r *race) run(ctx context.Context, call func(context.Context, func(string) error) (Usage, error)) (ended lap) {
	defer caught(&ended.err)
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	own := &runner{leave}
	if !r.join(own) {
		return lap{err: errOutrun}
	}
	usage, err := call(ctx, func(text string) error {
		if !r.wins(own) {
			return errOutrun
		}
		return r.onText(text)
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	return lap{usage, err, r.winner == own}
}

// join takes a runner in, false if the race is won.
func (r *race) join(own *runner) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, own)
	return r.winner == nil
}

// wins says whether own has the first text, and makes the other one leave.
func (r *race) wins(own *runner) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.winner == nil {
		r.winner = own
		close(r.begun)
		for _, other := range r.all {
			if other != own {
				other.leave(errOutrun)
			}
		}
	}
	return r.winner == own
}

// finish is what came of both: the winner's end, else the first one's.
func (r *race) finish(second, first lap) (Usage, error) {
	err := first.err
	if second.won || errors.Is(err, errOutrun) {
		err = second.err
	}
	return first.usage.Plus(second.usage), err
}
