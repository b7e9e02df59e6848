package language

// This file reads digits that signs bind together: 2024-02-21, 21/7, 15:30,
// 010-1234-5678.

// bound is a row of digit runs with one sign between them.
type bound struct {
	parts  []int64
	starts []int
	ends   []int
	sign   rune
}

const boundParts = 4

// boundAt reads the row that begins at i. Runs of more than nine digits, and
// rows of more than four, are none.
func (r *reader) boundAt(i int) (bound, bool) {
	var b bound
	for len(b.parts) < boundParts {
		end := r.run(i)
		if end == i || end-i > 9 {
			return bound{}, false
		}
		n := int64(0)
		for _, c := range r.text[i:end] {
			n = n*10 + int64(c-'0')
		}
		b.parts, b.starts, b.ends = append(b.parts, n), append(b.starts, i), append(b.ends, end)
		if !r.isDigit(end + 1) {
			break
		}
		if c := r.text[end]; b.sign == 0 && (c == ':' || c == '/' || c == '-' || c == '.' || c == '∶') {
			b.sign = c
		} else if c != b.sign {
			break
		}
		i = end + 1
	}
	return b, len(b.parts) > 1
}

// end is where the row ends.
func (b *bound) end() int { return b.ends[len(b.ends)-1] }

func (b *bound) width(i int) int { return b.ends[i] - b.starts[i] }

// dated emits the dates, times and fractions written in bound digits at i and
// returns where they end, or i when the digits are plain numbers.
func (r *reader) dated(start, i int, before []string) int {
	b, ok := r.boundAt(i)
	if !ok {
		return i
	}
	switch {
	case (b.sign == ':' || b.sign == '∶') && b.width(1) == 2 && b.parts[1] < 60 && b.parts[0] < 60:
		return r.clockDigits(start, b)
	case b.sign == '-' && b.parts[0] != 0 && len(b.parts) == 3 && b.width(0) != 4, b.sign == '-' && r.text[i] == '0' && b.width(0) > 1:
		if len(b.parts) == 3 && b.width(2) == 4 && b.width(1) <= 2 {
			return r.calendar(b) // 05-03-2024
		}
		return b.end() // a telephone number; it has its own check
	case len(b.parts) == 3 && b.sign != ':':
		return r.calendar(b)
	case len(b.parts) == 2 && b.sign == '/':
		return r.slash(start, b, before)
	case len(b.parts) == 2 && b.sign == '-' && r.style.DayFirst && len(before) > 0 && before[0] == "day" && b.parts[1] <= 12 && b.parts[0] > b.parts[1]:
		return r.slash(start, b, before)
	}
	return i
}

func (r *reader) clockDigits(start int, b bound) int {
	if len(b.parts) > 2 { // a running time
		for k, unit := range []string{"hour", "minute", "second"} {
			r.emit(Quantity{Start: b.starts[k], End: b.ends[k], numeral: b.ends[k], Value: Whole(b.parts[k]), Unit: unit, Hard: true, Counted: true})
		}
		return b.end()
	}
	q := Quantity{Start: start, End: b.end(), numeral: b.end(), Value: Whole(b.parts[0]*60 + b.parts[1]), Unit: "second", Hard: true, Counted: true}
	if b.parts[0] <= 24 { // else the minute of a match
		q.Unit, q.OtherUnits, q.clock = "clock", []string{"second"}, true
	}
	r.emit(q)
	return b.end()
}

// calendar emits year, month and day of three bound parts; which of two small
// parts is the month is only sure where the language or the size says so.
func (r *reader) calendar(b bound) int {
	year, first, second := 0, 1, 2
	if b.parts[0] < 1000 {
		year, first, second = 2, 0, 1
	}
	if b.parts[first] > 31 || b.parts[second] > 31 || b.parts[year] > 2999 || b.width(first) > 2 || b.width(second) > 2 {
		return b.starts[0]
	}
	units := [3][]string{}
	units[year] = []string{"year"}
	switch {
	case year == 0:
		units[first], units[second] = []string{"month"}, []string{"day"}
	case r.style.DayFirst || b.parts[first] > 12:
		units[first], units[second] = []string{"day"}, []string{"month"}
	default:
		units[first], units[second] = []string{"month", "day"}, []string{"day", "month"}
	}
	for k := range units {
		r.emit(Quantity{
			Start: b.starts[k], End: b.ends[k], numeral: b.ends[k],
			Value: Whole(b.parts[k]), Unit: units[k][0], OtherUnits: units[k][1:], Hard: true, Counted: true,
		})
	}
	return b.ends[2]
}

// slash emits a/b. In a language that puts the day first it is a date where the
// parts allow it (7/2024 is a month), elsewhere a fraction. Where both are
// possible both are emitted, as soft: either may satisfy, neither is demanded.
func (r *reader) slash(start int, b bound, before []string) int {
	day, month := b.parts[0], b.parts[1]
	isMonth := len(before) > 0 && before[0] == "month"
	emit := func(k int, unit string, hard bool) {
		from := b.starts[k]
		if k == 0 {
			from = start
		}
		r.emit(Quantity{Start: from, End: b.ends[k], numeral: b.ends[k], Value: Whole(b.parts[k]), Unit: unit, Hard: hard, Counted: true})
	}
	if r.style.DayFirst && day <= 12 && month >= 1900 && month < 2100 {
		emit(0, "month", true)
		emit(1, "year", true)
		return b.end()
	}
	certain := len(before) > 0 && !isMonth || day > month
	if r.style.DayFirst && 1 <= day && day <= 31 && 1 <= month && month <= 12 {
		emit(0, "day", certain)
		emit(1, "month", certain)
		if certain {
			return b.end()
		}
	}
	if v, ok := Fraction(day, month); ok {
		r.emit(Quantity{Start: start, End: b.end(), numeral: b.end(), Value: v, Unit: "ratio", Hard: !r.style.DayFirst, Counted: true})
	}
	return b.end()
}
