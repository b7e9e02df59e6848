// Package glossary finds the terms and names of a glossary in Korean text.
//
// The one idea to know: Korean glues particles to its words and spaces them as
// it likes, so a term is found where its letters stand in order with any spacing,
// where no other word runs into it from the left, and where what follows on the
// right is nothing, or a particle or ending. Of terms that overlap the longest
// wins.
package glossary

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Entry is one term with its translations.
type Entry struct {
	Source         string            // Korean, as a dictionary would list it
	Targets        map[string]string // by language code
	Kind           string            // company, party, ministry, person, country, city; "" where names of its kind are not told apart
	Strict         bool              // the translation must hold the target; otherwise it should
	DoNotTranslate bool              // the source itself is the target in every language
	Contexts       []string          // when set, the term is meant only in a text that holds one of these (가자 the place)
	NotAfter       []string          // not meant behind these words
	ValidFrom      time.Time         // zero: always was
	ValidUntil     time.Time         // zero: still is; the first moment at which it is not
}

// Target is what a translation into the language should hold, "" when the entry
// does not say.
func (e *Entry) Target(code string) string {
	if e.DoNotTranslate {
		return e.Source
	}
	return e.Targets[code]
}

// Valid reports whether the entry holds at that time. The zero time is now and
// ever: only entries without an end hold.
func (e *Entry) Valid(at time.Time) bool {
	if at.IsZero() {
		return e.ValidUntil.IsZero()
	}
	return !at.Before(e.ValidFrom) && (e.ValidUntil.IsZero() || at.Before(e.ValidUntil))
}

// Hit is a place at which an entry stands.
type Hit struct {
	Entry      *Entry
	Start, End int // code points, without the particle
}

// The errors of New.
var (
	// ErrSource is returned when an entry has no source, or one without a letter.
	ErrSource = errors.New("glossary: an entry needs a source with letters")
	// ErrTarget is returned when an entry has neither targets nor DoNotTranslate.
	ErrTarget = errors.New("glossary: an entry needs a target")
	// ErrConflict is returned when two entries of one source hold at one time and
	// differ in a target.
	ErrConflict = errors.New("glossary: two entries contradict each other")
)

// Glossary is a set of entries, ready to be matched. It is safe for concurrent
// use.
type Glossary struct {
	entries []Entry
	root    *node
}

// New makes a glossary. All that is wrong with the entries is reported at once.
func New(entries []Entry) (*Glossary, error) {
	var errs []error
	bySource := make(map[string][]*Entry, len(entries))
	for i := range entries {
		e := &entries[i]
		if err := e.validate(); err != nil {
			errs = append(errs, fmt.Errorf("entry %d %q: %w", i, e.Source, err))
			continue
		}
		key := squeeze(e.Source)
		for _, other := range bySource[key] {
			if e.contradicts(other) {
				errs = append(errs, fmt.Errorf("entry %d %q: %w", i, e.Source, ErrConflict))
			}
		}
		bySource[key] = append(bySource[key], e)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return build(entries), nil
}

// Match finds the entries that occur in text, from left to right and without
// overlap. Entries that New would refuse are passed over.
func Match(entries []Entry, text string) []Hit {
	return build(entries).Match(text)
}

func (e *Entry) validate() error {
	if !strings.ContainsFunc(e.Source, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }) {
		return ErrSource
	}
	if e.DoNotTranslate {
		return nil
	}
	for _, target := range e.Targets {
		if strings.TrimSpace(target) != "" {
			return nil
		}
	}
	return ErrTarget
}

func (e *Entry) contradicts(other *Entry) bool {
	if len(e.Contexts)+len(other.Contexts)+len(e.NotAfter)+len(other.NotAfter) > 0 || !e.overlaps(other) {
		return false
	}
	if e.DoNotTranslate != other.DoNotTranslate {
		return true
	}
	for code, target := range e.Targets {
		if theirs, both := other.Targets[code]; both && theirs != target {
			return true
		}
	}
	return false
}

// overlaps reports whether there is a time at which both entries hold.
func (e *Entry) overlaps(other *Entry) bool {
	ends := func(until, from time.Time) bool { return !until.IsZero() && !from.Before(until) }
	return !ends(e.ValidUntil, other.ValidFrom) && !ends(other.ValidUntil, e.ValidFrom)
}

// squeeze is s without spaces and in lower case: the form in which terms are
// compared.
func squeeze(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(s), ""))
}
