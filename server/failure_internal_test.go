package server

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"yeok/translate"
)

// TestFailures: what would fail again is remembered for its term, what passes is
// not, and a success ends it.
func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f failures
		bad := &paidError{error: fmt.Errorf("%w; no translation of p3", translate.ErrBadAnswer)}
		for _, err := range []error{bad, translate.ErrTooLong, translate.ErrWindow} {
			f.note("key", err)
			time.Sleep(failureTerm)
			if got := f.recall("key"); !errors.Is(got, err) {
				t.Errorf("recall after %v: %v, want %v", failureTerm, got, err)
			}
			time.Sleep(time.Millisecond)
			if got := f.recall("key"); got != nil {
				t.Errorf("recall after more than %v: %v, want nothing", failureTerm, got)
			}
		}
		for _, err := range []error{&translate.BusyError{}, translate.ErrUnavailable, translate.ErrRejected, translate.ErrNoModel} {
			f.note("key", err)
			if got := f.recall("key"); got != nil {
				t.Errorf("recall after %v: %v, want nothing", err, got)
			}
		}
		f.note("key", bad)
		f.note("key", nil)
		if got := f.recall("key"); got != nil {
			t.Errorf("recall after a success: %v, want nothing", got)
		}
		for i := range maxFailures + 10 {
			f.note(fmt.Sprint(i), bad)
		}
		if got := len(f.each); got != maxFailures {
			t.Errorf("%d failures are remembered, want at most %d", got, maxFailures)
		}
		time.Sleep(failureTerm + 1)
		f.note("key", bad)
		if got := len(f.each); got != 1 {
			t.Errorf("%d failures are remembered when all but one are old", got)
		}
	})
}
