package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// closers may stand behind the last stop of a sentence.
const closers = `"'”’」』)]>】》〉`

// finished reports whether s ends as a sentence does: a stop behind a Hangul
// syllable, a closing mark or a Latin letter, with at most closing marks behind
// it. "2024.05.12." and "1." are no sentences.
func finished(s string) bool {
	s = strings.TrimRight(s, closers+" ")
	stop, n := utf8.DecodeLastRuneInString(s)
	if stop != '.' && stop != '!' && stop != '?' {
		return false
	}
	s = strings.TrimRight(s[:len(s)-n], closers+".!? ")
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(r)
}

// verbal reports whether s ends in a verb of report style (…했다, …입니다)
// without a stop, as broadcasters' scripts and captions do.
func verbal(s string) bool {
	s = strings.TrimRight(s, closers+" ")
	return strings.HasSuffix(s, "다") || strings.HasSuffix(s, "요") || strings.HasSuffix(s, "죠")
}

// plain reports whether s ends in the plain style of newspapers (…했다) and not
// in the polite one of sites and broadcasters (…했습니다).
func plain(s string) bool {
	s = strings.TrimRight(s, closers+".!? ")
	return strings.HasSuffix(s, "다") && !strings.HasSuffix(s, "니다")
}

// sentences calls yield with the byte range of each sentence of s. No space is
// needed behind a stop: portals print "…설명했다.이 연구원은". The last range
// may be unfinished.
func sentences(s string, yield func(from, to int)) {
	from := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '.' && c != '?' && c != '!' {
			continue
		}
		if !endsVerb(s[from:i]) {
			continue
		}
		end := i + 1
		for end < len(s) {
			r, n := utf8.DecodeRuneInString(s[end:])
			if !strings.ContainsRune(closers, r) && r != '.' && r != '!' && r != '?' {
				break
			}
			end += n
		}
		if continuesQuote(s[end:]) {
			continue
		}
		yield(from, end)
		for end < len(s) && s[end] == ' ' {
			end++
		}
		from, i = end, end-1
	}
	if from < len(s) {
		yield(from, len(s))
	}
}

// endsVerb reports whether s ends in a syllable that can end a Korean sentence,
// or in a closing mark.
func endsVerb(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r >= '가' && r <= '힣' || strings.ContainsRune(closers, r)
}

// continuesQuote reports whether the text behind a stop goes on with a particle
// of quotation (…했다."고 말했다), so that the stop is inside a sentence.
func continuesQuote(rest string) bool {
	for _, p := range []string{"고 ", "라고", "라며", "라는", "며 ", "는 ", "면서", "이라"} {
		if strings.HasPrefix(rest, p) {
			return true
		}
	}
	return false
}
