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

// of is what u costs at price p.
func (p Price) of(u Usage) float64 {
	const million = 1_000_000
	fresh := u.PromptTokens - u.CachedPromptTokens
	return (float64(fresh)*p.Prompt +
		float64(u.CachedPromptTokens)*p.CachedPrompt +
		float64(u.CompletionTokens)*p.Completion) / million
}
