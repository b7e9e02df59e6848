package translate

import (
	"slices"
	"strings"
	"unicode"

	"yeok/translate/check"
	"yeok/translate/language"
)

// This file holds the rules of the typesetter. Each returns the text as the rule
// wants it and leaves what it is not sure of.

// before is the rune in front of position i, markup aside; a space at the start.
func (s *typesetter) before(i int) rune {
	for i--; i >= 0; i-- {
		if !isMarkupToken(s.text[i]) {
			return s.text[i]
		}
	}
	return ' '
}

// after is the rune behind position i, markup aside; a space at the end.
func (s *typesetter) after(i int) rune {
	for i++; i < len(s.text); i++ {
		if !isMarkupToken(s.text[i]) {
			return s.text[i]
		}
	}
	return ' '
}

// ended reports whether nothing but markup and closing marks stands from i on.
func (s *typesetter) ended(i int) bool {
	for ; i < len(s.text); i++ {
		if !isMarkupToken(s.text[i]) && !isClosing(s.text[i]) && s.text[i] != ' ' {
			return false
		}
	}
	return true
}

// foreign puts the language's own marks for those of other scripts. Latin marks
// bring a space where the wide one brought its own.
func (s *typesetter) foreign() []rune {
	out := make([]rune, 0, len(s.text))
	for i, c := range s.text {
		own, ok := "", false
		if !isWord(c) { // no mark, and most of a text
			own, ok = s.Typography.Marks[string(c)]
		}
		if !ok {
			out = append(out, c)
			continue
		}
		before, after := s.before(i), s.after(i)
		if isDigit(before) && isDigit(after) {
			out = append(out, c)
			continue
		}
		if own == "(" && isWord(before) {
			out = append(out, ' ')
		}
		out = append(out, []rune(own)...)
		if !s.Typography.Unspaced && strings.Contains(",.?!:;)", own) && isWord(after) {
			out = append(out, ' ')
		}
	}
	return out
}

// ellipses makes one sign of rows of dots.
func (s *typesetter) ellipses() []rune {
	if s.Typography.Ellipsis == "" {
		return s.text
	}
	var out []rune
	for i := 0; i < len(s.text); {
		c, end := s.text[i], i+1
		for end < len(s.text) && s.text[end] == c {
			end++
		}
		row := c == '…' || end-i >= 3 && strings.ContainsRune(".。．・·⋯", c)
		if !row || isDigit(s.before(i)) && isDigit(s.after(end-1)) {
			out = append(out, s.text[i:end]...)
		} else {
			out = append(out, []rune(s.Typography.Ellipsis)...)
		}
		i = end
	}
	return out
}

// widened gives marks beside Han and kana their full width.
func (s *typesetter) widened() []rune {
	out := slices.Clone(s.text)
	for i, c := range s.text {
		if isWord(c) {
			continue
		}
		if wide, ok := s.Typography.Wide[string(c)]; ok && s.isWide(i) {
			out[i] = []rune(wide)[0]
		}
	}
	return out
}

// isWide reports whether the narrow mark at i belongs to the text and not to a
// number, a name or a code.
func (s *typesetter) isWide(i int) bool {
	c, before, after := s.text[i], s.before(i), s.after(i)
	behind := after
	if after == ' ' && i+1 < len(s.text) {
		behind = s.after(i + 1)
	}
	switch {
	case c == '.' && (before == '.' || after == '.'):
		return false
	case isIdeographic(before) || isClosing(before):
		return !isASCIIWord(after) && after != '/' || strings.ContainsRune(",，;!?", c) && !isDigit(after)
	case c == '.':
		return (isDigit(before) || before == '%') && !s.headline && s.ended(i+1) && slices.ContainsFunc(s.text, isIdeographic)
	case before == '%' || isWord(before):
		return isIdeographic(behind)
	}
	return false
}

// bracketed gives brackets around or beside Han and kana their full width, both
// of a pair or none.
func (s *typesetter) bracketed() []rune {
	if len(s.Typography.Brackets) < 2 {
		return s.text
	}
	out := slices.Clone(s.text)
	open := -1
	for i, c := range s.text {
		switch c {
		case '(', '（':
			open = i
		case ')', '）':
			if open >= 0 && (s.isWideBracket(open, i) || s.text[open] == '（' || c == '）') {
				out[open], out[i] = []rune(s.Typography.Brackets[0])[0], []rune(s.Typography.Brackets[1])[0]
			}
			open = -1
		}
	}
	return out
}

// isWideBracket reports whether the brackets at both positions belong to text in
// Han or kana. Those around digits alone may be part of a telephone number.
func (s *typesetter) isWideBracket(open, end int) bool {
	inside := s.text[open+1 : end]
	if !slices.ContainsFunc(inside, func(c rune) bool { return unicode.IsLetter(c) || c >= firstOther }) {
		return false
	}
	return slices.ContainsFunc(inside, isIdeographic) || isIdeographic(s.before(open)) || isClosing(s.before(open)) && isIdeographic(s.after(end))
}

// quoted sets quotation marks, if all of them are in pairs, and apostrophes.
func (s *typesetter) quoted() []rune {
	marks := s.Typography.Quotes
	if len(marks) < 4 {
		return s.text
	}
	plain := bare(s.text)
	pairs, loose := language.Quotations(plain)
	if len(loose) == 0 {
		s.setPairs(plain, pairs)
	}
	for i := 1; i+1 < len(plain); i++ {
		if plain[i] == '\'' && isLatinLetter(plain[i-1]) && isLatinLetter(plain[i+1]) {
			plain[i] = '’'
		}
	}
	out := make([]rune, 0, len(s.text)) // with the markup again
	for _, c := range s.text {
		if isMarkupToken(c) {
			out = append(out, c)
			continue
		}
		out = append(out, plain[0])
		plain = plain[1:]
	}
	return out
}

