package article

import (
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// stamp is a time found in a line, and what the line calls it.
type stamp struct {
	at       time.Time
	from, to int  // where it stands, its label included
	updated  bool // labelled as the time of a change
	labelled bool
	precise  bool // has an hour
}

// stamps finds the times in a line. Pages print them in a dozen forms; all are
// a year, a month and a day with one separator, perhaps a weekday or a half of
// the day, then hours and minutes.
func stamps(s string) []stamp {
	var found []stamp
	rest := 0
	for i := 0; i+8 <= len(s); i++ {
		if s[i] < '0' || s[i] > '3' || i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
			continue
		}
		at, precise, n := readTime(s[i:])
		if n == 0 {
			continue
		}
		st := stamp{at: at, from: i, to: i + n, precise: precise}
		st.readLabel(s[rest:i])
		found = append(found, st)
		i += n - 1
		rest = i + 1
	}
	return found
}

// readLabel looks for the label directly before the time.
func (st *stamp) readLabel(before string) {
	b := strings.TrimRight(before, " \t:：.·|lㅣ")
	for _, l := range dateLabels() {
		if strings.HasSuffix(b, l.text) {
			st.labelled, st.updated = true, l.updated
			st.from -= len(before) - len(b) + len(l.text)
			return
		}
	}
}

type dateLabel struct {
	text    string
	updated bool
}

// dateLabels are the words that pages put before a time; longer ones first.
var dateLabels = sync.OnceValue(func() []dateLabel {
	return []dateLabel{
		{"최종 업데이트", true}, {"최종업데이트", true}, {"업데이트", true}, {"Updated", true}, {"updated", true}, {"UPDATED", true},
		{"최종수정일", true}, {"최종수정", true}, {"최종 수정", true}, {"기사수정", true}, {"수정시간", true}, {"수정일", true}, {"수정", true}, {"갱신", true}, {"변경", true},
		{"기사입력", false}, {"기사등록", false}, {"기사승인", false}, {"최초입력", false}, {"최초작성", false}, {"송고시간", false}, {"등록일시", false}, {"등록일", false}, {"입력일", false}, {"작성일", false}, {"게시일", false}, {"발행일", false},
		{"입력", false}, {"등록", false}, {"승인", false}, {"작성", false}, {"게시", false}, {"발행", false}, {"송고", false}, {"보도", false}, {"방송", false},
		{"Published", false}, {"published", false}, {"Posted", false}, {"posted", false}, {"지면게재일", false}, {"게재", false},
	}
})

// readTime reads a time at the start of s; n is 0 if there is none.
func readTime(s string) (at time.Time, precise bool, n int) {
	c := cursor{s: s}
	year, ok := c.number(4, 4)
	short := !ok
	if short {
		if year, ok = c.number(2, 2); !ok || c.i >= len(s) || s[c.i] != '.' {
			return
		}
		year += 2000
	}
	if year < 1980 || year > 2100 {
		return
	}
	sep := c.separator()
	if sep == 0 {
		return
	}
	month, ok := c.number(1, 2)
	if !ok || month < 1 || month > 12 || c.separator() != sep && sep != '년' {
		return
	}
	day, ok := c.number(1, 2)
	if !ok || day < 1 || day > 31 {
		return
	}
	c.skip("일.")
	n = c.i
	hour, minute, second, ok := c.clock()
	if ok {
		precise, n = true, c.i
	}
	if short && !ok {
		return time.Time{}, false, 0 // "23.09.21" alone may be anything
	}
	at = time.Date(year, time.Month(month), day, hour, minute, second, 0, KST)
	if zone, ok := c.zone(); ok && precise {
		at = time.Date(year, time.Month(month), day, hour, minute, second, 0, zone)
		n = c.i
	}
	if at.Day() != day && precise && hour < 24 && at.Location() == KST {
		return time.Time{}, false, 0 // 31 February
	}
	return at.UTC(), precise, n
}

// cursor reads the parts of a time.
type cursor struct {
	s string
	i int
}

func (c *cursor) number(least, most int) (int, bool) {
	v, n := 0, 0
	for n < most && digitAt(c.s, c.i+n) {
		v = v*10 + int(c.s[c.i+n]-'0')
		n++
	}
	if n < least {
		return 0, false
	}
	c.i += n
	return v, true
}

// separator reads what stands between year, month and day, blanks included.
func (c *cursor) separator() rune {
	c.skip(" ")
	r, n := utf8.DecodeRuneInString(c.s[c.i:])
	switch r {
	case '-', '.', '/', '년', '월':
		c.i += n
		c.skip(" ")
		return r
	}
	return 0
}

func (c *cursor) skip(set string) {
	for c.i < len(c.s) {
		r, n := utf8.DecodeRuneInString(c.s[c.i:])
		if !strings.ContainsRune(set, r) {
			return
		}
		c.i += n
	}
}

