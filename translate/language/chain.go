package language

// This file reads one number with its groups: 1억 2000만, 2万5000亿, 2 million,
// 二十三, hai mươi ba. All five languages fit one grammar: sections of digits,
// number words and multipliers below the first group, closed by groups.

// number is what the grammar found.
type number struct {
	value  Value
	others []Value // 三四 is 34, or three or four
	end    int
	hard   bool  // has digits
	scale  Value // product of the last groups
	single bool  // one number word and nothing else
	bare   bool  // a group without a number before it
	native bool  // one number word of more than a Sino-Korean syllable
}

// chain reads the number at i. With second it takes the other reading of signs
// that have two: English 5m.
func (r *reader) chain(i int, second bool) (number, bool) {
	n, ok := r.section(i)
	at := i
	if ok {
		at = r.groupAt(n.end)
	} else {
		n = number{value: Whole(1), end: i, bare: true} // 만 명
	}
	groups, end := r.groups(at, second)
	if !ok && end == i {
		return number{}, false
	}
	n.scale = groups
	if groups != Whole(1) {
		n.end, n.others, n.single = end, nil, false
		if n.value, ok = n.value.Times(groups); !ok {
			return number{}, false
		}
	}
	for groups != Whole(1) {
		tail, ok := r.tail(n, groups, second)
		if !ok {
			break
		}
		n, groups = tail, tail.scale
	}
	return n, true
}

// groupAt is where a group may begin behind a section that ends at i: a filler
// (30여만) or a space lies between, or neither.
func (r *reader) groupAt(i int) int {
	if t, ok := r.words.at(r.text, i, filler); ok {
		if _, ok := r.words.at(r.text, i+len(t.form), group); ok {
			return i + len(t.form)
		}
	}
	at := r.skipGap(i)
	if r.style.Spaced || r.spacedOut(i) && (r.Script != Hangul || r.unitFollows(at)) {
		return at // 3 만 원
	}
	return i
}

// spacedOut reports whether a space stands at i between digits and what counts
// them, as some Chinese and Japanese typesetting has it: 1.25 亿.
func (r *reader) spacedOut(i int) bool {
	return r.is(i, ' ') && (r.isDigit(i-1) || r.isDigit(i+1))
}

// unitFollows reports whether a group stands at i and something countable or
// another part of the number behind it: a space before 만 is rare and 만 a word.
func (r *reader) unitFollows(i int) bool {
	t, ok := r.words.at(r.text, i, group)
	if !ok {
		return false
	}
	_, ok = r.words.at(r.text, r.skipSpace(i+len(t.form)), unitAfter)
	return ok
}

// groups multiplies the groups that stand at i: 万亿, nghìn tỷ.
func (r *reader) groups(i int, second bool) (Value, int) {
	product, end := Whole(1), i
	for at := i; ; {
		t, ok := r.words.at(r.text, at, group)
		if !ok || second && len(t.form) == 1 && isLetter(t.form[0]) || r.isUnit(at, t) {
			return product, end
		}
		next, ok := product.Times(t.value())
		if !ok {
			return product, end
		}
		product, end = next, at+len(t.form)
		if at = end; r.style.Spaced {
			at = r.skipSpace(end)
		}
	}
}

// isUnit reports whether the group at i is part of a longer unit or word: 兆瓦,
// 千米, 경기.
func (r *reader) isUnit(i int, t term) bool {
	u, ok := r.words.at(r.text, i, unitAfter|named)
	return ok && len(u.form) > len(t.form)
}

