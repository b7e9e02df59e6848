package check

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordLists are the lists of a data file by what stands before their colon. Words
// are divided by commas.
func wordLists(data string) map[string][]string {
	lists := make(map[string][]string)
	for line := range strings.Lines(data) {
		kind, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok && line[0] != '#' {
			lists[kind] = strings.Split(strings.TrimRight(list, ","), ", ")
		}
	}
	return lists
}

// wordTable finds many words in one pass over a text.
type wordTable struct {
	first runeSet // the letters with which words begin
	words map[rune][]tableWord
}

// tableWord is a word in lower case.
type tableWord struct {
	text string
	open bool // a word in Latin letters that may go on
	sure bool // of the first list, and a Korean one begins a word
}

// newWordTable is the table of two lists. A * behind a word in Latin letters lets it
// go on.
func newWordTable(sure, other []string) *wordTable {
	t := &wordTable{words: make(map[rune][]tableWord)}
	for _, word := range sure {
		t.add(word, true)
	}
	for _, word := range other {
		t.add(word, false)
	}
	return t
}

func (t *wordTable) add(word string, sure bool) {
	text, open := strings.CutSuffix(word, "*")
	c, _ := utf8.DecodeRuneInString(text)
	t.first.add(c)
	t.words[c] = append(t.words[c], tableWord{text, open, sure})
}

// find calls found for every word of text, which is in lower case, until it returns
// false. Words in Latin letters stand alone, others are parts of words too.
func (t *wordTable) find(text string, found func(word tableWord) bool) {
	before := ' '
	for i, c := range text {
		if t.first.has(c) {
			for _, w := range t.words[c] {
				if strings.HasPrefix(text[i:], w.text) && w.stands(c, before, text[i+len(w.text):]) && !found(w) {
					return
				}
			}
		}
		before = c
	}
}

// stands reports whether the word, which begins with first, may stand between
// before and behind.
func (w tableWord) stands(first, before rune, behind string) bool {
	if !unicode.Is(unicode.Latin, first) {
		return !w.sure || !isHangul(first) || !isHangul(before)
	}
	after, _ := utf8.DecodeRuneInString(behind)
	return !unicode.IsLetter(before) && (w.open || !unicode.IsLetter(after))
}
