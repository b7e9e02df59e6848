package translate

import "runtime/debug"

// PanicError is returned when something panicked on a goroutine of the translator,
// where it would have ended the process. Its text says no more than that: what was
// thrown may be a line of the article.
type PanicError struct {
	Value any
	Stack []byte
}

// Error is the same for every panic.
func (*PanicError) Error() string { return "translate: panic" }

// caught is deferred where a goroutine begins, and where the text of a model is
// taken in, so that the call which brought it is still accounted for.
func caught(err *error) {
	if thrown := recover(); thrown != nil {
		*err = &PanicError{thrown, debug.Stack()}
	}
}
