package server

import (
	"context"
	"sync"
	"time"
)

// turns lets the first of many equal requests go ahead alone. When a story is
// published, a thousand readers' gateways may ask for it in the same second; a
// flight already pays once for them all, but each would still be cleaned, named
// and encoded for itself. Whoever waited finds the stored answer of the first.
//
// It only saves work: a caller whose wait was in vain goes on as if nobody else
// had asked.
type turns struct {
	answers *answers

	mu    sync.Mutex
	ahead map[answerKey]*lead
}

// lead is whoever went ahead.
type lead struct {
	over chan struct{} // closed when he is done
	gone bool          // he left without an answer; set by then
}

// waits is how often a caller lets another go ahead: once for the one who pays,
// whose own answer is not stored because it says that it paid, and once for the
// one who finds it remembered. Whoever hung up in the meantime does not count: his
// work goes on, and the next one finds it under way.
const waits = 2

// take returns the stored answer to a request, as soon as there is one. If it
// returns nil, the caller must make the answer. It must call done in any case.
func (t *turns) take(ctx context.Context, key answerKey, now time.Time) (stored *answer, done func()) {
	for waited := 0; waited < waits; {
		if stored := t.answers.find(key, now); stored != nil {
			return stored, func() {}
		}
		ahead, mine := t.join(key)
		if mine {
			return nil, func() { t.leave(key, ctx.Err() != nil) }
		}
		select {
		case <-ahead.over:
			now = time.Now()
		case <-ctx.Done():
			return nil, func() {}
		}
		if !ahead.gone {
			waited++
		}
	}
	return t.answers.find(key, now), func() {}
}

// join returns who is ahead, and whether that is the caller himself.
func (t *turns) join(key answerKey) (ahead *lead, mine bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ahead, ok := t.ahead[key]; ok {
		return ahead, false
	}
	if t.ahead == nil {
		t.ahead = map[answerKey]*lead{}
	}
	t.ahead[key] = &lead{over: make(chan struct{})}
	return t.ahead[key], true
}

func (t *turns) leave(key answerKey, gone bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ahead[key].gone = gone
	close(t.ahead[key].over)
	delete(t.ahead, key)
}
