package check

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	_ "embed"
)

var (
	//go:embed data/jasurnames.txt
	jaSurnameData string
	//go:embed data/jagiven.txt
	jaGivenData string
)

// jaSurnames holds the sounds of Japanese surnames in kanji.
var jaSurnames = sync.OnceValue(func() map[string][]sound {
	table := make(map[string][]sound)
	for line := range strings.Lines(jaSurnameData) {
		words := strings.Fields(line)
		if len(words) == 0 || line[0] == '#' {
			continue
		}
		s := kanaSound([]rune(words[0]))
		for _, surname := range words[1:] {
			table[surname] = append(table[surname], s)
		}
	}
	return table
})

// beginsJaSurname holds the characters with which they begin.
var beginsJaSurname = sync.OnceValue(func() *runeSet {
	first := new(runeSet)
	for surname := range jaSurnames() {
		c, _ := utf8.DecodeRuneInString(surname)
		first.add(c)
	}
	return first
})

//go:embed data/zhfirstnames.txt
var customaryNameData string

// customaryNames maps Chinese forms of names to how Korean ones begin.
var customaryNames = sync.OnceValue(func() map[string][]string { return table(customaryNameData) })

//go:embed data/zhtranscription.txt
var transcriptionData string

// transcribes are the characters with which Chinese writes foreign names.
var transcribes = sync.OnceValue(func() map[rune]bool {
	m := make(map[rune]bool)
	for _, line := range fields(transcriptionData) {
		for _, c := range line {
			m[c] = true
		}
	}
	return m
})

// jaGiven are the characters with which Japanese given names begin and end.
var jaGiven = sync.OnceValue(func() [2]map[rune]bool {
	var sets [2]map[rune]bool
	for i, part := range strings.SplitN(jaGivenData, "\n=\n", 2) {
		sets[i] = make(map[rune]bool)
		for line := range strings.Lines(part) {
			if line[0] == '#' {
				continue
			}
			for _, c := range strings.TrimSpace(line) {
				sets[i][c] = true
			}
		}
	}
	return sets
})

// japaneseNames are Japanese names in kanji: a surname of two or three characters,
// then one to three with which given names begin and end, and after them no other
// character or a title.
func (p *pair) japaneseNames() []properName {
	var names []properName
	for i := 0; i < len(p.target); {
		if !isIdeograph(p.target[i]) {
			i++
			continue
		}
		end := i
		for end < len(p.target) && (isIdeograph(p.target[end]) || p.target[end] == '々') {
			end++
		}
		for start := i; start < end; start++ {
			n, ok := p.japaneseName(start, end)
			if ok && (start == i || p.titleEnd(start) > 0) { // 会长安倍晋三
				names = append(names, n)
				break
			}
		}
		i = end
	}
	return names
}

// japaneseName is the name in the run of characters from start to end.
func (p *pair) japaneseName(start, end int) (properName, bool) {
	if !beginsJaSurname().has(p.target[start]) {
		return properName{}, false
	}
	for size := 2; size <= 3 && start+size < end; size++ {
		given := start + size
		sounds := jaSurnames()[string(p.target[start:given])]
		if sounds == nil {
			continue
		}
		stop := end - p.titleEnd(end) // 安倍晋三首相
		if stop-given < 1 || stop-given > 3 || !mayBeGiven(p.target[given:stop]) {
			continue
		}
		return properName{span: Span{start, stop}, words: []string{string(p.target[start:given])}, sounds: sounds}, true
	}
	return properName{}, false
}

func mayBeGiven(text []rune) bool {
	begin, end := jaGiven()[0], jaGiven()[1]
	return len(text) > 1 && begin[text[0]] && end[text[len(text)-1]]
}

// titleEnd is how many characters before end are a title.
func (p *pair) titleEnd(end int) int {
	for n := 4; n > 0; n-- {
		if n <= end && p.isTitle(string(p.target[end-n:end])) {
			return n
		}
	}
	return 0
}

// titleBegin is how many characters at i are a title.
func (p *pair) titleBegin(i int) int {
	for n := 4; n > 0; n-- {
		if i+n <= len(p.target) && p.isTitle(string(p.target[i:i+n])) {
			return n
		}
	}
	return 0
}

func (p *pair) isTitle(word string) bool {
	return hanTitles()["ja"][word] && p.language.Code == "ja" || hanTitles()["zh"][word] && p.language.Code != "ja"
}

// holdsJapanese reports whether the source has the Japanese name: its surname by
// the sound, or all of it as Korean or Mandarin reads it.
func (s *support) holdsJapanese(n properName, target []rune) bool {
	for _, surname := range n.sounds {
		if s.sounds(surname, surname.size()*alikeLast/100) {
			return true
		}
	}
	name := target[n.span.Start:n.span.End]
	if s.reads(name) || strings.Contains(s.source, n.words[0]) {
		return true
	}
	whole := hanSound(name)
	return s.sounds(whole, whole.size()*alikeLast/100)
}

