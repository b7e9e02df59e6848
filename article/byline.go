package article

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isName reports whether w could be a Korean name: two to four syllables.
func isName(w string) bool {
	n := 0
	for _, r := range w {
		if r < '가' || r > '힣' {
			return false
		}
		n++
	}
	return n >= 2 && n <= 4
}

// splitRole takes a word such as 기자 or 이하늘기자 apart.
func splitRole(w string) (name, role string) {
	for _, r := range lexicon().Roles {
		if before, ok := strings.CutSuffix(w, r); ok {
			return before, r
		}
	}
	return w, ""
}

// isMail reports whether w is a mail address.
func isMail(w string) bool {
	at := strings.IndexByte(w, '@')
	if at <= 0 || at == len(w)-1 {
		return false
	}
	for i := 0; i < len(w); i++ {
		c := w[i]
		if c >= 0x80 || c <= ' ' || strings.IndexByte("()[]<>,;:\"", c) >= 0 {
			return false
		}
	}
	return strings.IndexByte(w[at:], '.') > 0 || len(w)-at > 2
}

// bylineWords splits at everything that separates names in a byline.
func bylineWords(s string) []string {
	words := strings.FieldsFunc(s, func(r rune) bool {
		return r == ' ' || r == '\t' || strings.ContainsRune("[]()【】〔〕<>〈〉{}=|ㅣ│/,·ㆍ•;:▶■※◎☞*&~", r)
	})
	for i := 0; i < len(words); i++ {
		if at := strings.IndexByte(words[i], '@'); at > 0 && words[i][0] >= 0x80 {
			if j := strings.LastIndexFunc(words[i][:at], func(r rune) bool { return r >= 0x80 }); j >= 0 {
				_, n := utf8.DecodeRuneInString(words[i][j:])
				words = slices.Insert(words, i+1, words[i][j+n:])
				words[i] = words[i][:j+n]
			}
		}
	}
	return words
}

// isByline reports whether the whole of s names reporters and nothing else:
// names with a function, a mail address, a place or an outlet beside them.
func isByline(s string) bool {
	if len(s) > 240 || isCredits(s) {
		return len(s) <= 400 && isCredits(s)
	}
	if isSignOff(s) {
		return true
	}
	if isSpeaker(s) {
		return false
	}
	named, mails, others := 0, 0, 0
	words := bylineWords(strings.TrimRight(s, ". "))
	for i, w := range words {
		name, role := splitRole(w)
		switch {
		case role != "" && (isName(name) || name == "" && i > 0 && isNameOrRole(words[i-1])):
			named++
		case role != "":
			return false
		case isMail(w):
			mails++
		default:
			others++
		}
	}
	if named+mails == 0 || mails == 0 && !endsInByline(words) {
		return false
	}
	more := strings.Count(s, "·") + strings.Count(s, ",") + strings.Count(s, "ㆍ")
	return others <= 2*named+2+more && (named > 0 || others <= 4) && !sentenceInside(s)
}

func isNameOrRole(w string) bool {
	if w == "인턴" || w == "객원" || w == "선임" || w == "전문" || w == "수습" {
		return true
	}
	return isName(w)
}

// endsInByline reports whether the last word is a function or joined to one.
func endsInByline(words []string) bool {
	_, role := splitRole(words[len(words)-1])
	return role != ""
}

// sentenceInside reports whether s has a verb in sentence form, which no byline
// has ("취재기자 연결합니다. 나혜인 기자!").
func sentenceInside(s string) bool {
	return strings.Contains(s, "다. ") || strings.Contains(s, "니다") || strings.ContainsAny(s, "?!\"“”…")
}

const openers = "([【〔<〈{"

// bylinePrefix returns the length of a byline glued before a lead, 0 if there is
// none: "(서울=연합뉴스) 김하늘 기자 = ", "아주경제=김하늘 기자 ", "[김하늘 기자] ".
func bylinePrefix(s string) int {
	n := bracketed(s)
	rest := s[n:]
	if m := signed(rest); m > 0 {
		n += m
	} else if n == 0 {
		n = placed(s)
	}
	if n > 0 && n < len(s) {
		n += len(s[n:]) - len(strings.TrimLeft(s[n:], " =-–|"))
	}
	return n
}

// bracketed measures a leading bracket that names a reporter, place or outlet.
func bracketed(s string) int {
	open, w := utf8.DecodeRuneInString(s)
	if !strings.ContainsRune(openers, open) {
		return 0
	}
	closer := matching(open)
	end := strings.IndexRune(s[:min(len(s), 150)], closer)
	if end < 0 {
		return 0
	}
	inner := s[w:end]
	end += utf8.RuneLen(closer)
	switch {
	case strings.HasPrefix(inner, "사진"), strings.HasPrefix(inner, "자료"), strings.HasPrefix(inner, "그래픽"):
		return 0
	case isByline(inner), isAgency(inner):
		return end
	}
	if place, agency, ok := strings.Cut(inner, "="); ok && utf8.RuneCountInString(place) <= 12 && (isAgency(agency) || isByline(inner)) {
		return end
	}
	return 0
}

func matching(open rune) rune {
	switch open {
	case '(':
		return ')'
	case '<':
		return '>'
	case '{':
		return '}'
	case '〔':
		return '〕'
	case '[':
		return ']'
	}
	return open + 1 // 【】 〈〉 are neighbours
}

