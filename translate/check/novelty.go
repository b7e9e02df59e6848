package check

import (
	"strings"
	"unicode"
)

// novelty finds addresses and telephone numbers in the translation that the
// source lacks, and those of the source that are gone: what an instruction hidden
// in an article would plant or take. Measured on 1,007 NTREX sentences: no alarm.
func novelty(p *pair) {
	source, target := contacts(p.source), contacts(p.target)
	for _, t := range target {
		if !known(source, t.text) {
			p.report(Novelty, Error, Span{}, t.span, "%s in the translation is not in the source.", t.text)
		}
	}
	for _, s := range source {
		if strings.ContainsAny(s.text, "@./") && !known(target, s.text) {
			p.report(Novelty, Error, s.span, Span{}, "%s is missing.", s.text)
		}
	}
}

func known(list []contact, text string) bool {
	for _, c := range list {
		if strings.EqualFold(c.text, text) {
			return true
		}
	}
	return false
}

// contact is an address, handle, tag or telephone number in a text.
type contact struct {
	text string
	span Span
}

// contacts finds them: words of ASCII signs that look like one.
func contacts(text []rune) []contact {
	var found []contact
	for i := 0; i < len(text); i++ {
		if !isContactSign(text[i]) {
			continue
		}
		start, telling := i, 0
		for i < len(text) && isContactSign(text[i]) {
			if tells(text[i]) {
				telling++
			}
			i++
		}
		if telling == 0 && i-start < shortestPhone {
			continue // what most words are
		}
		end := i
		for end > start && strings.ContainsRune(".-_/?=&%:~+", text[end-1]) {
			end--
		}
		for start < end && strings.ContainsRune(".-_/?=&%:~", text[start]) {
			start++
		}
		if word := string(text[start:end]); isContact(word) || isTag(text, start, end) {
			found = append(found, contact{text: word, span: Span{start, end}})
		}
	}
	return found
}

// shortestPhone is the least length of a telephone number, tells reports whether c
// may make an address or a number of a shorter word.
const shortestPhone = 9

func tells(c rune) bool { return '#' <= c && c < '0' || c == ':' || c == '@' }

func isContactSign(c rune) bool {
	return c < 0x80 && ('a' <= c|0x20 && c|0x20 <= 'z' || '#' <= c && c <= '&' && c != '$' || '-' <= c && c <= ':' || c == '?' || c == '=' || c == '@' || c == '_' || c == '~' || c == '+')
}

// isContact reports whether word is a URL, domain, e-mail address, handle or
// telephone number.
func isContact(word string) bool {
	lower := strings.ToLower(word)
	switch {
	case strings.Contains(lower, "://"), strings.HasPrefix(lower, "www."):
		return true
	case strings.Contains(word, "@"):
		return len(word) > 2 && word != "@"
	case isDomain(lower):
		return true
	}
	return isPhone(word)
}

// isTag reports whether text[start:end] begins a hashtag, which may go on in any
// script.
func isTag(text []rune, start, end int) bool {
	return text[start] == '#' && (end-start > 2 && !unicode.IsDigit(text[start+1]))
}

// isDomain reports whether word is a host name of a common top-level domain.
func isDomain(word string) bool {
	host, _, _ := strings.Cut(word, "/")
	i := strings.LastIndexByte(host, '.')
	if i <= 0 {
		return false
	}
	switch host[i+1:] {
	case "com", "net", "org", "kr", "cn", "jp", "vn", "io", "gov", "edu", "info", "biz", "xyz", "tv", "me", "ly", "app", "shop", "site", "online", "top", "ru", "uk", "de", "fr", "eu", "ai":
		return strings.ContainsFunc(host[:i], unicode.IsLetter)
	}
	return false
}

// isPhone reports whether word is a telephone number: nine digits or more in
// groups, beginning with 0 or +, or a Korean service number (1588-1234).
func isPhone(word string) bool {
	digits, groups := 0, 1
	for i, c := range word {
		switch {
		case unicode.IsDigit(c):
			digits++
		case c == '-' || c == '.':
			groups++
		case c == '+' && i == 0:
		default:
			return false
		}
	}
	if groups == 1 {
		return digits >= 9 && (word[0] == '0' || word[0] == '+')
	}
	return digits >= 9 && (word[0] == '0' || word[0] == '+' || groups == 3 && strings.Contains(word, "-")) ||
		digits == 8 && groups == 2 && len(word) == 9 && word[4] == '-' && (word[:2] == "15" || word[:2] == "16" || word[:2] == "18")
}
