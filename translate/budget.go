package translate

import "sync"

// Budget bounds what the calls for one request may cost. Both functions are called
// concurrently, for each model as it is configured.
type Budget struct {
	// Reserve is called before anything is sent, with the most that it can cost.
	// An error keeps that model from being asked; the next one may cost less.
	Reserve func(model string, most Usage) error

	// Settle is called once for each model that something was reserved for, when
	// it has done its part or failed: spent is what it came to.
	Settle func(model string, reserved, spent Usage)
}

// tab is the account of one model with one request. A call may go only while what
// was spent and all that is under way can cost are reserved. A nil tab lets
// everything go.
type tab struct {
	budget *Budget
	model  Model

	mu       sync.Mutex
	reserved Usage
	promised Usage // spent, and the most of what is under way
	spent    Usage
}

// most is the most that one request can cost: every token of its prompt at full
// price and the longest answer.
func (c *client) most(q chat) Usage {
	u := Usage{
		Requests:         1,
		PromptTokens:     q.tokens() + framingTokens,
		CompletionTokens: q.maxTokens + c.model.Profile.ThinkTokens,
	}
	u.CostUSD = c.model.Price.of(u)
	return u
}

// reserve sees that so much more than what is promised is reserved. The lock is
// held.
func (t *tab) reserve(more Usage) error {
	lacking := t.promised.Plus(more).beyond(t.reserved)
	if lacking == (Usage{}) {
		return nil
	}
	if err := t.budget.Reserve(t.model.Name, lacking); err != nil {
		return err
	}
	t.reserved = t.reserved.Plus(lacking)
	return nil
}

// prepare reserves for calls that are about to be made, before the first of them
// goes.
func (t *tab) prepare(more Usage) error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reserve(more)
}

// begin lets a call go that costs so much at most.
func (t *tab) begin(most Usage) error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.reserve(most); err != nil {
		return err
	}
	t.promised = t.promised.Plus(most)
	return nil
}

// end is called when a call that began is over.
func (t *tab) end(most, spent Usage) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spent = t.spent.Plus(spent)
	t.promised = t.promised.minus(most).Plus(spent)
}

// tabOf opens the account of a model with the job.
func (j *job) tabOf(c *client) *tab {
	if j.req.Budget == nil {
		return nil
	}
	return &tab{budget: j.req.Budget, model: c.model}
}

// prepare reserves for all calls of a pass, so that none is made if there is not
// enough for the rest.
func (j *job) prepare(c *client, groups []group, w wish) error {
	if j.tab == nil {
		return nil
	}
	var sum Usage
	for _, g := range groups {
		q, err := j.chat(c, g, w)
		if err != nil {
			return err
		}
		sum = sum.Plus(c.most(q))
	}
	return j.tab.prepare(sum)
}

// Estimate is what a request would cost at one model.
type Estimate struct {
	Model    string // "" if nothing is to be paid
	Segments int    // to be translated
	Likely   Usage  // if nothing has to be asked for again; without what its prompt cache may save
	Most     Usage  // that is reserved before the first call
}

// Estimate tells what a translation would cost at the nth of the models that serve
// its target, the first being 0, and asks none. Tokens are yeok's own estimate,
// which is an upper one. Beyond the last model it returns ErrNoModel.
func (t *Translator) Estimate(req Request, nth int) (Estimate, error) {
	j := t.newJob(req)
	open := j.open()
	switch {
	case len(open) == 0:
		return Estimate{}, nil
	case nth >= len(j.chain):
		return Estimate{}, ErrNoModel
	}
	c := j.chain[nth]
	e := Estimate{Model: c.model.Name, Segments: len(open)}
	for _, g := range j.plan(c, open, c.model.Profile.BlocksPerCall) {
		q, err := j.chat(c, g, wish{})
		if err != nil {
			return Estimate{}, err
		}
		likely := Usage{Requests: 1, PromptTokens: q.tokens(), CompletionTokens: q.expected, Estimated: true}
		likely.CostUSD = c.model.Price.of(likely)
		e.Likely, e.Most = e.Likely.Plus(likely), e.Most.Plus(c.most(q))
	}
	return e, nil
}

// settle ends the account.
func (t *tab) settle() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reserved != (Usage{}) {
		t.budget.Settle(t.model.Name, t.reserved, t.spent)
	}
}
