package language

import (
	"slices"
	"unicode"
)

// number reads the number at i with its unit and emits it as beginning at start,
// where the units before it stand. It returns where it ends, or start when there
// is none.
func (r *reader) number(start, i int, before []string) int {
	if r.isDigit(i) {
		if end := r.dated(start, i, before); end > i {
			return end
		}
	}
	n, ok := r.chain(i, false)
	if !ok {
		if r.isDigit(i) {
			return r.run(i) // a code, too long for a number
		}
		return r.roman(start, i, before)
	}
	q := Quantity{Start: start, End: n.end, numeral: n.end, Value: n.value, Others: n.others, Hard: n.hard, scale: n.scale}
	if n.hard && n.scale != Whole(1) {
		if other, ok := r.chain(i, true); ok && other.value != n.value {
			q.Others = append(q.Others, other.value)
		}
	}
	r.addHalf(&q)
	r.divide(&q)
	r.unit(&q, i, before)
	if q.End > q.numeral && (!q.counts("oclock") || r.Script == Vietnamese) {
		r.addHalf(&q)
	}
	if !q.Hard && !r.credible(i, n, &q) {
		if !r.maybe(i, n, &q) {
			return start
		}
		q.Counted = false
	}
	if r.certain(i, n, &q) {
		q.Counted = true
	}
	if r.Script == Vietnamese && q.Unit == "ordinal" && !q.Hard && unicode.IsUpper(r.raw[i]) {
		q.Counted = false // thứ Hai is Monday
	}
	r.grow(&q)
	r.emit(q)
	return q.End
}

// credible reports whether number words at i are meant as a number. Only Korean
// asks: its numerals are syllables of other words, so they must begin a word and
// stand before a counter; 이 and 일 alone are hardly ever two and one.
func (r *reader) credible(i int, n number, q *Quantity) bool {
	if r.Script != Hangul {
		return true
	}
	if !r.beginsWord(i) {
		return false
	}
	if r.large(i, n) && r.endsCounter(q.End) {
		return true // 백만 관객
	}
	if !q.Counted || n.bare && !less(n.value, Whole(100_000_000)) { // 경주, 조명
		return false
	}
	if n.single && slices.Contains([]rune("일이사오구영"), r.text[i]) && n.end == i+1 {
		return r.is(n.end, ' ') && r.text[i] != '일' && r.text[i] != '이'
	}
	return true
}

// maybe reports whether Korean number words without a counter may all the same be
// a number, so that a digit of the translation is not invented: 두 나라, 이 피트.
func (r *reader) maybe(i int, n number, q *Quantity) bool {
	if !r.beginsWord(i) {
		return false
	}
	if n.native && !(n.single && r.isWeak(i)) {
		return n.end >= len(r.text) || !isHangul(r.text[n.end]) || q.Unit != "" || r.isNoun(i) && r.endsCounter(n.end)
	}
	return q.Counted && slices.Contains([]string{"length", "inch", "mile"}, Dimension(q.Unit))
}

// certain reports whether number words at i are surely a number although no unit
// was seen behind them.
func (r *reader) certain(i int, n number, q *Quantity) bool {
	if r.large(i, n) {
		return true
	}
	if less(q.Value, Whole(2)) || n.single && r.isWeak(i) {
		return false
	}
	switch r.Script {
	case Latin:
		return true
	case Vietnamese:
		return !n.single || r.is(q.End, ' ') && q.End+1 < len(r.text) && isLetter(r.text[q.End+1])
	case Hangul: // 세 종목
		return n.native && r.is(n.end, ' ') && n.end+1 < len(r.text) && isHangul(r.text[n.end+1])
	}
	return false
}

// isNoun reports whether the Korean number word at i stands for what it counts: 셋
// 중 하나는.
func (r *reader) isNoun(i int) bool {
	_, ok := r.words.at(r.text, i, noun)
	return ok
}

// isWeak reports whether the number word at i is more often another word.
func (r *reader) isWeak(i int) bool {
	_, ok := r.words.at(r.text, i, weak)
	return ok
}

// large reports whether the number words at i are so many that they cannot be
// another word: 백만, not 구조 or 경.
func (r *reader) large(i int, n number) bool {
	return !n.bare && !less(n.value, Whole(100_000)) && (r.Script != Hangul || slices.Contains([]rune("십백천"), r.text[i]))
}

// unit finds what q, whose digits or words begin at i, counts: behind it or in
// before.
func (r *reader) unit(q *Quantity, i int, before []string) {
	if len(before) > 0 {
		if r.style.Spaced && (!fitsCalendar(before[0], q) || before[0] == "year" && !r.isYear(q)) {
			q.Start = i // in 20 cities, cổ tức quý 361 won, thuê tháng 4,5 triệu
		} else if q.Unit, q.OtherUnits, q.Counted = before[0], before[1:], true; r.style.Spaced {
			return
		}
	}
	t, end, ok := r.unitBehind(q.End)
	if !ok || r.Script == Hangul && !q.Hard && !r.endsCounter(end) {
		return
	}
	q.End = end
	if t.units[0] == "ordinal" { // 21st century
		if behind, end, ok := r.unitBehind(q.End); ok {
			t, q.End = behind, end
		}
	}
	switch {
	case q.Unit == "" || q.Unit == "ordinal" && unitOf(t.units[0]).strict:
		q.Unit, q.OtherUnits, q.Counted = t.units[0], t.units[1:], true
	case q.Unit == "ordinal":
		q.OtherUnits = t.units // 제22대, 第4位
	}
}

