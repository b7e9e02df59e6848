package language

import (
	"cmp"
	"slices"
	"strings"
)

// This file puts together what was read apart: ranges, times, dates.

// compose works over the quantities once, each with its neighbour.
func (r *reader) compose() {
	r.joinParts()
	r.times()
	r.ranges()
	r.days()
	r.beside()
	for i := range r.out {
		r.out[i].calendarYear()
	}
}

// joinParts makes one quantity of two that belong together: 3시 30분, 71 dollars
// 25 cents, 21世纪20年代.
func (r *reader) joinParts() {
	kept := r.out[:0]
	for _, q := range r.out {
		if len(kept) > 0 && r.joins(&kept[len(kept)-1], &q) {
			continue
		}
		kept = append(kept, q)
	}
	r.out = kept
}

// joins adds q to last when it is the smaller part of it.
func (r *reader) joins(last, q *Quantity) bool {
	if !r.adjoins(last.End, q.Start) {
		return false
	}
	var part Value
	switch {
	case last.counts("oclock") && (q.counts("minute") || q.Unit == "" && q.Hard && r.minutesOf(last, q) && less(q.Value, Whole(60))):
		part = q.Value
		length := last.counts("hour") && q.counts("minute")
		last.toClock()
		if length { // 2 giờ 10 phút is ten past two, or that long
			last.OtherUnits = []string{"minute"}
		}
	case last.counts("oclock") && q.Value == (Value{1, 2}) && q.Start == last.End:
		part = Whole(30)
		last.toClock()
	case last.counts("minute") && q.counts("second"), last.counts("hour") && q.counts("minute"), last.Unit == "years" && (q.Unit == "months" || q.Unit == "month" && r.Script == Japanese && less(last.Value, Whole(16))):
		factor, smaller := Whole(60), "second"
		switch {
		case last.Unit == "years": // 懲役2年6月
			factor, smaller = Whole(12), "months"
		case q.counts("minute"):
			smaller = "minute"
		}
		if last.Value, _ = last.Value.Times(factor); len(last.Others)+len(q.Others) > 0 {
			last.Others = nil
		}
		last.Unit, last.OtherUnits, part = smaller, nil, q.Value
	case last.counts("second") && len(last.OtherUnits) == 0 && q.Unit == "" && q.Hard && r.Script != Latin && q.End-q.Start <= 2 && r.minutesOf(last, q):
		part, _ = q.Value.Times(hundredths(q.End - q.Start)) // 12초53
	case last.Unit == "tenth" && less(q.Value, Whole(10)) && (q.Unit == "" || q.Unit == "minute") && q.Start == last.End:
		part, _ = q.Value.Times(Value{1, 10}) // 三成五, 3割5分
	case q.Unit == "cent" && isCurrency(last.Unit):
		part, _ = q.Value.Times(Value{1, 100})
	case last.Unit == "century" && q.Unit == "year" && less(q.Value, Whole(100)):
		last.Value = Whole(max(last.Value.num-1, 0) * 100)
		last.Unit, part = "year", q.Value
	default:
		return false
	}
	last.Value, _ = last.Value.Plus(part)
	last.End, last.numeral = q.End, q.End
	return true
}

// minutesOf reports whether the bare digits q are the smaller part of last: 15h30, 14
// giờ 30, 12초53.
func (r *reader) minutesOf(last, q *Quantity) bool {
	return q.Start == last.End || r.Script == Vietnamese && last.Hard && q.End-q.Start == 2 && q.numeral == q.End
}

// hundredths is what the last of so many digits behind a decimal sign are worth, two
// at most.
func hundredths(digits int) Value {
	if digits == 1 {
		return Value{1, 10}
	}
	return Value{1, 100}
}

// counts reports whether q may count the unit.
func (q *Quantity) counts(unit string) bool {
	return q.Unit == unit || slices.Contains(q.OtherUnits, unit)
}

// toClock makes minutes since midnight of hours.
func (q *Quantity) toClock() {
	hours := q.Value.num / q.Value.denominator()
	minutes, _ := q.Value.Times(Whole(60))
	if q.Value.den == 2 {
		minutes = Whole(hours*60 + 30) // 2 giờ rưỡi
	} else if hundredths, ok := q.Value.Times(Whole(100)); ok && q.Value.den != 0 && hundredths.den == 0 {
		minutes = Whole(hours*60 + hundredths.num%100) // 7.55 a.m.
	}
	q.Value = minutes
	q.Unit, q.OtherUnits, q.clock = "clock", nil, true
}

// adjoins reports whether only a space or a joiner lies between the positions.
func (r *reader) adjoins(end, start int) bool {
	at := r.skipSpace(end)
	if at >= start {
		return at == start || end == start
	}
	t, ok := r.words.at(r.text, at, joiner)
	return ok && r.skipSpace(at+len(t.form)) == start
}

