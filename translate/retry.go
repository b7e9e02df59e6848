package translate

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Attempts at one request, and the first pause between two.
const (
	maxAttempts = 3
	firstPause  = 500 * time.Millisecond
)

// ask sends q until it is answered: a busy or failing server is asked again, at
// the time it names or after a growing pause, unless it has begun to answer.
// What it has begun is worth more than a fresh start; the caller asks for the
// rest.
//
// answered says whether any text came.
func (c *client) ask(ctx context.Context, q chat, onText func(string) error) (usage Usage, answered bool, err error) {
	received := func(text string) error {
		answered = true
		return onText(text)
	}
	for attempt := 1; ; attempt++ {
		var paid Usage
		paid, err = c.turn(ctx, q, received)
		usage = usage.Plus(paid)
		pause, again := c.pause(err, attempt, q.patience)
		if !again || answered || !c.mayRetry(err) {
			return usage, answered, err
		}
		if !sleep(ctx, pause) {
			return usage, false, context.Cause(ctx)
		}
	}
}

// turn sends q once a slot is free. Nobody sleeps in a slot.
func (c *client) turn(ctx context.Context, q chat, onText func(string) error) (Usage, error) {
	if busy := c.health.busy(); busy.RetryAfter > q.patience {
		return Usage{}, busy
	}
	arrived := time.Now()
	leave, err := c.queue.enter(ctx, c, q)
	if err != nil {
		return Usage{}, err
	}
	defer leave()
	probe, err := c.health.admit()
	if err != nil {
		return Usage{}, err
	}
	answered := false
	usage, err := c.hedged(ctx, q, time.Since(arrived), func(text string) (err error) {
		defer caught(&err)
		answered = true
		return onText(text)
	})
	c.health.note(err, probe, answered)
	return usage, err
}

// paid sends q if there is money for it.
func (c *client) paid(ctx context.Context, q chat, waited time.Duration, onText func(string) error) (Usage, error) {
	if q.tab == nil {
		return c.recorded(ctx, q, waited, onText)
	}
	most := c.most(q)
	if err := q.tab.begin(most); err != nil {
		return Usage{}, err
	}
	usage, err := c.recorded(ctx, q, waited, onText)
	q.tab.end(most, usage)
	return usage, err
}

// mayRetry says whether a retry is left for this failure. Nobody need save those
// that the server asks for itself, or that cost nothing.
func (c *client) mayRetry(err error) bool {
	busy, ok := errors.AsType[*BusyError](err)
	return ok && busy.RetryAfter > 0 || errors.Is(err, errFieldRefused) || c.health.mayRetry()
}

// pause says whether a request that failed with err is worth another attempt,
// and when. A busy server is waited for as long as patience lasts.
func (c *client) pause(err error, attempt int, patience time.Duration) (time.Duration, bool) {
	if errors.Is(err, errFieldRefused) {
		// Each time another field is left out, so this ends.
		return 0, true
	}
	if _, paused := errors.AsType[*PausedError](err); paused || attempt >= maxAttempts {
		return 0, false
	}
	wait := firstPause << (attempt - 1)
	wait += rand.N(wait / 2) // callers that failed together do not return together
	if busy, ok := errors.AsType[*BusyError](err); ok {
		wait = max(wait, busy.RetryAfter)
		return wait, wait <= patience
	}
	// A silent server has used up its patience already; asking it once more is
	// enough.
	if errors.Is(err, errStalled) && attempt > 1 {
		return 0, false
	}
	return wait, errors.Is(err, ErrUnavailable)
}

// sleep waits for d, false if ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
