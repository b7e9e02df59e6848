package llmtest

import (
	"math/big"
	"regexp"
	"strings"
)

// number is one Korean number as it stands in a text, such as 1조2000억.
type number struct {
	value  *big.Rat
	named  bool   // it has a 만, 억, 조 …; else digits is what stands there
	digits string // without separators
	length int    // bytes in the source
}

// One step of a number: digits, then 천 백 십, then 만 억 조 경.
var step = regexp.MustCompile(`^(\d+(?:,\d{3})+|\d+)(\.\d+)?([천백십])?([만억조경])?`)

func powerOf(name string) int64 {
	switch name {
	case "십":
		return 10
	case "백":
		return 100
	case "천":
		return 1000
	case "만":
		return 1e4
	case "억":
		return 1e8
	case "조":
		return 1e12
	case "경":
		return 1e16
	}
	return 1
}

// parseNumber reads the number at the start of text.
func parseNumber(text string) (number, bool) {
	n := number{value: new(big.Rat)}
	section := new(big.Rat) // below the next 만, 억, 조 …
	last := int64(1 << 62)  // each group must be smaller than the one before
	for {
		rest := text[n.length:]
		space := 0
		if n.length > 0 && strings.HasPrefix(rest, " ") {
			space = 1 // "1조 2000억" is one number
		}
		m := step.FindStringSubmatch(rest[space:])
		if m == nil {
			break
		}
		if m[4] == "경" && strings.HasPrefix(rest[space+len(m[0]):], "기") {
			m[0], m[4] = strings.TrimSuffix(m[0], "경"), "" // 6경기 are six games
		}
		group := powerOf(m[4])
		part := decimal(m[1] + m[2])
		part.Mul(part, ratOf(powerOf(m[3])))
		if n.length > 0 && (group >= last || space > 0 && part.Cmp(ratOf(last)) >= 0) {
			break
		}
		n.length += space + len(m[0])
		n.named = n.named || m[3]+m[4] != ""
		n.digits = strings.ReplaceAll(m[1]+m[2], ",", "")
		section.Add(section, part)
		if m[4] == "" {
			if m[3] == "" {
				break
			}
			continue // 3천200만: the section goes on
		}
		n.value.Add(n.value, section.Mul(section, ratOf(group)))
		section = new(big.Rat)
		last = group
	}
	n.value.Add(n.value, section)
	return n, n.length > 0
}

func decimal(text string) *big.Rat {
	r, _ := new(big.Rat).SetString(strings.ReplaceAll(text, ",", ""))
	return r
}

func ratOf(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// maxDecimals is how exact "1.2345 trillion" may get before it reads better as
// plain digits.
const maxDecimals = 4

// format writes the number as the language does, equal by value.
func (l *language) format(n number) string {
	if !n.named {
		return l.separate(n.digits, len(n.digits) > 4)
	}
	for _, g := range l.groups {
		if n.value.Cmp(ratOf(g.value)) < 0 {
			continue
		}
		share := new(big.Rat).Quo(n.value, ratOf(g.value))
		digits, exact := plain(share, maxDecimals)
		if !exact {
			break
		}
		text := l.separate(digits, true)
		if l.Spaced {
			text += " "
		}
		return text + g.name
	}
	digits, _ := plain(n.value, 20)
	return l.separate(digits, true)
}

// plain writes r without trailing zeros.
func plain(r *big.Rat, decimals int) (digits string, exact bool) {
	digits = r.FloatString(decimals)
	if decimals > 0 {
		digits = strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
	}
	return digits, decimal(digits).Cmp(r) == 0
}

// separate puts the language's marks into plain digits.
func (l *language) separate(digits string, grouped bool) string {
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	if grouped && !strings.HasPrefix(whole, "0") {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + l.Grouping + whole[i:]
		}
	}
	if hasFraction {
		return whole + l.Decimal + fraction
	}
	return whole
}
