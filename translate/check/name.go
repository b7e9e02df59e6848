package check

import (
	"strings"
	"sync"
	"unicode"

	_ "embed"

	"yeok/translate/language"
)

//go:embed data/plainwords.txt
var plainWordData string

// plainWords are English words that stand in capitals without being the name of a
// person: institutions, places that Korean has its own names for, titles.
var plainWords = sync.OnceValue(func() map[string]bool {
	words := make(map[string]bool)
	for line := range strings.Lines(plainWordData) {
		if !strings.HasPrefix(line, "#") {
			for _, word := range strings.Fields(line) {
				words[word] = true
			}
		}
	}
	return words
})

// name finds a name of at least two words in the translation that nothing in the
// source sounds like: a model put another person in. Chinese is left out, because
// its characters do not tell the sound of a Korean name. Measured on 1,007 NTREX
// sentences: 4 alarms in English, 5 in Japanese and in Vietnamese, half of them
// names that the reference did invent; some 77, 80 and 82 % of replaced names found.
func name(p *pair) {
	var found []properName
	switch p.language.Script {
	case language.Latin, language.Vietnamese:
		if !p.titleCase() {
			found = p.latinNames()
		}
	case language.Japanese:
		found = p.kanaNames()
	}
	if len(found) == 0 {
		return
	}
	words := p.sourceSounds()
	for _, n := range found {
		if !p.supported(n, words) {
			p.report(NameCheck, Error, Span{}, n.span, "%s: nothing in the source sounds like this name.", string(p.target[n.span.Start:n.span.End]))
			return
		}
	}
}

// titleCase reports whether most words of the target have a capital, so that
// capitals tell nothing.
func (p *pair) titleCase() bool {
	words, capitals := 0, 0
	for i, c := range p.target {
		if unicode.IsLetter(c) && (i == 0 || !unicode.IsLetter(p.target[i-1]) && p.target[i-1] != '\'' && p.target[i-1] != '’') {
			words++
			if unicode.IsUpper(c) {
				capitals++
			}
		}
	}
	return 5*capitals > 3*words
}

// properName is a name in the target by its words.
type properName struct {
	span   Span
	words  []string
	sounds []sound
}

// shortest is the size a name's sound needs to be told from another's.
const shortest = 12

// supported reports whether the source holds the name: a word of it as it is
// written or by its sound, the last one (a text may leave the given name out) less
// exactly than the others, or all of it in one word, as Korean writes Korean names.
func (p *pair) supported(n properName, source []sound) bool {
	var whole sound
	for i, s := range n.sounds {
		whole = append(whole, s...)
		if strings.Contains(strings.ToLower(p.Source), strings.ToLower(n.words[i])) {
			return true
		}
		allowed := s.size() * alike / 100
		if i < len(n.sounds)-1 {
			allowed /= 2
		}
		for _, w := range source {
			if s.size() >= 4 && distance(s, w) <= allowed {
				return true
			}
		}
	}
	for _, w := range source { // 김도현, 샌디에이고
		if distance(whole, w) <= whole.size()*alike/100 {
			return true
		}
	}
	return whole.size() < shortest
}

// alike is the cost, in hundredths of a name's size, up to which two words sound
// alike.
const alike = 30

// sourceSounds are the sounds of the words of the source.
func (p *pair) sourceSounds() []sound {
	var list []sound
	for start := 0; start < len(p.source); start++ {
		if !isHangul(p.source[start]) {
			continue
		}
		end := start
		for end < len(p.source) && isHangul(p.source[end]) {
			end++
		}
		list = append(list, hangulSound(p.source[start:end]))
		start = end
	}
	return list
}

// latinNames are runs of two or more capitalised words without Vietnamese marks,
// none of them a plain word.
func (p *pair) latinNames() []properName {
	var names []properName
	var run properName
	flush := func() {
		if len(run.words) >= 2 && len(run.words) <= 3 {
			names = append(names, run)
		}
		run = properName{}
	}
	for i := 0; i < len(p.target); {
		if !unicode.IsLetter(p.target[i]) {
			if p.target[i] != ' ' || i+1 < len(p.target) && p.target[i+1] == ' ' {
				flush()
			}
			i++
			continue
		}
		end := p.wordEnd(i)
		word := p.target[i:end]
		switch {
		case isNameWord(word):
			if len(run.words) == 0 {
				run.span.Start = i
			}
			word = []rune(bare(string(word)))
			run.span.End = i + len(word)
			run.add(string(word), latinSound(word))
		case unicode.IsUpper(word[0]) && len(run.words) > 0:
			run = properName{} // a plain word behind it makes it an institution
		default:
			flush()
		}
		i = end
	}
	flush()
	return names
}

func (n *properName) add(word string, s sound) {
	n.words = append(n.words, word)
	n.sounds = append(n.sounds, s)
}

// wordEnd is where the word that begins at i ends; hyphens and apostrophes within
// it are part of it.
func (p *pair) wordEnd(i int) int {
	inner := func(k int) bool {
		return k+1 < len(p.target) && strings.ContainsRune("'’-", p.target[k]) && unicode.IsLetter(p.target[k+1])
	}
	for i < len(p.target) && (unicode.IsLetter(p.target[i]) || inner(i)) {
		i++
	}
	return i
}

// isNameWord reports whether word may be part of a person's name: one capital and
// small letters, no Vietnamese mark, no plain word.
func isNameWord(word []rune) bool {
	if len(word) < 2 || !unicode.IsUpper(word[0]) || !unicode.IsLower(word[len(word)-1]) {
		return false
	}
	for _, c := range word {
		if isVietnamese(c) {
			return false
		}
	}
	lower := strings.ToLower(bare(string(word)))
	return !plainWords()[lower] && smallWords()[lower] == ""
}

// bare is word without the sign of the possessive.
func bare(word string) string {
	return strings.TrimSuffix(strings.TrimSuffix(word, "'s"), "’s")
}

// kanaNames are katakana words with a middle dot between them.
func (p *pair) kanaNames() []properName {
	var names []properName
	for i := 0; i < len(p.target); i++ {
		if !isKatakana(p.target[i]) {
			continue
		}
		n := properName{span: Span{Start: i}}
		for i < len(p.target) && isKatakana(p.target[i]) {
			start := i
			for i < len(p.target) && isKatakana(p.target[i]) {
				i++
			}
			n.add(string(p.target[start:i]), kanaSound(p.target[start:i]))
			n.span.End = i
			if i < len(p.target) && (p.target[i] == '・' || p.target[i] == '＝') {
				i++
			}
		}
		if len(n.words) >= 2 && len(n.words) <= 3 && n.span.End-n.span.Start <= longestKana {
			names = append(names, n)
		}
	}
	return names
}

// longestKana is how long a name in katakana is; longer rows are loan words.
const longestKana = 14

func isKatakana(c rune) bool { return 'ァ' <= c && c <= 'ヺ' || c == 'ー' }
