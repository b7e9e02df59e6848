package translate

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"yeok/translate/check"
	"yeok/translate/glossary"
)

// addTerms finds the glossary terms of every unit: those that hold at the time of
// publication, have a translation into the language with that code, and occur.
//
// An article is searched as one text, because the contexts that tell homographs
// apart may stand in another paragraph; independent strings one by one.
func addTerms(units []*unit, entries []glossary.Entry, code string, at time.Time, independent bool) {
	var usable []glossary.Entry
	for _, e := range entries {
		if e.Target(code) != "" && e.Valid(at) {
			usable = append(usable, e)
		}
	}
	if len(usable) == 0 {
		return
	}
	if !independent {
		matchTerms(units, usable, code)
		return
	}
	for i := range units {
		matchTerms(units[i:i+1], usable, code)
	}
}

func matchTerms(units []*unit, entries []glossary.Entry, code string) {
	texts := make([]string, len(units))
	for i, u := range units {
		texts[i] = u.text
	}
	end, next := 0, 0 // code points of the joined text that belong to units before next
	for _, hit := range glossary.Match(entries, strings.Join(texts, "\n")) {
		for hit.Start >= end {
			end += utf8.RuneCountInString(texts[next]) + len("\n")
			next++
		}
		u := units[next-1]
		u.terms = appendTerm(u.terms, check.Term{Source: hit.Entry.Source, Target: hit.Entry.Target(code), Strict: hit.Entry.Strict})
	}
}

// appendTerm adds a term that is not there yet; few occur in one text.
func appendTerm(terms []check.Term, term check.Term) []check.Term {
	if slices.Contains(terms, term) {
		return terms
	}
	return append(terms, term)
}
