package translate

import (
	"regexp"
	"strings"

	"yeok/translate/language"
)

// pointed matches numbers that are surely set the English way: decimals that are
// no group of three digits, or several groups.
var pointed = regexp.MustCompile(`\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|\d{1,3}(?:,\d{3})+\.\d+|\d+\.\d{1,2}|\d+\.\d{4,}`)

// decimals sets a number the language's way where it was set the English way:
// 12.5% → 12,5%. Only amounts with a unit are touched: 12.5 alone may be a day, a
// version or a chapter.
func (s *typesetter) decimals() []rune {
	if s.DecimalMark() != "," {
		return s.text
	}
	text := string(s.text)
	found := pointed.FindAllStringIndex(text, -1)
	if found == nil {
		return s.text
	}
	amounts := s.Quantities(text)
	swap := strings.NewReplacer(",", ".", ".", ",")
	var b strings.Builder
	end := 0
	for _, loc := range found {
		b.WriteString(text[end:loc[0]])
		part := text[loc[0]:loc[1]]
		if alone(text, loc) && isAmount(amounts, len([]rune(text[:loc[0]])), part) {
			part = swap.Replace(part)
		}
		b.WriteString(part)
		end = loc[1]
	}
	b.WriteString(text[end:])
	return []rune(b.String())
}

// alone reports whether no further digit, dot or comma of a number is beside the
// part.
func alone(text string, loc []int) bool {
	beside := func(s string, i int) bool {
		return i >= 0 && i < len(s) && (isDigit(rune(s[i])) || i+1 < len(s) && strings.ContainsRune(".,/:-", rune(s[i])) && isDigit(rune(s[i+1])))
	}
	before := text[:loc[0]]
	linked := len(before) >= 2 && strings.ContainsRune(".,/:", rune(before[len(before)-1])) && isDigit(rune(before[len(before)-2]))
	return !linked && !beside(text, loc[1])
}

// isAmount reports whether the part at a position is read as an amount.
func isAmount(amounts []language.Quantity, start int, part string) bool {
	end := start + len(part)
	for _, q := range amounts {
		if q.Start <= start && end <= q.End {
			return q.Hard && !q.Code && !q.Name && (measures(q.Unit) || q.Unit == "" && q.End > end)
		}
	}
	return false
}

// measures reports whether a unit counts amounts and not days or places in a row.
func measures(unit string) bool {
	switch language.Dimension(unit) {
	case "", "day", "month", "year", "clock", "ordinal", "quarter", "half", "rank":
		return false
	}
	return true
}
