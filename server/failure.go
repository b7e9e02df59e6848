package server

import (
	"errors"
	"sync"
	"time"

	"yeok/translate"
)

const (
	// failureTerm is how long a failure is remembered: longer than the pauses
	// between the tries of plugins (5 to 10 seconds), shorter than an editor's
	// patience.
	failureTerm = 30 * time.Second

	// maxFailures is how many are remembered; beyond it the next is paid again.
	maxFailures = 10_000
)

// failures remember, in memory alone, what would fail again: an article that the
// model refuses or cannot do. A plugin that tries again at once is told so without
// being charged. What passes (a busy or broken model) is nobody's but those who
// were there.
type failures struct {
	mu   sync.Mutex
	each map[string]failure // by fingerprint
}

type failure struct {
	err   error
	until time.Time
}

// lasting says whether the same request would most likely fail in the same way.
func lasting(err error) bool {
	return errors.Is(err, translate.ErrBadAnswer) || errors.Is(err, translate.ErrTooLong) || errors.Is(err, translate.ErrWindow)
}

// note remembers a failure that lasts, and forgets what was remembered when there
// is none.
func (f *failures) note(fingerprint string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if !lasting(err) {
		if err == nil {
			delete(f.each, fingerprint)
		}
		return
	}
	if len(f.each) >= maxFailures {
		for key, old := range f.each {
			if now.After(old.until) {
				delete(f.each, key)
			}
		}
	}
	if f.each == nil {
		f.each = make(map[string]failure)
	}
	if len(f.each) < maxFailures {
		f.each[fingerprint] = failure{err, now.Add(failureTerm)}
	}
}

// recall returns the failure that is remembered, nil if there is none.
func (f *failures) recall(fingerprint string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	found, ok := f.each[fingerprint]
	if !ok {
		return nil
	}
	if time.Now().After(found.until) {
		delete(f.each, fingerprint)
		return nil
	}
	return found.err
}

// failed returns the remembered failure of what is asked for.
func (s *Server) failed(control cacheControl, fingerprint string) error {
	if control.noCache {
		return nil
	}
	return s.failures.recall(fingerprint)
}

func (s *Server) noteFailure(control cacheControl, fingerprint string, err error) {
	if !control.noStore {
		s.failures.note(fingerprint, err)
	}
}