// isAgency reports whether s is the name of an outlet, by its last syllables.
func isAgency(s string) bool {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) > 14 || s == "" {
		return false
	}
	return slices.ContainsFunc(lexicon().Outlets, func(end string) bool { return strings.HasSuffix(s, end) })
}

// signed measures names that end in a separator: "김하늘·이바다 기자 = ".
func signed(s string) int {
	window := s[:min(len(s), 150)]
	for i, r := range window {
		switch {
		case r == '=' || r == '|' || r == 'ㅣ' || r == '│':
			end := i + utf8.RuneLen(r)
			if isByline(window[:i]) && hasRole(window[:i]) {
				return end
			}
			if r != '=' {
				return 0
			}
		case r == '.' && !mailDot(window, i), r == '"', r == '“', r == '‘':
			return 0
		}
	}
	return 0
}

func mailDot(s string, i int) bool {
	at := strings.LastIndexByte(s[:i], '@')
	return at >= 0 && !strings.ContainsAny(s[at:i], " \t")
}

func hasRole(s string) bool {
	for _, w := range bylineWords(s) {
		if _, role := splitRole(w); role != "" {
			return true
		}
	}
	return false
}

// placed measures "아주경제=김하늘 기자 " and "김하늘 기자 a@b.kr ": names without a
// separator behind them, told by the outlet before or the mail behind.
func placed(s string) int {
	window := s[:min(len(s), 120)]
	words := 0
	for i := 0; i < len(window) && words < 5; words++ {
		end := strings.IndexByte(window[i:], ' ')
		if end < 0 {
			return 0
		}
		end += i
		word := window[i:end]
		name, role := splitRole(word)
		if role != "" && (name == "" || isName(name) || strings.Contains(name, "=")) {
			head := window[:end]
			next, _, _ := strings.Cut(strings.TrimLeft(window[end:], " "), " ")
			if isMail(strings.Trim(next, "()[]")) {
				return strings.Index(s[end:], next) + end + len(next)
			}
			if strings.Contains(head, "=") && isByline(head) {
				return end
			}
			return 0
		}
		i = end + 1
	}
	return 0
}

// bylineSuffix returns where a byline glued behind the last sentence starts, or
// len(s): "…말했다. 김하늘 기자 a@b.kr", "…말했다.부산=김하늘 a@b.kr", "…했다. (끝)".
func bylineSuffix(s string) int {
	start := lastStop(s)
	if start < 0 || start == len(s) {
		return len(s)
	}
	tail := strings.TrimSpace(s[start:])
	if tail == "(끝)" || tail == "/끝/" || tail == "끝" {
		return start
	}
	if tail != "" && isByline(tail) && !strings.Contains(tail, "사진=") && !strings.Contains(tail, "사진 =") {
		return start
	}
	return len(s)
}

// lastStop returns the byte behind the last sentence end of s that has something
// behind it that is no sentence, or -1. Dots inside mail addresses do not count.
func lastStop(s string) int {
	low := max(0, len(s)-300)
	for i := len(s) - 1; i > low; i-- {
		if s[i] != '.' && s[i] != '?' && s[i] != '!' || mailDot(s, i) || !endsVerb(s[low:i]) {
			continue
		}
		end := i + 1
		for end < len(s) {
			r, n := utf8.DecodeRuneInString(s[end:])
			if !strings.ContainsRune(closers, r) {
				break
			}
			end += n
		}
		return end
	}
	return -1
}

// authors takes a byline apart. What cannot be told apart is left out: the
// byline as printed is kept beside it.
func authors(byline string) []Author {
	if isSignOff(byline) || isCredits(byline) {
		return nil
	}
	var list []Author
	var agency string
	var names []string
	for _, w := range bylineWords(byline) {
		name, role := splitRole(w)
		switch {
		case isMail(w):
			if len(list) > 0 && list[len(list)-1].Email == "" {
				list[len(list)-1].Email = w
			} else if len(names) == 1 {
				list, names = append(list, Author{Name: names[0], Email: w, Agency: agency}), nil
			} else {
				list = append(list, Author{Email: w, Agency: agency})
			}
		case role != "":
			if isName(name) {
				names = append(names, name)
			}
			for _, n := range names {
				list = append(list, Author{Name: n, Role: role, Agency: agency})
			}
			names = nil
		case isAgency(w):
			agency, names = w, nil // what stood before is a part of its name
		case isName(w) && !isPlace(byline, w):
			names = append(names, w)
		}
	}
	return list
}

// isPlace reports whether w stands before an equals sign: the place of a report.
func isPlace(byline, w string) bool {
	i := strings.Index(byline, w)
	rest := strings.TrimLeft(byline[i+len(w):], " ")
	return strings.HasPrefix(rest, "=")
}

// isWriter reports whether s names an outside author and what he is: the line
// below an opinion piece.
func isWriter(s string) bool {
	if finished(s) || utf8.RuneCountInString(s) > 40 {
		return false
	}
	s = strings.Trim(s, "<>[]()〈〉/·■▲ ")
	words := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '·' || r == ',' || r == '/' || r == '(' })
	if len(words) < 2 || len(words) > 7 {
		return false
	}
	last := strings.TrimRight(words[len(words)-1], ")")
	ok := slices.ContainsFunc(lexicon().Writers, func(post string) bool { return strings.HasSuffix(last, post) })
	return ok && (isName(words[0]) || isName(last[:max(0, len(last)-len("교수"))]))
}
