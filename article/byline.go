package article

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// roles are the functions that stand behind a name in a byline, longer first.
func roles() []string {
	return []string{
		"선임기자", "전문기자", "인턴기자", "객원기자", "수습기자", "사진기자", "시민기자", "대학생기자", "대기자", "특별취재팀",
		"논설위원", "편집위원", "해설위원", "칼럼니스트", "아나운서", "리포터", "에디터", "통신원", "특파원", "앵커", "기자", "PD", "피디",
	}
}

// agencies are names that stand in a byline beside or instead of a place.
const agencyEndings = "뉴스|일보|신문|경제|통신|방송|투데이|타임스|타임즈|데일리|닷컴|저널|미디어|헤럴드|연합뉴스|뉴시스|뉴스1|코리아|프레스|매일|TV|비즈|포스트|리포트|스포츠|OSEN|뉴스핌|브릿지"

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
	for _, r := range roles() {
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

// isSpeaker reports whether s says who speaks next in a script: "▶ 스탠딩 :
// 박누리 / 기자".
func isSpeaker(s string) bool {
	for _, w := range []string{"스탠딩", "인터뷰", "싱크", "녹취", "현장음", "전화연결", "출연"} {
		if strings.HasPrefix(strings.TrimLeft(s, "▶◀●■<[( "), w) {
			return true
		}
	}
	return false
}

// isCredits reports whether s lists who filmed and edited.
func isCredits(s string) bool {
	s = strings.TrimLeft(s, "([<【■▶*- ")
	for _, w := range []string{
		"영상취재", "영상편집", "촬영기자", "촬영", "영상디자인", "그래픽", "취재기자", "취재", "화면제공", "영상제공",
		"편집", "연출", "구성", "자막", "자막뉴스", "VJ", "CG", "디자인", "제작", "기획", "작가", "글", "글·사진", "사진·글", "글 · 사진", "AD", "리서처", "영상", "자료조사", "인턴기자", "영상취재기자", "PD",
	} {
		rest, ok := strings.CutPrefix(s, w)
		if !ok {
			continue
		}
		rest = strings.TrimLeft(rest, " ")
		r, n := utf8.DecodeRuneInString(rest)
		if strings.ContainsRune(":：=/ㅣ|·", r) && n > 0 && !finished(s) {
			return allNames(rest[n:])
		}
	}
	return false
}

func allNames(s string) bool {
	words := bylineWords(s)
	for _, w := range words {
		if utf8.RuneCountInString(w) > 8 {
			return false
		}
	}
	return len(words) > 0 && len(words) <= 16
}

// isSignOff reports whether s is a broadcaster's last words: "KBS 뉴스 OOO입니다."
// "OOO 기자입니다." hands over to a reporter and belongs to the script.
func isSignOff(s string) bool {
	body := strings.TrimRight(s, ".) ")
	ok := false
	for _, end := range []string{"입니다", "이었습니다", "였습니다"} {
		if b, has := strings.CutSuffix(body, end); has {
			body, ok = b, true
			break
		}
	}
	if !ok || len(body) > 120 {
		return false
	}
	words := bylineWords(body)
	if len(words) < 2 || len(words) > 7 || !isName(words[len(words)-1]) {
		return false
	}
	for _, w := range words[:len(words)-1] {
		if isStation(w) {
			return true
		}
	}
	return false
}

// isStation reports whether w is a broadcaster's name: Latin capitals, perhaps
// with 뉴스 behind them, or a name that ends in 뉴스, 방송 or TV.
func isStation(w string) bool {
	for _, end := range []string{"뉴스", "NEWS", "방송", "TV"} {
		if strings.HasSuffix(w, end) && w != end {
			return true
		}
	}
	if w == "채널A" {
		return true
	}
	n := 0
	for _, r := range w {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
		n++
	}
	return n >= 2 && n <= 5
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
	for _, end := range strings.Split(agencyEndings, "|") {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return strings.HasSuffix(s, ".com") || strings.HasSuffix(s, ".co.kr")
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
			agency = w
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
	ok := false
	for _, w := range []string{
		"교수", "명예교수", "초빙교수", "석좌교수", "대표", "변호사", "연구원", "연구위원", "소장", "원장", "이사장", "회장", "시인", "소설가", "작가",
		"칼럼니스트", "평론가", "논설위원", "논설고문", "편집위원", "주필", "위원", "고문", "이사", "박사", "센터장", "부장", "국장", "에디터", "전문의", "대사", "의원", "총장",
	} {
		if strings.HasSuffix(last, w) {
			ok = true
		}
	}
	return ok && (isName(words[0]) || isName(last[:max(0, len(last)-len("교수"))]))
}
