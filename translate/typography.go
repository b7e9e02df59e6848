package translate

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"yeok/translate/check"
	"yeok/translate/language"
)

// typography sets a translation the way its language does: quotation marks, marks
// of the right width, ellipses, spaces, the decimal comma. What the rules are
// stands in the language's file.
//
// It only swaps marks for marks. No letter, no markup token, no address, no term
// of the glossary and no number's value changes by it; a rule that would change one
// is not applied. Setting a text again changes nothing.
type typography struct {
	*language.Language
}

func typographyOf(l *language.Language) typography { return typography{l} }

// setting is the place that a text is set for.
type setting struct {
	headline bool
	source   string       // in Korean
	terms    []check.Term // whose targets stay as they are
}

// mostRounds bounds how often the rules are gone through; one may prepare what
// another one mends.
const mostRounds = 6

// set is text by the rules of the house, text itself where they do not settle.
func (t typography) set(text string, in setting) string {
	now := text
	for range mostRounds {
		next := t.round(now, in)
		if next == now {
			return t.checked(text, now)
		}
		now = next
	}
	return text
}

// checked is set, unless the whole of it says something else than text: then text.
func (t typography) checked(text, set string) string {
	if set == text {
		return text
	}
	before, after := []rune(token.ReplaceAllString(text, "")), []rune(token.ReplaceAllString(set, ""))
	if !faithful(t.Language, before, after) {
		return text
	}
	return set
}

// round goes once through the rules.
func (t typography) round(text string, in setting) string {
	s := shield(text, in.terms)
	if s == nil {
		return text
	}
	line := typesetter{Language: t.Language, setting: in, text: s.text}
	for _, rule := range rules {
		if next := rule(&line); !slices.Equal(next, line.text) && faithful(t.Language, bare(line.text), bare(next)) {
			line.text = next
		}
	}
	return s.restore(line.text)
}

// typesetter is one text on its way through the rules.
type typesetter struct {
	*language.Language
	setting
	text []rune
}

// rules are the rules in the order in which they are gone through.
var rules = [...]func(*typesetter) []rune{
	(*typesetter).foreign,
	(*typesetter).ellipses,
	(*typesetter).widened,
	(*typesetter).bracketed,
	(*typesetter).quoted,
	(*typesetter).spaced,
	(*typesetter).decimals,
	(*typesetter).joined,
	(*typesetter).endless,
}

// faithful reports whether next says what text says: the same letters and shielded
// parts, and the same numbers by value.
func faithful(l *language.Language, text, next []rune) bool {
	if !slices.Equal(letters(text), letters(next)) {
		return false
	}
	return slices.EqualFunc(l.Quantities(string(text)), l.Quantities(string(next)), func(a, b language.Quantity) bool {
		return a.Value == b.Value && a.Vague == b.Vague
	})
}

// letters are the runes of text that no rule may touch.
func letters(text []rune) []rune {
	return slices.DeleteFunc(slices.Clone(text), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) && c < firstToken
	})
}

// bare is text without markup tokens.
func bare(text []rune) []rune {
	return slices.DeleteFunc(slices.Clone(text), isMarkupToken)
}

// Signs that stand for what is shielded: code points for private use, in two
// planes of their own.
const (
	firstToken = 0xF0000  // markup tokens, through which the rules look
	firstOther = 0x100000 // the rest, which is a word to them
)

func isMarkupToken(c rune) bool { return firstToken <= c && c < firstOther }

// shielded is a text whose parts that no rule may touch are one sign each.
type shielded struct {
	text          []rune
	tokens, other []string
}

// untouchable matches addresses, handles, tags, and code.
var untouchable = regexp.MustCompile("(?:[a-zA-Z][a-zA-Z0-9+.-]*://|www\\.)[!-;=?-~]+[\\w/]" +
	`|[\w.%+-]+@[\w-]+(?:\.[\w-]+)+|[@#][\w]{2,}` +
	"|`[^`]*`" + `|\w[\w.]*\([ -'*-~]*\)|[\w.-]*\w[_\\=/{}\[\]|][\w.\\=/{}\[\]|()-]*\w`)

// mayHoldUntouchable reports whether untouchable could match: it is a slow expression,
// and hardly a sentence of news has one of the marks without which it does not.
func mayHoldUntouchable(text string) bool {
	return strings.ContainsAny(text, "/@#`(_\\={}[]|") || strings.Contains(text, "www.")
}

// shield takes the parts out, nil where the text holds signs of private use
// itself.
func shield(text string, terms []check.Term) *shielded {
	if strings.ContainsFunc(text, func(c rune) bool { return c >= firstToken }) {
		return nil
	}
	s := &shielded{}
	if strings.Contains(text, "<") {
		text = token.ReplaceAllStringFunc(text, func(part string) string { return s.sign(&s.tokens, firstToken, part) })
	}
	for _, term := range terms {
		for wording := range strings.SplitSeq(term.Target, "|") {
			if strings.ContainsFunc(wording, isTouchable) && strings.Contains(text, wording) {
				text = strings.ReplaceAll(text, wording, s.sign(&s.other, firstOther, wording))
			}
		}
	}
	if mayHoldUntouchable(text) {
		text = untouchable.ReplaceAllStringFunc(text, func(part string) string { return s.sign(&s.other, firstOther, part) })
	}
	s.text = []rune(text)
	return s
}

func isTouchable(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }

// sign is the sign for a part, the part itself when there are too many.
func (s *shielded) sign(parts *[]string, first rune, part string) string {
	const most = 0x10000 - 2 // of a plane, less its last two
	if len(*parts) >= most {
		return part
	}
	*parts = append(*parts, part)
	return string(first + rune(len(*parts)-1))
}

// restore puts the parts back. A part may itself hold signs of those that were
// taken out before it.
func (s *shielded) restore(text []rune) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case c >= firstOther:
			b.WriteString(s.restore([]rune(s.other[c-firstOther])))
		case c >= firstToken:
			b.WriteString(s.tokens[c-firstToken])
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