// clock reads hours and minutes, perhaps behind a weekday or 오전/오후.
func (c *cursor) clock() (hour, minute, second int, ok bool) {
	c.skip(" T(),.|-")
	c.weekday()
	c.skip(" T(),.|")
	half := c.half()
	c.skip(" ")
	if hour, ok = c.number(1, 2); !ok || hour > 24 {
		return 0, 0, 0, false
	}
	if !c.colon("시") {
		return 0, 0, 0, false
	}
	if minute, ok = c.number(2, 2); !ok {
		minute, ok = c.number(1, 1)
	}
	if !ok || minute > 59 {
		return 0, 0, 0, false
	}
	before := c.i
	if c.colon("분") {
		if second, ok = c.number(2, 2); !ok {
			second = 0
			if before < len(c.s) && c.s[before] == ':' {
				c.i = before
			}
		}
	}
	if c.i < len(c.s) && c.s[c.i] == '.' && digitAt(c.s, c.i+1) && digitAt(c.s, c.i+2) {
		c.i++
		c.skip("0123456789") // fractions of a second
	}
	if half == "오후" && hour < 12 {
		hour += 12
	}
	if half == "오전" && hour == 12 {
		hour = 0
	}
	c.skip(")초")
	return hour, minute, second, true
}

func (c *cursor) colon(word string) bool {
	if strings.HasPrefix(c.s[c.i:], ":") {
		c.i++
		return true
	}
	if strings.HasPrefix(c.s[c.i:], word) {
		c.i += len(word)
		c.skip(" ")
		return true
	}
	return false
}

func (c *cursor) weekday() {
	rest := c.s[c.i:]
	r, n := utf8.DecodeRuneInString(rest)
	if !strings.ContainsRune("월화수목금토일", r) {
		return
	}
	rest = rest[n:]
	if strings.HasPrefix(rest, "요일") {
		n += len("요일")
		rest = rest[len("요일"):]
	}
	if next, _ := utf8.DecodeRuneInString(rest); unicode.IsLetter(next) {
		return
	}
	c.i += n
}

// half reads the half of the day that a twelve-hour clock needs.
func (c *cursor) half() string {
	for _, h := range []struct{ text, half string }{
		{"오전", "오전"}, {"오후", "오후"}, {"AM", "오전"}, {"PM", "오후"}, {"am", "오전"}, {"pm", "오후"},
	} {
		if strings.HasPrefix(c.s[c.i:], h.text) {
			c.i += len(h.text)
			return h.half
		}
	}
	return ""
}

// zone reads Z or +09:00; a time without one is KST.
func (c *cursor) zone() (*time.Location, bool) {
	rest := c.s[c.i:]
	if strings.HasPrefix(rest, "Z") {
		c.i++
		return time.UTC, true
	}
	if len(rest) < 5 || rest[0] != '+' && rest[0] != '-' {
		return nil, false
	}
	z := cursor{s: rest, i: 1}
	hours, ok := z.number(2, 2)
	if !ok || hours > 14 {
		return nil, false
	}
	z.skip(":")
	minutes, ok := z.number(2, 2)
	if !ok {
		return nil, false
	}
	offset := hours*3600 + minutes*60
	if rest[0] == '-' {
		offset = -offset
	}
	c.i += z.i
	return time.FixedZone("", offset), true
}

// dateLine reports whether a line's main matter is a time: without its times,
// labels and view counts next to nothing is left. It also takes a label alone
// ("입력"), whose time stands on the next line.
func dateLine(s string) ([]stamp, bool) {
	if len(s) > 300 {
		return nil, false
	}
	found := stamps(s)
	if len(found) == 0 {
		return nil, false
	}
	var rest strings.Builder
	at := 0
	for _, st := range found {
		rest.WriteString(s[at:st.from])
		at = st.to
	}
	rest.WriteString(s[at:])
	left := 0
	for _, word := range strings.FieldsFunc(rest.String(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if !dateWord(word) {
			left += utf8.RuneCountInString(word)
		}
	}
	labelled, precise := found[0].labelled, found[0].precise
	switch {
	case left == 0:
		return found, precise || labelled || found[0].from == 0
	case labelled:
		return found, left <= 24 && !finished(s)
	case precise:
		return found, left <= 14 && !finished(s)
	}
	return nil, false
}

// dateWord reports whether a word belongs to a line of times.
func dateWord(w string) bool {
	switch w {
	case "l", "I", "ㅣ", "조회", "조회수", "기사", "지면", "면", "시간", "댓글", "일", "최초", "최종", "기자", "승인", "뉴스", "온라인", "기사원문", "입력", "수정", "등록", "송고", "오전", "오후", "KST", "date", "updated", "update":
		return true
	}
	for _, r := range w {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(w) <= 7
}
