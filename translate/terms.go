package translate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"yeok/article"
	"yeok/translate/check"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

// house is the built-in name authority, ready to be matched.
var house = sync.OnceValue(func() *glossary.Glossary {
	g, err := glossary.New(glossary.Names())
	if err != nil { // a test would have failed
		g, _ = glossary.New(nil)
	}
	return g
})

// known are the names of the house by target language, for the checks.
var known = sync.OnceValue(func() map[string]*check.Entities {
	byCode := make(map[string]*check.Entities)
	for _, l := range language.Targets() {
		var list []check.Entity
		for _, e := range glossary.Known() {
			if target := e.Target(l.Code); target != "" {
				list = append(list, check.Entity{Source: e.Source, Forms: strings.Split(target, "|"), Kind: e.Kind})
			}
		}
		byCode[l.Code] = check.NewEntities(list)
	}
	return byCode
})

// KnownEntities are the names of the built-in authority in a target language, for
// checks outside a translation.
func KnownEntities(target *language.Language) *check.Entities { return known()[target.Code] }

// houseVersion is a hash of the authority: part of the keys of whole answers, so
// that those need no search for its names.
var houseVersion = sync.OnceValue(func() string {
	k := newKey("house")
	for _, e := range house().Entries() {
		k.add(e.Source, fmt.Sprint(e.ValidFrom, e.ValidUntil))
		k.addList(e.Contexts)
		for _, code := range slices.Sorted(maps.Keys(e.Targets)) {
			k.add(code, e.Targets[code])
		}
	}
	return k.sum()
})

// terminology is what finds the terms of one request.
type terminology struct {
	code    string // of the target
	at      time.Time
	entries []glossary.Entry // the caller's that hold
	own     map[string]bool  // their sources: the house has no say about them
}

// addTerms finds the terms of every unit: entries that hold at the time of
// publication, have a translation into the target, and occur. Names that the
// caller's glossary does not know are those of the house, all soft. The units are
// those of r.
func (req Request) addTerms(r *Reading, units []*unit, withHouse bool) {
	t := terminology{code: req.Target.Code, at: req.Article.PublishTime, own: make(map[string]bool)}
	for _, e := range req.Glossary {
		if t.holds(&e) {
			t.entries = append(t.entries, e)
			t.own[squeezed(e.Source)] = true
		}
	}
	if !withHouse && len(t.entries) == 0 {
		return
	}
	for i, searched := range r.searched(units) {
		var house []glossary.Hit
		if withHouse {
			house = r.house()[i]
		}
		t.match(searched, house)
	}
}

func (t terminology) holds(e *glossary.Entry) bool { return e.Target(t.code) != "" && e.Valid(t.at) }

func squeezed(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }

// textOf is what is searched for terms.
func textOf(units []*unit) string {
	texts := make([]string, len(units))
	for i, u := range units {
		texts[i] = u.text
	}
	return strings.Join(texts, "\n")
}

func (t terminology) match(units []*unit, house []glossary.Hit) {
	var hits []glossary.Hit
	if len(t.entries) > 0 {
		hits = glossary.Match(t.entries, textOf(units))
	}
	hits = t.withHouse(hits, house)
	end, next := 0, 0 // code points of the joined text that belong to units before next
	for _, hit := range hits {
		for hit.Start >= end {
			end += utf8.RuneCountInString(units[next].text) + len("\n")
			next++
		}
		u := units[next-1]
		u.terms = appendTerm(u.terms, check.Term{Source: hit.Entry.Source, Target: hit.Entry.Target(t.code), Strict: hit.Entry.Strict})
	}
}

// withHouse adds the hits of the house where the caller has none. They hold by the
// day, as keys do.
func (t terminology) withHouse(own, house []glossary.Hit) []glossary.Hit {
	if !t.at.IsZero() {
		year, month, day := t.at.In(article.KST).Date()
		t.at = time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	var hits []glossary.Hit
	for _, hit := range house {
		for len(own) > 0 && own[0].End <= hit.Start {
			hits, own = append(hits, own[0]), own[1:]
		}
		if (len(own) == 0 || own[0].Start >= hit.End) && t.holds(hit.Entry) && !t.own[squeezed(hit.Entry.Source)] {
			hits = append(hits, hit)
		}
	}
	return append(hits, own...)
}

// appendTerm adds a term that is not there yet; few occur in one text.
func appendTerm(terms []check.Term, term check.Term) []check.Term {
	if slices.Contains(terms, term) {
		return terms
	}
	return append(terms, term)
}
