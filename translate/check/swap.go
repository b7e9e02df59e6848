package check

import "yeok/translate/language"

// swapped finds two numbers of one unit that changed places: they stand in the
// one order in the source and in the other in the translation. Word order alone
// does that where the source relates the numbers (5경기 중 4경기, 전년보다), so
// those are left alone.
func (p *pair) swapped(m *matching) {
	for i := range m.source {
		if !m.orderly(i) {
			continue
		}
		last := m.before(i)
		if last != none && m.ofSource[last] > m.ofSource[i] && !p.related(m, last, i) {
			a, b := &m.source[last], &m.source[i]
			p.report(Number, Error, Span{a.Start, b.End}, span(&m.target[m.ofSource[i]]),
				"%s and %s seem to have changed places.", a.Text, b.Text)
			return
		}
	}
}

// orderly reports whether source number i is a fact with a partner of its own.
func (m *matching) orderly(i int) bool {
	return m.ofSource[i] != none && m.ofTarget[m.ofSource[i]] == i && m.source[i].Hard && !m.source[i].Name && !m.source[i].Code && m.target[m.ofSource[i]].Hard
}

// near is how many characters apart two numbers are told together.
const near = 15

// before is the last number before i that i could be taken for: of the same unit,
// or close by and of a unit that not both sides tell.
func (m *matching) before(i int) int {
	for last := i - 1; last >= max(0, i-5); last-- {
		if !m.orderly(last) || m.source[last].Value == m.source[i].Value {
			continue
		}
		a, b := &m.source[last], &m.source[i]
		if a.Unit != "" && language.Dimension(a.Unit) == language.Dimension(b.Unit) {
			return last
		}
		if last == i-1 && b.Start-a.End <= near && a.Unit != "" && b.Unit != "" && !language.Strict(a.Unit) && !language.Strict(b.Unit) {
			return last
		}
	}
	return none
}

// related reports whether the words between two numbers of the source relate one
// to the other, so that other languages name them the other way round.
func (p *pair) related(m *matching, a, b int) bool {
	from, to := m.source[a].End, min(m.source[b].End+6, len(p.source))
	return from < to && containsAny(string(p.source[from:to]), language.Korean().Relating)
}
