package translate

// Usage is what the calls for one translation cost. Known segments cost nothing.
type Usage struct {
	PromptTokens       int // CachedPromptTokens included
	CompletionTokens   int // thinking included
	CachedPromptTokens int // that the provider had in its prompt cache
	Requests           int // answered or cut; those turned away cost nothing and are not counted
	CostUSD            float64
	Estimated          bool // a server did not report its usage, or was cut before it could
}

// Plus is u and v together.
func (u Usage) Plus(v Usage) Usage {
	return Usage{
		PromptTokens:       u.PromptTokens + v.PromptTokens,
		CompletionTokens:   u.CompletionTokens + v.CompletionTokens,
		CachedPromptTokens: u.CachedPromptTokens + v.CachedPromptTokens,
		Requests:           u.Requests + v.Requests,
		CostUSD:            u.CostUSD + v.CostUSD,
		Estimated:          u.Estimated || v.Estimated,
	}
}

// minus is u without v.
func (u Usage) minus(v Usage) Usage {
	return Usage{
		PromptTokens:       u.PromptTokens - v.PromptTokens,
		CompletionTokens:   u.CompletionTokens - v.CompletionTokens,
		CachedPromptTokens: u.CachedPromptTokens - v.CachedPromptTokens,
		Requests:           u.Requests - v.Requests,
		CostUSD:            u.CostUSD - v.CostUSD,
	}
}

// beyond is how much u has more of than v, of each kind; less than a millionth of
// a cent is nothing.
func (u Usage) beyond(v Usage) Usage {
	d := u.minus(v)
	more := Usage{
		PromptTokens:       max(d.PromptTokens, 0),
		CompletionTokens:   max(d.CompletionTokens, 0),
		CachedPromptTokens: max(d.CachedPromptTokens, 0),
		Requests:           max(d.Requests, 0),
	}
	if d.CostUSD > 1e-8 {
		more.CostUSD = d.CostUSD
	}
	return more
}

// Tokens are all that are billed.
func (u Usage) Tokens() int { return u.PromptTokens + u.CompletionTokens }

// of is what u costs at price p.
func (p Price) of(u Usage) float64 {
	const million = 1_000_000
	fresh := u.PromptTokens - u.CachedPromptTokens
	return (float64(fresh)*p.Prompt +
		float64(u.CachedPromptTokens)*p.CachedPrompt +
		float64(u.CompletionTokens)*p.Completion) / million
}
