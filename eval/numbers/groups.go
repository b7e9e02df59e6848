package numbers

import (
	"fmt"
	"strings"
)

// group is a word for a power of ten.
type group struct {
	value int64
	word  string
}

var (
	koreanGroups     = []group{{1_000_000_000_000, "조"}, {100_000_000, "억"}, {10_000, "만"}}
	japaneseGroups   = []group{{1_000_000_000_000, "兆"}, {100_000_000, "億"}, {10_000, "万"}}
	chineseGroups    = []group{{1_000_000_000_000, "万亿"}, {100_000_000, "亿"}, {10_000, "万"}}
	englishGroups    = []group{{1_000_000_000_000, " trillion"}, {1_000_000_000, " billion"}, {1_000_000, " million"}}
	vietnameseGroups = []group{{1_000_000_000_000, " nghìn tỷ"}, {1_000_000_000, " tỷ"}, {1_000_000, " triệu"}}
)

// korean writes n group by group: 2조5000억, or 2조 5,000억.
func korean(n int64, variant int) string {
	if variant == 0 {
		return chained(n, koreanGroups, "", "")
	}
	return chained(n, koreanGroups, " ", ",")
}

// written writes n as newspapers of the language do, in one of two ways.
func written(code string, n int64, variant int) string {
	switch code {
	case "ja":
		return chained(n, japaneseGroups, "", [...]string{"", ","}[variant])
	case "zh-Hans":
		if variant == 1 && n >= 1_000_000_000_000 { // 2万5000亿
			return chained(n/100_000_000, []group{{10_000, "万"}}, "", "") + "亿"
		}
		return scaled(n, chineseGroups, "", ".")
	case "en":
		return scaled(n, englishGroups, ",", ".")
	}
	groups := vietnameseGroups
	if variant == 1 { // 2.500 tỷ
		groups = vietnameseGroups[1:]
	}
	return scaled(n, groups, ".", ",")
}

// chained writes n group by group.
func chained(n int64, groups []group, space, sign string) string {
	var parts []string
	for _, g := range groups {
		if n >= g.value {
			parts = append(parts, threes(n/g.value, sign)+g.word)
			n %= g.value
		}
	}
	if n > 0 {
		parts = append(parts, threes(n, sign))
	}
	return strings.Join(parts, space)
}

// scaled writes n in its largest group, with decimals.
func scaled(n int64, groups []group, sign, point string) string {
	for _, g := range groups {
		if n < g.value {
			continue
		}
		decimals := strings.TrimRight(fmt.Sprintf("%0*d", len(fmt.Sprint(g.value))-1, n%g.value), "0")
		whole := threes(n/g.value, sign)
		if decimals == "" {
			return whole + g.word
		}
		return whole + point + decimals + g.word
	}
	return threes(n, sign)
}

// threes writes n with a sign between groups of three digits.
func threes(n int64, sign string) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + sign + digits[i:]
	}
	return digits
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
