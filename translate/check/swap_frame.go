package check

import (
	"cmp"
	"slices"

	"yeok/translate/language"
)

// This file tells two numbers that changed places from a part of the sentence that
// did. A translator who names the second amount first moves with it what it is of,
// so something that both texts surely have (a number, a label, a name) is then on
// another side of the two numbers. Where nothing else can be found in both texts
// their order proves nothing.

// anchor is something that both texts surely have, by where it begins.
type anchor struct{ source, target int }

// framed reports whether what stands before, between and behind a and b does so in
// the translation too, and in the same order: something between them, and something
// else.
func (p *pair) framed(m *matching, a, b int, source, target []language.Label) bool {
	s := [2]int{m.source[a].Start, m.source[b].Start}
	t := [2]int{m.target[m.ofSource[b]].Start, m.target[m.ofSource[a]].Start}
	var anchors []anchor
	for c := range m.source {
		if c != a && c != b && (m.orderly(c) || m.worded(c)) {
			anchors = append(anchors, anchor{m.source[c].Start, m.target[m.ofSource[c]].Start})
		}
	}
	for i, l := range source {
		if k := only(source, target, i); k != none {
			anchors = append(anchors, anchor{l.Start, target[k].Start})
		}
	}
	slices.SortFunc(anchors, func(a, b anchor) int { return cmp.Compare(a.source, b.source) })
	between, last := 0, none
	for _, c := range anchors {
		at := place(c.source, s)
		if at != place(c.target, t) {
			return false
		}
		if at == 0 {
			if c.target < last {
				return false
			}
			between++
			last = c.target
		}
	}
	return between > 0 && len(anchors) > 1
}

// place is where something stands beside two numbers: -1 before both, 0 between
// them, 1 behind both.
func place(at int, numbers [2]int) int {
	switch {
	case at < numbers[0]:
		return -1
	case at > numbers[1]:
		return 1
	}
	return 0
}

// only is the label of the target of the concept of label i of the source, none
// where a text has several or the target none.
func only(source, target []language.Label, i int) int {
	found := none
	for k := range source {
		if k != i && source[k].Concept == source[i].Concept {
			return none
		}
	}
	for k := range target {
		if target[k].Concept == source[i].Concept {
			if found != none {
				return none
			}
			found = k
		}
	}
	return found
}

// withNames adds to the labels of both texts the names that are written alike in them
// or sound alike: R석 15만원, R席; 한빛전자 42%, Hanbit Electronics.
func (p *pair) withNames(source, target []language.Label) (withSource, withTarget []language.Label) {
	words := p.heard()
	listen(words)
	taken := make([]bool, len(words))
	source, target = slices.Clone(source), slices.Clone(target)
	for i := range words {
		if at := p.once(words[i].text); isLatin(words[i].text[0]) && at != none {
			taken[i] = true
			source = append(source, language.Label{Start: words[i].span.Start, End: words[i].span.End, Concept: -1 - i})
			target = append(target, language.Label{Start: at, End: at + len(words[i].text), Concept: -1 - i})
		}
	}
	for _, name := range p.spokenNames() {
		size := name.sounds.size()
		best, cost := none, size*alikeWhole/100
		for i := range words {
			if c := words[i].unlike(name.sounds); !words[i].common && !taken[i] && (c < cost || c == cost && best == none) {
				best, cost = i, c
			}
		}
		if size < shortestWord || best == none {
			continue
		}
		taken[best] = true
		source = append(source, language.Label{Start: words[best].span.Start, End: words[best].span.End, Concept: -1 - best})
		target = append(target, language.Label{Start: name.span.Start, End: name.span.End, Concept: -1 - best})
	}
	byStart := func(a, b language.Label) int { return cmp.Compare(a.Start, b.Start) }
	slices.SortFunc(source, byStart)
	slices.SortFunc(target, byStart)
	return source, target
}

