package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// shortestGlued is the size from which a line is searched for chrome glued into
// it. Shorter lines are judged as a whole.
const shortestGlued = 48

// cut takes a line apart where things of different kinds are glued together:
// a byline before the lead, mail and rights behind the last sentence, widgets
// in the middle of a portal's one-line text. The spans are in order, leave out
// only blanks, and are at least one.
func cut(line string, set *ruleSet) []Span {
	whole := trimSpan(line, Span{0, len(line)})
	if whole.End-whole.Start < shortestGlued {
		return []Span{whole}
	}
	var out []Span
	for _, part := range cutTimes(line, whole) {
		for _, s := range cutWidgets(line, part, set) {
			out = append(out, cutEnds(line, s)...)
		}
	}
	return out
}

// Where labelled times are looked for in a line that holds a whole article, in
// bytes from its start, and how long such a line is at least.
const (
	timesReach    = 500
	shortestWhole = 400
)

// cutTimes splits a whole article on one line at the labelled times behind its
// headline.
func cutTimes(line string, s Span) []Span {
	if s.End-s.Start < shortestWhole {
		return []Span{s}
	}
	head := line[s.Start:min(s.End, s.Start+timesReach)]
	from, to := -1, -1
	for _, st := range stamps(head) {
		if !st.labelled || !st.precise || to >= 0 && st.from-to > 12 {
			break
		}
		if to = st.to; from < 0 {
			from = st.from
		}
	}
	if from < 0 {
		return []Span{s}
	}
	var out []Span
	for _, part := range []Span{{s.Start, s.Start + from}, {s.Start + from, s.Start + to}, {s.Start + to, s.End}} {
		if part = trimSpan(line, part); part.Start < part.End {
			out = append(out, part)
		}
	}
	return out
}

// trimSpan leaves out blanks at both ends.
func trimSpan(line string, s Span) Span {
	text := line[s.Start:s.End]
	t := strings.TrimLeftFunc(text, unicode.IsSpace)
	s.Start += len(text) - len(t)
	s.End = s.Start + len(strings.TrimRightFunc(t, unicode.IsSpace))
	return s
}

// cutEnds splits rights, byline and agency off a paragraph.
func cutEnds(line string, s Span) []Span {
	text := line[s.Start:s.End]
	sig := signals(text)
	if first, _ := utf8.DecodeRuneInString(text); sig == 0 && !strings.ContainsRune(openers, first) && !strings.HasSuffix(text, "끝)") {
		return []Span{s}
	}
	if n := utf8.RuneCountInString(text); sig&signalRights != 0 && isRightsLine(text, n) || n <= longestCaption && datedTail(text) {
		return []Span{s}
	}
	end := len(text)
	if sig&signalRights != 0 {
		end = rightsSuffix(text)
	}
	mid := len(strings.TrimRight(text[:end], " "))
	tail := bylineSuffix(text[:mid])
	head := bylinePrefix(text[:tail])
	if utf8.RuneCountInString(strings.TrimSpace(text[head:tail])) < 12 {
		head, tail = 0, mid // nothing would be left: the whole is a byline
	}
	var out []Span
	for _, part := range []Span{{0, head}, {head, tail}, {tail, mid}, {end, len(text)}} {
		part = trimSpan(line, Span{s.Start + part.Start, s.Start + part.End})
		if part.Start < part.End {
			out = append(out, part)
		}
	}
	return out
}

// cutWidgets splits at literals that rules declare as glue. A literal counts
// where a sentence or a bracket has ended before it.
func cutWidgets(line string, s Span, set *ruleSet) []Span {
	var out []Span
	start := s.Start
	split := func(at int) {
		if part := trimSpan(line, Span{start, at}); part.Start < part.End {
			out = append(out, part)
		}
		start = at
	}
	for i := s.Start; i < s.End; {
		if !utf8.RuneStart(line[i]) {
			i++
			continue
		}
		r, n := set.glue.at(line[i:s.End])
		n = gluedDigits(line[i:s.End], n, r)
		switch {
		case n > 0 && (i == start || opensHere(line[start:i], line[i+n:s.End], r)):
			split(i)
			i += n
			if !r.Runs {
				split(i)
			}
		case line[i] == '#' && i > start:
			if m := hashtagRun(line[i:s.End]); m > 0 {
				split(i)
				i += m
				split(i)
			} else {
				i++
			}
		default:
			i++
		}
	}
	split(s.End)
	return out
}

// gluedDigits lengthens a match by the number that has to follow it.
func gluedDigits(s string, n int, r *rule) int {
	if r == nil || r.reason != Counter {
		return n
	}
	m := n
	for m < len(s) && (s[m] == ' ' && m == n || digitAt(s, m)) {
		m++
	}
	if !digitAt(s, m-1) {
		return 0
	}
	return m
}

// opensHere reports whether a widget can start between before and after: not in
// the middle of a sentence ("관련기사에는 댓글이 …").
func opensHere(before, after string, r *rule) bool {
	before = strings.TrimRight(before, " ")
	last, _ := utf8.DecodeLastRuneInString(before)
	if last >= '가' && last <= '힣' && r.Effect == opensList {
		return false
	}
	if r.Effect == opensList {
		for _, particle := range []string{"에는", "에서", "에도", "에 ", "를 ", "을 ", "가 ", "는 ", "의 ", "와 ", "로 ", "도 ", "들"} {
			if strings.HasPrefix(after, particle) {
				return false
			}
		}
	}
	return true
}

// hashtagRun measures two or more hashtags in a row, 0 if there are not.
func hashtagRun(s string) int {
	n, tags := 0, 0
	for strings.HasPrefix(s[n:], "#") {
		end := strings.IndexAny(s[n+1:], " #")
		if end < 0 {
			end = len(s) - n - 1
		}
		if end == 0 {
			break
		}
		n += 1 + end
		tags++
		for n < len(s) && s[n] == ' ' {
			n++
		}
	}
	if tags < 2 {
		return 0
	}
	return n
}
