package check

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	_ "embed"
)

//go:embed data/plainwords.txt
var plainWordData string

//go:embed data/nameparts.txt
var namePartData string

// plainWords are English words that stand in capitals without being the name of a
// person: institutions, places that Korean has its own names for, titles.
var plainWords = sync.OnceValue(func() map[string]bool { return set(fields(plainWordData)) })

// nameParts are the words of nameparts.txt by their kind.
var nameParts = sync.OnceValue(func() map[string]map[string]bool {
	parts := make(map[string]map[string]bool)
	for line := range strings.Lines(namePartData) {
		if kind, words, ok := strings.Cut(line, ":"); ok && line[0] != '#' {
			parts[kind] = set(strings.Fields(words))
		}
	}
	return parts
})

func set(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, word := range words {
		m[word] = true
	}
	return m
}

// latinWord is a word of the target in Latin letters.
type latinWord struct {
	span  Span
	text  []rune // without the sign of the possessive
	lower string // of a word in capitals
	next  bool   // only a space parts it from the word before
	start bool   // begins a sentence
}

// latinWords takes the target apart. Only words in capitals are looked at twice,
// so that a long text costs little.
func (p *pair) latinWords() []latinWord {
	words := make([]latinWord, 0, len(p.target)/6)
	end := 0
	for i := 0; i < len(p.target); {
		if !isLetter(p.target[i]) {
			i++
			continue
		}
		stop := p.wordEnd(i)
		w := latinWord{span: Span{i, stop}, text: p.target[i:stop], start: len(words) == 0 || slices.ContainsFunc(p.target[end:i], opensCapital)}
		w.next = i == end+1 && end > 0 && p.target[end] == ' '
		if w.capital() {
			w.text = bare(w.text)
			w.span.End = i + len(w.text)
			w.lower = strings.ToLower(string(w.text))
		}
		words = append(words, w)
		i, end = stop, stop
	}
	return words
}

func (w *latinWord) capital() bool { return unicode.IsUpper(w.text[0]) }

func isLetter(c rune) bool {
	if c < 0x80 {
		return 'a' <= c|0x20 && c|0x20 <= 'z'
	}
	return unicode.IsLetter(c)
}

// wordEnd is where the word that begins at i ends; hyphens and apostrophes within
// it are part of it.
func (p *pair) wordEnd(i int) int {
	for ; i < len(p.target); i++ {
		c := p.target[i]
		inner := (c == '\'' || c == '’' || c == '-') && i+1 < len(p.target) && isLetter(p.target[i+1])
		if !inner && !isLetter(c) {
			break
		}
	}
	return i
}

// bare is word without the sign of the possessive.
func bare(word []rune) []rune {
	if n := len(word); n > 2 && word[n-1] == 's' && (word[n-2] == '\'' || word[n-2] == '’') {
		return word[:n-2]
	}
	return word
}

// latinNames are runs of two to four capitalised words without Vietnamese marks,
// none of them a plain word, that are not the title of a work.
func (p *pair) latinNames(words []latinWord) []properName {
	var names []properName
	for i := 0; i < len(words); {
		end := nameEnd(words, i, p.language.Code == "vi")
		if end == i {
			i++
			continue
		}
		run := words[i:end]
		if len(run) >= 2 && len(run) <= 4 && p.mayBePerson(words, i, end) {
			names = append(names, newLatinName(run))
		}
		i = end
	}
	return names
}

// nameEnd is where the run of name words ends that begins at words[i].
func nameEnd(words []latinWord, i int, vietnamese bool) int {
	end := i
	for end < len(words) && (end == i || words[end].next) {
		w := &words[end]
		switch {
		case end == i && !w.capital():
			return end
		case vietnamese && nameParts()["vietnamese"][w.lower]:
			return end
		case w.isName(), w.isKoreanSurname(words[end+1:]):
		case end+1 < len(words) && words[end+1].next && words[end+1].isName() && nameParts()["link"][strings.ToLower(string(w.text))] && (end > i || w.capital()):
		default:
			return end
		}
		end++
	}
	return end
}

// isName reports whether the word may be part of a person's name: one capital and
// small letters, no Vietnamese mark, no plain word.
func (w *latinWord) isName() bool {
	if len(w.text) < 2 || !w.capital() || !unicode.IsLower(w.text[len(w.text)-1]) || slices.ContainsFunc(w.text, isVietnamese) {
		return false
	}
	return !plainWords()[w.lower] && smallWords()[w.lower] == "" && !strings.HasPrefix(w.lower, "i'") && !strings.HasPrefix(w.lower, "i’")
}

