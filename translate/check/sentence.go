package check

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file knows where sentences end, in all the languages at once: models mix
// their signs. What needs more to be sure (a headline's full stop, which may belong
// to an abbreviation) asks for more.

// isStop reports whether c ends a sentence.
func isStop(c rune) bool {
	switch c {
	case '.', '!', '?', '\n', '。', '！', '？':
		return true
	}
	return false
}

// setsApart reports whether what stands before c is a statement of its own: c ends
// it, or is a colon.
func setsApart(c rune) bool { return isStop(c) || c == ':' || c == '：' }

// opensCapital reports whether a word behind c has a capital whatever it is, as at
// the beginning of a sentence or of a quotation.
func opensCapital(c rune) bool {
	switch c {
	case '"', '“', '”', '‘', '(':
		return true
	}
	return setsApart(c)
}

// statements are the pieces of text that signs set apart, from letter to letter;
// pieces without a letter are none.
func statements(text []rune) []Span {
	var pieces []Span
	start := 0
	add := func(end int) {
		at := Span{start, end}
		for at.Start < at.End && !unicode.IsLetter(text[at.Start]) {
			at.Start++
		}
		for at.Start < at.End && !unicode.IsLetter(text[at.End-1]) {
			at.End--
		}
		if at.Start < at.End {
			pieces = append(pieces, at)
		}
		start = end + 1
	}
	for i, c := range text {
		if setsApart(c) {
			add(i)
		}
	}
	add(len(text))
	return pieces
}

// lastSentence is the last sentence of a Korean text. A stop within it, of a decimal
// or of a quotation that goes on, has no space behind it.
func lastSentence(text string) string {
	text = strings.TrimRight(text, closers+".!?")
	for end := len(text); end > 0; {
		i := strings.LastIndexFunc(text[:end], isStop)
		if i < 0 {
			break
		}
		stop, size := utf8.DecodeRuneInString(text[i:])
		if next, _ := utf8.DecodeRuneInString(text[i+size:]); stop == '\n' || unicode.IsSpace(next) {
			return text[i+size:]
		}
		end = i
	}
	return text
}

// ended reports whether text ends as a whole statement does, closing quotation
// marks and brackets aside.
func ended(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, closers))
	return setsApart(last) || last == '…'
}
