package check

import (
	"strings"

	"yeok/translate/language"
)

// The checks of this file only warn: translators do right what they object to too
// often. On 1,007 NTREX sentences quotes warn 1 to 11 times a language, hedges 1 to 7.

// quote warns when the source quotes and the translation does not.
func quote(p *pair) {
	const marks = `"“”‘’'「」『』《》〈〉«»„`
	if strings.ContainsAny(p.Source, `"“”「」`) && !strings.ContainsAny(p.Target, marks) {
		p.report(Quote, Warning, Span{}, Span{}, "The source quotes, and the translation has no quotation marks.")
	}
}

// hedge warns when the source ends in hearsay or expectation and the translation
// holds no word of either: a claim may have become a fact.
func hedge(p *pair) {
	tail := p.Source
	if i := strings.LastIndex(strings.TrimRight(tail, ".\"” \n"), ". "); i >= 0 {
		tail = tail[i:]
	}
	for _, h := range language.Korean().Hedges {
		if strings.Contains(tail, h) && !containsAny(p.lower, p.language.Hedges) {
			p.report(Hedge, Warning, Span{}, Span{}, "The source says %s, and the translation states it as a fact.", "“"+h+"…”")
			return
		}
	}
}

// headlineStyle warns of a full stop at the end of a headline, and of the Korean
// … between two facts.
func headlineStyle(p *pair) {
	if !p.headline() {
		return
	}
	text := strings.TrimSpace(p.Target)
	if FullStop(p.Source, text) {
		p.report(Headline, Warning, Span{}, all(p.target), "A headline has no full stop.")
	}
	for _, joint := range []string{"…", "..."} {
		if i := strings.Index(text, joint); i > 0 && strings.TrimRight(text[i:], ".…”’\"'」 ") != "" {
			p.report(Headline, Warning, Span{}, all(p.target), "Only Korean headlines join two facts with “…”.")
			return
		}
	}
}

// FullStop reports whether a translated headline ends in a full stop that is no
// part of an abbreviation and that its source has not.
func FullStop(source, headline string) bool {
	text := strings.TrimRight(headline, " ”’」』\"")
	switch source = strings.TrimRight(source, " ”’\"'"); {
	case strings.HasSuffix(source, "."), strings.HasSuffix(text, ".."):
		return false
	case strings.HasSuffix(text, "。"):
		return true
	}
	return strings.HasSuffix(text, ".") && !abbreviation(text)
}

// abbreviation reports whether the stop at the end of text belongs to one: U.S.
func abbreviation(text string) bool {
	word := text[strings.LastIndexByte(text, ' ')+1:]
	return strings.Count(word, ".") > 1 || len(word) <= 4 && word != strings.ToLower(word)
}