// setPairs writes the marks of the pairs into text: outer and inner ones in turn.
func (s *typesetter) setPairs(text []rune, pairs []language.Quotation) {
	inner := make([]bool, len(pairs))
	for i, p := range pairs {
		own := strings.ContainsRune(s.Typography.Own, text[p.Open])
		switch {
		case own:
			inner[i] = true
			continue
		case p.Outside >= 0:
			inner[i] = !inner[p.Outside]
		default:
			inner[i] = p.Single && s.Typography.Single
		}
		marks := s.Typography.Quotes[:2]
		if inner[i] {
			marks = s.Typography.Quotes[2:4]
		}
		text[p.Open], text[p.Close] = []rune(marks[0])[0], []rune(marks[1])[0]
	}
}

// spaced takes out spaces that the language does not set.
func (s *typesetter) spaced() []rune {
	out := make([]rune, 0, len(s.text))
	for i, c := range s.text {
		if c != ' ' || !s.needless(i) {
			out = append(out, c)
		}
	}
	return out
}

// needless reports whether the space at i is not set.
func (s *typesetter) needless(i int) bool {
	before, after := s.before(i), s.after(i)
	if i == 0 || i == len(s.text)-1 {
		return true
	}
	behind := s.second(i)
	switch {
	case before == ' ': // two of them
		return true
	case after == '%' && isDigit(before):
		return true
	case !s.Typography.Unspaced:
		return strings.ContainsRune(",;!?.:", after) && !isWord(behind) && behind != after && (isWord(before) || isClosing(before) || before == '%')
	case isFullWidth(before) || isFullWidth(after):
		return true
	case strings.ContainsRune("“‘”’", before):
		return isIdeographic(after)
	case strings.ContainsRune("“‘”’", after):
		return isIdeographic(before)
	case isIdeographic(before) && isASCIIWord(after):
		return !s.Numeral(before) && (!s.headline || s.enclosed(i, 1))
	case isASCIIWord(before) && isIdeographic(after):
		return !s.headline || s.enclosed(i, -1)
	}
	return false
}

// second is the rune behind the one behind i.
func (s *typesetter) second(i int) rune {
	for i++; i < len(s.text) && isMarkupToken(s.text[i]); i++ {
	}
	return s.after(i)
}

// enclosed reports whether the Latin words or digits beside the space at i have
// one on their other side too, where Han follows. In headlines a space alone parts
// clauses.
func (s *typesetter) enclosed(i, step int) bool {
	k := i + step
	for k >= 0 && k < len(s.text) && (isMarkupToken(s.text[k]) || s.text[k] != ' ' && !isIdeographic(s.text[k])) {
		k += step
	}
	if k < 0 || k >= len(s.text) || s.text[k] != ' ' {
		return false
	}
	if step < 0 {
		return isIdeographic(s.before(k)) && !s.Numeral(s.before(k))
	}
	return isIdeographic(s.after(k))
}

// joined puts the language's mark where Korean joined two facts of a headline
// with “…”.
func (s *typesetter) joined() []rune {
	if !s.headline || s.Typography.Joint == "" || !strings.Contains(s.source, "…") && !strings.Contains(s.source, "...") {
		return s.text
	}
	for i := 0; i < len(s.text); i++ {
		if s.text[i] != '…' {
			continue
		}
		start, end := i, i+1
		for end < len(s.text) && (s.text[end] == '…' || s.text[end] == ' ') {
			end++
		}
		for start > 0 && s.text[start-1] == ' ' {
			start--
		}
		before, after := s.before(start), s.after(end-1)
		parts := (isWord(before) || isClosing(before)) && (isWord(after) || isOpening(after)) && start > 0 && end < len(s.text)
		if parts && !(isDigit(before) && isDigit(after)) {
			return slices.Concat(s.text[:start], []rune(s.Typography.Joint), s.text[end:])
		}
		i = end - 1
	}
	return s.text
}

// endless takes the full stop off a headline.
func (s *typesetter) endless() []rune {
	if s.headline && check.FullStop(s.Language, s.source, string(s.text)) {
		for i := len(s.text) - 1; i >= 0; i-- {
			if c := s.text[i]; c == '.' || c == '。' {
				return slices.Delete(slices.Clone(s.text), i, i+1)
			}
		}
	}
	return s.text
}

func isIdeographic(c rune) bool {
	return c >= 0x2E80 && c < firstToken && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

func isASCIIWord(c rune) bool { return isDigit(c) || isLatinLetter(c) || c >= firstOther }

func isLatinLetter(c rune) bool { return unicode.Is(unicode.Latin, c) }

func isDigit(c rune) bool { return '0' <= c && c <= '9' }

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || c >= firstOther }

func isClosing(c rune) bool { return strings.ContainsRune("”’」』）)》〉\"", c) }

func isOpening(c rune) bool { return strings.ContainsRune("“‘「『（(《〈\"", c) }

// isFullWidth reports whether c is a mark that brings its own space.
func isFullWidth(c rune) bool {
	return strings.ContainsRune("，。、：；？！（）「」『』《》〈〉", c)
}
