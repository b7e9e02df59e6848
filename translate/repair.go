package translate

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"yeok/translate/check"
)

const (
	// maxSent is how often a segment is sent, whoever the models are.
	maxSent = 8

	// maxSingles is how many segments are asked for one by one. A model that
	// leaves out more of them cannot work with markers at all.
	maxSingles = 24

	// bolder is the temperature added when a model must find other words.
	bolder = 0.3
)

// work lets one model do what it can: all that is open, what it left out once
// more together and then one by one, and what failed a check once more with the
// failure named. The error says why the model is of no more use.
func (j *job) work(ctx context.Context, c *client) error {
	size := c.model.Profile.BlocksPerCall
	if err := j.pass(ctx, c, j.open(), size, wish{}); err != nil {
		return err
	}
	if missing := j.missing(); len(missing) > 0 {
		if err := j.pass(ctx, c, missing, size, j.anew(missing)); err != nil {
			return err
		}
	}
	if missing := j.missing(); len(missing) > 0 && len(missing) <= maxSingles {
		w := j.anew(missing)
		w.sampling.temperature = bolder
		if err := j.pass(ctx, c, missing, 1, w); err != nil {
			return err
		}
	}
	return j.repair(ctx, c)
}

// anew is the wish for segments whose translation could not be used at all. A
// model that gave nothing at all has most likely refused.
func (j *job) anew(units []*unit) wish {
	j.mu.Lock()
	defer j.mu.Unlock()
	w := wish{problems: make(map[*unit]string), insist: len(units) == len(j.units)}
	for _, u := range units {
		f, ok := j.dropped[u]
		if !ok {
			continue
		}
		w.problems[u] = f.Message
		w.insist = w.insist || f.Check == check.Refusal
	}
	return w
}

// repair has failing segments translated once more, told what was wrong. Loops
// are broken by sampling, which is bad for names and numbers, so that it is used
// for nothing else.
func (j *job) repair(ctx context.Context, c *client) error {
	var plain, looped []*unit
	w := wish{problems: make(map[*unit]string)}
	for _, u := range j.open() {
		s, ok := j.any(u)
		if !ok {
			continue // missing, and asked for often enough
		}
		w.problems[u] = problemsOf(s.Findings)
		if has(s.Findings, check.Repetition) {
			looped = append(looped, u)
		} else {
			plain = append(plain, u)
		}
	}
	if err := j.again(ctx, c, plain, w); err != nil {
		return err
	}
	j.noteRepairs(plain)
	w.sampling = sampling{temperature: 0.2, penalty: 0.3}
	if err := j.again(ctx, c, looped, w); err != nil {
		return err
	}
	j.noteRepairs(looped)
	if err := j.repairWhole(ctx, c); err != nil {
		return err
	}
	j.settleMarkup()
	return nil
}

// Repairs counts the segments that failed their checks and were translated again
// with the failure named, once for each model that tried.
type Repairs struct {
	Tried  int
	Mended int // that have no error since
}

// again has failing units translated once more.
func (j *job) again(ctx context.Context, c *client, units []*unit, w wish) error {
	if len(units) == 0 {
		return nil
	}
	ctx, span := j.start(ctx, "repair", attribute.Int("yeok.segments", len(units)))
	defer span.End()
	return j.pass(ctx, c, units, c.model.Profile.BlocksPerCall, w)
}

// noteRepairs counts what became of units that were translated again.
func (j *job) noteRepairs(units []*unit) {
	for _, u := range units {
		j.repairs.Tried++
		if _, ok := j.good(u); ok {
			j.repairs.Mended++
		}
	}
}

// problemsOf names the first errors, in the words that an editor would read.
func problemsOf(findings []check.Finding) string {
	const enough = 3
	var messages []string
	for _, f := range findings {
		if f.Severity == check.Error && len(messages) < enough {
			var hidden escaper
			messages = append(messages, oneLine(hidden.hide(f.Message)))
		}
	}
	return strings.Join(messages, " ")
}

func has(findings []check.Finding, name check.Name) bool {
	for _, f := range findings {
		if f.Check == name && f.Severity == check.Error {
			return true
		}
	}
	return false
}

// unusable finds what makes a text no translation at all, good or bad: nothing,
// a refusal, the source itself. Such a text is never kept.
func unusable(findings []check.Finding) (check.Finding, bool) {
	for _, f := range findings {
		switch f.Check {
		case check.Missing, check.Refusal, check.SourceCopy:
			if f.Severity == check.Error {
				return f, true
			}
		}
	}
	return check.Finding{}, false
}

// settleMarkup accepts translations whose only fault is their markup: a
// paragraph without its link is better than none, and the finding says so.
func (j *job) settleMarkup() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, u := range j.units {
		s, ok := j.best[u]
		if !ok || !has(s.Findings, check.Markup) {
			continue
		}
		settled := make([]check.Finding, len(s.Findings))
		for i, f := range s.Findings {
			if f.Check == check.Markup {
				f.Severity = check.Warning
			}
			settled[i] = f
		}
		s.Findings, s.HTML = settled, ""
		j.set(u, s)
		j.announce(s)
	}
}