func isCurrency(unit string) bool {
	return len(unit) == 3 && unitOf(unit).dimension == unit && unitOf(unit).strict
}

// times gives every time of day its half of the day: from the mark beside it,
// else from the other end of its range, else both.
func (r *reader) times() {
	halves := make([]kind, len(r.out))
	marks := r.marks
	for i := range r.out {
		if halves[i], marks = r.markOf(&r.out[i], marks); halves[i] != 0 {
			r.out[i].Unit, r.out[i].OtherUnits = cmp.Or(r.out[i].clockUnit(), "oclock"), nil
		}
	}
	for i := len(r.out) - 2; i >= 0; i-- { // from 9 to 11 a.m.
		a, b := &r.out[i], &r.out[i+1]
		if !b.timeOfDay() || a.Unit != "" && !a.timeOfDay() || !r.ranged(a, b) || r.behindMonth(i) {
			continue
		}
		a.Unit, a.Counted = cmp.Or(a.clockUnit(), "oclock"), true
		if halves[i] == 0 && !less(b.Value, a.Value) {
			halves[i] = halves[i+1]
		}
	}
	// A time without a mark is in the morning, or tells all 24 hours, unless a mark
	// stands somewhere else: in the afternoon of July 21, at 3.
	unmarked := r.Script == Hangul || slices.ContainsFunc(r.marks, func(m mark) bool { return m.kind != morning })
	for i := range r.out {
		q := &r.out[i]
		if i > 0 && halves[i] == 0 && q.timeOfDay() && r.ranged(&r.out[i-1], q) && r.out[i-1].Unit == "clock" {
			halves[i] = halves[i-1] // 오전 9시부터 11시까지
		}
		q.setTime(halves[i], unmarked)
	}
}

// clockUnit is "clock" for what is in minutes already.
func (q *Quantity) clockUnit() string {
	if q.clock {
		return "clock"
	}
	return ""
}

func (q *Quantity) timeOfDay() bool { return q.clock || q.Unit == "oclock" }

// markOf is the mark that stands directly before or behind q, 0 if none does, with
// the marks from there on: marks and quantities come in the order of the text.
func (r *reader) markOf(q *Quantity, marks []mark) (kind, []mark) {
	for len(marks) > 0 && marks[0].end < q.Start-1 {
		marks = marks[1:]
	}
	bare := q.Unit == "" && q.Hard && less(q.Value, Whole(13))
	if !q.clock && !q.counts("oclock") && !bare {
		return 0, marks
	}
	for _, m := range marks[:min(2, len(marks))] {
		before := r.skipSpace(m.end) == q.Start || m.end == q.Start
		behind := r.skipSpace(q.End) == m.start || q.End == m.start
		if before && (!bare || !r.style.Spaced) || behind && (!bare || r.style.Spaced) {
			return m.kind, marks
		}
	}
	return 0, marks
}

const noon, midnight = 12 * 60, 24 * 60

// setTime makes minutes since midnight of a time and moves it into its half of
// the day. Without a mark a time up to twelve may be in either, with either.
func (q *Quantity) setTime(k kind, either bool) {
	if q.Unit == "oclock" {
		q.toClock()
	}
	if !q.clock {
		if either && slices.Contains(q.OtherUnits, "oclock") && !less(Whole(12), q.Value) && q.Value != Whole(0) {
			later, _ := q.Value.Plus(Whole(12))
			q.Others = append(q.Others, later)
		}
		return
	}
	minutes := q.Value.num % midnight
	switch {
	case k == 0 && either && minutes <= noon:
		q.Others = append(q.Others, Whole((minutes+noon)%midnight))
	case k == morning && minutes/60 == 12:
		minutes -= noon
	case k == evening && minutes < noon, k == night && 6*60 <= minutes && minutes < noon:
		minutes += noon
	case k == night && minutes/60 == 12:
		minutes -= noon
	}
	q.Value = Whole(minutes)
}

