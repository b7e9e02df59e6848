package numbers

import (
	"fmt"
	"math/big"
	"slices"

	"yeok/translate/check"
	"yeok/translate/language"
)

// Count is how reader and number check fared on sentences of one language.
type Count struct {
	Wanted, Unread int // amounts, and those that the reader did not find
	Right, Doubted int // right renderings, and those that the check doubts
	Wrong, Missed  int // wrong ones, and those that it does not

	Cases []string // what went wrong, for people to read
}

// Korean counts the amounts that the reader finds in the Korean.
func Korean(list []Sentence) Count {
	var n Count
	for _, s := range list {
		n.read(s, s.Korean, language.Korean())
	}
	return n
}

// Measure counts what the reader finds in the right renderings in a language, and
// what the number check says of right and wrong ones.
func Measure(list []Sentence, l *language.Language) Count {
	var n Count
	for _, s := range list {
		n.read(s, s.Right[l.Code], l)
		n.Right++
		if doubt := doubted(s.Korean, s.Right[l.Code], l); doubt != "" {
			n.Doubted++
			n.Cases = append(n.Cases, fmt.Sprintf("right doubted: %s\n\t%s\n\t%s", doubt, s.Korean, s.Right[l.Code]))
		}
		n.Wrong++
		if doubted(s.Korean, s.Wrong[l.Code], l) == "" {
			n.Missed++
			n.Cases = append(n.Cases, fmt.Sprintf("%s not found:\n\t%s\n\t%s", s.Fault, s.Korean, s.Wrong[l.Code]))
		}
	}
	return n
}

func (n *Count) read(s Sentence, text string, l *language.Language) {
	read := l.Quantities(text)
	for _, want := range s.Want {
		n.Wanted++
		if !slices.ContainsFunc(read, func(q language.Quantity) bool { return want.is(&q) }) {
			n.Unread++
			n.Cases = append(n.Cases, fmt.Sprintf("%s %s not read:\n\t%s", want.Value.RatString(), want.Unit, text))
		}
	}
}

// is reports whether q is the amount wanted, in whatever unit of its kind.
func (a Amount) is(q *language.Quantity) bool {
	if a.Value.Num().Cmp(big.NewInt(1_000_000_000_000_000_000)) >= 0 {
		return false
	}
	value, ok := language.Fraction(a.Value.Num().Int64(), a.Value.Denom().Int64())
	wanted := language.Quantity{Value: value, Unit: a.Unit, Vague: a.Vague}
	return ok && wanted.Like(q) >= language.SameNumber
}

// doubted is the first error of the number check, "" without one.
func doubted(source, rendering string, l *language.Language) string {
	for _, f := range check.Check(check.Segment{Source: source, Target: rendering}, l, check.Context{}) {
		if f.Severity == check.Error && f.Check == check.Number {
			return f.Message
		}
	}
	return ""
}