// reads reports whether the source has the characters as Korean reads them.
func (s *support) reads(name []rune) bool {
	for i := range s.words {
		text := s.words[i].text
		for k := 0; k+len(name) <= len(text); k++ {
			if readsAll(name, text[k:k+len(name)]) {
				return true
			}
		}
	}
	return false
}

func readsAll(characters, syllables []rune) bool {
	for i := range characters {
		if !reads(characters[i], syllables[i]) {
			return false
		}
	}
	return true
}

// dottedStranger reports a name with a middle dot in Chinese that nothing in the
// source sounds like: 唐纳德·特朗普. Where such a name begins and ends among the other
// characters is not written, so the source is asked for every length.
func (p *pair) dottedStranger() {
	for i := 1; i+1 < len(p.target); i++ {
		if !isMiddleDot(p.target[i]) || !isIdeograph(p.target[i-1]) || !isIdeograph(p.target[i+1]) {
			continue
		}
		start, end := i, i+1
		for start > 0 && i-start < longestPart && transcribes()[p.target[start-1]] {
			start--
		}
		for end < len(p.target) && end-i-1 < longestPart && transcribes()[p.target[end]] {
			end++
		}
		if i-start < 1 || end-i-1 < 1 || i-start < 2 && end-i-1 < 2 || start > 0 && isMiddleDot(p.target[start-1]) || end < len(p.target) && isMiddleDot(p.target[end]) && end-i <= 2 {
			continue // 中·日·韩
		}
		if !p.support(nil).holdsDotted(p.target[start:i], p.target[i+1:end]) {
			severity := Error
			if p.sourceHasPronoun() {
				severity = Warning
			}
			p.report(NameCheck, severity, Span{}, Span{start, end}, "%s: nothing in the source sounds like this name.", string(p.target[start:end]))
			return
		}
	}
}

// sourceHasPronoun reports whether the source speaks of somebody by a pronoun, for
// which Chinese may put the name.
func (p *pair) sourceHasPronoun() bool {
	return slices.ContainsFunc(p.heard(), func(h heard) bool {
		switch string(h.text) {
		case "그는", "그가", "그녀는", "그녀가":
			return true
		}
		return false
	})
}

// longestPart is how many characters a part of a transcribed name may have.
const longestPart = 7

func isMiddleDot(c rune) bool {
	return c == '·' || c == '•' || c == '・' || c == '‧' || c == '⋅'
}

// holdsDotted reports whether the source has the name of which the first part ends
// before the dot and the last goes on behind it. Neither may lack more than a
// character or two, which belong to other words.
func (s *support) holdsDotted(first, last []rune) bool {
	if s.byCustom(first, last) {
		return true
	}
	for k := max(1, len(last)-strayHan(last)); k <= len(last); k++ {
		part := hanSound(last[:k])
		if part.size() >= shortestHan && s.soundsAlone(part, part.size()*alikeHanLast/100, Span{}) {
			return true
		}
		for i := max(1, len(first)-strayHan(first)); i <= len(first); i++ {
			whole := slices.Concat(hanSound(first[len(first)-i:]), part)
			if whole.size() >= shortestHan && s.sounds(whole, whole.size()*alikeHan/100) {
				return true
			}
		}
	}
	for i := max(1, len(first)-strayHan(first)); i <= len(first); i++ {
		if part := hanSound(first[len(first)-i:]); part.size() >= shortestHan && s.soundsAlone(part, part.size()*alikeHanLast/100, Span{}) {
			return true
		}
	}
	return false
}

// strayHan is how many characters at the outer end of a part may belong to another
// word.
func strayHan(part []rune) int { return min(2, len(part)/2) }

// byCustom reports whether a part of the name has a form that does not follow the
// sound, and the source has it.
func (s *support) byCustom(first, last []rune) bool {
	for n := 1; n <= max(len(first), len(last)); n++ {
		for _, part := range []string{string(first[max(0, len(first)-n):]), string(last[:min(n, len(last))])} {
			if begins := customaryNames()[part]; begins != nil && slices.ContainsFunc(s.words, func(w heard) bool { return w.beginsWith(begins) }) {
				return true
			}
		}
	}
	return false
}

// The costs, in hundredths, up to which a Chinese transcription of a name, and of one
// part of it, sounds like the Korean one; and the size that it needs.
const (
	alikeHan     = 30
	alikeHanLast = 25
	shortestHan  = 8
)
