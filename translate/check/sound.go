package check

import (
	"slices"
	"unicode"
)

// This file compares names across scripts by their sound, as coarsely as three
// ways of writing it allow: 트럼프, Trump and トランプ. Consonants that Korean does
// not tell apart are one, vowels are front, open or round, and the vowels that
// only carry a consonant (으, 어) are left out.

// sound is a word by the classes of its sounds: capitals for consonants, W for what
// Chinese writes for v, b and w.
type sound []byte

// initials, vowels and finals are the classes of the Korean letters in the order
// of their code points; 0 is silent.
var (
	initials = [19]byte{'K', 'K', 'N', 'T', 'T', 'L', 'M', 'P', 'P', 'S', 'S', 0, 'S', 'S', 'S', 'K', 'T', 'P', 0}
	vowels   = [21]byte{'a', 'i', 'a', 'i', 0, 'i', 0, 'i', 'o', 'a', 'i', 'i', 'o', 'o', 'o', 'i', 'i', 'o', 0, 'i', 'i'}
	finals   = [28]byte{0, 'K', 'K', 'K', 'N', 'N', 'N', 'T', 'L', 'K', 'M', 'P', 'L', 'L', 'P', 'L', 'M', 'P', 'P', 'T', 'T', 'N', 'T', 'T', 'K', 'T', 'P', 0}
)

// hangulSound is the sound of Hangul.
func hangulSound(text []rune) sound {
	var s sound
	var final byte // of the syllable before
	for _, c := range text {
		if !('가' <= c && c <= '힣') {
			continue
		}
		n := int(c - '가')
		if first := initials[n/588]; first != final { // 안나 has one n
			s = s.add(first)
		}
		s = s.add(vowels[n%588/28])
		final = finals[n%28]
		s = s.add(final)
	}
	return s
}

// add appends a class; a silent one adds nothing.
func (s sound) add(class byte) sound {
	if class == 0 {
		return s
	}
	return append(s, class)
}

// join is s with the next word of a name; a consonant in which the one ends and the
// other begins is heard once: Kang Na-rae, 강나래.
func (s sound) join(next sound) sound {
	if len(s) > 0 && len(next) > 0 && s[len(s)-1] == next[0] && !vowel(next[0]) {
		next = next[1:]
	}
	return append(s, next...)
}

// latinSound is the sound of a word in Latin letters.
func latinSound(word []rune) sound {
	var s sound
	at := func(i int) rune {
		if i < 0 || i >= len(word) {
			return 0
		}
		return unicode.ToLower(word[i])
	}
	for i := range word {
		c, next := at(i), at(i+1)
		class := latinClass(c)
		switch {
		case class == 0, class == latinClass(next): // silent, or doubled
		case c == 'd' && next == 'g', c == 't' && next == 'c': // Sturridge, 스터리지
		case c == 'g' && next == 'h' && i > 0: // Kavanaugh, 캐버노
		case i == 0 && (c == 'k' && next == 'n' || c == 'w' && next == 'r'): // Knight, 나이트
		case (c == 'y' || c == 'w') && vowel(latinClass(next)): // Yuki, 유키
		case c == 'e' && next == 'o', c == 'a' && next == 'e': // Seo, 서; Jae, 재
		case c == 'g' && at(i-1) == 'd' && latinClass(at(i+1)) == 'i':
			s = s.add('S')
		case c == 'x':
			s = s.add('K').add('S')
		case c == 'c' && (latinClass(next) == 'i' || next == 'h'):
			s = s.add('S')
		case c == 'e' && next == 0 && i > 2: // silent at the end
		case c == 'g' && at(i-1) == 'n' && !vowel(latinClass(next)): // Yong, 용
		case c == 'r' && !vowel(latinClass(next)): // Carter, 카터
		default:
			s = s.add(class)
		}
	}
	return s
}

// latinClass is the class of a letter; h and what is no letter are silent.
func latinClass(c rune) byte {
	switch c {
	case 'k', 'g', 'q', 'c', 'x':
		return 'K'
	case 'n', 'ñ':
		return 'N'
	case 't', 'd':
		return 'T'
	case 'l', 'r':
		return 'L'
	case 'm':
		return 'M'
	case 'b', 'p', 'f', 'v':
		return 'P'
	case 's', 'z', 'j', 'ç':
		return 'S'
	case 'a', 'á', 'à', 'ä', 'â', 'ã':
		return 'a'
	case 'i', 'e', 'y', 'é', 'è', 'ê', 'í', 'ë':
		return 'i'
	case 'o', 'u', 'w', 'ó', 'ö', 'ú', 'ü', 'ô':
		return 'o'
	}
	return 0
}

