package check

import (
	"strings"

	"yeok/translate/language"
)

// refusal finds a model that declines or apologises instead of translating. A
// source that apologises itself, or speaks of translating, may say the same.
func refusal(p *pair) {
	text := strings.ToLower(strings.TrimLeft(p.Target, " \t\n*\"“'"))
	text = strings.ReplaceAll(text, "’", "'")
	head := []rune(text)
	head = head[:min(len(head), 160)]
	for _, phrase := range p.language.Refusals {
		if strings.Contains(string(head), phrase) && !containsAny(p.Source, []string{"번역", "언어 모델", "언어모델", "챗GPT", "챗봇"}) {
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