// isKoreanSurname reports whether the word is one because of the given name behind
// it: Park Min-jae.
func (w *latinWord) isKoreanSurname(rest []latinWord) bool {
	return len(rest) > 0 && rest[0].next && w.capital() && nameParts()["korean"][w.lower] && rest[0].hyphened()
}

// hyphened reports whether the word is written as Korean given names are: Min-jae.
func (w *latinWord) hyphened() bool {
	i := slices.Index(w.text, '-')
	return i > 0 && i+1 < len(w.text) && unicode.IsUpper(w.text[0]) && unicode.IsLower(w.text[i+1])
}

// mayBePerson tells a person from what else is written in capitals: an institution
// with a plain word behind it, something behind an article, the title of a work in
// quotation marks, a Vietnamese name of a place.
func (p *pair) mayBePerson(words []latinWord, i, end int) bool {
	if end < len(words) && words[end].next && words[end].capital() {
		return false
	}
	if i > 0 && words[i].next {
		before := &words[i-1]
		if article := string(before.text); article == "the" || article == "a" || article == "an" {
			return false
		}
		if !before.start && before.capital() && slices.ContainsFunc(before.text, isVietnamese) && !nameParts()["titles"][string(before.text)] {
			return false
		}
	}
	start, stop := words[i].span.Start, words[end-1].span.End
	quoted := start > 0 && isQuote(p.target[start-1]) && stop < len(p.target) && (isQuote(p.target[stop]) || stop+1 < len(p.target) && isQuote(p.target[stop+1]))
	return !quoted
}

func isQuote(c rune) bool { return strings.ContainsRune(`"“”‘’「」『』《》«»`, c) }

func newLatinName(run []latinWord) properName {
	n := properName{span: Span{run[0].span.Start, run[len(run)-1].span.End}}
	for i := range run {
		if i == 0 || i == len(run)-1 || run[i].capital() && !nameParts()["link"][run[i].lower] {
			n.add(string(run[i].text), latinSound(run[i].text))
		}
	}
	n.korean = nameParts()["korean"][run[0].lower] && (run[1].hyphened() || len(run) == 3)
	return n
}

// spokenLatin are the words in capitals with their sounds, if there is a name to be
// judged beside them.
func spokenLatin(words []latinWord, names []properName) []spoken {
	if len(names) == 0 {
		return nil
	}
	var list []spoken
	for i := range words {
		if words[i].capital() {
			list = append(list, spoken{words[i].span, latinSound(words[i].text)})
		}
	}
	return list
}

// glossLost finds a person whose name the source gives in Latin letters behind the
// Hangul, 팀 로웰(Tim Lowell), and of whom the translation has no word.
func (p *pair) glossLost(words []latinWord) bool {
	for open := 2; open < len(p.source); open++ {
		if p.source[open] != '(' && p.source[open] != '（' || !isHangul(p.source[open-1]) {
			continue
		}
		end := open + 1
		for end < len(p.source) && (p.source[end] == ' ' || p.source[end] == '-' || p.source[end] == '\'' || p.source[end] == '.' || unicode.Is(unicode.Latin, p.source[end])) {
			end++
		}
		if end == len(p.source) || p.source[end] != ')' && p.source[end] != '）' {
			continue
		}
		gloss := &pair{Segment: p.Segment, language: p.language, target: p.source[open+1 : end]}
		if list := gloss.latinWords(); isPerson(list) && !shares(words, list) {
			p.report(NameCheck, Error, Span{open + 1, end}, Span{}, "%s is not in the translation.", string(p.source[open+1:end]))
			return true
		}
	}
	return false
}

// isPerson reports whether words are two or three that may be a person's name.
func isPerson(words []latinWord) bool {
	return len(words) >= 2 && len(words) <= 3 && !slices.ContainsFunc(words, func(w latinWord) bool { return !w.isName() || len(w.text) < 2 })
}

// shares reports whether one of the words occurs in the text, whatever its accents.
func shares(text, words []latinWord) bool {
	for i := range words {
		if slices.ContainsFunc(text, func(w latinWord) bool { return unaccented(w.lower) == unaccented(words[i].lower) }) {
			return true
		}
	}
	return false
}

// unaccented is s without the accents of European languages.
func unaccented(s string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x80 {
			return c
		}
		for base, letters := range accented {
			if strings.ContainsRune(letters, c) {
				return base
			}
		}
		return c
	}, s)
}

var accented = map[rune]string{
	'a': "àáâãäåā", 'c': "çćč", 'e': "èéêëēę", 'i': "ìíîïī", 'n': "ñńň", 'o': "òóôõöøō", 's': "śšş", 'u': "ùúûüū", 'y': "ýÿ", 'z': "źżž", 'g': "ğ", 'l': "ł",
}
