package translate

import (
	"strings"
	"unicode"

	"yeok/translate/check"
)

// leakWords is how many words of the prompt in a row no translation has by chance.
const leakWords = 8

// leaks are all runs of that many words in the system message: an article can ask
// for it, and a weak model says it.
type leaks struct {
	runs  map[string]bool
	words map[string]bool // of any run
}

func leaksOf(system string) leaks {
	l := leaks{make(map[string]bool), make(map[string]bool)}
	words := wordsOf(system)
	for i := 0; i+leakWords <= len(words); i++ {
		l.runs[strings.Join(words[i:i+leakWords], " ")] = true
	}
	for _, word := range words {
		l.words[word] = true
	}
	return l
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) })
}

// in reports whether text has one of the runs. Few texts have as many words in a row
// that are the prompt's at all.
func (l leaks) in(text string) bool {
	words := wordsOf(text)
	known := 0
	for i, word := range words {
		if !l.words[word] {
			known = 0
			continue
		}
		if known++; known >= leakWords && l.runs[strings.Join(words[i+1-leakWords:i+1], " ")] {
			return true
		}
	}
	return false
}

// leak finds the words of the prompt in a translation.
func (u *unit) leak(l leaks, translation string) (f check.Finding, found bool) {
	return u.doubt(check.Preamble, check.Error, "The translation repeats the prompt."), l.in(translation)
}
