package translate

import (
	"sort"
	"time"
)

// Spread is what it costs to have an answer in time: how many more calls than one
// a language were made, and what their prompts cost beyond that one's.
type Spread struct {
	Calls        int
	PromptTokens int // estimated
	CostUSD      float64
}

// spread takes asked apart so that the answer arrives within the latency target
// at the model's pace, in as few parts as will do: each part repeats the prompt.
// Without a target all of it is one part.
//
// warm says that the parts may wait for the first of them to warm the provider's
// prompt cache, which costs the time to a first token once more. With a target
// they do so only where a discount is known and the time is there. More parts on a
// warm cache cost less than fewer parts on a cold one.
func (j *job) spread(c *client, asked []*unit) (parts [][]*unit, warm bool) {
	if j.t.target == 0 || len(asked) == 0 {
		return [][]*unit{asked}, true
	}
	first, _, _ := c.pace.now()
	capacity := func(waits int) int {
		return c.pace.expected(j.req.Target.Code, j.t.target-time.Duration(waits)*first)
	}
	sizes := make([]int, len(asked))
	for i := range asked {
		sizes[i] = answerTokens(asked[i:i+1], j.req.Target)
	}
	most := min(len(asked), c.model.Profile.Concurrency)
	if c.model.Price.rewardsCache() && !j.narrow(c) {
		if cut, fits := cutFor(sizes, most, capacity(2)); fits {
			return split(asked, cut), true
		}
	}
	cut, _ := cutFor(sizes, most, capacity(1))
	return split(asked, cut), false
}

// cutFor takes a row of sizes apart into the fewest parts of which none is larger
// than capacity, at most most parts, as even as can be. If it cannot be done, fits
// is false and the parts are as small as they get. cut holds the end of each part.
func cutFor(sizes []int, most, capacity int) (cut []int, fits bool) {
	best := evenest(sizes, most)
	if best <= capacity {
		n := 1 + sort.Search(most-1, func(i int) bool { return evenest(sizes, i+1) <= capacity })
		return ends(sizes, evenest(sizes, n)), true
	}
	return ends(sizes, best), false
}

// evenest is the smallest size that the largest of at most n parts of a row can
// have.
func evenest(sizes []int, n int) int {
	largest, sum := 0, 0
	for _, size := range sizes {
		largest, sum = max(largest, size), sum+size
	}
	return largest + sort.Search(sum-largest, func(more int) bool { return len(ends(sizes, largest+more)) <= n })
}

// ends cuts a row into parts of at most limit, each as long as it may be.
func ends(sizes []int, limit int) []int {
	var cut []int
	sum := 0
	for i, size := range sizes {
		if i > 0 && sum+size > limit {
			cut, sum = append(cut, i), 0
		}
		sum += size
	}
	return append(cut, len(sizes))
}

func split(units []*unit, cut []int) [][]*unit {
	var parts [][]*unit
	start := 0
	for _, end := range cut {
		parts, start = append(parts, units[start:end]), end
	}
	return parts
}

// noteSpread counts and tells the price of more than one call.
func (j *job) noteSpread(c *client, groups []group) {
	if j.t.target == 0 || len(groups) < 2 {
		return
	}
	warm := !groups[0].hasty
	q, err := j.chat(c, groups[0], wish{})
	if err != nil {
		return // the call will say so
	}
	more := len(groups) - 1
	price := c.model.Price.Prompt
	if warm {
		price = c.model.Price.CachedPrompt
	}
	s := Spread{Calls: more, PromptTokens: more * q.tokens()}
	s.CostUSD = float64(s.PromptTokens) * price / 1e6
	j.mu.Lock()
	j.extra.Calls += s.Calls
	j.extra.PromptTokens += s.PromptTokens
	j.extra.CostUSD += s.CostUSD
	j.mu.Unlock()
	first, rate, measured := c.pace.now()
	j.t.log.Info("more than one call, for the latency target", "model", c.model.Name, "target", j.req.Target.Code,
		"calls", len(groups), "firstToken", first, "tokensPerSecond", int(rate), "measured", measured, "warm", warm,
		"extraPromptTokens", s.PromptTokens, "extraCostUSD", s.CostUSD)
}
