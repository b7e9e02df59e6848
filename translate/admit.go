package translate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// ErrQueueFull is returned when more articles wait for a model than can be
// translated in time. The error is a *QueueError.
var ErrQueueFull = errors.New("too many articles wait")

// QueueError is an ErrQueueFull with the time after which to try again.
type QueueError struct{ RetryAfter time.Duration }

// Error says when to come back.
func (e *QueueError) Error() string {
	return fmt.Sprintf("%v, try again in %v", ErrQueueFull, e.RetryAfter.Round(time.Second))
}

// Is makes a QueueError match ErrQueueFull.
func (e *QueueError) Is(target error) bool { return target == ErrQueueFull }

// Admit says whether another article of a tenant would be translated in time, by
// how fast the articles that wait have moved up of late; if not, it returns a
// *QueueError. Who asks for it before he has done any work for the article, refuses
// it at once instead of letting it wait in vain. What is remembered needs no
// admission.
//
// A tenant is refused for its own articles: those of another take turns with it and
// do not stand before it. Batch work is refused first.
func (t *Translator) Admit(tenant string, batch bool) error {
	t.queue.mu.Lock()
	defer t.queue.mu.Unlock()
	return t.queue.admit(time.Now(), tenant, batch)
}

// QueueState is who waits for a model, and what a new article would have to wait.
type QueueState struct {
	Articles         int
	Wait, BatchWait  time.Duration // of one of a tenant that has none waiting
	Refused, Batches int64         // since the start: by Admit, and those of them that were batch work
}

// Queue tells how long the queue is.
func (t *Translator) Queue() QueueState {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	mean := q.moving.mean(time.Now(), q.running())
	const nobody = "\x00" // no tenant is called so
	return QueueState{
		Articles:  len(q.waiting),
		Wait:      time.Duration(q.before(nobody, false).ahead) * mean,
		BatchWait: time.Duration(q.before(nobody, true).ahead) * mean,
		Refused:   q.refused, Batches: q.refusedBatch,
	}
}

func (q *queue) admit(now time.Time, tenant string, batch bool) error {
	if len(q.waiting) == 0 {
		return nil
	}
	room := q.bounds.articles
	if batch {
		room = max(1, room/2)
	}
	mean, before := q.moving.mean(now, q.running()), q.before(tenant, batch)
	wait := time.Duration(before.ahead) * mean
	full := len(q.waiting) >= room && before.own*before.tenants >= room
	if wait <= q.bounds.wait && !full {
		return nil
	}
	q.refused++
	if batch {
		q.refusedBatch++
	}
	return &QueueError{max(wait-q.bounds.wait, mean, time.Second)}
}

// running is how many calls are under way.
func (q *queue) running() int { return q.bounds.calls - q.free }

// standing is where a new article of a tenant would stand.
type standing struct {
	own     int // articles of the tenant that wait
	tenants int // that have articles waiting, this one included
	ahead   int // articles that would go before it
}

// before counts by turns: until the new article goes, each other tenant has as many
// of them as this one. Before batch work goes all that somebody waits for.
func (q *queue) before(tenant string, batch bool) standing {
	kinds := [2]map[string]int{{tenant: 0}, {tenant: 0}} // articles by tenant: urgent ones, batch work
	for _, tickets := range q.waiting {
		kind := 1
		if slices.ContainsFunc(tickets, func(t *ticket) bool { return t.batch == nil || !t.batch() }) {
			kind = 0
		}
		kinds[kind][tickets[0].tenant]++
	}
	s := standing{own: kinds[0][tenant] + kinds[1][tenant]}
	like := kinds[0]
	if batch {
		like = kinds[1]
		for _, n := range kinds[0] {
			s.ahead += n
		}
	}
	for other, n := range like {
		if other != tenant {
			n = min(n, like[tenant]+1)
		}
		s.ahead += n
	}
	maps.Copy(kinds[0], kinds[1])
	s.tenants = len(kinds[0])
	return s
}

// remembered is how many moves are looked back on.
const remembered = 64

// moving is how fast those move up who wait.
type moving struct {
	since time.Time   // when somebody began to wait; zero while nobody does
	moves []time.Time // the last ones since then
}

func (m *moving) note(now time.Time) {
	if m.moves = append(m.moves, now); len(m.moves) > remembered {
		m.since, m.moves = m.moves[0], m.moves[1:]
	}
}

// mean is the time between two moves. Until as many have moved up as there are
// calls under way it is the least that it can be, so that nobody is refused
// because the first calls are not over yet.
func (m *moving) mean(now time.Time, running int) time.Duration {
	if m.since.IsZero() {
		return 0
	}
	return now.Sub(m.since) / time.Duration(max(1, len(m.moves), running))
}
