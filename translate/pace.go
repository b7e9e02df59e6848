package translate

import (
	"slices"
	"sync"
	"time"
)

const (
	// newest is the weight of the last call in what is known of a model's speed:
	// after five calls two thirds of it are new.
	newest = 0.2

	// enoughTokens is the shortest answer whose speed says anything.
	enoughTokens = 16

	// maxExcess bounds how far a plan may be above what is written: lengths are
	// the middle of a band, whose ends lie a factor of 3 apart at most.
	maxExcess = 3

	// What a hosted model does, until there is a call to go by.
	usualFirst = time.Second
	usualRate  = 60 // tokens a second
)

// pace is how fast a model has been of late: moving averages over its answers.
// Tokens are by yeok's own estimate, as in all plans, so that tokenizers do not
// matter. How much of what a plan expects is really written differs by language
// and by model, and is averaged too.
type pace struct {
	mu       sync.Mutex
	measured bool
	first    float64            // seconds to the first token, the wait for a free slot apart
	rate     float64            // tokens a second from there on
	excess   map[string]float64 // tokens expected for each that was written, by target
	recent   []float64          // seconds to the first token of the last calls, a ring
	next     int                // in recent
}

// How many calls say what is late, and how many are kept.
const (
	enoughFirsts = 20
	keptFirsts   = 100
)

// noteFirst keeps the time to a first token. The lock is held.
func (p *pace) noteFirst(seconds float64) {
	if len(p.recent) < keptFirsts {
		p.recent = append(p.recent, seconds)
		return
	}
	p.recent[p.next] = seconds
	p.next = (p.next + 1) % keptFirsts
}

// late is the time within which 19 of 20 calls of late have had their first
// token; known is false until there were enough of them.
func (p *pace) late() (after time.Duration, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.recent) < enoughFirsts {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(p.recent))
	return time.Duration(sorted[len(sorted)*19/20] * float64(time.Second)), true
}

// note adds one whole answer in the language of that code, for which so many
// tokens were expected.
func (p *pace) note(first, rest time.Duration, tokens float64, code string, expected int) {
	if tokens < enoughTokens || rest <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	seconds, rate := first.Seconds(), tokens/rest.Seconds()
	p.noteFirst(seconds)
	// An answer that leaves something out would seem to be expected long.
	excess := min(float64(expected)/tokens, maxExcess)
	if old, known := p.excess[code]; known {
		excess = old + newest*(excess-old)
	} else if p.excess == nil {
		p.excess = make(map[string]float64)
	}
	p.excess[code] = excess
	if !p.measured {
		p.measured, p.first, p.rate = true, seconds, rate
		return
	}
	p.first += newest * (seconds - p.first)
	p.rate += newest * (rate - p.rate)
}

// now is the time to the first token and the tokens a second; measured is false
// for what is only usual.
func (p *pace) now() (first time.Duration, rate float64, measured bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.measured {
		return usualFirst, usualRate, false
	}
	return time.Duration(p.first * float64(time.Second)), p.rate, true
}

// expected is how many tokens of a plan for that language are written in a time
// after the first token.
func (p *pace) expected(code string, rest time.Duration) int {
	_, rate, _ := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	excess, known := p.excess[code]
	if !known {
		excess = 1
	}
	return int(rest.Seconds() * rate * excess)
}

// Speed is how fast a model has been of late.
type Speed struct {
	Model           string
	FirstToken      time.Duration // from the request on
	TokensPerSecond float64       // of text, by yeok's own estimate
}

// Speeds lists the models that have answered, in the order in which they are
// asked.
func (t *Translator) Speeds() []Speed {
	var speeds []Speed
	for _, c := range t.clients {
		if first, rate, measured := c.pace.now(); measured {
			speeds = append(speeds, Speed{c.model.Name, first, rate})
		}
	}
	return speeds
}
