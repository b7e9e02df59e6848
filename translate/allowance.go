package translate

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

// allowance is what a model's provider lets one customer have a minute. Calls
// wait in the queue for it rather than be turned away. The zero value has no
// bounds.
type allowance struct{ requests, tokens *rate.Limiter }

func newAllowance(p Profile) allowance {
	return allowance{perMinute(p.RequestsPerMinute), perMinute(p.TokensPerMinute)}
}

// perMinute lets a tenth go at once and the rest evenly, so that no minute sees
// more than n, wherever it begins. One call that is larger than the tenth goes
// when the tenth is there, and the next ones wait for what it took beyond.
func perMinute(n int) *rate.Limiter {
	if n == 0 {
		return nil
	}
	burst := max(n/10, 1)
	return rate.NewLimiter(rate.Limit(float64(max(n-burst, 1))/60), burst)
}

// wait is how long a call of so many tokens has to wait.
func (a allowance) wait(now time.Time, tokens int) time.Duration {
	return max(until(a.requests, now, 1), until(a.tokens, now, tokens))
}

func until(l *rate.Limiter, now time.Time, n int) time.Duration {
	if l == nil {
		return 0
	}
	lacking := float64(min(n, l.Burst())) - l.TokensAt(now)
	if lacking <= 1e-6 { // less is what floating point leaves over
		return 0
	}
	return time.Duration(math.Ceil(lacking / float64(l.Limit()) * float64(time.Second)))
}

// take takes them.
func (a allowance) take(now time.Time, tokens int) {
	if a.requests != nil {
		a.requests.ReserveN(now, 1)
	}
	for a.tokens != nil && tokens > 0 { // a limiter gives no more than its burst at a time
		n := min(tokens, a.tokens.Burst())
		a.tokens.ReserveN(now, n)
		tokens -= n
	}
}