// once is where a word in Latin letters stands in the translation, none if it does
// not or several times.
func (p *pair) once(word []rune) int {
	found := none
	for i := 0; i+len(word) <= len(p.target); i++ {
		if !slices.Equal(p.target[i:i+len(word)], word) || i > 0 && isLatin(p.target[i-1]) || i+len(word) < len(p.target) && isLatin(p.target[i+len(word)]) {
			continue
		}
		if found != none {
			return none
		}
		found = i
	}
	return found
}

// spokenNames are the words of the target that may be names, with their sounds:
// those in capitals, those in katakana.
func (p *pair) spokenNames() []spoken {
	list := p.kanaSounds()
	if len(list) > 0 || p.language.Script != language.Latin && p.language.Script != language.Vietnamese {
		return list
	}
	for _, w := range p.latinWords() {
		if w.capital() && !plainWords()[w.lower] {
			list = append(list, spoken{w.span, latinSound(w.text)})
		}
	}
	return list
}

// byRow compares the rows of a table that is told in a sentence: 2019년 820만 명,
// 2023년 1450만 명. Each of a and b stands beside a number of another kind, and in the
// translation beside the same one or beside the other's.
func (p *pair) byRow(m *matching, a, b int) verdict {
	if language.Dimension(m.source[a].Unit) != language.Dimension(m.source[b].Unit) {
		return undecided
	}
	ka, kb := p.key(m, a), p.key(m, b)
	switch {
	case ka == kb:
		return undecided
	case ka == none:
		return p.byKey(m, b, a, kb)
	case kb == none:
		return p.byKey(m, a, b, ka)
	case language.Dimension(m.source[ka].Unit) != language.Dimension(m.source[kb].Unit) || m.source[ka].Value == m.source[kb].Value:
		return undecided
	}
	told := []int{a, b, ka, kb} // as the translation tells them
	slices.SortFunc(told, func(i, k int) int { return cmp.Compare(m.ofSource[i], m.ofSource[k]) })
	if p.apart(m, told[0], told[1]) > 2*farthestKey || p.apart(m, told[2], told[3]) > 2*farthestKey {
		return undecided
	}
	switch first, second := told[0], told[1]; {
	case first == a && second == ka, first == ka && second == a, first == b && second == kb, first == kb && second == b:
		return in
	case first == a && second == kb, first == kb && second == a, first == b && second == ka, first == ka && second == b:
		return against
	}
	return undecided
}

// byKey reports whether a, beside which alone the key stands in the source, is also
// the one that the translation tells beside it. That b is proves nothing: a key may
// be a date, which stands where it likes.
func (p *pair) byKey(m *matching, a, b, key int) verdict {
	if p.apart(m, a, key) <= farthestKey && p.apart(m, b, key) > 2*farthestKey {
		return in
	}
	return undecided
}

// apart is how many characters lie in the translation between the partners of two
// numbers of the source.
func (p *pair) apart(m *matching, i, k int) int {
	x, y := &m.target[m.ofSource[i]], &m.target[m.ofSource[k]]
	return max(x.Start-y.End, y.Start-x.End)
}

// farthestKey is how many characters lie at most between a number and the one whose
// row it is in.
const farthestKey = 12

// key is the number of another kind beside source number i, none where there is none
// or it is not clear which.
func (p *pair) key(m *matching, i int) int {
	found, gap := none, farthestKey+1
	for _, k := range [...]int{i - 1, i + 1} {
		if k < 0 || k >= len(m.source) || m.ofSource[k] == none || m.ofTarget[m.ofSource[k]] != k || m.source[k].Name || m.source[k].Unit == "" ||
			language.Dimension(m.source[k].Unit) == language.Dimension(m.source[i].Unit) {
			continue
		}
		first, second := &m.source[min(i, k)], &m.source[max(i, k)]
		between := p.source[min(first.End, second.Start):second.Start]
		if len(between) < gap && !slices.Contains(between, ',') {
			found, gap = k, len(between)
		}
	}
	return found
}
