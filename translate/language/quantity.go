package language

import "unicode/utf8"

// Quantity is a number in a text, with what it counts.
type Quantity struct {
	Start, End int      // code points
	Text       string   // as written, with its unit
	Value      Value    // in Unit
	Others     []Value  // what else the writing may be worth
	Unit       string   // a key of units.yaml; "" when none was seen
	OtherUnits []string // what else the unit may be
	Hard       bool     // written in digits; a number in words is soft
	Counted    bool     // stands with what it counts, so that a word is surely a number: 세 명, not 세
	Vague      bool     // an order of magnitude: 수십억, tens of billions
	Name       bool     // digits of a name, which may vanish in translation: 코로나19

	Code   bool // behind letters, as in a model's name: KF-21, G7
	Ranged bool // one end of a range: 4~5%

	Role Role // what the words beside it make of it, "" when they do not say

	measured *unit // what Unit is

	scale   Value // of its last group, which the other end of a range may share
	numeral int   // where the number ends and its unit may begin
	clock   bool  // a time of day that may want its half of the day
}

// Quantities are the numbers of text in the order in which they stand. It takes
// time linear in the text, whatever the text is.
func (l *Language) Quantities(text string) []Quantity { return l.Read(text, []rune(text)) }

// Read is Quantities for a caller who has the runes of text already.
func (l *Language) Read(text string, raw []rune) []Quantity {
	r := reader{Language: l, raw: raw, text: fold(raw)}
	for i := 0; i < len(raw); {
		i = max(r.step(i), i+1)
	}
	r.compose()
	r.cutOut(text)
	return r.out
}

// cutOut gives every quantity its part of text and what its unit measures.
func (r *reader) cutOut(text string) {
	runes, bytes := 0, 0
	for i := range r.out {
		q := &r.out[i]
		if q.Start < runes {
			runes, bytes = 0, 0
		}
		bytes += width(text[bytes:], q.Start-runes)
		runes = q.Start
		part := text[bytes : bytes+width(text[bytes:], q.End-q.Start)]
		if !utf8.ValidString(part) {
			part = string(r.raw[q.Start:q.End])
		}
		q.Text, q.measured = part, unitOf(q.Unit)
	}
}

