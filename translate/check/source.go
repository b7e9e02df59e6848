package check

import (
	"slices"
	"sync"

	"yeok/translate/language"
)

// Source is a Korean text as the checks read it. It hangs on no target language, so
// that whoever checks several translations of a text reads it once. What only some
// checks want is read when they first ask. It is safe for concurrent use.
type Source struct {
	text       string
	runes      []rune
	size       int // characters, white space runs counted as one
	length     int // the same, as far as a translation will have it
	letters    letters
	quantities []language.Quantity

	labels   func() []language.Label
	words    func() []heard // their sounds are not known
	listened func() []heard // the same with their sounds
	people   func() []person
}

// ReadSource reads a Korean text.
func ReadSource(text string) *Source {
	s := &Source{text: text, runes: []rune(text)}
	s.quantities = language.Korean().Read(text, s.runes)
	s.size, s.letters = measure(s.runes)
	s.length = s.size - glossed(s.runes)
	s.labels = sync.OnceValue(func() []language.Label { return language.Korean().Labels(s.runes) })
	s.words = sync.OnceValue(func() []heard { return hear(s.runes) })
	s.listened = sync.OnceValue(func() []heard {
		words := slices.Clone(s.words())
		listen(words)
		return words
	})
	s.people = sync.OnceValue(func() []person { return findPeople(s.runes, s.words()) })
	return s
}

// Listen reads what only some checks want, for who has time before they ask.
func (s *Source) Listen() {
	if s != nil {
		s.labels()
		s.listened()
		s.people()
	}
}

// Numbers are those of the text. They are shared and must not be changed.
func (s *Source) Numbers() []language.Quantity { return s.quantities }
