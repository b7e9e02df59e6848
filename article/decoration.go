package article

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// titleSeparators stand between a headline and the outlet's name.
func titleSeparators() []string {
	return []string{" | ", " - ", " : ", " :: ", " < ", " > ", " – ", " — ", " ㅣ ", " │ ", "::", "|", " ㅡ ", " · ", "ㅣ", "<", " ¦ "}
}

func startsWithSeparator(s string) bool {
	for _, sep := range titleSeparators() {
		if strings.HasPrefix(s, sep) || strings.HasPrefix(s, strings.TrimSpace(sep)) {
			return true
		}
	}
	return false
}

// cutOutlet splits the outlet's and the section's name off a headline as the
// title bar prints it: "제목 < 사회 < 기사본문 - 새들일보".
func cutOutlet(s string) (title, suffix string) {
	title = strings.TrimSpace(s)
	if !maySeparate(title) {
		return title, ""
	}
	for range 4 {
		cutAt := -1
		for _, sep := range titleSeparators() {
			i := strings.LastIndex(title, sep)
			if i <= 0 || i <= cutAt {
				continue
			}
			if isOutlet(strings.TrimSpace(title[i+len(sep):])) && utf8.RuneCountInString(title[:i]) >= 6 {
				cutAt = i
			}
		}
		if cutAt < 0 {
			break
		}
		title = strings.TrimSpace(title[:cutAt])
	}
	return title, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), title))
}

// maySeparate rules out most lines cheaply: every separator has one of these
// bytes, and no Hangul syllable has.
func maySeparate(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '|', '-', ':', '<', '>', 0xE2, 0xE3, 0xC2:
			return true
		}
	}
	return false
}

// isOutlet reports whether s is the name of an outlet or of a section.
func isOutlet(s string) bool {
	n := utf8.RuneCountInString(s)
	if n == 0 || n > 24 {
		return false
	}
	set, err := rules()
	if err == nil {
		if r := set.whole[key(s)]; r != nil && r.reason == Navigation {
			return true
		}
	}
	known, err := outlets()
	if err == nil && known.names[key(s)] {
		return true
	}
	if strings.HasPrefix(s, "기사본문") || strings.HasPrefix(s, "기사보기") || strings.HasSuffix(s, ">") && n < 12 {
		return true
	}
	return n <= 16 && !strings.Contains(s, " 등") && isAgency(s)
}

// titleTags takes the tags off a headline: "[속보] … (종합2보)".
func titleTags(s string) (title string, tags []string) {
	title = strings.TrimSpace(s)
	for {
		tag, rest, ok := leadingTag(title)
		if !ok {
			break
		}
		tags = append(tags, tag)
		title = rest
	}
	for {
		tag, rest, ok := trailingTag(title)
		if !ok {
			return title, tags
		}
		tags = append(tags, tag)
		title = rest
	}
}

// longestTag is the longest tag in characters; what is longer is a part of the
// headline.
const longestTag = 14

func leadingTag(s string) (tag, rest string, ok bool) {
	open, n := utf8.DecodeRuneInString(s)
	if !strings.ContainsRune("[<【〈〔(《", open) {
		return "", s, false
	}
	closer := matching(open)
	if open == '(' {
		closer = ')'
	}
	i := strings.IndexRune(s, closer)
	if i < 0 || utf8.RuneCountInString(s[n:i]) > longestTag || i == n {
		return "", s, false
	}
	tag = strings.TrimSpace(s[n:i])
	rest = strings.TrimSpace(s[i+utf8.RuneLen(closer):])
	if utf8.RuneCountInString(rest) < 4 || open == '(' && !isWireTag(tag) || tag == "" {
		return "", s, false
	}
	return tag, rest, true
}

// trailingTag takes only the tags of news agencies: other brackets behind a
// headline say something about it.
func trailingTag(s string) (tag, rest string, ok bool) {
	end, n := utf8.DecodeLastRuneInString(s)
	open := map[rune]string{')': "(", ']': "["}[end]
	if open == "" {
		return "", s, false
	}
	i := strings.LastIndex(s, open)
	if i < 0 {
		return "", s, false
	}
	tag = strings.TrimSpace(s[i+1 : len(s)-n])
	rest = strings.TrimSpace(s[:i])
	if !isWireTag(tag) || utf8.RuneCountInString(rest) < 4 {
		return "", s, false
	}
	return tag, rest, true
}

// isWireTag reports whether s is one of the tags with which agencies count the
// editions of a story or name its form.
func isWireTag(s string) bool {
	if slices.Contains(lexicon().Tags, s) {
		return true
	}
	return strings.HasPrefix(s, "종합") && strings.HasSuffix(s, "보") && utf8.RuneCountInString(s) <= 5
}
