package check

import (
	"strings"

	"yeok/translate/language"
)

// refusal finds a model that declines or apologises instead of translating. A
// source that apologises itself, or speaks of translating, may say the same.
// Measured on 1,007 NTREX sentences: no alarm in any language.
func refusal(p *pair) {
	const reach = 160 // a refusal says so at once
	text := strings.TrimLeft(firstRunes(p.lower, reach), " \t\n*\"“'")
	for _, phrase := range p.language.Refusals {
		if strings.Contains(text, phrase) && !containsAny(p.Source, []string{"번역", "언어 모델", "언어모델", "챗GPT", "챗봇"}) {
			p.report(Refusal, Error, Span{}, all(p.target), "The model declined instead of translating: %q.", phrase)
			return
		}
	}
	for _, phrase := range p.language.Apologies {
		if strings.HasPrefix(text, phrase) && !containsAny(p.Source, language.Korean().Apologies) {
			p.report(Refusal, Error, Span{}, all(p.target), "The translation apologises, and the source does not: %q.", phrase)
			return
		}
	}
}

// firstRunes is text up to its first n runes.
func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
