package article

import (
	"slices"
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

// dateLabels are the words that pages put before a time.
var dateLabels = sync.OnceValue(func() []dateLabel {
	var list []dateLabel
	for _, w := range lexicon().Updated {
		list = append(list, dateLabel{w, true})
	}
	for _, w := range lexicon().Published {
		list = append(list, dateLabel{w, false})
	}
	return list
})

// readTime reads a time at the start of s; n is 0 if there is none.
func readTime(s string) (at time.Time, precise bool, n int) {
	c := cursor{s: s}
	year, month, day, short, ok := c.date()
	if !ok {
		return time.Time{}, false, 0
	}
	n = c.i
	hour, minute, second, precise := c.clock()
	if !precise {
		if short {
			return time.Time{}, false, 0 // "23.09.21" alone may be anything
		}
		return time.Date(year, month, day, 0, 0, 0, 0, KST).UTC(), false, n
	}
	n = c.i
	zone, zoned := c.zone()
	if zoned {
		n = c.i
	} else {
		zone = KST
	}
	at = time.Date(year, month, day, hour, minute, second, 0, zone)
	if at.Day() != day && hour < 24 {
		return time.Time{}, false, 0 // 31 February
	}
	return at.UTC(), true, n
}

// date reads year, month and day; short says that the year has two digits.
func (c *cursor) date() (year int, month time.Month, day int, short, ok bool) {
	year, ok = c.number(4, 4)
	if short = !ok; short {
		if year, ok = c.number(2, 2); !ok || c.i >= len(c.s) || c.s[c.i] != '.' {
			return 0, 0, 0, false, false
		}
		year += 2000
	}
	sep := c.separator()
	m, okMonth := c.number(1, 2)
	second := c.separator()
	day, okDay := c.number(1, 2)
	if year < 1980 || year > 2100 || sep == 0 || !okMonth || m < 1 || m > 12 || second != sep && sep != '년' || second == 0 || !okDay || day < 1 || day > 31 {
		return 0, 0, 0, false, false
	}
	c.skip("일.")
	return year, time.Month(m), day, short, true
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
	if slices.Contains(lexicon().DateWords, w) {
		return true
	}
	for _, r := range w {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(w) <= 7
}