func vowel(class byte) bool { return 'a' <= class }

// kanaSound is the sound of katakana.
func kanaSound(word []rune) sound {
	var s sound
	for i, c := range word {
		switch c {
		case 'ァ', 'ィ', 'ゥ', 'ェ', 'ォ', 'ャ', 'ュ', 'ョ':
			if len(s) > 0 && vowel(s[len(s)-1]) {
				s = s[:len(s)-1] // ジェ is one vowel
			}
			s = s.add(kanaVowel(c))
			continue
		}
		s = s.add(kanaClass(c))
		if v := kanaVowel(c); !carried(c) || i+1 < len(word) && word[i+1] == 'ー' {
			s = s.add(v)
		}
	}
	return s
}

// carried reports whether the kana mostly carries a consonant: ク, ス, ト, ル.
func carried(c rune) bool {
	switch c {
	case 'ク', 'グ', 'ス', 'ズ', 'ツ', 'ト', 'ド', 'フ', 'ブ', 'プ', 'ム', 'ル', 'ヴ':
		return true
	}
	return false
}

// kanaClass is the class of a katakana's consonant by its row of the syllabary.
func kanaClass(c rune) byte {
	switch {
	case 'カ' <= c && c <= 'ゴ':
		return 'K'
	case 'サ' <= c && c <= 'ゾ', c == 'チ', c == 'ツ', c == 'ヂ', c == 'ヅ':
		return 'S'
	case 'タ' <= c && c <= 'ド' && c != 'ッ':
		return 'T'
	case 'ナ' <= c && c <= 'ノ', c == 'ン':
		return 'N'
	case 'ハ' <= c && c <= 'ポ':
		if (c-'ハ')%3 == 0 && c != 'フ' {
			return 0
		}
		return 'P'
	case 'マ' <= c && c <= 'モ':
		return 'M'
	case 'ラ' <= c && c <= 'ロ':
		return 'L'
	case c == 'ヴ':
		return 'P'
	}
	return 0
}

// kanaVowel is the class of a katakana's vowel.
func kanaVowel(c rune) byte {
	const (
		open  = "ァアカガサザタダナハバパマャヤラワ"
		round = "ゥウクグスズツヅヌフブプムュユルォオコゴソゾトドノホボポモョヨロヴ"
		front = "ィイキギシジチヂニヒビピミリェエケゲセゼテデネヘベペメレ"
	)
	for _, set := range []struct {
		kana  string
		class byte
	}{{open, 'a'}, {round, 'o'}, {front, 'i'}} {
		for _, k := range set.kana {
			if k == c {
				return set.class
			}
		}
	}
	return 0
}

// longest is how many sounds of a word are compared. A name has fewer.
const longest = 48

// distance is the least cost of making name out of word, which may end where ends
// says.
func distance(name, word sound, ends []int) int {
	var row [longest + 1]int
	word = word[:min(len(word), longest)]
	for k, w := range word {
		row[k+1] = row[k] + weight(w)
	}
	for _, c := range name {
		diagonal, left := row[0], weight(c)
		row[0] += left
		for k, w := range word {
			cost := diagonal + substitution(c, w)
			diagonal = row[k+1]
			row[k+1] = min(cost, row[k+1]+left, row[k]+weight(w))
		}
	}
	best := row[len(word)]
	for _, end := range ends {
		best = min(best, row[min(end, len(word))])
	}
	return best
}

// size is what it would cost to leave all of s out.
func (s sound) size() int {
	total := 0
	for _, c := range s {
		total += weight(c)
	}
	return total
}

// consonants is s without its vowels.
func (s sound) consonants() sound {
	return slices.DeleteFunc(slices.Clone(s), vowel)
}

func weight(c byte) int {
	switch {
	case vowel(c):
		return 1
	case c == 'L':
		return 2
	case c == 'W':
		return 1
	}
	return 3
}

func substitution(a, b byte) int {
	switch {
	case a == b:
		return 0
	case a == 'W' && b == 'P', a == 'P' && b == 'W', a == 'W' && b == 'o', a == 'o' && b == 'W':
		return 0
	case vowel(a) != vowel(b):
		return 4
	case vowel(a):
		return 1
	case a == 'N' && b == 'M', a == 'M' && b == 'N', a == 'S' && (b == 'T' || b == 'K'), b == 'S' && (a == 'T' || a == 'K'):
		return 1
	}
	return 3
}
