package check

import (
	"strings"
	"sync"
	"unicode/utf8"

	_ "embed"
)

var (
	//go:embed data/koreannames.txt
	koreanNameData string
	//go:embed data/hantitles.txt
	hanTitleData string
)

// sections are the words of a data file by the word and colon before them.
func sections(data string) map[string]map[string]bool {
	parts := make(map[string]map[string]bool)
	for line := range strings.Lines(data) {
		kind, words, ok := strings.Cut(line, ":")
		if !ok || line[0] == '#' {
			continue
		}
		if parts[kind] == nil {
			parts[kind] = make(map[string]bool)
		}
		for _, word := range strings.Fields(words) {
			parts[kind][word] = true
		}
	}
	return parts
}

// koreanNames is what Korean names are made of: "surname", "rare", "given", "weak"
// and "not".
var koreanNames = sync.OnceValue(func() map[string]map[string]bool { return sections(koreanNameData) })

// beginsSurname holds the syllables with which a surname begins.
var beginsSurname = sync.OnceValue(func() *runeSet {
	first := new(runeSet)
	for _, kind := range []string{"surname", "rare"} {
		for surname := range koreanNames()[kind] {
			c, _ := utf8.DecodeRuneInString(surname)
			first.add(c)
		}
	}
	return first
})

// hanTitles are titles by language.
var hanTitles = sync.OnceValue(func() map[string]map[string]bool { return sections(hanTitleData) })

// person is a Korean person whom the source names in full.
type person struct {
	span    Span
	name    []rune // surname and given name, in Hangul
	surname int    // syllables of it
	hanja   []rune // as the source gives them, nil if it does not
}

// people are the persons whom the source names by surname, a given name of two
// syllables, and a title behind them: 이도윤 회장, 이도윤 새벽전자 대표, 이도윤씨.
func (p *pair) people() []person { return p.read.people() }

func findPeople(text []rune, words []heard) []person {
	var list []person
	for i := range words {
		found, ok := fullName(&words[i])
		if !ok {
			continue
		}
		found.hanja = hanjaBehind(text, found.span.End)
		if found.hanja != nil || found.titledBy(words[i].text[len(found.name):], words[i+1:]) {
			list = append(list, found)
		}
	}
	return list
}

// fullName is the name with which a word begins.
func fullName(w *heard) (person, bool) {
	if len(w.text) < 3 || !beginsSurname().has(w.text[0]) {
		return person{}, false
	}
	names := koreanNames()
	for _, surname := range []int{2, 1} {
		n := surname + 2
		if len(w.text) < n || !names["surname"][string(w.text[:surname])] && !names["rare"][string(w.text[:surname])] || !names["given"][string(w.text[n-2])] || !names["given"][string(w.text[n-1])] {
			continue
		}
		if names["not"][string(w.text[:n])] || isCommon(w.text) {
			return person{}, false
		}
		if rest := string(w.text[n:]); rest != "" && !endings()[rest] && !beginsWithTitle(w.text[n:]) {
			continue
		}
		return person{span: Span{w.span.Start, w.span.Start + n}, name: w.text[:n], surname: surname}, true
	}
	return person{}, false
}

// titledBy reports whether a title stands directly behind the name, or, for one
// that is hardly a word, behind one word more.
func (n *person) titledBy(rest []rune, next []heard) bool {
	names := koreanNames()
	last := string(n.name[len(n.name)-1:])
	switch {
	case len(rest) > 0:
		return rest[0] == '씨' || beginsWithTitle(rest)
	case last == "한" || last == "의":
		return false
	case len(next) > 0 && next[0].title():
		return true
	case names["weak"][last] || names["rare"][string(n.name[:n.surname])]:
		return false
	}
	return len(next) > 1 && next[1].title() && !isCommon(next[0].text) && len(next[0].text) > 1
}

func beginsWithTitle(text []rune) bool {
	h := heard{text: text}
	return h.title()
}

// hanjaBehind are the characters in brackets at i: 이도윤(李道允).
func hanjaBehind(text []rune, i int) []rune {
	if i >= len(text) || text[i] != '(' && text[i] != '（' {
		return nil
	}
	end := i + 1
	for end < len(text) && isIdeograph(text[end]) {
		end++
	}
	if n := end - i - 1; n < 2 || n > 4 || end == len(text) || text[end] != ')' && text[end] != '）' && text[end] != ',' && text[end] != '·' {
		return nil
	}
	return text[i+1 : end]
}
