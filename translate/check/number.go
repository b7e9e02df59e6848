package check

import (
	"fmt"

	"yeok/translate/language"
)

// number compares the numbers of both texts by value, in both directions: none
// missing, none invented, none in another unit or currency.
//
// Measured on 1,007 NTREX sentences, some 300 of them with numbers: 13 alarms in
// Chinese, 6 in English, 15 in Japanese, 20 in Vietnamese, of which read by eye 1 to
// 3 a language were false. Of the sets of testdata/sentences, each read before
// anything was learnt from it, it doubted 7 % of the right renderings while order
// alone could prove a swap (sets 1 to 11), and 1.0 % since (12 and 13, 208 of them);
// of the wrong ones it missed 3 %.
func number(p *pair) {
	m := newMatching(p.sourceQuantities, p.targetQuantities)
	m.datesWhole = p.language.Script == language.Latin
	m.match()
	p.reportMissing(m)
	p.reportInvented(m)
	p.swapped(m)
}

// matching says which number of the target stands for which of the source.
type matching struct {
	source, target []language.Quantity
	ofSource       []int // index in target, or none
	ofTarget       []int // index in source, or none
	datesWhole     bool  // the target's language keeps a day beside its month
}

// none is the partner of a number without one.
const none = -1

// mostNumbers bounds the work on a segment. No block of a news article has as
// many; in a longer table only the first are compared.
const mostNumbers = 400

func newMatching(source, target []language.Quantity) *matching {
	m := &matching{source: source[:min(len(source), mostNumbers)], target: target[:min(len(target), mostNumbers)]}
	m.ofSource = make([]int, len(m.source))
	m.ofTarget = make([]int, len(m.target))
	for i := range m.ofSource {
		m.ofSource[i] = none
	}
	for k := range m.ofTarget {
		m.ofTarget[k] = none
	}
	return m
}

// match pairs the numbers off: the same amount of the same thing first, then the
// same number where a unit is unknown; of several the one that stands nearest to
// the same place in the order.
func (m *matching) match() {
	likes := make([][]language.Likeness, len(m.source))
	for i := range m.source {
		likes[i] = make([]language.Likeness, len(m.target))
		for k := range m.target {
			likes[i][k] = m.source[i].Like(&m.target[k])
			if m.datesWhole && i > 0 && m.source[i].Unit == "day" && m.source[i-1].Unit == "month" && m.target[k].Unit == "" && m.target[k].Hard {
				likes[i][k] = language.Different // May 2005, 30
			}
			if m.source[i].Unit == "month" && m.source[i].Hard && m.target[k].Unit == "" && !m.target[k].Hard {
				likes[i][k] = language.Different // seven or more
			}
		}
	}
	for _, level := range []language.Likeness{language.SameQuantity, language.SameNumber} {
		for _, hard := range []bool{true, false} {
			for i := range m.source {
				if m.ofSource[i] != none || m.source[i].Hard != hard {
					continue
				}
				if k := m.nearest(likes[i], level, i); k != none {
					m.ofSource[i], m.ofTarget[k] = k, i
				}
			}
		}
	}
	m.share(likes)
}