// fitsCalendar reports whether q may be the number of a month, day or quarter, if
// that is what the unit is.
func fitsCalendar(unit string, q *Quantity) bool {
	var most int64
	switch unit {
	case "month":
		most = 12
	case "day":
		most = 31
	case "quarter":
		most = 4
	default:
		return true
	}
	v, whole := q.Value.Int()
	return whole && v <= most
}

// isYear reports whether the bare number q may be a year of the calendar.
func (r *reader) isYear(q *Quantity) bool {
	v, ok := q.Value.Int()
	if _, _, counted := r.unitBehind(q.End); counted && (r.Script == Latin || v < 1000) {
		return false
	}
	return ok && q.Hard && 1000 <= v && v < 2100 && q.End-q.Start >= 4 && isDigit(r.text[q.End-4]) || r.Script == Vietnamese
}

// unitBehind finds the unit behind a number that ends at i; a filler or a gap may
// lie between.
func (r *reader) unitBehind(i int) (term, int, bool) {
	starts := []int{i, r.skipGap(i)}
	if t, ok := r.words.at(r.text, i, filler); ok {
		starts = append(starts, i+len(t.form), r.skipGap(i+len(t.form)))
	}
	for _, at := range starts {
		if t, ok := r.words.at(r.text, at, unitAfter|named|morning|evening|night); ok { // 周三晚上
			end := at + len(t.form)
			return t, end, t.kind == unitAfter && !r.opensDate(at, end) // 3 năm, but 3 năm nay
		}
	}
	return term{}, i, false
}

// opensDate reports whether the unit from i to end belongs to the number behind
// it: 26 tháng 10 is a day, 3 tháng 10 ngày a time.
func (r *reader) opensDate(i, end int) bool {
	if _, before := r.words.at(r.text, i, unitBefore); !before || !r.style.DayFirst {
		return false
	}
	at := r.skipSpace(end)
	number := at
	for at < len(r.text) && isDigit(r.text[at]) {
		at++
	}
	if at == number {
		return false
	}
	behind, ok := r.words.at(r.text, r.skipSpace(at), unitAfter)
	switch { // ngày 26 tháng 10, tháng 10 năm 2025, but 2 ngày 1 đêm, 2 năm 6 tháng
	case !ok:
		return true
	case r.is(i, 'n') && r.is(i+1, 'ă'):
		return false
	}
	return behind.units[0] == "months" || behind.units[0] == "years"
}

// endsCounter reports whether a Korean counter may end at i: there is no further
// Hangul, or what a counter takes.
func (r *reader) endsCounter(i int) bool {
	return i >= len(r.text) || !isHangul(r.text[i]) || slices.Contains([]rune("이가은는을를의에도만과와로으씩째간들까부마보여짜남라다인"), r.text[i])
}

// magnitude reads an order of magnitude at i: 수십억, hundreds of thousands, hàng
// chục nghìn. It returns i when there is none.
func (r *reader) magnitude(i int) int {
	if !r.beginsWord(i) {
		return i
	}
	q := Quantity{Start: i, Value: Whole(1), Vague: true, Counted: true}
	at := i
	if t, ok := r.words.at(r.text, i, vague); ok {
		at = r.vagueSpace(i + len(t.form))
	}
	for {
		t, ok := r.words.at(r.text, at, multiplier|group|plural)
		if !ok {
			break
		}
		v, ok := q.Value.Times(t.value())
		if !ok || r.isUnit(at, t) {
			break
		}
		q.Value, q.End = v, at+len(t.form)
		if len(t.units) > 0 {
			q.Unit = t.units[0]
		}
		at = r.vagueSpace(q.End)
		if j, ok := r.words.at(r.text, at, joiner); ok && r.style.Spaced {
			at = r.skipSpace(at + len(j.form))
		}
	}
	if q.End == 0 {
		return i
	}
	q.numeral = q.End
	if q.Unit == "" {
		r.unit(&q, i, nil)
	}
	if t, ok := r.words.at(r.text, at, unitAfter); ok && q.Unit == "" {
		q.Unit, q.OtherUnits, q.End = t.units[0], t.units[1:], at+len(t.form) // billions of won
	}
	r.emit(q)
	return q.End
}

func (r *reader) vagueSpace(i int) int {
	if r.style.Spaced {
		return r.skipSpace(i)
	}
	return i
}

// roman reads a Roman number behind a unit: quý II, khóa XXII.
func (r *reader) roman(start, i int, before []string) int {
	var sum, last int64
	end := i
	for ; len(before) > 0 && end < len(r.raw); end++ {
		v := romanDigit(r.raw[end])
		if v == 0 {
			break
		}
		if sum += v; last < v {
			sum -= 2 * last
		}
		last = v
	}
	if end == i || end-i > 8 || end < len(r.raw) && isLetter(r.text[end]) || sum <= 0 {
		return start
	}
	r.emit(Quantity{Start: start, End: end, numeral: end, Value: Whole(sum), Unit: before[0], OtherUnits: before[1:], Counted: true})
	return end
}

func romanDigit(c rune) int64 {
	switch c {
	case 'I':
		return 1
	case 'V':
		return 5
	case 'X':
		return 10
	case 'L':
		return 50
	}
	return 0
}
