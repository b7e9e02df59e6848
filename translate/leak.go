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
type leaks map[string]bool

func leaksOf(system string) leaks {
	l := make(leaks)
	eachRun(system, func(run string) bool {
		l[run] = true
		return true
	})
	return l
}

// eachRun calls f with every run of leakWords words of text until f has enough.
func eachRun(text string, f func(run string) bool) {
	words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) })
	for i := 0; i+leakWords <= len(words); i++ {
		if !f(strings.Join(words[i:i+leakWords], " ")) {
			return
		}
	}
}

// leak finds the words of the prompt in a translation.
func (u *unit) leak(l leaks, translation string) (f check.Finding, found bool) {
	eachRun(translation, func(run string) bool {
		found = l[run]
		return !found
	})
	return u.doubt(check.Preamble, check.Error, "The translation repeats the prompt."), found
}
