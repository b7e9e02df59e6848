package language

// Likeness says how far two quantities agree.
type Likeness uint8

// The degrees of likeness.
const (
	Different    Likeness = iota
	OtherUnit             // the same number of something else: 3억원, 300 million dollars
	SameNumber            // the same number; what it counts is not known on one side
	SameQuantity          // the same amount of the same thing, in whatever unit
)

// Like compares q with p over every reading of both and returns the best.
func (q *Quantity) Like(p *Quantity) Likeness {
	if q.Vague != p.Vague || q.Name && !p.nameable() || p.Name && !q.nameable() {
		return Different
	}
	best := Different
	for i := range len(q.Others) + 1 {
		for k := range len(p.Others) + 1 {
			if l := likeness(q, p, q.reading(i), p.reading(k)); l > best {
				best = l
			}
		}
	}
	return best
}

// nameable reports whether the digits of a name may stand for q: 5·18 is a day of May,
// but no age and no amount.
func (q *Quantity) nameable() bool {
	switch Dimension(q.Unit) {
	case "month", "day", "year":
		return true
	case "age": // 2030세대
		v, ok := q.Value.Int()
		return ok && v%10 == 0
	}
	return !Strict(q.Unit)
}

func (q *Quantity) reading(i int) Value {
	if i == 0 {
		return q.Value
	}
	return q.Others[i-1]
}

func (q *Quantity) unit(i int) string {
	if i == 0 {
		return q.Unit
	}
	return q.OtherUnits[i-1]
}

func likeness(q, p *Quantity, v, w Value) Likeness {
	best := Different
	for i := range len(q.OtherUnits) + 1 {
		for k := range len(p.OtherUnits) + 1 {
			if l := unitLikeness(v, w, q.unit(i), p.unit(k), q.measure(i), p.measure(k)); l > best {
				best = l
			}
		}
	}
	return best
}

// measure is what unit(i) measures, looked up once for the first one.
func (q *Quantity) measure(i int) *unit {
	if i == 0 && q.measured != nil {
		return q.measured
	}
	return unitOf(q.unit(i))
}

// unitLikeness compares v of unit a, which is ua, with w of unit b, which is ub.
func unitLikeness(v, w Value, a, b string, ua, ub *unit) Likeness {
	if a == b && a != "" { // what most pairs are
		if v == w || a == "year" && (sameYear(v, w) || sameYear(w, v)) {
			return SameQuantity
		}
		return Different
	}
	switch {
	case a == "" || b == "":
		if ua.dimension == "half" || ub.dimension == "half" {
			return Different // every language has a word for them
		}
		if a == "" && v == w && looksYear(v) && ub.strict && ub.dimension != "year" {
			return Different // Katrina (1967)
		}
		if v == w || ua.dimension == "clock" && sameHour(v, ua, w) || ub.dimension == "clock" && sameHour(w, ub, v) ||
			ua.dimension == "year" && sameYear(v, w) || ub.dimension == "year" && sameYear(w, v) {
			return SameNumber
		}
		return Different
	case ua.dimension == ub.dimension:
		x, ok1 := v.Times(ua.factor)
		y, ok2 := w.Times(ub.factor)
		if ok1 && ok2 && x == y {
			return SameQuantity
		}
		if v == w {
			return OtherUnit // one hour, one minute
		}
		return Different
	case a == "year" && b == "years" && (v == w || sameYear(v, w)), b == "year" && a == "years" && (v == w || sameYear(w, v)):
		return SameQuantity // 24년 is 2024, too
	case ua.dimension == "months" && a != "years" && ub.dimension == "days" && thirties(v, w), ub.dimension == "months" && b != "years" && ua.dimension == "days" && thirties(w, v):
		return SameNumber // 60일, two months
	case a == "age" && b == "years" && v == w, b == "age" && a == "years" && v == w:
		return SameNumber // 20세 연상, 20 years older
	case v != w:
		return Different
	case a == "score" && !ub.ratioLike(), b == "score" && !ua.ratioLike():
		return OtherUnit
	case a == "year" && b == "rank", b == "year" && a == "rank":
		return OtherUnit // No. 2030
	case ua.strict && ub.strict:
		return OtherUnit
	}
	return SameNumber
}

// ratioLike reports whether a number of the unit may stand for one of a score: 90대 1,
// 90倍; 3-2, three goals.
func (u *unit) ratioLike() bool {
	return !u.strict || u.dimension == "multiple" || u.dimension == "person"
}

// looksYear reports whether a bare number is most likely a year.
func looksYear(v Value) bool {
	n, whole := v.Int()
	return whole && 1900 < n && n < 2100 && n%100 != 0
}

// sameHour reports whether a bare number may be the hour of a time.
func sameHour(v Value, u *unit, bare Value) bool {
	minutes, ok := v.Times(u.factor)
	if !ok {
		return false
	}
	hour, whole := bare.Int()
	return whole && hour <= 24 && (minutes.num-hour*60)%noon == 0
}

// thirties reports whether so many days are so many months.
func thirties(months, days Value) bool {
	n, ok := months.Times(Whole(30))
	return ok && n == days
}

// sameYear reports whether w is v without its century: 2018, '18.
func sameYear(v, w Value) bool {
	year, ok1 := v.Int()
	short, ok2 := w.Int()
	return ok1 && ok2 && 1900 <= year && year < 2100 && short < 100 && year%100 == short
}

// Dimension is what a unit measures: the currency itself, length, day. It is ""
// for "".
func Dimension(unit string) string { return unitOf(unit).dimension }

// Strict reports whether a number of the unit can never stand for one of another
// dimension.
func Strict(unit string) bool { return unitOf(unit).strict }
