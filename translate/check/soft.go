package check

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"yeok/translate/language"
)

// The checks of this file only warn: translators do right what they object to too
// often. On 1,007 NTREX sentences quotes warn 1 to 11 times a language, hedges 1 to 7.

// quote warns when the source quotes and the translation does not.
func quote(p *pair) {
	if p.targetLetters.quotes == 0 && p.sourceLetters.quotes > 0 && strings.ContainsAny(p.Source, `"“”「」`) {
		p.report(Quote, Warning, Span{}, Span{}, "The source quotes, and the translation has no quotation marks.")
	}
}

// hedge warns when the source ends in hearsay or expectation and the translation
// holds no word of either: a claim may have become a fact.
func hedge(p *pair) {
	koreanHedges().find(lastSentence(p.Source), func(h tableWord) bool {
		if !containsAny(p.lower, p.language.Hedges) {
			p.report(Hedge, Warning, Span{}, Span{}, "The source says %s, and the translation states it as a fact.", "“"+h.text+"…”")
		}
		return false
	})
}

var koreanHedges = sync.OnceValue(func() *wordTable { return newWordTable(nil, language.Korean().Hedges) })

// headlineStyle warns of a full stop at the end of a headline or in it, and of the
// Korean … between two facts. Measured on eval/headlines: all of them found, no
// alarm on good ones.
func headlineStyle(p *pair) {
	if !p.headline() {
		return
	}
	text := strings.TrimSpace(p.Target)
	if FullStop(p.language, p.Source, text) {
		p.report(Headline, Warning, Span{}, all(p.target), "A headline has no full stop.")
	} else if at := p.sentenceBreak(); at >= 0 {
		p.report(Headline, Warning, Span{}, Span{at, at + 1}, "The source is one headline, and the translation is two sentences.")
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
func FullStop(target *language.Language, source, headline string) bool {
	text := strings.TrimRight(headline, " ”’」』\"")
	switch source = strings.TrimRight(source, " ”’\"'"); {
	case strings.HasSuffix(source, "."), strings.HasSuffix(text, ".."):
		return false
	case strings.HasSuffix(text, "。"):
		return true
	}
	return strings.HasSuffix(text, ".") && !abbreviation(target, text)
}

// sentenceBreak is where a full stop stands inside the translation although its
// source has none inside, -1 if nowhere.
func (p *pair) sentenceBreak() int {
	source := strings.TrimRight(p.Source, closers+".")
	if strings.Contains(source, ". ") || strings.Contains(source, ".”") || strings.Contains(source, ".\"") {
		return -1
	}
	for i, c := range p.target {
		if c == '。' && strings.Trim(string(p.target[i+1:]), closers) != "" {
			return i
		}
		if c != '.' {
			continue
		}
		rest := strings.TrimLeft(string(p.target[i+1:]), "”’\"'")
		next := strings.TrimLeft(rest, " “‘\"'")
		first, _ := utf8.DecodeRuneInString(next)
		if len(next) < len(rest) && (unicode.IsUpper(first) || unicode.IsDigit(first)) && !abbreviation(p.language, string(p.target[:i+1])) {
			return i
		}
	}
	return -1
}

// abbreviation reports whether the stop at the end of text belongs to one: U.S., a
// name's initial, or a word of the language's list.
func abbreviation(l *language.Language, text string) bool {
	word := strings.TrimSuffix(text[strings.LastIndexAny(text, " “‘(\"")+1:], ".")
	return strings.Contains(word, ".") || isInitial(word) || slices.Contains(l.Abbreviations, strings.ToLower(word))
}

func isInitial(word string) bool {
	c, size := utf8.DecodeRuneInString(word)
	return size == len(word) && unicode.IsUpper(c)
}