// width is how many bytes the first n runes of text have.
func width(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

// reader reads the numbers of one text.
type reader struct {
	*Language
	raw   []rune // as given
	text  []rune // folded; positions are those of raw
	out   []Quantity
	marks []mark
}

// mark is a word that says which half of the day a time is in.
type mark struct {
	start, end int
	kind       kind
}

// step reads what begins at i and returns where it ends, or i when nothing that
// concerns numbers begins there.
func (r *reader) step(i int) int {
	const numerals = digitWord | multiplier | group
	const words kind = named | phrase | month | ordinal | plural | vague | unitBefore | morning | evening | night
	if !isDigit(r.text[i]) {
		if _, ok := r.words.at(r.text, i, words|digitWord|multiplier|group); !ok {
			return i
		}
	}
	wanted := words
	if !r.beginsWord(i) {
		wanted = named
	}
	t, ok := r.words.at(r.text, i, wanted)
	if !ok && !isDigit(r.text[i]) {
		if wanted == named {
			return i
		}
		if _, word := r.words.at(r.text, i, numerals); !word {
			return i
		}
	}
	if !ok || t.kind != named && isDigit(r.text[i]) {
		return r.number(i, i, nil)
	}
	end := i + len(t.form)
	if d, ok := r.words.at(r.text, i, digitWord); ok && t.kind == phrase && len(d.form) > len(t.form) {
		return r.number(i, i, nil) // half a percentage point
	}
	switch t.kind {
	case named:
		r.name(i, end)
		return end
	case morning, evening, night:
		r.marks = append(r.marks, mark{start: i, end: end, kind: t.kind})
		return end
	case unitBefore:
		if after := r.prefixedNumber(i, end, t); after > end {
			return after
		}
		return r.number(i, i, nil)
	case plural, vague:
		if after := r.magnitude(i); after > i {
			return after
		}
		return r.number(i, i, nil)
	case month:
		if !r.properNoun(i) {
			return end
		}
	}
	return r.word(i, t)
}

// prefixedNumber reads the number behind the unit t that stands from i to end. A
// unit that is a number word itself wants digits: năm 2024, but năm năm.
func (r *reader) prefixedNumber(i, end int, t term) int {
	at := r.skipSpace(end)
	_, word := r.words.at(r.text, i, digitWord)
	if !r.beginsWord(i) || !r.isDigit(at) && (word || r.Script == Hangul && at > end) { // 제 경험
		return i
	}
	return r.number(i, at, t.units)
}

// properNoun reports whether the word at i may be a month: English tells May
// from may by the capital.
func (r *reader) properNoun(i int) bool {
	return r.Script != Latin || 'A' <= r.raw[i] && r.raw[i] <= 'Z'
}

// name emits the digits of a name. They satisfy, and are not demanded.
func (r *reader) name(start, end int) {
	for i := start; i < end; i++ {
		if !isDigit(r.text[i]) {
			continue
		}
		v, stop, ok := r.digits(i)
		if !ok || stop > end {
			continue
		}
		r.emit(Quantity{Start: i, End: stop, Value: v, Name: true})
		if n, _ := v.Int(); stop-i == 4 { // 2030세대 are people in their 20s and 30s
			r.emit(Quantity{Start: i, End: i + 2, Value: Whole(n / 100), Name: true})
			r.emit(Quantity{Start: i + 2, End: stop, Value: Whole(n % 100), Name: true})
		}
		i = stop
	}
}

// word emits a quantity that is a word by itself: 절반, doubled, March.
func (r *reader) word(i int, t term) int {
	if !r.beginsWord(i) {
		return i
	}
	end := i + len(t.form)
	q := Quantity{Start: i, End: end, numeral: end, Value: t.value(), Others: t.values[1:]}
	if len(t.units) > 0 {
		q.Unit, q.Counted = t.units[0], true
	} else {
		r.unit(&q, i, nil)
	}
	if t.kind == month {
		q.Unit, q.Counted = "month", true
		q.Hard = r.Script == Latin // as certain as digits
		if r.is(q.End, '.') && r.is(q.End+1, ' ') && r.isDigit(q.End+2) {
			q.End++ // Nov. 1
		}
	}
	r.emit(q)
	return q.End
}

// beginsWord reports whether no Hangul runs into i. Korean number words are too
// short to be looked for inside other words.
func (r *reader) beginsWord(i int) bool {
	return r.Script != Hangul || i == 0 || !isHangul(r.text[i-1]) && !isDigit(r.text[i-1]) || isDigit(r.text[i])
}

func (r *reader) emit(q Quantity) {
	at := q.Start - 1
	if r.is(at, '-') {
		at--
	}
	q.Code = q.Hard && q.numeral == q.End && isDigit(r.text[q.Start]) && at >= 0 && isLetter(r.text[at])
	if r.out == nil {
		r.out = make([]Quantity, 0, 4+len(r.text)/usualDistance)
	}
	r.out = append(r.out, q)
}

// usualDistance is how many characters apart the numbers of a text stand that has
// many.
const usualDistance = 16

// skipSpace is i, or the position behind one space at i.
func (r *reader) skipSpace(i int) int {
	if i < len(r.text) && r.text[i] == ' ' {
		return i + 1
	}
	return i
}

// is reports whether text[i] is c; it is not when i is outside the text.
func (r *reader) is(i int, c rune) bool {
	return i >= 0 && i < len(r.text) && r.text[i] == c
}

func (r *reader) isDigit(i int) bool {
	return i >= 0 && i < len(r.text) && isDigit(r.text[i])
}

func isDigit(c rune) bool { return '0' <= c && c <= '9' }

func isHangul(c rune) bool { return '가' <= c && c <= '힣' }
