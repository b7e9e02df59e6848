package article

import (
	"strings"
	"unicode/utf8"
)

// longestCaption is the longest caption in characters without spaces; what is
// longer is a paragraph that mentions a picture.
const longestCaption = 260

// isCaption reports whether s names the source of a picture at one of its ends.
func isCaption(s string, size int) bool {
	if size > longestCaption || isRights(s) {
		return false
	}
	first, n := utf8.DecodeRuneInString(s)
	if strings.ContainsRune("▲↑◀△▼←→", first) && (strings.Contains(s, "사진") || strings.HasSuffix(s, "모습") || strings.HasSuffix(s, "모습.") || creditIn(tail(s, 60))) {
		return true
	}
	if first == '|' && strings.HasSuffix(s, "|") && strings.Contains(s, "사진") {
		return true
	}
	head := s[:min(len(s), n+24)]
	for _, p := range []string{"사진=", "[사진", "(사진", "<사진", "【사진", "사진제공", "사진 제공", "그래픽=", "[그래픽", "/사진", "사진 |", "사진ㅣ", "사진 출처", "사진출처"} {
		if strings.HasPrefix(head, p) {
			return size <= 120
		}
	}
	t := tail(s, 100)
	if bareCredit(s) || datedTail(s) {
		return true
	}
	return creditIn(t) && !pastCredit(t)
}

// namesPicture reports whether a line of names is a picture's credit and no
// byline.
func namesPicture(s string) bool {
	for _, w := range []string{"사진", "그래픽", "이미지", "ⓒ", "©", "영상=", "제공", "일러스트", "삽화"} {
		if strings.Contains(s, w) && !strings.Contains(s, "사진기자") && !strings.Contains(s, "글·사진") {
			return true
		}
	}
	return false
}

// datedTail reports whether s ends in a day behind its last sentence, as
// agencies' captions do: "…하고 있다. 2024.02.21."
func datedTail(s string) bool {
	i := strings.LastIndex(s, "다. ")
	if i < 0 || len(s)-i > 60 {
		return false
	}
	found := stamps(s[i:])
	return len(found) == 1 && !found[0].precise && found[0].from <= 8
}

// creditIn reports whether a credit mark stands in s.
func creditIn(s string) bool { return lastCredit(s) >= 0 }

// lastCredit returns where the last credit mark of s ends, -1 without one.
func lastCredit(s string) int {
	set, err := rules()
	if err != nil {
		return -1
	}
	last := -1
	for i := range s {
		if n := set.credits.at(s[i:]); n > 0 {
			last = i + n
		}
	}
	return last
}

// pastCredit reports whether running text goes on behind the last credit, so
// that the mark stands inside a sentence.
func pastCredit(s string) bool {
	last := lastCredit(s)
	return last >= 0 && finished(s) && utf8.RuneCountInString(s[last:]) > 24
}

// bareCredit reports whether s ends in an agency's name behind a stop or a
// slash, with no mark: "…하고 있다. 뉴시스".
func bareCredit(s string) bool {
	i := strings.LastIndexAny(s, "./")
	if i < 0 {
		return false
	}
	last := strings.TrimSpace(s[i+1:])
	switch last {
	case "연합뉴스", "뉴시스", "뉴스1", "로이터", "AP", "AFP", "EPA", "신화", "공동취재단", "사진공동취재단", "대통령실", "대통령실사진기자단":
		return true
	}
	return strings.HasSuffix(last, "제공") && utf8.RuneCountInString(last) <= 20
}

