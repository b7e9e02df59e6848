package translate

import (
	"errors"
	"fmt"
	"time"
)

// Errors of Translate. Their texts are yeok's own: nothing of what a model's
// server said is in them.
var (
	// ErrNoModel is returned when the translator has no models.
	ErrNoModel = errors.New("no model is configured")

	// ErrBusy is returned when every model turned the request away for now. The
	// error is a *BusyError where a server said when to come back.
	ErrBusy = errors.New("the model is busy")

	// ErrRejected is returned when a model's server does not serve us: wrong key,
	// used-up quota, unknown model name, a request it does not understand. It is
	// the operator's to repair; trying again does not help.
	ErrRejected = errors.New("the model's server rejected us")

	// ErrBadAnswer is returned when segments are still without a usable
	// translation after all attempts.
	ErrBadAnswer = errors.New("the model's answer is not usable")

	// ErrTooLong is returned when a block does not fit a model's context window
	// even sentence by sentence.
	ErrTooLong = errors.New("the text does not fit the model's context window")

	// ErrWindow is returned when the model's server read far fewer tokens than
	// were sent: its context window is smaller than the prompt, and it cut the
	// prompt without saying so. Ollama does, at 4,096 tokens by default. What it
	// answered is not in the result; single segments that had passed their checks
	// before the server reported its count were handed to OnSegment.
	ErrWindow = errors.New("the model's server cut the prompt: raise its context window (num_ctx, -c) or set contextWindow of the model to what it is")

	// ErrUnavailable is returned when a model's server cannot be reached, fails,
	// falls silent or breaks off.
	ErrUnavailable = errors.New("the model's server is unavailable")
)

// BusyError is an ErrBusy with the time after which to try again.
type BusyError struct {
	RetryAfter time.Duration
	Limited    bool // it was 429: we ask for more than the provider gives us
}

// Error says when to come back.
func (e *BusyError) Error() string {
	return fmt.Sprintf("%v, try again in %v", ErrBusy, e.RetryAfter)
}

// Is makes a BusyError match ErrBusy.
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// PausedError is returned without asking a model that has failed of late. It
// matches what it failed with.
type PausedError struct {
	Cause      error
	RetryAfter time.Duration // until it is asked again
}

// Error says when the model will be asked again.
func (e *PausedError) Error() string {
	return fmt.Sprintf("%v; it is asked again in %v", e.Cause, e.RetryAfter.Round(time.Second))
}

// Unwrap is the failure that it is left alone for.
func (e *PausedError) Unwrap() error { return e.Cause }
