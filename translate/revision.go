package translate

import (
	"cmp"
	"slices"
)

// Past is one segment of an earlier revision of an article: what it said, and how
// it was translated.
type Past struct{ Source, Target string }

const (
	// alike is the share of common pairs of characters from which a segment
	// counts as another one edited. Below it the old translation has little to
	// give, and figures that the new text must not have.
	alike = 0.4

	// maxChanged is how many segments are compared with earlier ones; an article
	// of which more has changed is another article.
	maxChanged = 64
)

// addPast finds for every unit that is to be translated what it was before: the
// same text (then a term has changed), or else the segment that it was made of,
// wherever that stood. Each earlier segment is used once.
//
// A request of which nothing is known is not an edit but a new beginning, under a
// new model or new prompts, say; old wording would only hold it back.
func (j *job) addPast() {
	if len(j.req.Past) == 0 || j.reused == 0 {
		return
	}
	current := make(map[string]bool, len(j.units))
	for _, u := range j.units {
		current[u.text] = true
	}
	was := make(map[string]Past, len(j.req.Past))
	var gone []Past
	for _, p := range j.req.Past {
		was[p.Source] = p
		if !current[p.Source] {
			gone = append(gone, p)
		}
	}
	var changed []*unit
	for _, u := range j.units {
		if _, known := j.best[u]; known {
			continue
		}
		if p, ok := was[u.text]; ok {
			u.past = &p
		} else {
			changed = append(changed, u)
		}
	}
	if len(changed) <= maxChanged && len(gone) <= maxChanged {
		pair(changed, gone)
	}
}

// pair gives every unit the earlier segment that is most like it, the closest
// pairs first.
func pair(units []*unit, gone []Past) {
	type match struct {
		unit, past int
		likeness   float64
	}
	var matches []match
	earlier := make([]map[[2]rune]int, len(gone))
	for i, p := range gone {
		earlier[i] = pairsOf(p.Source)
	}
	for i, u := range units {
		pairs := pairsOf(u.text)
		for k := range gone {
			if l := likeness(pairs, earlier[k]); l >= alike {
				matches = append(matches, match{i, k, l})
			}
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(b.likeness, a.likeness) })
	used := make([]bool, len(gone))
	for _, m := range matches {
		if units[m.unit].past == nil && !used[m.past] {
			units[m.unit].past, used[m.past] = &gone[m.past], true
		}
	}
}

// pairsOf counts the pairs of neighbouring characters of a text.
func pairsOf(text string) map[[2]rune]int {
	pairs := make(map[[2]rune]int)
	var last rune
	for _, c := range text {
		pairs[[2]rune{last, c}]++
		last = c
	}
	return pairs
}

// likeness is Dice's coefficient of two texts: the share of pairs that they have
// in common, from 0 to 1.
func likeness(a, b map[[2]rune]int) float64 {
	common, all := 0, 0
	for p, n := range a {
		common += 2 * min(n, b[p])
		all += n
	}
	for _, n := range b {
		all += n
	}
	return float64(common) / float64(max(all, 1))
}

// earlierText is a segment of an earlier revision under its tag of today.
type earlierText struct{ Tag, Source, Target string }

// before lists what the segments of g were before an editor changed them. One
// whose translation has failed a check is translated without: its earlier text may
// be why.
func (j *job) before(c *client, g group, w wish) []earlierText {
	if j.narrow(c) {
		return nil
	}
	var texts []earlierText
	for _, u := range g.asked {
		if u.past != nil && w.problems[u] == "" {
			var hidden escaper
			texts = append(texts, earlierText{u.tag, oneLine(hidden.hide(u.past.Source)), oneLine(hidden.hide(u.past.Target))})
		}
	}
	return texts
}
