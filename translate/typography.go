package translate

import (
	"strings"
	"unicode"

	"yeok/translate/language"
)

// typography sets the marks that a language writes and a model may have typed
// from a keyboard. It only swaps marks for marks of the same meaning, and only
// where they cannot be part of a number, a name or a code.
type typography struct {
	open, close string        // of a quotation
	wide        map[rune]rune // full-width forms, for marks after Han or kana
}

func typographyOf(l *language.Language) typography {
	switch l.Script {
	case language.Han:
		return typography{"“", "”", map[rune]rune{',': '，', '.': '。', '?': '？', '!': '！', ':': '：', ';': '；'}}
	case language.Japanese:
		return typography{"「", "」", map[rune]rune{',': '、', '，': '、', '.': '。', '?': '？', '!': '！'}}
	default:
		return typography{open: "“", close: "”"}
	}
}

func (t typography) normalise(text string) string {
	return t.quotations(t.widened(text))
}

// quotations gives straight double quotes a direction. An odd number of them
// cannot be paired: one may mean inches.
func (t typography) quotations(text string) string {
	if n := strings.Count(text, `"`); n == 0 || n%2 == 1 {
		return text
	}
	var b strings.Builder
	opened := false
	for _, c := range text {
		switch {
		case c != '"':
			b.WriteRune(c)
		case opened:
			b.WriteString(t.close)
			opened = false
		default:
			b.WriteString(t.open)
			opened = true
		}
	}
	return b.String()
}

// widened gives marks after Han and kana their full width, together with the
// space behind them, which full-width marks bring along.
func (t typography) widened(text string) string {
	if len(t.wide) == 0 {
		return text
	}
	runes := []rune(text)
	out := make([]rune, 0, len(runes))
	for i := 0; i < len(runes); i++ {
		wide, ok := t.wide[runes[i]]
		if !ok || i == 0 || !isIdeographic(runes[i-1]) || (i+1 < len(runes) && isASCIIWord(runes[i+1])) {
			out = append(out, runes[i])
			continue
		}
		out = append(out, wide)
		if i+2 < len(runes) && runes[i+1] == ' ' && isIdeographic(runes[i+2]) {
			i++
		}
	}
	return string(out)
}

func isIdeographic(c rune) bool {
	return unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

func isASCIIWord(c rune) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '/' || c == '.'
}
