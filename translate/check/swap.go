package check

import (
	"slices"
	"strings"
	"unicode"

	"yeok/translate/language"
)

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
	if v := p.byRow(m, a, b); v != undecided {
		return v == against
	}
	if m.turned(a, b) {
		return true
	}
	if v := m.byRole(a, b, inverted); v != undecided {
		return v == against
	}
	source, target := p.labelsOfSource(), p.labelsOfTarget()
	if v := p.byLabel(m, a, b, source, target); v != undecided {
		return v == against
	}
	if !inverted || !m.firm(a) || !m.firm(b) || p.related(m, a, b) || !p.parallel(&m.target[m.ofSource[a]], &m.target[m.ofSource[b]]) {
		return false
	}
	if m.source[a].Unit == "score" {
		return true
	}
	source, target = p.withNames(source, target)
	if v := p.byLabel(m, a, b, source, target); v != undecided {
		return v == against
	}
	return m.source[a].Unit == m.source[b].Unit && !m.reworded(a, b) && p.framed(m, a, b, source, target)
}

// turned reports whether a and b are the ends of a range that the translation tells
// from its upper end: 70~90%, 90-70%.
func (m *matching) turned(a, b int) bool {
	x, y := m.ofSource[a], m.ofSource[b]
	return b == a+1 && x == y+1 && m.source[a].Ranged && m.source[b].Ranged && m.target[x].Ranged && m.target[y].Ranged &&
		m.source[a].Value.Float() < m.source[b].Value.Float()
}

// parallel reports whether two numbers of the translation count the same, as far as
// the words behind them say: 28,800 people, 320 openings are told apart.
func (p *pair) parallel(t, u *language.Quantity) bool {
	if p.language.Script != language.Latin && p.language.Script != language.Vietnamese {
		return true
	}
	a, b := p.counted(t), p.counted(u)
	return a == b || len(a) < leastNoun || len(b) < leastNoun
}

// leastNoun is how long a word is at least that tells what is counted: not at, to.
const leastNoun = 4

// counted is the word behind the figures of t, "" where a mark follows.
func (p *pair) counted(t *language.Quantity) string {
	at := t.Start
	for at < t.End && !isFigure(p.target[at]) {
		at++
	}
	for at < len(p.target) && (isFigure(p.target[at]) || strings.ContainsRune(".,  -", p.target[at])) {
		at++
	}
	end := at
	for end < len(p.target) && unicode.IsLetter(p.target[end]) {
		end++
	}
	return strings.TrimSuffix(strings.ToLower(string(p.target[at:end])), "s")
}

func isFigure(c rune) bool { return '0' <= c && c <= '9' }

// reworded reports whether the source tells of a change from a to b, and the
// translation tells it without such words.
func (m *matching) reworded(a, b int) bool {
	return m.source[a].Role == language.Old && m.source[b].Role == language.New &&
		m.target[m.ofSource[a]].Role == "" && m.target[m.ofSource[b]].Role == ""
}

// worded reports whether source number i, in words on one side, has a partner of
// its own.
func (m *matching) worded(i int) bool {
	k := m.ofSource[i]
	return k != none && m.ofTarget[k] == i && m.source[i].Counted && !m.source[i].Name && m.source[i].Value != language.Whole(1)
}

// verdict is what one kind of evidence says of two numbers.
type verdict uint8

const (
	undecided verdict = iota
	in                // they stand where they should
	against           // they changed places
)

// byRole compares the roles of a and b with those of their partners. Against the
// order in which they stand only all four roles together count, and a role of
// the second alone proves nothing: the verb behind the last number of a list is of all.
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
	case crossed == 2, crossed > straight && inverted && (ra != "" || ta != "" && tb != "") && !vague(ra, rb, ta, tb):
		return against
	}
	return undecided
}

