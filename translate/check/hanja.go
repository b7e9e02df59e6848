package check

import (
	"strings"
	"sync"

	_ "embed"
)

// This file reads Chinese characters aloud: as Korean does, syllable by syllable,
// and as Mandarin does, by the classes of sounds.

var (
	//go:embed data/hanja.txt
	hanjaData string
	//go:embed data/pinyin.txt
	pinyinData string
)

// The block of characters that the tables know.
const (
	firstHan = 0x4E00
	lastHan  = 0x9FFF
)

// readings holds up to four readings of each character.
type readings [lastHan - firstHan + 1][4]uint16

// koreanReadings holds Hangul syllables.
var koreanReadings = sync.OnceValue(func() *readings {
	var table readings
	for line := range strings.Lines(hanjaData) {
		reading, characters, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || line[0] == '#' {
			continue
		}
		for _, c := range characters {
			for k, r := range table[c-firstHan] {
				if r == 0 {
					table[c-firstHan][k] = uint16([]rune(reading)[0])
					break
				}
			}
		}
	}
	return &table
})

// mandarin is how Mandarin sounds.
type mandarin struct {
	syllables [lastHan - firstHan + 1]uint16 // by character, 0 for none
	sounds    []sound                        // by syllable
}

var mandarinReadings = sync.OnceValue(func() *mandarin {
	m := &mandarin{sounds: []sound{nil}}
	for line := range strings.Lines(pinyinData) {
		syllable, characters, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || line[0] == '#' {
			continue
		}
		m.sounds = append(m.sounds, pinyinSound(syllable))
		for _, c := range characters {
			m.syllables[c-firstHan] = uint16(len(m.sounds) - 1)
		}
	}
	return m
})

func isIdeograph(c rune) bool { return firstHan <= c && c <= lastHan }

// reads reports whether Korean may read the character as the syllable. 리 and 이,
// 녀 and 여, 로 and 노 count as one: which it is depends on the place in the word.
func reads(character, syllable rune) bool {
	if !isIdeograph(character) {
		return false
	}
	for _, r := range koreanReadings()[character-firstHan] {
		if r != 0 && (rune(r) == syllable || weakened(rune(r)) == weakened(syllable)) {
			return true
		}
	}
	return false
}

// weakened is the syllable with ㄹ and ㄴ at its head as ㅇ.
func weakened(syllable rune) rune {
	const (
		perInitial = 588
		n, l, none = 2, 5, 11
	)
	if syllable < '가' || syllable > '힣' {
		return syllable
	}
	initial := (syllable - '가') / perInitial
	if initial == n || initial == l {
		return syllable + (none-initial)*perInitial
	}
	return syllable
}

// hanSound is the sound of characters as Mandarin reads them.
func hanSound(text []rune) sound {
	m := mandarinReadings()
	var s sound
	for _, c := range text {
		if !isIdeograph(c) {
			continue
		}
		next := m.sounds[m.syllables[c-firstHan]]
		if len(s) > 0 && len(next) > 0 && s[len(s)-1] == next[0] && !vowel(next[0]) {
			next = next[1:] // 范恩, 밴
		}
		s = append(s, next...)
	}
	return s
}

// pinyinSound is the sound of a syllable of Pinyin. What Chinese writes to carry a
// consonant alone (特, 斯, 克) has no vowel.
func pinyinSound(syllable string) sound {
	switch syllable {
	case "er":
		return sound{'L'}
	case "te", "de":
		return sound{'T'}
	case "si", "ci", "zi", "shi", "chi", "zhi":
		return sound{'S'}
	case "ke", "ge":
		return sound{'K'}
	case "fu", "pu", "bu":
		return sound{'P'}
	case "mu":
		return sound{'M'}
	case "le":
		return sound{'L'}
	}
	var s sound
	rest := syllable
	for _, initial := range []struct {
		letters string
		class   byte
	}{{"zh", 'S'}, {"ch", 'S'}, {"sh", 'S'}, {"b", 'P'}, {"p", 'P'}, {"f", 'P'}, {"m", 'M'}, {"d", 'T'}, {"t", 'T'}, {"n", 'N'}, {"l", 'L'}, {"r", 'L'}, {"g", 'K'}, {"k", 'K'}, {"h", 0}, {"j", 'S'}, {"q", 'S'}, {"x", 'S'}, {"z", 'S'}, {"c", 'S'}, {"s", 'S'}, {"y", 0}, {"w", 'W'}} {
		if after, ok := strings.CutPrefix(syllable, initial.letters); ok {
			s, rest = s.add(initial.class), after
			break
		}
	}
	final, nasal := strings.CutSuffix(strings.TrimSuffix(rest, "g"), "n")
	switch final {
	case "a", "ia", "ua":
		s = s.add('a')
	case "o", "u", "ou", "uo", "ao", "iao", "iu":
		s = s.add('o')
	case "i", "ie", "ei", "ui", "ai", "uai", "v", "ve", "ue":
		s = s.add('i')
	}
	if nasal {
		s = s.add('N')
	}
	return s
}
