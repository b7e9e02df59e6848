package article

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// What stands in the scripts of broadcasters: headings, who speaks, who filmed,
// and the reporter's last words.

// isMarker reports whether s is one of the headings of a broadcast script.
func isMarker(s string) bool {
	s = strings.Trim(s, "[]【】<>〈〉() ▶◀◆◎●■")
	return slices.Contains(lexicon().Markers, s)
}

// isProgramme reports whether s is a line of a programme's data above an
// interview: "■ 진행 : 김하늘 앵커".
func isProgramme(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	if !strings.ContainsRune(listMarks, r) {
		return false
	}
	what, _, ok := strings.Cut(s[n:], ":")
	return ok && slices.Contains(lexicon().Programme, strings.ReplaceAll(strings.TrimSpace(what), " ", ""))
}

// isSpeaker reports whether s says who speaks next in a script: "▶ 스탠딩 :
// 박누리 / 기자".
func isSpeaker(s string) bool {
	for _, w := range lexicon().Speakers {
		if strings.HasPrefix(strings.TrimLeft(s, "▶◀●■<[( "), w) {
			return true
		}
	}
	return false
}

// isCredits reports whether s lists who filmed and edited.
func isCredits(s string) bool {
	s = strings.TrimLeft(s, "([<【■▶*- ")
	for _, w := range lexicon().Crew {
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