// isRights reports whether s starts as a rights line does. A caption may hold
// rights words too, but it starts with what the picture shows.
func isRights(s string) bool {
	s = strings.TrimLeft(s, "<[(▶■※*☞ 【")
	for _, p := range []string{"저작권자", "저작권", "Copyright", "copyright", "COPYRIGHT", "무단전재", "무단 전재", "Copyrights"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	if strings.HasPrefix(s, "©") || strings.HasPrefix(s, "ⓒ") {
		return strings.Contains(s, "무단") || strings.Contains(s, "재배포") || strings.Contains(strings.ToLower(s), "rights")
	}
	return false
}

// isRightsLine reports whether s says who holds the rights and forbids copying.
func isRightsLine(s string, size int) bool {
	if size > 220 {
		return false
	}
	forbids := strings.Contains(s, "무단전재") || strings.Contains(s, "무단 전재") || strings.Contains(s, "재배포") ||
		strings.Contains(s, "무단복제") || strings.Contains(s, "무단 복제") || strings.Contains(s, "배포금지") || strings.Contains(s, "무단 배포") || strings.Contains(s, "무단배포")
	lower := strings.ToLower(s)
	reserved := strings.Contains(lower, "rights reserved") || strings.Contains(lower, "right reserved") || strings.HasPrefix(lower, "copyright")
	if isRights(s) {
		return forbids || reserved || strings.Contains(s, "저작권자") || strings.ContainsAny(s, "©ⓒ")
	}
	if finished(s) && (size >= proseSize || plain(s)) || strings.Contains(s, "사진") || strings.Contains(s, "다.") {
		return false
	}
	return forbids && strings.Contains(s, "금지") || reserved
}

// rightsSuffix returns where a rights line glued to the end of s starts, or
// len(s).
func rightsSuffix(s string) int {
	low := max(0, len(s)-400)
	for low < len(s) && !utf8.RuneStart(s[low]) {
		low++
	}
	best := len(s)
	for _, m := range []string{"<저작권", "[저작권", "저작권자", "©", "ⓒ", "Copyright", "COPYRIGHT", "무단전재", "무단 전재"} {
		i := strings.Index(s[low:], m)
		if i < 0 {
			continue
		}
		i += low
		if i < best && i > 0 && rightsStart(s[:i], m) && isRightsLine(s[i:], utf8.RuneCountInString(s[i:])) {
			best = i
		}
	}
	if best < len(s) && !strings.HasSuffix(s, "금지") && finished(s) && !isRights(s[best:]) {
		return len(s)
	}
	return best
}

// rightsStart reports whether a rights line can start behind before: bare words
// only where a sentence has ended.
func rightsStart(before, m string) bool {
	if !strings.HasPrefix(m, "무단") {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(before, " "))
	return strings.ContainsRune(closers+".!?/", last)
}

// splitCredit takes the credit off a caption: "… [사진=가온전자]" gives both parts.
func splitCredit(s string) (text, credit string) {
	t := strings.Trim(strings.TrimSpace(s), "|")
	t = strings.TrimSpace(t)
	end, n := utf8.DecodeLastRuneInString(t)
	if end == ']' || end == ')' || end == '】' {
		open := map[rune]string{']': "[", ')': "(", '】': "【"}[end]
		if i := strings.LastIndex(t, open); i >= 0 {
			inner := t[i+len(open) : len(t)-n]
			if creditIn(t[i:]) {
				return strings.TrimSpace(t[:i]), creditName(inner)
			}
		}
	}
	for _, m := range []string{"/사진=", "사진=", "ⓒ", "© ", "/"} {
		i := strings.LastIndex(t, m)
		if i <= 0 || utf8.RuneCountInString(t[i:]) > 30 || m == "/" && !bareCredit(t) {
			continue
		}
		if before := strings.TrimSpace(t[:i]); bareCredit(before) && strings.LastIndexByte(before, '/') > 0 {
			i = strings.LastIndexByte(before, '/') // "/뉴스1 © News1 김하늘 기자"
		}
		return strings.TrimSpace(t[:i]), creditName(t[i:])
	}
	return t, ""
}

// creditName reduces a credit to who is credited.
func creditName(s string) string {
	if _, name, ok := strings.Cut(s, "="); ok && !strings.HasSuffix(s, "=연합뉴스") {
		s = name
	}
	s = strings.TrimLeft(s, "/ⓒ© ")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "사진제공"), "사진")
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "제공"))
}