// nearest is the free number of the target that is like source number i to the
// given level and nearest to it in the order.
func (m *matching) nearest(likes []language.Likeness, level language.Likeness, i int) int {
	best, distance := none, 0
	for k, l := range likes {
		if l < level || m.ofTarget[k] != none {
			continue
		}
		d := abs(k*len(m.source) - i*len(m.target))
		if m.source[i].Hard != m.target[k].Hard {
			d += len(m.source) * len(m.target) // words for words, digits for digits
		}
		if best == none || d < distance {
			best, distance = k, d
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// share lets numbers that found no free partner share one: a text may name a
// number once that the other names twice.
func (m *matching) share(likes [][]language.Likeness) {
	for i := range m.source {
		for k := range m.target {
			if likes[i][k] < language.SameNumber {
				continue
			}
			if m.ofSource[i] == none && likes[i][k] == language.SameNumber && m.source[i].Unit != "" && m.target[k].Unit != "" && m.other(i) {
				continue // 3층, when 四階 is there
			}
			if m.ofSource[i] == none {
				m.ofSource[i] = k
			}
			if m.ofTarget[k] == none {
				m.ofTarget[k] = i
			}
		}
	}
}

// other reports whether the target has a free number of the unit of source number i.
func (m *matching) other(i int) bool {
	for k := range m.target {
		if m.ofTarget[k] == none && m.target[k].Counted && m.target[k].Unit == m.source[i].Unit {
			return true
		}
	}
	return false
}

// demanded reports whether a number of the source must be found again. A bare
// one is an article or a rank in most languages, and digits of a name may go.
func demanded(q *language.Quantity) bool {
	return q.Hard && !q.Name && (q.Value != language.Whole(1) || measured(q.Unit))
}

// measured reports whether even one of the unit is a fact: 1%, 1분기, 1월.
func measured(unit string) bool {
	switch unit {
	case "percent", "point", "quarter", "half", "month", "clock":
		return true
	}
	return false
}

// reportMissing reports the numbers of the source that the target lacks.
func (p *pair) reportMissing(m *matching) {
	for i := range m.source {
		q := &m.source[i]
		if m.ofSource[i] != none {
			continue
		}
		k := m.rival(i)
		switch {
		case p.excusedMissing(m, i):
			continue
		case p.rounded(m, i):
			continue
		case demanded(q):
		case q.Counted && k != none && q.Like(&m.target[k]) == language.OtherUnit && (q.Value != language.Whole(1) || comparable(q.Unit, m.target[k].Unit)): // 한 시간, one minute
		case q.Counted && !q.Hard && !q.Name && k != none && m.contradicts(q, &m.target[k]):
		default:
			continue
		}
		written, target := p.written(q), Span{}
		if k == none {
			p.report(Number, Error, span(q), target, "%s is missing.", written)
			continue
		}
		m.ofTarget[k] = i // said once
		t := &m.target[k]
		p.report(Number, Error, span(q), span(t), "%s is missing; the translation has %s.", written, t.Text)
	}
}

// written is q as the source writes it, with its value in English when the two
// differ by more than the digits: 9300조원 (9,300 trillion won).
func (p *pair) written(q *language.Quantity) string {
	english, ok := language.Lookup("en")
	if !ok || q.Vague {
		return q.Text
	}
	return fmt.Sprintf("%s (%s)", q.Text, english.Write(*q))
}

// rival is the number of the target that most likely stands where source number
// i should: the same number in another unit, else a free one of the same
// dimension, else none.
func (m *matching) rival(i int) int {
	q := &m.source[i]
	found := none
	for k := range m.target {
		t := &m.target[k]
		if !m.free(k) || !t.Counted && !t.Hard {
			continue
		}
		if q.Like(t) == language.OtherUnit {
			return k
		}
		if found == none && q.Vague == t.Vague && !t.Name && anyComparable(q, t) {
			found = k
		}
	}
	return found
}

// free reports whether number k of the target stands for no number of the source,
// or only for one that another stands for already.
func (m *matching) free(k int) bool {
	return m.ofTarget[k] == none || m.ofSource[m.ofTarget[k]] != k && m.ofSource[m.ofTarget[k]] != none
}

// anyComparable reports whether a number of some unit of q may stand for one of
// some unit of t.
func anyComparable(q, t *language.Quantity) bool {
	for i := range len(q.OtherUnits) + 1 {
		for k := range len(t.OtherUnits) + 1 {
			if comparable(unitOf(q, i), unitOf(t, k)) {
				return true
			}
		}
	}
	return false
}

func unitOf(q *language.Quantity, i int) string {
	if i == 0 {
		return q.Unit
	}
	return q.OtherUnits[i-1]
}

// comparable reports whether a number of the one unit may stand for one of the
// other.
func comparable(source, target string) bool {
	if source != "" && target != "" && !language.Strict(source) && !language.Strict(target) {
		return true // 두 번째 매장, 第三家
	}
	return source == "" || target == "" || language.Dimension(source) == language.Dimension(target) ||
		source == "half" && (target == "ytd" || target == "month") || source == "time" && target == "multiple" || source == "age" && target == "years" || source == "multiple" && target == "ratio"
}

// contradicts reports whether two numbers that found no partner, one of them in
// words, say different things about the same.
func (m *matching) contradicts(q, t *language.Quantity) bool {
	one := language.Whole(1)
	known := measured(q.Unit) || language.Strict(q.Unit) && (t.Hard || clearly(q.Unit))
	return t.Counted && (q.Value != one && t.Value != one || known && (q.Unit == t.Unit || t.Unit == "ytd"))
}

// clearly reports whether a number word before the unit is hardly ever an article or
// an idiom: 한 시간, but not 한 사람.
func clearly(unit string) bool {
	switch unit {
	case "hour", "minute", "week", "months", "years", "days", "multiple":
		return true
	}
	return false
}

// reportInvented reports the numbers of the target that nothing in the source
// supports.
func (p *pair) reportInvented(m *matching) {
	for k := range m.target {
		t := &m.target[k]
		if m.ofTarget[k] != none || !demanded(t) && !isShare(t) || p.excusedInvented(m, t) || p.roundsAgain(m, k) {
			continue
		}
		p.report(Number, Error, Span{}, span(t), "%s in the translation is not in the source.", t.Text)
	}
}

// isShare reports whether t is a share in words that is surely one: two thirds, but
// not half.
func isShare(t *language.Quantity) bool {
	_, whole := t.Value.Int()
	half, _ := language.Fraction(1, 2)
	return t.Unit == "ratio" && !t.Hard && !whole && t.Value != half && len(t.Others) == 0
}

func span(q *language.Quantity) Span { return Span{q.Start, q.End} }
