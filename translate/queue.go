package translate

import (
	"context"
	"slices"
	"sync"
	"time"

	"yeok/desk"
)

// queue gives out the calls that may be in flight at once, over all models and for
// each. Articles take turns, so that a long one does not make a short one wait for
// all its calls; so do tenants, so that one with many does not hold up the others;
// and those that somebody waits for go before batch work. All languages of an
// article are one article.
//
// A call that waits holds nothing, and every question is asked anew whenever a
// call ends: work that somebody has begun to wait for moves up at once.
type queue struct {
	mu      sync.Mutex
	free    int      // calls that may still go, over all models
	turns   []string // articles that wait, the next one first
	waiting map[string][]*ticket
	timer   *time.Timer // rings when a model may be asked again
	order   desk.Precedence
	served  map[string]int // by tenant: the number of its last call
	calls   int            // that went

	bounds                bounds
	moving                moving
	refused, refusedBatch int64
}

// bounds is what may be under way and wait.
type bounds struct {
	calls    int           // at a time
	articles int           // that wait
	wait     time.Duration // of an article for its first call
}

// ticket is one call that waits.
type ticket struct {
	client  *client
	tenant  string
	article string
	batch   func() bool // nil: somebody waits
	waited  bool
	tokens  int // of prompt and answer, where its model counts them
	ready   chan struct{}
}

func newQueue(b bounds) *queue {
	return &queue{free: b.calls, bounds: b, waiting: make(map[string][]*ticket), served: make(map[string]int)}
}

// enter returns when a call to c may go, or with the cause of ctx. leave must be
// called when the call is over.
func (q *queue) enter(ctx context.Context, c *client, call chat) (leave func(), err error) {
	t := &ticket{client: c, tenant: call.tenant, article: call.article, batch: call.batch, ready: make(chan struct{})}
	if c.allowance.tokens != nil {
		t.tokens = call.tokens() + call.expected
	}
	q.mu.Lock()
	q.add(t)
	q.advance()
	q.await(t)
	q.mu.Unlock()
	leave = func() { q.leave(c) }
	select {
	case <-t.ready:
		return leave, nil
	case <-ctx.Done():
	}
	if q.withdraw(t) {
		return nil, context.Cause(ctx)
	}
	leave() // it came at the same moment
	return nil, context.Cause(ctx)
}

// await notes that a ticket must wait.
func (q *queue) await(t *ticket) {
	t.waited = slices.Contains(q.waiting[t.article], t)
	if t.waited && q.moving.since.IsZero() {
		q.moving.since = time.Now()
	}
}

func (q *queue) leave(c *client) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.free++
	c.running--
	q.advance()
}

func (q *queue) add(t *ticket) {
	q.served[t.tenant] += 0 // it is known from now on
	if len(q.waiting[t.article]) == 0 {
		q.turns = append(q.turns, t.article)
	}
	q.waiting[t.article] = append(q.waiting[t.article], t)
}

// withdraw takes a ticket back, false if it was called already.
func (q *queue) withdraw(t *ticket) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !slices.Contains(q.waiting[t.article], t) {
		return false
	}
	q.remove(t)
	return true
}

func (q *queue) remove(t *ticket) {
	left := slices.DeleteFunc(q.waiting[t.article], func(other *ticket) bool { return other == t })
	q.waiting[t.article] = left
	if len(left) > 0 {
		return
	}
	delete(q.waiting, t.article)
	if len(q.waiting) == 0 {
		q.moving = moving{}
	}
	q.turns = slices.DeleteFunc(q.turns, func(article string) bool { return article == t.article })
}

// advance lets calls go until there is no room or nobody who could.
func (q *queue) advance() {
	for q.free > 0 {
		now := time.Now()
		t, wait := q.next(now)
		if t == nil {
			q.ring(wait)
			return
		}
		t.client.allowance.take(now, t.tokens)
		if t.waited {
			q.moving.note(now)
		}
		q.calls++
		q.served[t.tenant] = q.calls
		q.remove(t)
		if i := slices.Index(q.turns, t.article); i >= 0 { // its other calls wait for their next turn
			q.turns = append(slices.Delete(q.turns, i, i+1), t.article)
		}
		q.free--
		t.client.running++
		close(t.ready)
	}
}

// ring looks again after wait, if there is anything to wait for.
func (q *queue) ring(wait time.Duration) {
	if q.timer != nil {
		q.timer.Stop()
	}
	if wait > 0 {
		q.timer = time.AfterFunc(wait, func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.advance()
		})
	}
}

// next is the call whose turn it is, nil if there is none whose model has room;
// then wait is how soon one may be asked again, 0 if it is not a matter of time.
//
// A call that waits for its model's allowance holds up all others of that model:
// else small calls would take what a large one waits for.
func (q *queue) next(now time.Time) (t *ticket, wait time.Duration) {
	waits := make(map[*client]time.Duration)
	urgent := q.first(false, now, waits)
	batch := q.first(true, now, waits)
	switch {
	case urgent == nil || batch == nil:
	case q.order.Batch():
		return batch, 0
	default:
		return urgent, 0
	}
	for _, w := range waits {
		if wait == 0 || w < wait {
			wait = w
		}
	}
	if urgent == nil {
		return batch, wait
	}
	return urgent, wait
}

// first is the first call of its kind in the order of turns, of the tenant whose
// last call is longest ago.
func (q *queue) first(batch bool, now time.Time, waits map[*client]time.Duration) (first *ticket) {
	for _, article := range q.turns {
		for _, t := range q.waiting[article] {
			c := t.client
			if waits[c] > 0 || c.running >= c.model.Profile.Concurrency || (t.batch != nil && t.batch()) != batch {
				continue
			}
			if wait := max(c.health.resting(), c.allowance.wait(now, t.tokens)); wait > 0 {
				waits[c] = wait
				continue
			}
			if first == nil || q.served[t.tenant] < q.served[first.tenant] {
				first = t
			}
			if len(q.served) <= 1 { // there is one tenant
				return first
			}
			break
		}
	}
	return first
}

// Load is how many calls to a model are under way.
type Load struct {
	Model   string
	Running int
	Waiting int // for a free place
}

// Loads lists the models in the order in which they are asked.
func (t *Translator) Loads() []Load {
	t.queue.mu.Lock()
	defer t.queue.mu.Unlock()
	waiting := make(map[*client]int)
	for _, tickets := range t.queue.waiting {
		for _, ticket := range tickets {
			waiting[ticket.client]++
		}
	}
	loads := make([]Load, len(t.clients))
	for i, c := range t.clients {
		loads[i] = Load{c.model.Name, c.running, waiting[c]}
	}
	return loads
}
