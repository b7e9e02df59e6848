package check

import (
	"slices"
	"strings"
	"time"

	"yeok/translate/language"
)

// excusedMissing reports whether a translation may say number i of the source with
// other numbers: the months of a quarter for its number, 70 % for 10명 중 7명.
func (p *pair) excusedMissing(m *matching, i int) bool {
	q := &m.source[i]
	switch q.Unit {
	case "quarter", "half":
		from, to := p.monthsOf(q)
		v, _ := q.Value.Int()
		return saysMonths(m.target, from, to) || q.Unit == "quarter" && holds(m.source, "quarter", v%4+1) && containsAny(p.lower, p.language.Previous)
	case "ytd":
		to, _ := q.Value.Int()
		return saysMonths(m.target, 1, to)
	case "month":
		for k := range m.source {
			if other := &m.source[k]; k != i && other.Unit == "month" && (k == i+1 || k == i-1) {
				from, _ := m.source[min(i, k)].Value.Int()
				to, _ := m.source[max(i, k)].Value.Int()
				if saysMonths(m.target, from, to) {
					return true
				}
			}
		}
	}
	return p.saidAsShare(m, i)
}

// monthsOf are the first and last month of a quarter or half; 3분기 누적 begins in
// January.
func (p *pair) monthsOf(q *language.Quantity) (from, to int64) {
	v, _ := q.Value.Int()
	switch {
	case q.Unit == "half":
		return 6*v - 5, 6 * v
	case strings.Contains(p.Source, "누적"):
		return 1, 3 * v
	}
	return 3*v - 2, 3 * v
}

// saysMonths reports whether the quantities tell the months from one to another of
// a year, in whatever way.
func saysMonths(list []language.Quantity, from, to int64) bool {
	switch {
	case holds(list, "month", from) && holds(list, "month", to), from == 1 && holds(list, "ytd", to):
		return true
	case to == from+2:
		return to%3 == 0 && holds(list, "quarter", to/3)
	case to == from+5:
		return to%6 == 0 && holds(list, "half", to/6)
	}
	return from == 1 && to%3 == 0 && holds(list, "quarter", to/3)
}

// saidAsShare reports whether number i of the source is one of two that the
// translation tells as a share: 10명 중 7명, 70 percent. The share is then no
// longer free.
func (p *pair) saidAsShare(m *matching, i int) bool {
	for _, whole := range [...]int{i - 1, i} {
		if whole < 0 || whole+1 >= len(m.source) {
			continue
		}
		a, b := &m.source[whole], &m.source[whole+1]
		gap := string(p.source[min(a.End, b.Start):b.Start])
		share, ok := b.Value.Over(a.Value)
		if !ok || b.Start-a.End > 8 || !containsAny(gap, language.Korean().PartOf) {
			continue
		}
		for k := range m.target {
			t := &m.target[k]
			if language.Dimension(t.Unit) != "ratio" || m.ofTarget[k] != none && m.ofTarget[k] != whole && m.ofTarget[k] != whole+1 {
				continue
			}
			if said := (language.Quantity{Value: share, Unit: "ratio"}); said.Like(t) == language.SameQuantity {
				m.ofTarget[k] = whole
				return true
			}
		}
	}
	return false
}

// isShareOfSource reports whether two numbers of the source that stand together make
// the share t.
func (p *pair) isShareOfSource(m *matching, t *language.Quantity) bool {
	for i := 1; i < len(m.source); i++ {
		share, ok := m.source[i].Value.Over(m.source[i-1].Value)
		if said := (language.Quantity{Value: share, Unit: "ratio"}); ok && said.Like(t) == language.SameQuantity {
			return true
		}
	}
	return false
}

// holds reports whether v of the unit is among the quantities.
func holds(list []language.Quantity, unit string, v int64) bool {
	return slices.ContainsFunc(list, func(q language.Quantity) bool { return q.Unit == unit && q.Value == language.Whole(v) })
}

// excusedInvented reports whether a translation may add t: the month to a bare
// day, the year to 지난해, the months of a quarter or half.
func (p *pair) excusedInvented(m *matching, t *language.Quantity) bool {
	v, whole := t.Value.Int()
	if !whole {
		return p.isShareOfSource(m, t)
	}
	switch t.Unit {
	case "month", "months":
		return p.monthOfQuarter(m, v) || t.Unit == "month" && !t.Ranged && p.mayAddMonth(m, t, v)
	case "quarter", "half":
		from, to := p.monthsOf(t)
		return saysMonths(m.source, from, to)
	case "ytd":
		return saysMonths(m.source, 1, v) || v%3 == 0 && strings.Contains(p.Source, "누적") && holds(m.source, "quarter", v/3)
	case "year":
		return p.mayAddYear(m, v)
	case "day":
		return p.mayAddDay(v)
	case "":
		return v == 0 || 1900 <= v && v < 2100 && p.mayAddYear(m, v)
	}
	return false
}

// monthOfQuarter reports whether v is the first or last month of a quarter or
// half of the source, or the length of one.
func (p *pair) monthOfQuarter(m *matching, v int64) bool {
	for i := range m.source {
		n, _ := m.source[i].Value.Int()
		switch m.source[i].Unit {
		case "quarter":
			from, to := p.monthsOf(&m.source[i]) // with 누적 beside it, those of a year so far
			if v == from || v == 3*n-2 || v == to || v == 3 {
				return true
			}
		case "ytd":
			if v == 1 || v == n {
				return true
			}
		case "half":
			if v == 6*n-5 || v == 6*n || v == 6 {
				return true
			}
		}
	}
	return false
}

// mayAddMonth reports whether the source names a day without a month, or a month
// without its number, and v can be that month.
func (p *pair) mayAddMonth(m *matching, t *language.Quantity, v int64) bool {
	if p.ctx.PublishTime.IsZero() && !hasDigit(t.Text) {
		return true // months in words come with idioms, and only a date could refute them
	}
	bare := containsAny(p.Source, language.Korean().Relative.Months)
	for i := range m.source {
		bare = bare || m.source[i].Unit == "day" && (i == 0 || m.source[i-1].Unit != "month")
	}
	if !bare || p.ctx.PublishTime.IsZero() {
		return bare
	}
	published := int64(p.ctx.PublishTime.In(kst).Month())
	return (v-published+13)%12 <= 2 // the month before, this one, the next
}

// mayAddYear reports whether the source names a year without its number, or a
// date without a year, and v can be that year.
func (p *pair) mayAddYear(m *matching, v int64) bool {
	bare := containsAny(p.Source, language.Korean().Relative.Years)
	if p.ctx.PublishTime.IsZero() {
		return bare
	}
	bare = bare || containsAny(p.Source, language.Korean().Relative.Months)
	for i := range m.source {
		bare = bare || m.source[i].Unit == "month" || m.source[i].Unit == "day"
	}
	published := int64(p.ctx.PublishTime.In(kst).Year())
	return bare && abs(int(v-published)) <= 2
}

// mayAddDay reports whether the source names a day without its number.
func (p *pair) mayAddDay(v int64) bool {
	if !containsAny(p.Source, language.Korean().Relative.Days) {
		return false
	}
	if p.ctx.PublishTime.IsZero() {
		return true
	}
	for d := -7; d <= 7; d++ {
		if int64(p.ctx.PublishTime.In(kst).AddDate(0, 0, d).Day()) == v {
			return true
		}
	}
	return false
}

// kst is the zone in which Korean dates are meant.
var kst = time.FixedZone("KST", 9*60*60)

func containsAny(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// hasDigit reports whether text holds a digit.
func hasDigit(text string) bool { return strings.ContainsAny(text, "0123456789") }
