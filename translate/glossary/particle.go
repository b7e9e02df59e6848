package glossary

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	_ "embed"
)

//go:embed data/particles.txt
var particleData string

// particles are what may be glued to a noun, longest first.
var particles = sync.OnceValue(func() [][]rune {
	var list [][]rune
	for line := range strings.Lines(particleData) {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.Fields(line) {
			list = append(list, []rune(word))
		}
	}
	slices.SortFunc(list, func(a, b []rune) int { return len(b) - len(a) })
	return list
})

// beginsWord reports whether a word begins at runes[i]: no letter of the same
// script runs into it.
func beginsWord(runes []rune, i int) bool {
	return i == 0 || !sameWord(runes[i-1], runes[i])
}

// endsWord reports whether the word runes[start:end] ends there, or with
// particles up to the next break. A term of one syllable takes no particle: 이가,
// 안은 and 한과 are words of their own.
func endsWord(runes []rune, start, end int) bool {
	if end == len(runes) || !sameWord(runes[end-1], runes[end]) {
		// Between scripts a word may end, but Latin glued to Hangul is one name: LG전자.
		return end == len(runes) || !isWord(runes[end]) || isHangul(runes[end]) && particled(runes, end) || !isHangul(runes[end]) && !isHangul(runes[end-1])
	}
	return isHangul(runes[end]) && end-start > 1 && particled(runes, end)
}

// particled reports whether runes[i:] up to the end of the Hangul run is made of
// at most three particles.
func particled(runes []rune, i int) bool {
	end := i
	for end < len(runes) && isHangul(runes[end]) {
		end++
	}
	for range 3 {
		n := particleAt(runes[i:end])
		if n == 0 {
			return false
		}
		if i += n; i == end {
			return true
		}
	}
	return false
}

// particleAt is the length of the longest particle at the beginning of run.
func particleAt(run []rune) int {
	for _, p := range particles() {
		if len(run) >= len(p) && slices.Equal(run[:len(p)], p) {
			return len(p)
		}
	}
	return 0
}

// sameWord reports whether two neighbouring letters belong to one word.
func sameWord(a, b rune) bool {
	return isWord(a) && isWord(b) && isHangul(a) == isHangul(b)
}

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

func isHangul(c rune) bool { return '가' <= c && c <= '힣' }
