package language

// This file reads what makes another value of a number that was read: halves,
// fractions, growth.

// addHalf reads the half behind q: two and a half, 三年半, 2 tỷ rưỡi.
func (r *reader) addHalf(q *Quantity) {
	at := r.skipGap(q.End)
	t, ok := r.words.at(r.text, at, andHalf)
	if !ok || r.isUnit(at, t) || r.Script == Hangul && !r.endsCounter(at+len(t.form)) || len(t.form) == 1 && r.isHalfOfWord(at) {
		return
	}
	part := Value{1, 2}
	if q.scale != (Value{}) && q.End == q.numeral {
		part, _ = part.Times(q.scale)
	}
	if more, ok := q.Value.Plus(part); ok {
		q.Value, q.Others = more, nil
		if q.numeral == q.End {
			q.numeral = at + len(t.form)
		}
		q.End = at + len(t.form)
	}
}

// isHalfOfWord reports whether the half at i begins another word: 2020年半数.
func (r *reader) isHalfOfWord(i int) bool {
	t, ok := r.words.at(r.text, i, phrase|named)
	return ok && len(t.form) > 1
}

// divide reads a fraction of which q is the first number: 3분의 1, một phần ba,
// two thirds.
func (r *reader) divide(q *Quantity) {
	at := r.skipGap(q.End)
	if t, ok := r.words.at(r.text, at, part); ok {
		if v, fits := q.Value.Over(t.value()); fits && less(v, Whole(1)) {
			whole := q.Value
			q.Value, q.Others, q.Unit, q.Counted = v, nil, "ratio", true
			q.End, q.numeral = at+len(t.form), at+len(t.form)
			if len(t.units) > 0 { // three quarters are nine months, too
				q.Others, q.OtherUnits = []Value{whole}, t.units
			}
		}
		return
	}
	t, ok := r.words.at(r.text, at, over)
	if !ok {
		return
	}
	other, ok := r.chain(r.skipSpace(at+len(t.form)), false)
	if !ok {
		return
	}
	num, den := q.Value, other.value
	if r.style.WholeFirst {
		num, den = den, num
	}
	if r.Script == Latin && !(less(num, den) && less(den, Whole(11)) && !r.timed(other.end)) {
		return // five in 2018, two in three days
	}
	if v, fits := num.Over(den); fits {
		q.Value, q.Others, q.Unit, q.Counted = v, nil, "ratio", true
		q.End, q.numeral = other.end, other.end
		q.Hard = q.Hard || other.hard
	}
}

// timed reports whether a length of time is counted at i.
func (r *reader) timed(i int) bool {
	t, _, ok := r.unitBehind(i)
	return ok && (Dimension(t.units[0]) == "days" || Dimension(t.units[0]) == "months")
}

// grow settles what a multiple counts: 增加了两倍 is threefold, 2배 늘어 may be.
func (r *reader) grow(q *Quantity) {
	if q.Unit != "multiple" {
		return
	}
	more, ok := q.Value.Plus(Whole(1))
	if !ok {
		return
	}
	if r.endsWith(q.Start, adder) {
		q.Value = more
	}
	if _, ok := r.words.at(r.text, r.skipSpace(q.End), grower); ok {
		q.Others = append(q.Others, more)
	}
}

// endsWith reports whether a term of the kind ends at i; the longest has six
// letters.
func (r *reader) endsWith(i int, k kind) bool {
	for start := max(0, i-6); start < i; start++ {
		if t, ok := r.words.at(r.text, start, k); ok && start+len(t.form) == i {
			return true
		}
	}
	return false
}
