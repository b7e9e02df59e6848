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
		pause, again := c.pause(err, attempt)
		if !again || answered {
			return usage, answered, err
		}
		if !sleep(ctx, pause) {
			return usage, false, context.Cause(ctx)
		}
	}
}

// turn sends q once a slot is free. Nobody sleeps in a slot.
func (c *client) turn(ctx context.Context, q chat, onText func(string) error) (Usage, error) {
	arrived := time.Now()
	leave, err := c.queue.enter(ctx, c, q.article, q.batch)
	if err != nil {
		return Usage{}, err
	}
	defer leave()
	return c.recorded(ctx, q, time.Since(arrived), onText)
}

// pause says whether a request that failed with err is worth another attempt,
// and when.
func (c *client) pause(err error, attempt int) (time.Duration, bool) {
	if errors.Is(err, errFieldRefused) {
		// Each time another field is left out, so this ends.
		return 0, true
	}
	if attempt >= maxAttempts {
		return 0, false
	}
	wait := firstPause << (attempt - 1)
	wait += rand.N(wait / 2) // callers that failed together do not return together
	if busy, ok := errors.AsType[*BusyError](err); ok {
		wait = max(wait, busy.RetryAfter)
		return wait, wait <= c.maxWait
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
