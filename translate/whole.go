package translate

import (
	"context"
	"maps"
	"slices"

	"yeok/translate/check"
)

// Some errors show only when the whole article is looked at: a model that answers
// two segments with one text, a name that it spells in two ways. The segments that
// such an error names are translated once more by each model, like any other that
// fails.

// repairWhole has the segments translated once more in which only a look at the
// whole article finds an error.
func (j *job) repairWhole(ctx context.Context, c *client) error {
	j.req.Turn.Do(j.lookAtWhole)
	w := wish{problems: make(map[*unit]string)}
	var doubted []*unit
	for _, u := range j.units {
		if found := j.whole[u]; len(found) > 0 {
			doubted = append(doubted, u)
			w.problems[u] = problemsOf(found)
		}
	}
	if len(doubted) == 0 {
		return nil
	}
	err := j.again(ctx, c, doubted, w)
	j.req.Turn.Do(j.lookAtWhole)
	j.noteRepairs(doubted)
	return err
}

// lookAtWhole notes what is wrong with the article as it stands.
func (j *job) lookAtWhole() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.whole = make(map[*unit][]check.Finding)
	if j.req.Independent {
		return
	}
	byID := make(map[string]*unit, len(j.units))
	for _, u := range j.units {
		byID[u.id] = u
	}
	for _, f := range j.asItStands() {
		u := byID[f.SegmentID]
		if u == nil || f.Severity != check.Error {
			continue
		}
		if _, known := j.req.Known[u.id]; !known {
			j.whole[u] = append(j.whole[u], f)
		}
	}
}

// asItStands is wholeFindings of the best translations, found once for as long as
// they stay what they are: it is most of the work of an article. The lock is held,
// or nobody else is left.
func (j *job) asItStands() []check.Finding {
	if !j.fresh {
		j.stands, j.fresh = j.wholeFindings(j.best), true
	}
	return j.stands
}

// beside lists the errors that u would have beside the other segments if its
// translation were s. The lock is held.
func (j *job) beside(u *unit, s Segment, looked check.Checked) []check.Finding {
	best := maps.Clone(j.best)
	best[u] = s
	before := j.read[u]
	j.read[u] = looked
	defer func() { j.read[u] = before }()
	return slices.DeleteFunc(j.wholeFindings(best), func(f check.Finding) bool {
		return f.SegmentID != u.id || f.Severity != check.Error
	})
}

// wholeFindings lists what shows only over all segments. Which terms occur in a
// segment the glossary has decided, more closely than a check can.
func (j *job) wholeFindings(best map[*unit]Segment) []check.Finding {
	var alone []check.Finding
	var looked []check.Checked
	var terms []check.Term
	for _, u := range j.units {
		s, ok := best[u]
		if !ok {
			continue
		}
		alone = append(alone, s.Findings...)
		looked = append(looked, j.looked(u, s))
		for _, term := range u.terms {
			terms = appendTerm(terms, term)
		}
	}
	var found []check.Finding
	for _, f := range check.Whole(looked, j.req.Target, terms) {
		if f.Check != check.Glossary && !slices.Contains(alone, f) {
			found = append(found, f)
		}
	}
	return found
}

// looked is u after its checks with that translation, which were made when it came
// unless it is known. The lock is held, or nobody else is left.
func (j *job) looked(u *unit, s Segment) check.Checked {
	if c := j.read[u]; c.Of(u.checked(s.Text)) {
		return c
	}
	c := check.Look(u.checked(s.Text), j.req.Target, j.checkContext(u.terms))
	j.read[u] = c
	return c
}
