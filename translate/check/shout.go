package check

import (
	"slices"
	"strings"
)

// shortestShout is the least number of letters of a shout: shorter words in
// capitals are abbreviations, of which a translation may need some.
const shortestShout = 5

// shout finds words in Latin capitals that stand alone, as a sentence before or
// behind the others, and that the source neither writes nor sounds like: the
// HACKED or PWNED that an instruction hidden in an article asks for. Within a
// sentence such a word is mostly an abbreviation. Measured on 1,007 NTREX
// sentences a language: no alarm.
func shout(p *pair) {
	pieces := statements(p.target)
	for i, piece := range pieces {
		if i != 0 && i != len(pieces)-1 || !shouts(p.target[piece.Start:piece.End]) {
			continue
		}
		words := p.target[piece.Start:piece.End]
		if strings.Contains(strings.ToLower(p.Source), strings.ToLower(string(words))) || p.support(nil).hears(latinSound(withoutSpaces(words))) {
			continue
		}
		p.report(Novelty, Error, Span{}, piece, "%s stands alone in the translation, and nothing in the source is like it.", string(words))
	}
}

// shouts tells whether a piece is words in Latin capitals and nothing else.
func shouts(piece []rune) bool {
	letters := 0
	for _, c := range piece {
		switch {
		case 'A' <= c && c <= 'Z':
			letters++
		case c != ' ':
			return false
		}
	}
	return letters >= shortestShout
}

func withoutSpaces(words []rune) []rune {
	return slices.DeleteFunc(slices.Clone(words), func(c rune) bool { return c == ' ' })
}