// ranges lets the first end of a range share unit and group of the second: 80-90
// billion, 4~5%. In a list only the unit is shared.
func (r *reader) ranges() {
	for i := len(r.out) - 2; i >= 0; i-- {
		a, b := &r.out[i], &r.out[i+1]
		if !r.behindMonth(i) && r.scored(a, b) {
			a.Unit, b.Unit = "score", "score"
			continue
		}
		ranged := r.ranged(a, b)
		if ranged && (a.Unit == "" || Dimension(a.Unit) == Dimension(b.Unit)) {
			a.Ranged, b.Ranged = true, true
		}
		if a.Unit == "year" && r.prefixed(a) && !r.isYear(b) {
			continue // from 8 million in 2019 to 14 million
		}
		if !ranged && !r.between(a, b, lister) || b.Unit != "" && r.behindMonth(i) && r.style.Spaced {
			continue // November 1 until 5 p.m.
		}
		switch {
		case a.Unit == "" && !ranged:
			if b.Unit != "" {
				a.OtherUnits, a.Counted = append(a.OtherUnits, b.Unit), b.Counted // perhaps
			}
		case a.Unit == "":
			a.Unit, a.OtherUnits, a.Counted = b.Unit, b.OtherUnits, b.Counted
		}
		switch {
		case b.Unit != "" || !r.prefixed(a):
		case ranged:
			b.Unit, b.OtherUnits, b.Counted = a.Unit, a.OtherUnits, a.Counted
		default:
			b.OtherUnits = append(b.OtherUnits, a.Unit) // perhaps
		}
		if ranged && b.scale != (Value{}) && b.scale != Whole(1) && (a.scale == Whole(1)) && less(a.Value, Whole(10_000)) {
			if v, ok := a.Value.Times(b.scale); ok {
				a.Others = append(a.Others, v)
				a.scale = b.scale
			}
		}
	}
}

// behindMonth reports whether number i stands directly behind a month: May 3-5.
func (r *reader) behindMonth(i int) bool {
	return i > 0 && r.out[i-1].Unit == "month" && r.skipSpace(r.out[i-1].End) == r.out[i].Start
}

// scored reports whether two bare numbers are a score or a ratio: 3-2, 3대 2.
func (r *reader) scored(a, b *Quantity) bool {
	if !a.Hard || !b.Hard || b.Unit != "" || a.Unit != "" && a.Unit != "vehicle" || !less(a.Value, Whole(200)) || !less(b.Value, Whole(200)) {
		return false
	}
	gap := strings.Trim(string(r.text[a.numeral:b.Start]), " ")
	return gap == "-" || gap == "–" || gap == ":" || gap == "∶" || gap == "대" || gap == "比" || gap == "対" || gap == "对"
}

// prefixed reports whether the unit of q stands before the number.
func (r *reader) prefixed(q *Quantity) bool {
	return q.Hard && !isDigit(r.text[q.Start]) && q.numeral == q.End
}

func (r *reader) ranged(a, b *Quantity) bool { return r.between(a, b, ranger) }

// between reports whether nothing but a term of the kind lies between a and b.
func (r *reader) between(a, b *Quantity, k kind) bool {
	at := r.skipSpace(a.End)
	t, ok := r.words.at(r.text, at, k)
	return ok && r.skipSpace(at+len(t.form)) == b.Start
}

// days makes days of the bare numbers beside a month in words: July 21, 21 July,
// ngày 5 tháng ba.
func (r *reader) days() {
	if !r.style.Spaced {
		r.daysOfMonths()
		return
	}
	for i := range r.out {
		if m := &r.out[i]; m.Unit != "month" || isDigit(r.text[m.Start]) {
			continue
		}
		if i+1 < len(r.out) && r.skipSpace(r.out[i].End) == r.out[i+1].Start {
			for k := i + 1; r.out[k].setDay() && k+1 < len(r.out) && r.between(&r.out[k], &r.out[k+1], ranger|lister); k++ {
			}
		}
		if i > 0 && r.skipSpace(r.out[i-1].End) == r.out[i].Start {
			for k := i - 1; r.out[k].setDay() && k > 0 && r.between(&r.out[k-1], &r.out[k], ranger|lister); k-- {
			}
		}
	}
}

// daysOfMonths settles that the days behind a month are no length of time: 5월
// 3~5일.
func (r *reader) daysOfMonths() {
	dated := false
	for i := range r.out {
		q := &r.out[i]
		dated = q.Unit == "day" && i > 0 && (r.out[i-1].Unit == "month" && r.skipSpace(r.out[i-1].End) == q.Start ||
			dated && (r.between(&r.out[i-1], q, ranger) || r.between(&r.out[i-1], q, lister)))
		if dated {
			q.OtherUnits = nil
		}
	}
}

// setDay makes q a day of a month if it can be one.
func (q *Quantity) setDay() bool {
	v, ok := q.Value.Int()
	if !ok || v < 1 || v > 31 || q.Unit != "" && q.Unit != "ordinal" {
		return false
	}
	q.Unit, q.OtherUnits, q.Counted = "day", nil, true
	return true
}

// calendarYear tells 2024년 from 3년: a whole number of four digits is a year.
func (q *Quantity) calendarYear() {
	if v, ok := q.Value.Int(); ok && q.Unit == "years" && 1000 <= v && v < 3000 {
		q.Unit = "year"
	}
}
