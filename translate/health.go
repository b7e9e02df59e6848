package translate

import (
	"errors"
	"maps"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// When a model is left alone, and for how long. The term doubles each time it is
// found still broken.
const (
	openAfter = 5 // failures in a row without a word of an answer

	brokenTerm  = 10 * time.Second
	longestTerm = 2 * time.Minute

	// A quota or a key does not mend itself; it takes a person.
	shutTerm    = time.Minute
	longestShut = 10 * time.Minute
)

// Retries beside calls, so that an outage is not multiplied: one for each five
// calls, and some more however few calls there are.
const (
	retryShare = 0.2
	retryFloor = 10              // at once
	retryEvery = 2 * time.Second // one more
	maxCredit  = 100
)

// hedgeShare is how many of its calls a model may be asked twice.
const hedgeShare = 0.1

// health is what a model's failures have taught: whether to ask it at all (a
// circuit breaker), when at the soonest, and how often again. The zero value is a
// model that nothing is known of.
type health struct {
	mu       sync.Mutex
	inARow   int           // failures
	cause    error         // why it is not asked; nil while it is
	until    time.Time     // it is not asked before; then one call finds out
	term     time.Duration // from the last failure to until
	probing  bool          // that one call is under way
	rest     time.Time     // the time that it named when it was busy
	limited  bool          // it was our limit, see BusyError
	credit   float64       // retries that calls have earned
	floor    *rate.Limiter // retries beside those
	calls    int64
	retries  int64
	hedges   int64
	failures map[Class]int64
}

// admit lets a call go, or fails with a *PausedError. probe says that it is the
// call that finds out whether the model works again; note must be told.
func (h *health) admit() (probe bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cause != nil {
		if left := time.Until(h.until); left > 0 || h.probing {
			return false, &PausedError{Cause: h.cause, RetryAfter: max(left, time.Second)}
		}
		h.probing = true
	}
	h.calls++
	h.credit = min(h.credit+retryShare, maxCredit)
	return h.cause != nil, nil
}

// note tells how an admitted call ended. A call that brought any text is no
// failure: its model is at work, and what it has begun is worth more than a break.
func (h *health) note(err error, probe, answered bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	class := classOf(err)
	if class != "" {
		if h.failures == nil {
			h.failures = make(map[Class]int64)
		}
		h.failures[class]++
	}
	if probe {
		h.probing = false
	}
	switch {
	case h.cause != nil && !probe:
		// It went before the model was given up, and says nothing new.
	case class == "" && err != nil:
		// The caller left before there was anything to learn.
	case class == Quota || class == Auth:
		h.pause(err, shutTerm, longestShut)
	case class == Transient && !answered:
		if h.inARow++; probe || h.inARow >= openAfter {
			h.pause(err, brokenTerm, longestTerm)
		}
	default:
		h.inARow, h.cause, h.term = 0, nil, 0
	}
	if busy, ok := errors.AsType[*BusyError](err); ok {
		if at := time.Now().Add(busy.RetryAfter); at.After(h.rest) {
			h.rest, h.limited = at, busy.Limited
		}
	}
}

// pause has the model left alone. The lock is held.
func (h *health) pause(cause error, first, longest time.Duration) {
	h.term = min(max(2*h.term, first), longest)
	h.cause, h.until = cause, time.Now().Add(h.term)
}

// paused is how long the model will not be asked, because it is broken or has
// said so.
func (h *health) paused() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := time.Until(h.rest)
	if h.cause != nil {
		left = max(left, time.Until(h.until))
	}
	return max(left, 0)
}

// resting is how long the model wants to be left alone by its own word.
func (h *health) resting() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return max(time.Until(h.rest), 0)
}

// busy is what the model would say if it were asked while it rests.
func (h *health) busy() *BusyError {
	h.mu.Lock()
	defer h.mu.Unlock()
	return &BusyError{RetryAfter: max(time.Until(h.rest), 0), Limited: h.limited}
}

// mayRetry spends one retry, if there is one.
func (h *health) mayRetry() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.floor == nil {
		h.floor = rate.NewLimiter(rate.Every(retryEvery), retryFloor)
	}
	switch {
	case h.credit >= 1:
		h.credit--
	case !h.floor.Allow():
		return false
	}
	h.retries++
	return true
}

// mayHedge spends one second call.
func (h *health) mayHedge() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cause != nil || float64(h.hedges+1) > hedgeShare*float64(h.calls) {
		return false
	}
	h.hedges++
	return true
}

// Health is how a model is.
type Health struct {
	Model      string
	State      string        // "ok"; "busy" while it asks to be left alone, "paused" while it is not asked, "probing" while one call finds out
	Cause      Class         // of a pause
	RetryAfter time.Duration // until it is asked again
	Calls      int64
	Retries    int64
	Hedges     int64 // calls that were made twice because the first was late
	Failures   map[Class]int64
}

// Health tells how the models are, in the order in which they are asked. It is
// what this process has seen, and asks nobody.
func (t *Translator) Health() []Health {
	all := make([]Health, len(t.clients))
	for i, c := range t.clients {
		all[i] = c.health.now()
		all[i].Model = c.model.Name
	}
	return all
}

func (h *health) now() Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := Health{State: "ok", Calls: h.calls, Retries: h.retries, Hedges: h.hedges, Failures: maps.Clone(h.failures)}
	switch left, rest := time.Until(h.until), time.Until(h.rest); {
	case h.cause != nil && left > 0:
		n.State, n.Cause, n.RetryAfter = "paused", classOf(h.cause), left
	case h.cause != nil:
		n.State, n.Cause = "probing", classOf(h.cause)
	case rest > 0:
		n.State, n.Cause, n.RetryAfter = "busy", Rate, rest
	}
	return n
}
