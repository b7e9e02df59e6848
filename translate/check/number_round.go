package check

import (
	"strings"

	"yeok/translate/language"
)

// leastRounded is the size from which newsrooms round: 3.41 trillion won.
const leastRounded = 1_000_000

// rounded reports a large amount of the source that the translation rounds to three
// or more figures as a warning: 3.41 trillion won for 3조4120억원. Newsrooms do so,
// and an editor may still want the figure in full.
func (p *pair) rounded(m *matching, i int) bool {
	for k := range m.target {
		if m.ofTarget[k] == none && roundsTo(&m.source[i], &m.target[k]) {
			m.ofSource[i] = k
			p.reportRounded(m, i, k)
			return true
		}
	}
	return false
}

// roundsAgain reports number k of the translation as a warning when it rounds one
// of the source that stands there in full too.
func (p *pair) roundsAgain(m *matching, k int) bool {
	for i := range m.source {
		if roundsTo(&m.source[i], &m.target[k]) {
			p.reportRounded(m, i, k)
			return true
		}
	}
	return false
}

func (p *pair) reportRounded(m *matching, i, k int) {
	m.ofTarget[k] = i
	q, t := &m.source[i], &m.target[k]
	p.report(Number, Warning, span(q), span(t), "%s is rounded to %s.", p.written(q), t.Text)
}

// roundsTo reports whether t is the large amount q in fewer figures, three at
// least.
func roundsTo(q, t *language.Quantity) bool {
	v, w := q.Value.Float(), t.Value.Float()
	if !q.Hard || !t.Hard || v < leastRounded || q.Unit != t.Unit || !language.Strict(q.Unit) {
		return false
	}
	figures := figuresOf(t.Text)
	if figures < 3 || figuresOf(q.Text) <= figures {
		return false
	}
	step := 1.0 // of the last figure of t
	for w/step >= 10 {
		step *= 10
	}
	for ; figures > 1; figures-- {
		step /= 10
	}
	return v-w < step/2 && w-v <= step/2
}

// figuresOf counts the significant figures of a number as it is written: not the
// zeros at its ends.
func figuresOf(text string) int {
	digits := strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' {
			return c
		}
		return -1
	}, text)
	return len(strings.Trim(digits, "0"))
}
