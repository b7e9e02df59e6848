package check

import "yeok/translate/language"

// swapped finds two numbers of one unit that changed places. What the words beside
// them make of them decides (from, to, by), then what they are of (sales, profit);
// where neither side tells, the order in which they stand. Word order alone changes
// that where the source relates the numbers (5경기 중 4경기, 전년보다), so those are
// left alone.
func (p *pair) swapped(m *matching) {
	for i := range m.source {
		if !m.orderly(i) {
			continue
		}
		last := m.before(i)
		if last == none || !p.exchanged(m, last, i) {
			continue
		}
		a, b := &m.source[last], &m.source[i]
		p.report(Number, Error, Span{a.Start, b.End}, span(&m.target[m.ofSource[i]]),
			"%s and %s seem to have changed places.", a.Text, b.Text)
		return
	}
}

// exchanged reports whether source numbers a and b, a standing first, have
// partners that stand for each other.
func (p *pair) exchanged(m *matching, a, b int) bool {
	inverted := m.ofSource[a] > m.ofSource[b]
	if v := m.byRole(a, b, inverted); v != undecided {
		return v == against
	}
	if v := p.byLabel(m, a, b); v != undecided {
		return v == against
	}
	return inverted && !p.related(m, a, b)
}

// verdict is what one kind of evidence says of two numbers.
type verdict uint8

const (
	undecided verdict = iota
	in                // they stand where they should
	against           // they changed places
)

// byRole compares the roles of a and b with those of their partners. Against the
// order in which they stand only all four roles together count.
func (m *matching) byRole(a, b int, inverted bool) verdict {
	ra, rb := m.source[a].Role, m.source[b].Role
	ta, tb := m.target[m.ofSource[a]].Role, m.target[m.ofSource[b]].Role
	if inverted && m.apart(a, b) {
		return in
	}
	if ra == rb || ta == tb || m.source[a].Unit == "score" {
		return undecided
	}
	straight, crossed := agree(ra, ta)+agree(rb, tb), agree(ra, tb)+agree(rb, ta)
	switch {
	case straight > crossed:
		return in
	case crossed > straight && (inverted || crossed == 2):
		return against
	}
	return undecided
}

// apart reports whether only one of a and b belongs to a range, and its partner too.
func (m *matching) apart(a, b int) bool {
	ranged := m.source[a].Ranged
	return ranged != m.source[b].Ranged && ranged == m.target[m.ofSource[a]].Ranged && ranged != m.target[m.ofSource[b]].Ranged
}

// agree is 1 where two roles are the same, -1 where they differ and 0 where one is
// not known.
func agree(a, b language.Role) int {
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return 1
	}
	return -1
}

// byLabel compares the order of what a and b are of with that of their partners.
func (p *pair) byLabel(m *matching, a, b int) verdict {
	x, y := m.ofSource[a], m.ofSource[b]
	inverted := x > y
	if inverted {
		x, y = y, x
	}
	for _, s := range ordersOf(p.labelsOfSource(), m.source, a, b) {
		for _, t := range ordersOf(p.labelsOfTarget(), m.target, x, y) {
			switch {
			case s.first == t.first && s.second == t.second:
				return decide(!inverted)
			case s.first == t.second && s.second == t.first:
				return decide(inverted)
			}
		}
	}
	return undecided
}

func decide(good bool) verdict {
	if good {
		return in
	}
	return against
}

// order is what two numbers are of, in the order in which they stand.
type order struct{ first, second int }

// ordersOf are the ways to bind labels to the numbers a and b of a text, of which
// a stands first: each to the label before it, or each to the one behind it.
func ordersOf(labels []language.Label, numbers []language.Quantity, a, b int) []order {
	start, end := 0, 1<<30
	for i := range numbers {
		if i < a && language.Dimension(numbers[i].Unit) == language.Dimension(numbers[a].Unit) {
			start = numbers[i].End
		}
		if i > b && end == 1<<30 && language.Dimension(numbers[i].Unit) == language.Dimension(numbers[b].Unit) {
			end = numbers[i].Start
		}
	}
	pre := between(labels, start, numbers[a].Start)
	mid := between(labels, numbers[a].End, numbers[b].Start)
	post := between(labels, numbers[b].End, end)
	var orders []order
	if len(pre) > 0 && len(mid) > 0 {
		orders = append(orders, order{pre[len(pre)-1].Concept, mid[len(mid)-1].Concept})
	}
	if len(mid) > 0 && len(post) > 0 {
		orders = append(orders, order{mid[0].Concept, post[0].Concept})
	}
	return orders
}

// between are the labels from start to end.
func between(labels []language.Label, start, end int) []language.Label {
	for len(labels) > 0 && labels[0].Start < start {
		labels = labels[1:]
	}
	for len(labels) > 0 && labels[len(labels)-1].End > end {
		labels = labels[:len(labels)-1]
	}
	return labels
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
