package translate

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"yeok/translate/check"
)

// job is one request being worked on.
type job struct {
	t          *Translator
	chain      []*client // that serve the target, in the order in which they are asked
	tab        *tab      // of the model at work; nil if nothing bounds it
	req        Request
	units      []*unit // in reading order
	typography typography
	article    string // names what all languages of this article have in common

	mu      sync.Mutex
	best    map[*unit]Segment         // the best translation so far, not always a good one
	whole   map[*unit][]check.Finding // errors that show only beside the other segments
	read    map[*unit]check.Checked   // what the checks have read, of texts that may not be the best any more
	stands  []check.Finding           // what shows over all of best
	fresh   bool                      // stands is that of best as it is now
	dropped map[*unit]check.Finding   // why the last translation could not be used at all
	sent    map[*unit]int             // how often
	usage   Usage
	reused  int
	extra   Spread
	calls   []Call
	repairs Repairs // once calls have ended, so without the lock
	cause   error   // of the last failure
}

func (t *Translator) newJob(req Request) *job {
	j := &job{
		t: t, req: req,
		chain:      t.chain(req.Target),
		units:      req.reading().unitsFor(req),
		typography: typographyOf(req.Target),
		best:       make(map[*unit]Segment),
		read:       make(map[*unit]check.Checked),
		dropped:    make(map[*unit]check.Finding),
		sent:       make(map[*unit]int),
	}
	for _, u := range j.units {
		for _, f := range u.amounts {
			u.facts = addFact(u.facts, f)
		}
		u.show()
		if s, ok := req.Known[u.id]; ok && s.Text != "" {
			j.best[u] = s.as(u.id)
			j.reused++
		}
	}
	j.addPast()
	j.article = j.share()
	return j
}

// share names the article in the queue.
func (j *job) share() string {
	k := newKey("share")
	k.add(j.req.Tenant)
	for _, u := range j.units {
		k.add(u.text)
	}
	return k.sum()
}

// as is s under another id: a paragraph that moved within its article.
func (s Segment) as(id string) Segment {
	s.ID = id
	s.Findings = slices.Clone(s.Findings)
	for i := range s.Findings {
		s.Findings[i].SegmentID = id
	}
	return s
}

// run asks one model after the other until nothing is open.
func (j *job) run(ctx context.Context) {
	for _, c := range j.chain {
		open := len(j.open())
		if open == 0 || ctx.Err() != nil {
			return
		}
		j.tab = j.tabOf(c)
		err := j.work(ctx, c)
		if err != nil {
			j.note(err)
		}
		j.tab.settle()
		j.t.log.Debug("model done", "model", c.model.Name, "target", j.req.Target.Code,
			"asked", open, "open", len(j.open()), "cause", j.cause)
		if _, panicked := errors.AsType[*PanicError](err); panicked {
			return // it would most likely panic again, and be paid again
		}
	}
}

// hopWait is how long a busy model is waited for when there is another one.
const hopWait = 2 * time.Second

// patience is how long a job waits for a busy model.
func (j *job) patience(c *client) time.Duration {
	i := slices.Index(j.chain, c)
	for _, next := range j.chain[i+1:] {
		if next.health.paused() <= hopWait {
			return min(hopWait, c.maxWait)
		}
	}
	return c.maxWait
}

// offer checks a translation and keeps it if it is not worse than the one that
// there is.
func (j *job) offer(c *client, u *unit, text string, flaw *check.Finding) {
	s := u.segment(text, j.typography)
	s.Model = c.model.Name
	looked := check.Look(u.checked(s.Text), j.req.Target, j.checkContext(u.terms))
	s.Findings = append(s.Findings, looked.Findings()...)
	if u.echoes(s.Text) {
		s.Findings = append(s.Findings, u.doubt(check.SourceCopy, check.Error, "The source came back untranslated."))
	}
	if f, leaked := u.leak(j.t.prompts.bySize[c.model.Profile.Prompt].leaks, s.Text); leaked {
		s.Findings = append(s.Findings, f)
	}
	if flaw != nil {
		s.Findings = append(s.Findings, *flaw)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if f, bad := unusable(s.Findings); bad {
		j.dropped[u] = f
		return
	}
	if old, have := j.best[u]; have {
		before, after := slices.Concat(old.Findings, j.whole[u]), s.Findings
		if len(j.whole[u]) > 0 {
			after = slices.Concat(after, j.beside(u, s, looked))
		}
		if !check.HasError(before) || check.Worse(before, after) {
			return
		}
	}
	j.set(u, s)
	j.read[u] = looked
	j.announce(s)
}

// set keeps a translation. The lock is held.
func (j *job) set(u *unit, s Segment) { j.best[u], j.fresh = s, false }

// announce tells the caller of a segment without errors. The lock is held, so
// that calls do not overlap.
func (j *job) announce(s Segment) {
	if j.req.OnSegment != nil && !check.HasError(s.Findings) {
		j.req.OnSegment(s)
	}
}

// contradict marks a segment that the model translated twice, in two ways:
// neither can be believed until it is asked again.
func (j *job) contradict(u *unit) {
	j.mu.Lock()
	defer j.mu.Unlock()
	s, ok := j.best[u]
	if !ok {
		return
	}
	s.Findings = append(slices.Clone(s.Findings),
		u.doubt(check.Missing, check.Error, "The model translated this twice, in two ways."))
	j.set(u, s)
}

// retract forgets translations that a model made from half of its prompt.
func (j *job) retract(units []*unit) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, u := range units {
		delete(j.best, u)
		j.fresh = false
	}
}

func (j *job) pay(u Usage) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.usage = j.usage.Plus(u)
}

// note keeps err as the reason, should the job fail. A failure that passes beats
// one that does not: with it a caller may try again. Of two models that say when,
// the one counts that is ready first.
func (j *job) note(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch before, after := readyIn(j.cause), readyIn(err); {
	case err == nil, passes(j.cause) && !passes(err), before > 0 && after > before:
	default:
		j.cause = err
	}
}

// readyIn is when a model that turned us away may be asked again; 0 if err does
// not say so.
func readyIn(err error) time.Duration {
	if busy, ok := errors.AsType[*BusyError](err); ok {
		return busy.RetryAfter
	}
	if paused, ok := errors.AsType[*PausedError](err); ok && passes(err) {
		return paused.RetryAfter
	}
	return 0
}

func passes(err error) bool { return errors.Is(err, ErrBusy) || errors.Is(err, ErrUnavailable) }

// open lists the units without a good translation.
func (j *job) open() []*unit {
	return slices.DeleteFunc(slices.Clone(j.units), func(u *unit) bool { _, ok := j.good(u); return ok })
}

// missing lists the units without any translation.
func (j *job) missing() []*unit {
	return slices.DeleteFunc(slices.Clone(j.units), func(u *unit) bool { _, ok := j.any(u); return ok })
}

// good is the translation of u if it has no errors, or is known.
func (j *job) good(u *unit) (Segment, bool) {
	s, ok := j.any(u)
	_, known := j.req.Known[u.id]
	return s, ok && (known || !check.HasError(s.Findings) && !j.doubted(u))
}

func (j *job) doubted(u *unit) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.whole[u]) > 0
}

// any is the translation of u, whatever it is worth.
func (j *job) any(u *unit) (Segment, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	s, ok := j.best[u]
	return s, ok
}
