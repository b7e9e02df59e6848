package check

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	_ "embed"
)

//go:embed data/deaths.txt
var deathData string

// deathWords are the words that say that somebody died, by language and kind, as
// in "en sure".
var deathWords = sync.OnceValue(func() map[string][]string {
	words := make(map[string][]string)
	for line := range strings.Lines(deathData) {
		kind, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok && line[0] != '#' {
			words[kind] = strings.Split(list, ", ")
		}
	}
	return words
})

// death finds a translation in which somebody dies who does not in the source, or
// the other way round: a small model makes the dead of the hurt. Measured on 1,007
// NTREX sentences: 1 alarm in Japanese and in Vietnamese, where the one text leaves
// open what the other says.
func death(p *pair) {
	source, code := strings.ToLower(p.Source), p.language.Code
	inSource, inTarget := saysDeath(source, "ko"), saysDeath(p.lower, code)
	if word := inTarget.sure; word != "" && !inSource.any {
		p.report(Novelty, Error, Span{}, p.find(p.target, word), "The translation says that somebody died, and the source does not.")
	}
	if word := inSource.sure; word != "" && !inTarget.any {
		p.report(Novelty, Error, p.find(p.source, word), Span{}, "The source says that somebody died, and the translation does not.")
	}
}

// dying is what a text says of death: its first sure word, and whether it has any.
type dying struct {
	sure string
	any  bool
}

func saysDeath(text, code string) dying {
	var d dying
	for _, word := range deathWords()[code+" sure"] {
		if hasWord(text, word, true) {
			d = dying{strings.TrimSuffix(word, "*"), true}
			break
		}
	}
	for _, word := range deathWords()[code+" any"] {
		d.any = d.any || hasWord(text, word, false)
	}
	return d
}

// hasWord reports whether text, in lower case, holds the word: in Latin letters as
// a whole word, or with a * as the beginning of one. A sure word of Korean begins
// one too: 사망, not 통신사망.
func hasWord(text, word string, sure bool) bool {
	word, open := strings.CutSuffix(word, "*")
	first, _ := utf8.DecodeRuneInString(word)
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(word)
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		after, _ := utf8.DecodeRuneInString(text[end:])
		switch {
		case unicode.Is(unicode.Latin, first):
			if !unicode.IsLetter(before) && (open || !unicode.IsLetter(after)) {
				return true
			}
		case !sure || !isHangul(first) || !isHangul(before):
			return true
		}
		from = end
	}
}

// find is where the word, in lower case, stands first in a text that holds it.
func (p *pair) find(text []rune, word string) Span {
	lower := strings.ToLower(string(text))
	i := strings.Index(lower, word)
	if i < 0 {
		return Span{}
	}
	start := utf8.RuneCountInString(lower[:i])
	end := min(start+utf8.RuneCountInString(word), len(text))
	return Span{min(start, end), end}
}
