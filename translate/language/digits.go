package language

import "slices"

// simple reads digits or number words without a multiplier.
func (r *reader) simple(i int) (number, bool) {
	if r.isDigit(i) {
		v, end, ok := r.digits(i)
		return number{value: v, end: end, hard: true}, ok
	}
	return r.digitWords(i)
}

// digits reads a number in digits with its separators. Groups have exactly three
// digits. What only the other language's signs explain is read with those:
// 1,234,567 in Vietnamese. 1,500 is one and a half there.
func (r *reader) digits(i int) (Value, int, bool) {
	group, point := sign(r.style.Grouping), sign(r.style.Decimal)
	v, end, ok := r.grouped(i, group, point)
	if group == ',' {
		return v, end, ok
	}
	if other, after, fits := r.grouped(i, point, group); fits && (after > end || after == end && v != other && r.pointless(end)) {
		return other, after, true
	}
	return v, end, ok
}

// pointless reports whether the number that ends at i would have nothing but three
// zeros behind its decimal sign: 10,000 in a Vietnamese text is no ten.
func (r *reader) pointless(i int) bool {
	return r.is(i-1, '0') && r.is(i-2, '0') && r.is(i-3, '0') && r.is(i-4, sign(r.style.Decimal))
}

func sign(s string) rune {
	for _, c := range s {
		return c
	}
	return 0
}

// grouped reads digits with the given signs and returns where they end.
func (r *reader) grouped(i int, group, point rune) (Value, int, bool) {
	end := r.run(i)
	var d decimal
	d.add(r.text[i:end])
	if end-i <= 3 && r.text[i] != '0' {
		for r.is(end, group) && r.run(end+1) == end+4 {
			d.add(r.text[end+1 : end+4])
			end += 4
		}
	}
	single := end-i == 1
	if stop := r.run(end + 1); r.is(end, point) && stop > end+1 {
		d.fraction = stop - end - 1
		d.add(r.text[end+1 : stop])
		end = stop
	}
	v, ok := d.value()
	return v, end, ok && (v != Whole(0) || single) // 00 is no number
}

// run is where the digits that begin at i end.
func (r *reader) run(i int) int {
	for r.isDigit(i) {
		i++
	}
	return i
}

// digitWords reads number words without a multiplier: twenty-one, 스물여덟,
// 二〇一八, 三点五.
func (r *reader) digitWords(i int) (number, bool) {
	t, ok := r.words.at(r.text, i, digitWord)
	if !ok || !r.style.Spaced && r.isUnit(i, t) {
		return number{}, false
	}
	n := number{value: t.value(), end: i + len(t.form), single: true}
	n.native = r.Script == Hangul && !slices.Contains([]rune("일이삼사오육칠팔구영"), r.text[i])
	v, _ := n.value.Int()
	if v >= 10 && v%10 == 0 {
		at := n.end
		if r.style.Spaced {
			at = r.skipGap(at)
		} else if r.Script == Hangul {
			at = r.skipSpace(at) // 열 다섯
		}
		if ones, ok := r.words.at(r.text, at, digitWord|ordinal); ok && less(ones.value(), Whole(10)) && ones.value() != Whole(0) && !(r.style.Spaced && r.isCounter(at, at+len(ones.form))) {
			n.value, _ = n.value.Plus(ones.value())
			n.end, n.single = at+len(ones.form), false
		}
		return n, true
	}
	if r.Script == Han || r.Script == Japanese {
		return r.positional(i, n), true
	}
	return n, true
}

// positional reads Chinese digits that stand side by side: 二〇一八 is 2018; two
// that follow each other are also an estimate, 三四个.
func (r *reader) positional(i int, n number) number {
	digits := []Value{n.value}
	for len(digits) < 18 {
		t, ok := r.words.at(r.text, n.end, digitWord)
		if !ok || r.isUnit(n.end, t) {
			break
		}
		digits = append(digits, t.value())
		n.end += len(t.form)
		n.single = false
	}
	n.value = Whole(0)
	for _, d := range digits {
		n.value = Whole(n.value.num*10 + d.num)
	}
	if len(digits) == 2 {
		n.others = digits
	}
	return r.pointed(n)
}

// pointed reads the decimals in words behind n: 三点五.
func (r *reader) pointed(n number) number {
	point := sign(r.style.Point)
	if point == 0 || !r.is(n.end, point) {
		return n
	}
	num, den, at := n.value.num, int64(1), n.end+1
	for den < 10_000 && num < maxValue/10 {
		t, ok := r.words.at(r.text, at, digitWord)
		if !ok {
			break
		}
		num, den, at = num*10+t.value().num, den*10, at+len(t.form)
	}
	if _, clock := r.words.at(r.text, at, multiplier|unitAfter); den == 1 || clock && !r.is(at, '倍') {
		return n
	}
	n.value, _ = Fraction(num, den)
	n.end, n.single = at, false
	return n
}
