package check

import (
	"strings"
	"sync"
	"unicode"

	_ "embed"

	"yeok/translate/language"
)

// enough is the number of letters from which shares mean something, few that from
// which the lack of any letter of the script does.
const (
	enough = 12
	few    = 8
)

// script finds a translation in the wrong script or language. Measured on 1,007
// NTREX sentences: one alarm, on a Japanese one that quotes an English title.
func script(p *pair) {
	if wrong, at := p.wrongScript(p.targetLetters); wrong != "" {
		p.report(Script, Error, Span{}, at, "The translation is not in %s: %s.", p.language.Name, wrong)
	}
}

// wrongScript says what speaks against the target's script and where, "" when
// nothing does. Hangul has its own check.
func (p *pair) wrongScript(l letters) (string, Span) {
	share := func(n int) float64 { return float64(n) / float64(max(l.total, 1)) }
	if l.other > 3 && share(l.other) > 0.1 {
		return "part of it is in the script of another language", all(p.target)
	}
	switch p.language.Script {
	case language.Han:
		return p.notChinese(l, share)
	case language.Japanese:
		return p.notJapanese(l, share)
	case language.Vietnamese:
		if l.total >= enough && share(l.marked) < 0.05 && !p.borrowed(l) {
			return "it lacks the Vietnamese marks", all(p.target)
		}
	default:
		if l.total >= enough && share(l.marked) > 0.05 {
			return "it is in Vietnamese", all(p.target)
		}
		if p.otherLatin() {
			return "it is in another language of Latin letters", all(p.target)
		}
	}
	if l.han+l.kana > 0 && p.sourceLetters.han+p.sourceLetters.kana == 0 {
		return "it holds Chinese characters", p.first(func(c rune) bool { return isKana(c) || unicode.Is(unicode.Han, c) })
	}
	return "", Span{}
}

func (p *pair) notChinese(l letters, share func(int) float64) (string, Span) {
	switch {
	case l.kana > 0:
		return "it holds Japanese kana", p.first(isKana)
	case (l.total >= enough && share(l.han) < 0.03 || l.total >= few && l.han == 0) && !p.borrowed(l):
		return "it is in Latin letters", all(p.target)
	}
	if at := p.first(isTraditional); at.End > 0 {
		return "it holds a traditional or Japanese form", at
	}
	return p.latinRun()
}

func (p *pair) notJapanese(l letters, share func(int) float64) (string, Span) {
	switch {
	case (l.total >= enough && share(l.kana+l.han) < 0.1 || l.total >= few && l.kana+l.han == 0) && !p.borrowed(l):
		return "it is in Latin letters", all(p.target)
	case p.Role == Body && (l.han >= enough && share(l.kana) < 0.1 || l.han >= few && l.kana == 0 && p.sourceSize > few):
		return "it holds hardly any kana", all(p.target)
	}
	if at := p.first(isSimplified); at.End > 0 {
		return "it holds a simplified Chinese form", at
	}
	return p.latinRun()
}

// borrowed reports whether the source is in Latin letters itself, so that names
// may fill the translation.
func (p *pair) borrowed(l letters) bool {
	return p.sourceLetters.latin*4 >= l.latin*3
}

// first is where the first letter of a kind stands, the zero Span if none does.
func (p *pair) first(is func(rune) bool) Span {
	for i, c := range p.target {
		if c >= 0x80 && is(c) {
			return Span{i, i + 1}
		}
	}
	return Span{}
}

// mostLatinWords is how many Latin words may stand in a row in a Chinese or
// Japanese text without being a sentence that nobody translated.
const mostLatinWords = 14

// latinRun finds a Latin sentence that stands in the translation and not in the
// source.
func (p *pair) latinRun() (string, Span) {
	words, start := 0, 0
	for i := 0; i <= len(p.target); i++ {
		switch {
		case i < len(p.target) && isLatin(p.target[i]):
			if i == 0 || !isLatin(p.target[i-1]) {
				if words == 0 {
					start = i
				}
				words++
			}
		case i < len(p.target) && p.target[i] < 0x80:
		default:
			if words > mostLatinWords && !strings.Contains(p.Source, string(p.target[start:min(start+12, i)])) {
				return "a sentence of it is in Latin letters", Span{start, i}
			}
			words = 0
		}
	}
	return "", Span{}
}

func isLatin(c rune) bool { return unicode.Is(unicode.Latin, c) }

// otherLatin reports whether an English text holds more small words of another
// language than of its own.
func (p *pair) otherLatin() bool {
	own, other, words := 0, 0, 0
	for word := range strings.FieldsFuncSeq(p.lower, func(c rune) bool { return !unicode.IsLetter(c) && c != '\'' }) {
		words++
		switch smallWords()[word] {
		case "en":
			own++
		case "other":
			other++
		}
	}
	return words >= 5 && other > max(own, 1) && other*8 >= words
}

//go:embed data/traditional.txt
var traditionalData string

//go:embed data/simplified.txt
var simplifiedData string

//go:embed data/smallwords.txt
var smallWordData string

var traditional = sync.OnceValue(func() *runeSet { return readRunes(traditionalData) })

var simplified = sync.OnceValue(func() *runeSet { return readRunes(simplifiedData) })

// smallWords maps the commonest words of languages in Latin letters to "en" or
// "other".
var smallWords = sync.OnceValue(func() map[string]string {
	words := make(map[string]string)
	for line := range strings.Lines(smallWordData) {
		if name, list, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, "#") {
			for _, word := range strings.Fields(list) {
				words[word] = name
			}
		}
	}
	return words
})

func isTraditional(c rune) bool { return traditional().has(c) }

func isSimplified(c rune) bool { return simplified().has(c) }

// runeSet is a set of letters of the basic plane. It is a table, because it is asked
// about every letter of a text.
type runeSet [1 << 16 / 64]uint64

func (s *runeSet) add(c rune) {
	if 0 <= c && c < 1<<16 {
		s[c/64] |= 1 << (c % 64)
	}
}

func (s *runeSet) has(c rune) bool { return 0 <= c && c < 1<<16 && s[c/64]&(1<<(c%64)) != 0 }

// readRunes reads a file of characters; # begins a comment line.
func readRunes(data string) *runeSet {
	set := new(runeSet)
	for line := range strings.Lines(data) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, c := range strings.TrimSpace(line) {
			set.add(c)
		}
	}
	return set
}
