package translate

import "errors"

// Class is what kind of failure a call to a model was. Each has its own answer.
type Class string

// The classes, and what is done about each.
const (
	Transient Class = "transient"  // unreachable, 5xx, silent, broken off: again, then the next model
	Rate      Class = "rate"       // 429, 503, 529: again at the time that it names, or the next model
	Quota     Class = "quota"      // used up: the next model; not asked for a while
	Auth      Class = "auth"       // wrong key, unknown model: the next model; not asked for a while
	Refused   Class = "request"    // it does not understand us: the next model
	Refusal   Class = "refusal"    // a content filter: once more, insisting, then the next model
	Bad       Class = "bad_answer" // endless, looping, cut at the limit: what is missing once more, then the next model
	Window    Class = "window"     // prompt too long: smaller groups
)

// classOf tells what kind of failure err is; "" if there is none, or if it is not
// the model's: the caller left, or time ran out while calls waited.
func classOf(err error) Class {
	switch {
	case err == nil, errors.Is(err, errTimeout):
		return ""
	case errors.Is(err, ErrBusy):
		return Rate
	case errors.Is(err, errQuota):
		return Quota
	case errors.Is(err, errAuth):
		return Auth
	case errors.Is(err, ErrRejected):
		return Refused
	case errors.Is(err, ErrTooLong), errors.Is(err, ErrWindow):
		return Window
	case errors.Is(err, errFiltered):
		return Refusal
	case errors.Is(err, ErrBadAnswer):
		return Bad
	case errors.Is(err, ErrUnavailable):
		return Transient
	}
	return ""
}
