package glossary

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Expansion says what hanja of a headline stand for.
type Expansion struct {
	Hanja  string
	Korean string   // 청와대 for 靑; the full name for a surname
	Others []string // what else they may mean, to be said in the prompt
	Person bool     // Korean is a person's name
	Start  int      // code points in the headline
	End    int
}

// Hanja expands the hanja of a headline, from left to right. A surname means the
// person of that surname whom the body names first with a title; when the body
// names several, or the sign is a country too, all are given. Signs that nobody
// knows are left out.
func Hanja(headline, body string) []Expansion {
	var list []Expansion
	runes := []rune(headline)
	for i := 0; i < len(runes); {
		end := i
		for end < len(runes) && unicode.Is(unicode.Han, runes[end]) {
			end++
		}
		if end == i {
			i++
			continue
		}
		if !glossed(runes, i) {
			list = append(list, expandRun(runes, i, end, body)...)
		}
		i = end
	}
	return list
}

// glossed reports whether the hanja at i explain the Hangul before them:
// 이도윤(李道允).
func glossed(runes []rune, i int) bool {
	return i > 1 && runes[i-1] == '(' && isHangul(runes[i-2])
}

// expandRun expands a run of hanja, longest known compounds first.
func expandRun(runes []rune, start, end int, body string) []Expansion {
	var list []Expansion
	for i := start; i < end; {
		n := min(2, end-i)
		e, ok := expand(string(runes[i:i+n]), body)
		if !ok && n > 1 {
			n = 1
			e, ok = expand(string(runes[i:i+n]), body)
		}
		if ok {
			e.Start, e.End = i, i+n
			list = append(list, e)
		}
		i += n
	}
	return list
}

func expand(hanja, body string) (Expansion, bool) {
	e := Expansion{Hanja: hanja}
	people := bearers(hanja, body)
	if korean, known := seed().hanja[hanja]; known {
		e.Korean, e.Others = korean, people
		return e, true
	}
	if len(people) == 0 {
		return e, false
	}
	e.Korean, e.Others, e.Person = people[0], people[1:], true
	return e, true
}

// bearers are the people in the body whose surname is written with the hanja, in
// order: a surname, one or two syllables, and a title.
func bearers(hanja, body string) []string {
	var people []string
	for _, s := range seed().surnames {
		if !slices.Contains(s.Hanja, hanja) {
			continue
		}
		for rest := body; ; {
			i := strings.Index(rest, s.Hangul)
			if i < 0 {
				break
			}
			if name := nameAt(body, len(body)-len(rest)+i, s.Hangul); name != "" && !slices.Contains(people, name) {
				people = append(people, name)
			}
			rest = rest[i+len(s.Hangul):]
		}
	}
	return people
}

// nameAt is the full name that begins with the surname at body[i:], "" when none
// does.
func nameAt(body string, i int, surname string) string {
	if before, _ := utf8.DecodeLastRuneInString(body[:i]); isHangul(before) {
		return ""
	}
	const reach = 120 // bytes: a name, a place and a title
	rest := []rune(strings.ToValidUTF8(body[i:min(len(body), i+reach)], ""))
	size := len([]rune(surname))
	for _, n := range []int{size + 2, size + 1} {
		if len(rest) > n && hangulOnly(rest[:n]) && titled(string(rest[n:])) {
			return string(rest[:n])
		}
	}
	return ""
}

func hangulOnly(runes []rune) bool {
	return !slices.ContainsFunc(runes, func(c rune) bool { return !isHangul(c) })
}

// titled reports whether text begins with a title, with or without a space, after
// at most one word such as 전 or the place of the office.
func titled(text string) bool {
	text, spaced := strings.CutPrefix(text, " ")
	if beginsWithTitle(text) {
		return true
	}
	_, rest, ok := strings.Cut(text, " ")
	return spaced && ok && len(text)-len(rest) < 40 && beginsWithTitle(rest)
}

func beginsWithTitle(text string) bool {
	for _, word := range []string{"씨", "전 ", "후보", "대표", "감독", "선수", "판사", "검사", "기자", "총리", "청장", "본부장", "팀장", "이사", "부장", "실장", "수석", "대사", "비서"} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	return slices.ContainsFunc(seed().titles, func(e Entry) bool { return strings.HasPrefix(text, e.Source) })
}
