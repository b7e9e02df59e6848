package check

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	_ "embed"
)

// This file hears the words of the source: their sounds, where a name in them may
// end, and whether they may be a name at all.

//go:embed data/commonwords.txt
var commonWordData string

//go:embed data/endings.txt
var endingData string

// fields are the words of a data file, its comments left out.
func fields(data string) []string {
	var words []string
	for line := range strings.Lines(data) {
		if !strings.HasPrefix(line, "#") {
			words = append(words, strings.Fields(line)...)
		}
	}
	return words
}

//go:embed data/titles.txt
var titleData string

// titles are Korean titles and offices.
var titles = sync.OnceValue(func() map[string]bool { return set(fields(titleData)) })

// endings are what may be glued to a Korean name: particles, titles, suffixes.
var endings = sync.OnceValue(func() map[string]bool { return set(fields(endingData)) })

// commonWords maps common words to whether anything may follow.
var commonWords = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool)
	for _, word := range fields(commonWordData) {
		stem, open := strings.CutSuffix(word, "*")
		set[stem] = set[stem] || open
	}
	return set
})

// heard is a word of the source.
type heard struct {
	span   Span
	text   []rune
	sounds sound
	ends   []int // numbers of sounds at which a name in it may end, the least first
	common bool  // no name
}

// heard are the words of the source, taken apart when first asked for. Their sounds
// are not known yet.
func (p *pair) heard() []heard { return p.read.words() }

// heardSigns are the people of a headline's hanja, each by name and all together by
// their surnames: 趙·安 are チョ・アン.
func (p *pair) heardSigns() []heard {
	var words []heard
	var surnames []rune
	for _, sign := range p.Signs {
		if name := []rune(sign.Meaning); sign.Person && len(name) > 0 {
			words = append(words, heard{text: name})
			surnames = append(surnames, name[0])
		}
	}
	if len(surnames) == 0 {
		return nil
	}
	return append(words, heard{text: surnames})
}

// hear takes the words of a Korean text apart: those in Hangul, and those in Latin
// letters that begin with a capital.
func hear(text []rune) []heard {
	words := make([]heard, 0, len(text)/4)
	for start := 0; start < len(text); {
		end := start
		switch c := text[start]; {
		case isHangul(c):
			for end < len(text) && isHangul(text[end]) {
				end++
			}
			words = append(words, heard{span: Span{start, end}, text: text[start:end]})
		case unicode.IsUpper(c):
			for end < len(text) && unicode.Is(unicode.Latin, text[end]) {
				end++
			}
			words = append(words, heard{span: Span{start, end}, text: text[start:end]})
		}
		start = max(start+1, end)
	}
	return words
}

// listen finds out how the words sound.
func listen(words []heard) {
	for i := range words {
		if h := &words[i]; h.ends == nil {
			h.listen()
		}
	}
}

func (h *heard) listen() {
	if !isHangul(h.text[0]) {
		h.sounds = latinSound(h.text)
		h.ends, h.common = []int{len(h.sounds)}, len(h.sounds) == 0
		return
	}
	h.sounds, h.common = hangulSound(h.text), isCommon(h.text)
	for n := 1; n < len(h.text); n++ {
		if endings()[string(h.text[n:])] {
			h.ends = append(h.ends, len(hangulSound(h.text[:n])))
		}
	}
	h.ends = append(h.ends, len(h.sounds))
}

// isCommon reports whether a word is a common one, with or without an ending.
func isCommon(word []rune) bool {
	for n := 1; n <= len(word); n++ {
		open, known := commonWords()[string(word[:n])]
		if known && (open || n == len(word) || endings()[string(word[n:])]) {
			return true
		}
	}
	return false
}

// unlike is the least cost of making the name out of the word, up to one of the
// places at which a name in it may end.
func (h *heard) unlike(name sound) int { return distance(name, h.sounds, h.ends) }

// joined is the word together with the one behind it, as one name of two words.
func (h *heard) joined(next *heard) heard {
	j := heard{span: Span{h.span.Start, next.span.End}, sounds: slices.Concat(h.sounds, next.sounds)}
	for _, end := range next.ends {
		j.ends = append(j.ends, len(h.sounds)+end)
	}
	return j
}

// title reports whether the word is a title that is written behind a name.
func (h *heard) title() bool {
	for n := len(h.text); n > 1; n-- {
		if titles()[string(h.text[:n])] {
			return true
		}
	}
	return string(h.text[:1]) == "씨"
}

// beginsWith reports whether the word begins with one of the given.
func (h *heard) beginsWith(begins []string) bool {
	return slices.ContainsFunc(begins, func(b string) bool { return strings.HasPrefix(string(h.text), b) })
}
