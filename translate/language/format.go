package language

import (
	"slices"
	"strconv"
	"strings"
)

// scale is a group in which a language prefers to write large numbers.
type scale struct {
	Word  string `yaml:"word"`
	Value int64  `yaml:"value"`
}

// Write is q as a newspaper of the language would print it: 9300조원 is 9,300
// trillion won, 9300万亿韩元, 9300兆ウォン, 9.300 nghìn tỷ won. A unit that the
// language has no word for is left out.
func (l *Language) Write(q Quantity) string {
	if q.Unit == "clock" {
		return strconv.FormatInt(q.Value.num/60, 10) + ":" + strconv.FormatInt(100+q.Value.num%60, 10)[1:]
	}
	number := l.WriteValue(q.Value)
	word := l.style.words[q.Unit]
	if q.Unit == "year" {
		number = q.Value.String()
	}
	if word == "" {
		return number
	}
	if l.style.Spaced && word != "%" {
		return number + " " + word
	}
	return number + word
}

// WriteValue is v in digits and the groups of the language.
func (l *Language) WriteValue(v Value) string {
	for i, s := range l.style.Scales {
		if v.Float() < float64(s.Value) {
			continue
		}
		if l.style.Chained && v.den == 0 {
			return l.chained(v.num, l.style.Scales[i:])
		}
		part, ok := v.Over(Whole(s.Value))
		if ok && 10_000%part.denominator() == 0 {
			return l.digitsOf(part) + s.Word
		}
	}
	return l.digitsOf(v)
}

// chained writes one number a group: 1億4200万.
func (l *Language) chained(n int64, scales []scale) string {
	var b strings.Builder
	for _, s := range scales {
		if part := n / s.Value; part > 0 {
			b.WriteString(strconv.FormatInt(part, 10) + s.Word)
			n %= s.Value
		}
	}
	if n > 0 {
		b.WriteString(strconv.FormatInt(n, 10))
	}
	return b.String()
}

// digitsOf writes v with the signs of the language. Languages that count in
// myriads set no sign before a group carries it.
func (l *Language) digitsOf(v Value) string {
	whole, fraction, _ := strings.Cut(v.String(), ".")
	if strings.Contains(whole, "/") {
		return whole
	}
	if len(whole) > 3 && !(len(whole) == 4 && !l.style.Spaced) {
		whole = groupThrees(whole, l.style.Grouping)
	}
	if fraction != "" {
		return whole + l.style.Decimal + fraction
	}
	return whole
}

func groupThrees(digits, sign string) string {
	var parts []string
	for len(digits) > 3 {
		parts = append(parts, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	parts = append(parts, digits)
	slices.Reverse(parts)
	return strings.Join(parts, sign)
}
