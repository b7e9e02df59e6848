package glossary

import (
	"slices"
	"strings"
	"unicode"
)

// node is one letter of the tree of all sources. Text is walked through it from
// every letter, at most as deep as the longest source, so matching is linear in
// the text and does not depend on how many entries there are.
type node struct {
	next    map[rune]*node
	entries []*Entry // that end here
}

func build(entries []Entry) *Glossary {
	g := &Glossary{entries: slices.Clone(entries), root: &node{}}
	for i := range g.entries {
		e := &g.entries[i]
		if e.validate() != nil {
			continue
		}
		at := g.root
		for _, c := range squeeze(e.Source) {
			if at.next == nil {
				at.next = make(map[rune]*node)
			}
			if at.next[c] == nil {
				at.next[c] = &node{}
			}
			at = at.next[c]
		}
		at.entries = append(at.entries, e)
	}
	return g
}

// Entries are the entries of the glossary, in the order given to New.
func (g *Glossary) Entries() []Entry { return slices.Clone(g.entries) }

// Match finds the entries that occur in text, from left to right and without
// overlap; of entries that begin at one letter the longest is taken. Validity in
// time is the caller's to ask.
func (g *Glossary) Match(text string) []Hit {
	var hits []Hit
	runes := []rune(text)
	for i := 0; i < len(runes); {
		found, end := g.longest(runes, i, text)
		if len(found) == 0 {
			i++
			continue
		}
		for _, e := range found {
			hits = append(hits, Hit{Entry: e, Start: i, End: end})
		}
		i = end
	}
	return hits
}

// longest finds the longest source at runes[start:] that is a word there, with
// all entries that share it and fit the text.
func (g *Glossary) longest(runes []rune, start int, text string) ([]*Entry, int) {
	if unicode.IsSpace(runes[start]) || !beginsWord(runes, start) {
		return nil, start
	}
	var found []*Entry
	end := start
	at := g.root
	for i := start; i < len(runes); i++ {
		if runes[i] == ' ' && i > start && runes[i-1] != ' ' {
			continue // 더불어 민주당
		}
		if at = at.next[unicode.ToLower(runes[i])]; at == nil {
			break
		}
		if len(at.entries) == 0 || !endsWord(runes, start, i+1) {
			continue
		}
		if fitting := fits(at.entries, runes, start, text); len(fitting) > 0 {
			found, end = fitting, i+1
		}
	}
	return found, end
}

// fits are the entries whose contexts allow them at start.
func fits(entries []*Entry, runes []rune, start int, text string) []*Entry {
	var fitting []*Entry
	for _, e := range entries {
		if len(e.Contexts) > 0 && !slices.ContainsFunc(e.Contexts, func(c string) bool { return strings.Contains(text, c) }) {
			continue
		}
		if slices.ContainsFunc(e.NotAfter, func(w string) bool { return follows(runes, start, w) }) {
			continue
		}
		fitting = append(fitting, e)
	}
	return fitting
}

// follows reports whether word stands directly before start, a space aside.
func follows(runes []rune, start int, word string) bool {
	if start > 0 && runes[start-1] == ' ' {
		start--
	}
	w := []rune(word)
	return start >= len(w) && slices.Equal(runes[start-len(w):start], w)
}
