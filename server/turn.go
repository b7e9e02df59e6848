package server

import (
	"context"
	"sync"
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
	ahead map[answerKey]chan struct{} // closed when the one ahead is done
}

// waits is how often a caller lets another go ahead: once for the one who pays,
// whose own answer is not stored because it says that it paid, and once for the
// one who finds it remembered.
const waits = 2

// take returns the stored answer to a request, as soon as there is one. If it
// returns nil, the caller must make the answer. It must call done in any case.
func (t *turns) take(ctx context.Context, key answerKey) (stored *answer, done func()) {
	for range waits {
		if stored := t.answers.find(key); stored != nil {
			return stored, func() {}
		}
		ahead := t.join(key)
		if ahead == nil {
			return nil, func() { t.leave(key) }
		}
		select {
		case <-ahead:
		case <-ctx.Done():
			return nil, func() {}
		}
	}
	return t.answers.find(key), func() {}
}

// join returns what to wait for, or nil if nobody is ahead.
func (t *turns) join(key answerKey) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ahead, ok := t.ahead[key]; ok {
		return ahead
	}
	if t.ahead == nil {
		t.ahead = map[answerKey]chan struct{}{}
	}
	t.ahead[key] = make(chan struct{})
	return nil
}

func (t *turns) leave(key answerKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.ahead[key])
	delete(t.ahead, key)
}
