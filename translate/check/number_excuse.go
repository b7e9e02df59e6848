package check

import (
	"slices"
	"strings"
	"time"

	"yeok/translate/language"
)

// excusedMissing reports whether a translation may say q with other numbers: the
// months of a quarter for its number, and the other way round.
func (p *pair) excusedMissing(m *matching, q *language.Quantity) bool {
	v, _ := q.Value.Int()
	switch q.Unit {
	case "quarter":
		return holds(m.target, "month", 3*v-2) && holds(m.target, "month", 3*v)
	case "month":
		quarter := (v + 2) / 3
		return holds(m.target, "quarter", quarter) && holds(m.source, "month", 3*quarter-2) && holds(m.source, "month", 3*quarter)
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
		return false
	}
	switch t.Unit {
	case "month", "months":
		return p.monthOfQuarter(m, v) || t.Unit == "month" && p.mayAddMonth(m, t, v)
	case "quarter":
		return holds(m.source, "month", 3*v-2) && holds(m.source, "month", 3*v)
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
			if v == 3*n-2 || v == 3*n || v == 3 {
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