// vague reports whether all that is known on either side is where something led: 로
// is by means of, too, and to stands for much.
func vague(ra, rb, ta, tb language.Role) bool {
	telling := func(r language.Role) bool { return r == language.Old || r == language.Change }
	return !telling(ra) && !telling(rb) || !telling(ta) && !telling(tb)
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

// byLabel compares what a and b are of with what their partners are of.
func (p *pair) byLabel(m *matching, a, b int, source, target []language.Label) verdict {
	x, y := m.ofSource[a], m.ofSource[b]
	inverted := x > y
	if inverted {
		x, y = y, x
	}
	if u, v := m.source[a].Unit, m.source[b].Unit; u == "score" || u != "" && v != "" && language.Dimension(u) != language.Dimension(v) {
		return undecided
	}
	sa, sb := touching(language.Korean(), p.source, source, &m.source[a]), touching(language.Korean(), p.source, source, &m.source[b])
	ta, tb := touching(p.language, p.target, target, &m.target[m.ofSource[a]]), touching(p.language, p.target, target, &m.target[m.ofSource[b]])
	if v := weigh(common(sa, ta)+common(sb, tb), common(sa, tb)+common(sb, ta), inverted); v != undecided {
		return v
	}
	straight, crossed := 0, 0
	for _, s := range bindings(source, m.source, a, b) {
		for _, t := range bindings(target, m.target, x, y) {
			same := common(s.first, t.first) + common(s.second, t.second)
			other := common(s.first, t.second) + common(s.second, t.first)
			straight, crossed = max(straight, same-other), max(crossed, other-same)
		}
	}
	if inverted {
		straight, crossed = crossed, straight
	}
	return weigh(straight, crossed, inverted)
}

// weigh decides between labels that speak for the places of two numbers and labels
// that speak against them. Where the order speaks for them, one label does not
// refute it.
func weigh(straight, crossed int, inverted bool) verdict {
	switch {
	case straight > crossed:
		return in
	case crossed > straight && (inverted || crossed > 1):
		return against
	}
	return undecided
}

// reach is how far from a number a label may stand and surely be its own: sales of
// 3 billion.
const (
	reach       = 4
	spacedReach = 6 // in an alphabet
)

// touching are the labels of text directly before or behind q, no comma between, nor
// a word that only compares: 지난해보다 12%.
func touching(in *language.Language, text []rune, labels []language.Label, q *language.Quantity) []language.Label {
	most := reach
	if in.Script == language.Latin || in.Script == language.Vietnamese {
		most = spacedReach
	}
	var own []language.Label
	for _, l := range labels {
		from, to := l.End, q.Start
		switch {
		case l.Start >= q.Start && l.End <= q.End: // 147골
			own = append(own, l)
			continue
		case l.Start >= q.End:
			from, to = q.End, l.Start
		}
		if from <= to && to-from <= most && !in.Lists(text[from:to]) && (l.Start > q.Start || !containsAny(string(text[from:to]), in.Relating)) && !strings.ContainsAny(string(text[from:to]), ",，、;；.。·") {
			own = append(own, l)
		}
	}
	return own
}

// binding is what two numbers are of, in the order in which they stand.
type binding struct{ first, second []language.Label }

// bindings are the ways to bind labels to the numbers a and b of a text, of which
// a stands first: to those before each, to those behind each, or to those on the
// outer sides.
func bindings(labels []language.Label, numbers []language.Quantity, a, b int) []binding {
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
	for len(pre) > 0 && start > 0 && pre[0].Start-start < numbers[a].Start-pre[0].End {
		pre = pre[1:] // of the number before: 1명이 숨지고 13명이
	}
	all := []binding{{pre, mid}, {mid, post}}
	if len(mid) == 0 {
		all = nil
	}
	if len(mid) == 0 && language.Dimension(numbers[a].Unit) == language.Dimension(numbers[b].Unit) {
		all = []binding{{pre, post}}
	}
	return slices.DeleteFunc(all, func(b binding) bool { return len(b.first) == 0 || len(b.second) == 0 })
}

// common counts the concepts that both lists hold.
func common(a, b []language.Label) int {
	n := 0
	for _, x := range a {
		if slices.ContainsFunc(b, func(y language.Label) bool { return x.Concept == y.Concept }) {
			n++
		}
	}
	return n
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
	k := m.ofSource[i]
	return k != none && m.ofTarget[k] == i && sure(&m.source[i]) && sure(&m.target[k])
}

// firm reports whether source number i and its partner are in digits or stand with
// what they count, so that their order may speak.
func (m *matching) firm(i int) bool {
	q, t := &m.source[i], &m.target[m.ofSource[i]]
	return (q.Hard || q.Unit != "") && (t.Hard || t.Unit != "")
}

// sure reports whether q is surely a number, and one that can be mistaken for
// another.
func sure(q *language.Quantity) bool {
	return !q.Name && !q.Code && !q.Vague && (q.Hard || q.Counted && q.Value != language.Whole(1))
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
		if a.Role != "" && b.Role != "" && a.Role != b.Role && (a.Unit == "" || b.Unit == "") && !language.Strict(a.Unit) && !language.Strict(b.Unit) {
			return last // 18.42포인트(0.70%) 내린 2612.43
		}
		if last == i-1 && alike(a.Value, b.Value) && b.Start-a.End <= near && !language.Strict(a.Unit) && !language.Strict(b.Unit) {
			return last
		}
	}
	return none
}

// alike reports whether two numbers are near enough in size to be taken for each
// other.
func alike(a, b language.Value) bool {
	const far = 50
	return a.Float() < far*b.Float() && b.Float() < far*a.Float()
}

// modified reports whether a verb joins the first of two numbers of the source to
// the second: 3천만원이 붙은 5억7천만원. Languages that set such a clause behind name
// the numbers the other way round.
func (p *pair) modified(from, to int) bool {
	if p.language.Script != language.Latin && p.language.Script != language.Vietnamese {
		return false
	}
	const finals, nieun = 28, 4
	gap := string(p.source[min(from, to):to])
	words := strings.Fields(strings.TrimLeft(gap, "이가을를"))
	if len(words) == 0 || len(words) > 2 || strings.ContainsAny(gap, ",·") {
		return false
	}
	verb := []rune(words[len(words)-1])
	c := verb[len(verb)-1]
	return len(verb) > 1 && '가' <= c && c <= '힣' && (c-'가')%finals == nieun
}

// related reports whether the words between two numbers of the source relate one
// to the other, so that other languages name them the other way round.
func (p *pair) related(m *matching, a, b int) bool {
	behind := func(i, n int) string {
		return string(p.source[m.source[i].End:min(m.source[i].End+n, len(p.source))])
	}
	if p.modified(m.source[a].End, m.source[b].Start) {
		return true
	}
	window := 9
	if b == a+1 {
		window = max(window, m.source[b].Start-m.source[a].End)
	}
	return containsAny(behind(a, window), language.Korean().Relating) || containsAny(behind(b, 6), language.Korean().Relating)
}