// tail reads the part behind a group: smaller (1억 2000만), or a section that the
// next group multiplies together with what came before (2万5000亿).
func (r *reader) tail(n number, last Value, second bool) (number, bool) {
	at := n.end
	if t, ok := r.words.at(r.text, r.skipSpace(at), joiner); ok && r.style.Spaced {
		if at = r.skipSpace(r.skipSpace(at) + len(t.form)); r.isDigit(at) {
			return number{}, false
		}
	} else if r.style.Spaced || r.Script == Hangul || r.spacedOut(at) {
		at = r.skipSpace(at)
	}
	s, ok := r.section(at)
	if !ok || !less(s.value, last) || r.style.Spaced && s.hard != n.hard {
		return number{}, false // 1.7 million four years ago
	}
	groups, end := r.groups(r.groupAt(s.end), second)
	if groups == Whole(1) && r.Script == Hangul && at > n.end && n.hard && !s.hard {
		return number{}, false // 9조3000억 이달: this month
	}
	if groups == Whole(1) && s.hard && (r.style.Spaced || at > n.end && less(s.value, Whole(100))) {
		return number{}, false // 3만 5명 is two numbers
	}
	if groups != Whole(1) {
		s.end = end
	}
	joined := number{end: s.end, hard: n.hard || s.hard, scale: groups}
	joined.value, ok = r.join(n.value, s.value, groups, last)
	return joined, ok
}

func (r *reader) join(before, section, groups, last Value) (Value, bool) {
	if less(last, groups) {
		sum, ok := before.Plus(section)
		if !ok || r.style.Spaced {
			return Value{}, false
		}
		return sum.Times(groups)
	}
	part, ok := section.Times(groups)
	if !ok || groups == last {
		return Value{}, false
	}
	return before.Plus(part)
}

func less(a, b Value) bool { return a.Float() < b.Float() }

// section reads a number below the first group: 12.5, 4천2백, 二十三, two hundred
// and five.
func (r *reader) section(i int) (number, bool) {
	var n number
	ceiling := Whole(0) // the multiplier before; the next one must be smaller
	for at := i; ; at = r.nextPart(n.end) {
		s, ok := r.simple(at)
		if ok && n.end > 0 && !s.hard && r.isCounter(at, s.end) {
			break // mười năm is ten years, not fifteen
		}
		if !ok {
			s = number{value: Whole(1), end: at}
		}
		m, multiplied := r.multiplierAt(s.end, ok)
		if !ok && !multiplied {
			break
		}
		if multiplied {
			s.value, multiplied = s.value.Times(m.value())
			s.end, s.single, s.others = m.end, false, nil
		}
		if ceiling != Whole(0) && !less(s.value, ceiling) {
			break
		}
		sum, ok := n.value.Plus(s.value)
		if !ok {
			break
		}
		n = number{value: sum, end: s.end, hard: n.hard || s.hard, single: n.end == 0 && s.single, native: n.end == 0 && s.native, others: s.others, scale: Whole(1)}
		if !multiplied {
			break
		}
		ceiling = m.value()
	}
	return n, n.end > i
}

// isCounter reports whether the number word from i to end is a unit here.
func (r *reader) isCounter(i, end int) bool {
	u, ok := r.words.at(r.text, i, unitAfter)
	if !ok || i+len(u.form) != end {
		return false
	}
	_, multiplied := r.multiplierAt(end, true)
	return !multiplied
}

// nextPart is where the part behind a multiplier may begin.
func (r *reader) nextPart(i int) int {
	at := i
	if r.style.Spaced || r.spacedOut(i) {
		at = r.skipSpace(i)
	}
	if t, ok := r.words.at(r.text, at, joiner); ok && r.style.Spaced {
		at = r.skipSpace(at + len(t.form))
	}
	if r.style.Spaced && r.isDigit(at) {
		return i
	}
	return at
}

type multiplication struct {
	term
	end int
}

// multiplierAt finds a multiplier at i, where apart behind a gap.
func (r *reader) multiplierAt(i int, apart bool) (multiplication, bool) {
	at := i
	if apart && (r.style.Spaced || r.spacedOut(i) && r.Script != Hangul) {
		at = r.skipGap(i)
	}
	t, ok := r.words.at(r.text, at, multiplier)
	if !ok || r.isUnit(at, t) {
		return multiplication{}, false
	}
	return multiplication{term: t, end: at + len(t.form)}, true
}

// skipGap is i, or the position behind one space or hyphen at i.
func (r *reader) skipGap(i int) int {
	if r.is(i, ' ') || r.is(i, '-') {
		return i + 1
	}
	return i
}
