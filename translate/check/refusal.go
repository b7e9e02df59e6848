package check

import (
	"slices"
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
	if sentence := p.declining(); sentence != "" {
		p.report(Refusal, Error, Span{}, all(p.target), "The model declined after it had translated: %q.", sentence)
	}
}

// declining is a sentence that both apologises and declines, "" if there is none.
// Anywhere in the text it is a model's, unless the source apologises. Models fall
// back to English, of which two such phrases in another language are enough.
func (p *pair) declining() string {
	english, _ := language.Lookup("en")
	if containsAny(p.Source, language.Korean().Apologies) {
		return ""
	}
	if i := slices.IndexFunc(english.Refusals, p.says); p.language != english && i >= 0 && slices.ContainsFunc(english.Apologies, p.says) {
		return english.Refusals[i]
	}
	if !containsAny(p.lower, p.language.Refusals) {
		return ""
	}
	for sentence := range strings.FieldsFuncSeq(p.lower, isStop) {
		sentence = strings.TrimLeft(sentence, " \t\n*\"“'")
		if hasAnyPrefix(sentence, p.language.Apologies) && containsAny(sentence, p.language.Refusals) {
			return sentence
		}
	}
	return ""
}

func (p *pair) says(phrase string) bool { return strings.Contains(p.lower, phrase) }

func hasAnyPrefix(text string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
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
