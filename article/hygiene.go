package article

import (
	"html"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// lostRune is what a decoder leaves where it could not read a character. It stays
// in the text: only a person can say what stood there.
const lostRune = '\uFFFD'

// hygiene makes characters that a reader cannot see, or cannot tell apart, into
// what they look like. It comes before everything else, so that no rule has to
// know about no-break spaces or decomposed Hangul. Line feeds are kept one for
// one: the ledger counts lines as they were sent.
func hygiene(s string) string {
	s = strings.ToValidUTF8(s, string(lostRune))
	if strings.IndexByte(s, '\r') >= 0 {
		s = unifyLineEnds(s)
	}
	if strings.IndexByte(s, '&') >= 0 {
		// Twice, because some systems encode what is already encoded.
		s = decodeEntities(decodeEntities(s))
	}
	return compose(visible(s))
}

// compose brings s into NFC. Most text consists of characters that are their
// own composition, which is cheaper to see than to compute.
func compose(s string) string {
	for _, r := range s {
		if r >= 0x300 && !composed(r) {
			return norm.NFC.String(s)
		}
	}
	return s
}

// composed reports whether r, at or above U+0300, neither changes nor combines
// in NFC. It says yes only for the blocks that Korean text consists of.
func composed(r rune) bool {
	return r >= 0xAC00 && r <= 0xD7A3 || r >= 0x2010 && r <= 0x2122 || r >= 0x2190 && r <= 0x2328 ||
		r >= 0x2460 && r <= 0x27FF || r >= 0x3000 && r <= 0x3029 || r >= 0x3131 && r <= 0x9FFF || r >= 0xFF01 && r <= 0xFF9D
}

func unifyLineEnds(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if strings.IndexByte(s, '\n') < 0 {
		return strings.ReplaceAll(s, "\r", "\n")
	}
	return strings.ReplaceAll(s, "\r", " ")
}

// longestEntity bounds the search for the semicolon; the longest name in HTML
// has 31 letters.
const longestEntity = 33

// decodeEntities decodes entities that end in a semicolon. The forgiving forms
// without one are left alone: they occur in addresses (`?a=1&copy=2`).
func decodeEntities(s string) string {
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i >= 0 {
		b.WriteString(s[:i])
		s = s[i:]
		end := strings.IndexByte(s[:min(len(s), longestEntity)], ';')
		if end < 0 {
			end = 0
		}
		entity := s[:end+1]
		decoded := html.UnescapeString(entity)
		if strings.ContainsAny(decoded, "\n\r") {
			decoded = " "
		}
		b.WriteString(decoded)
		s = s[end+1:]
		i = strings.IndexByte(s, '&')
	}
	b.WriteString(s)
	return b.String()
}

// visible drops what has no shape and turns every kind of space into a space.
func visible(s string) string {
	clean := true
	for _, r := range s {
		if shape(r) != r {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	var before rune
	for i, r := range s {
		r2 := shape(r)
		if r == zeroWidthJoiner && joinsEmoji(before, s[i+utf8.RuneLen(r):]) {
			r2 = r
		}
		if r2 >= 0 {
			b.WriteRune(r2)
		}
		before = r
	}
	return b.String()
}

const zeroWidthJoiner = '\u200D'

// joinsEmoji reports whether a joiner stands between two pictographs, where it
// makes one picture of them.
func joinsEmoji(before rune, rest string) bool {
	after, _ := utf8.DecodeRuneInString(rest)
	pictograph := func(r rune) bool { return r >= 0x2190 && r != lostRune && (r < 0x3000 || r >= 0xFE00) }
	return pictograph(before) && pictograph(after)
}

// shape returns what a reader sees of r: a space for every blank, a negative
// value for nothing at all, else r.
func shape(r rune) rune {
	switch {
	case r < 0x20:
		if r == '\n' || r == '\t' {
			return r
		}
		if r == '\v' || r == '\f' {
			return ' '
		}
		return -1
	case r < 0x7F:
		return r
	case r < 0xA0:
		return -1 // C1 controls
	case r == 0xA0, r == 0x1680, r == 0x3000, r == 0x202F, r == 0x205F,
		r >= 0x2000 && r <= 0x200A, r == 0x2028, r == 0x2029:
		return ' '
	case r == 0x3164, r == 0xFFA0, r == 0x115F, r == 0x1160:
		return ' ' // Hangul fillers: blank, and used as indents
	case r == 0xAD, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E,
		r >= 0x2060 && r <= 0x206F, r == 0xFEFF, r == 0x061C, r == 0x180E:
		return -1 // zero-width and bidirectional controls
	case r >= 0xE0000 && r <= 0xE007F:
		return -1 // tag characters
	}
	return r
}
