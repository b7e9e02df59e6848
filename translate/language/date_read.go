package language

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	isoDay   = "2006-01-02"
	isoMonth = "2006-01"
	isoYear  = "2006"
)

// dateReader reads the dates of one text.
type dateReader struct {
	*Calendar
	text    string
	day     time.Time // that was named last; zero when none or not certain
	quoted  bool      // inside a quotation
	dates   []Date
	before  datePhrase // the last phrase with a day
	foreign bool       // another month than that of publication was named

	otherYear bool // another year was named: a quarter may belong to it
}

// datePhrase is a date on its way: 지난달 25~26일.
type datePhrase struct {
	start, end int // bytes
	past       bool
	coming     bool
	year       int // 0 when none is named
	explicit   bool
	month      int // 0 when none is named
	relative   bool
	first      int // of the days
	last       int
	isRange    bool
}

func (s *dateReader) read() {
	var before rune
	for i := 0; i < len(s.text); {
		c, size := utf8.DecodeRuneInString(s.text[i:])
		s.quote(c)
		inWord := isHangul(before) && !isASCIIDigit(c) || isASCIIDigit(before) || before == '.' && isASCIIDigit(c)
		if !inWord && (isASCIIDigit(c) || s.words.first[c]) {
			if end := s.at(i); end > i {
				before, _ = utf8.DecodeLastRuneInString(s.text[:end])
				i = end
				continue
			}
		}
		before = c
		i += size
	}
}

func (s *dateReader) quote(c rune) {
	switch c {
	case '"':
		s.quoted = !s.quoted
	case '“':
		s.quoted = true
	case '”':
		s.quoted = false
	}
}

// at reads the date that begins at i and returns where it ends, or i.
func (s *dateReader) at(i int) int {
	if isASCIIDigit(rune(s.text[i])) {
		return s.phrase(i)
	}
	for _, read := range [...]func(int) int{s.week, s.relativeDay, s.phrase, s.edge, s.loose} {
		if end := read(i); end > i {
			return end
		}
	}
	return i
}

func (s *dateReader) emit(start, end int, meaning string) int {
	s.dates = append(s.dates, Date{Text: strings.TrimSpace(s.text[start:end]), Meaning: meaning})
	return end
}

// week reads 지난주 and 다음 주 월요일; a week begins on Monday.
func (s *dateReader) week(i int) int {
	word, n := s.words.Weeks.begin(s.text[i:])
	end := i + len(word)
	if word == "" || !ends(s.text[end:], s.words.AfterWeek) {
		return i
	}
	monday := s.today.AddDate(0, 0, 7*n-(int(s.today.Weekday())+6)%7)
	day, weekday := s.words.Weekdays.begin(strings.TrimPrefix(s.text[end:], " "))
	if day == "" {
		return s.emit(i, end, "the week of "+monday.Format(isoDay))
	}
	end = strings.Index(s.text[end:], day) + end + len(day)
	monday = monday.AddDate(0, 0, weekday)
	s.name(monday)
	return s.emit(i, end, monday.Format(isoDay))
}

// relativeDay reads 어제 and 이날. 전날보다 is left open: markets mean the last day
// of trade.
func (s *dateReader) relativeDay(i int) int {
	if word, n := s.words.Days.begin(s.text[i:]); word != "" && ends(s.text[i+len(word):], s.words.After) {
		if s.quoted {
			return s.emit(i, i+len(word), "")
		}
		day := s.today.AddDate(0, 0, n)
		s.name(day)
		return s.emit(i, i+len(word), day.Format(isoDay))
	}
	word, n := s.words.Named.begin(s.text[i:])
	if word == "" || !ends(s.text[i+len(word):], s.words.After) {
		return i
	}
	end := i + len(word)
	compared := strings.HasPrefix(strings.TrimPrefix(s.text[end:], " "), "보다") || strings.HasPrefix(strings.TrimPrefix(s.text[end:], " "), "대비")
	if s.day.IsZero() || s.quoted || compared {
		return s.emit(i, end, "")
	}
	return s.emit(i, end, s.day.AddDate(0, 0, n).Format(isoDay))
}

// edge reads 연말.
func (s *dateReader) edge(i int) int {
	word, part := s.words.Edges.begin(s.text[i:])
	end := i + len(word)
	switch {
	case word == "" || !ends(s.text[end:], s.words.After):
		return i
	case s.today.Month() <= 2 && part == "late", s.today.Month() >= 11 && part == "early":
		return s.emit(i, end, "") // of this year or of the one beside it
	}
	return s.emit(i, end, part+" "+s.today.Format(isoYear))
}

func (s *dateReader) loose(i int) int {
	word := anyPrefix(s.words.Loose, s.text[i:])
	if word == "" {
		return i
	}
	return s.emit(i, i+len(word), "")
}

// phrase reads all dates that are put together from years, months and days.
func (s *dateReader) phrase(i int) int {
	p := datePhrase{start: i, end: i}
	s.direction(&p)
	s.yearOf(&p)
	s.monthOf(&p)
	if s.daysOf(&p) {
		return s.days(p)
	}
	end, meaning, isPortion := s.portion(p)
	if !isPortion {
		end = p.end
	}
	switch {
	case end == i, p.explicit:
		return end // what names its year says itself what it is
	case p.plainMonth():
		return s.emit(i, end, "")
	case isPortion:
		return s.emit(i, end, meaning)
	case p.month > 0:
		return s.emit(i, end, s.monthMeaning(p))
	case p.year > 0 && ends(s.text[end:], s.words.After):
		return s.emit(i, end, fmt.Sprint(p.year))
	}
	return i
}

// plainMonth reports whether p names a month and nothing that says of which year:
// most likely that of publication, but a translation can leave it out too.
func (p *datePhrase) plainMonth() bool {
	return p.month > 0 && !p.relative && p.year == 0 && !p.past && !p.coming
}

// skip takes a word and the space behind it.
func (p *datePhrase) skip(text, word string) {
	p.end += len(word)
	if strings.HasPrefix(text[p.end:], " ") {
		p.end++
	}
}

func (s *dateReader) direction(p *datePhrase) {
	rest := s.text[p.end:]
	// 지난달 and 지난해 are words of their own.
	if word, _ := s.words.Months.begin(rest); word != "" {
		return
	}
	if word, _ := s.words.Years.begin(rest); word != "" {
		return
	}
	if word := anyPrefix(s.words.Past, rest); word != "" && strings.HasPrefix(rest[len(word):], " ") {
		p.past = true
		p.skip(s.text, word)
	} else if word := anyPrefix(s.words.Coming, rest); word != "" && strings.HasPrefix(rest[len(word):], " ") {
		p.coming = true
		p.skip(s.text, word)
	}
}

func (s *dateReader) yearOf(p *datePhrase) {
	rest := s.text[p.end:]
	if word, n := s.words.Years.begin(rest); word != "" {
		if word == "올" && !strings.HasPrefix(rest, "올 ") {
			return
		}
		p.year = s.today.Year() + n
		s.otherYear = s.otherYear || n != 0
		p.skip(s.text, word)
		return
	}
	if n, size := smallNumber(rest, 4); size == 4 && n > 1000 && strings.HasPrefix(rest[4:], "년") {
		p.year, p.explicit, s.otherYear = n, true, true
		p.skip(s.text, rest[:4]+"년")
	}
}

func (s *dateReader) monthOf(p *datePhrase) {
	rest := s.text[p.end:]
	word, n := s.words.Months.begin(rest)
	if word != "" && p.year == 0 && !p.past && !p.coming {
		if !ends(rest[len(word):], s.words.After) && anyMonthPart(s.words, rest[len(word):]) == "" && !isASCIIDigit(rune(rest[len(word)])) {
			return
		}
		t := s.today.AddDate(0, n, 1-s.today.Day())
		p.year, p.month, p.relative = t.Year(), int(t.Month()), true
		p.skip(s.text, word)
		return
	}
	n, size := smallNumber(rest, 2)
	if after := rest[size:]; size > 0 && 1 <= n && n <= 12 && strings.HasPrefix(after, "월") {
		p.month = n
		p.skip(s.text, rest[:size]+"월")
	}
}

func anyMonthPart(w *dateWords, rest string) string {
	word, _ := w.Parts.begin(rest)
	return word
}

// daysOf reads 25일, 25~26일, 25, 26일 and 25·26일.
func (s *dateReader) daysOf(p *datePhrase) bool {
	rest := s.text[p.end:]
	n, size := smallNumber(rest, 2)
	if size == 0 || n < 1 || n > 31 {
		return false
	}
	p.first, p.last = n, n
	at := size
	if joint := anyPrefix(s.words.Joints, rest[at:]); joint != "" {
		m, width := smallNumber(strings.TrimPrefix(rest[at+len(joint):], " "), 2)
		if width > 0 && n < m && m <= 31 && (joint != "," || strings.HasPrefix(rest[at+1:], " ")) {
			p.last, p.isRange = m, anyPrefix(s.words.Ranges, joint) != ""
			at = at + len(joint) + strings.Index(rest[at+len(joint):], fmt.Sprint(m)) + width
		}
	}
	if !strings.HasPrefix(rest[at:], "일") {
		return false
	}
	at += len("일")
	if !ends(rest[at:], s.words.After) || s.isLength(rest[at:]) || s.isCounted(s.text[:p.start]) {
		return false
	}
	p.end += at
	return true
}

// isLength reports whether what follows N일 makes it a length of time.
func (s *dateReader) isLength(rest string) bool {
	rest = strings.TrimPrefix(rest, " ")
	word := anyPrefix(s.words.Lengths, rest)
	return word != "" && ends(rest[len(word):], s.words.After)
}

// isCounted reports whether what stands before N일 does.
func (s *dateReader) isCounted(before string) bool {
	before = strings.TrimSuffix(before, " ")
	for _, word := range s.words.Counted {
		if head, ok := strings.CutSuffix(before, word); ok {
			c, _ := utf8.DecodeLastRuneInString(head)
			if !unicode.Is(unicode.Hangul, c) {
				return true
			}
		}
	}
	return false
}

// smallNumber reads an unsigned number of at most width digits.
func smallNumber(text string, width int) (n, size int) {
	for size < len(text) && isASCIIDigit(rune(text[size])) {
		n = n*10 + int(text[size]-'0')
		if size++; size > width {
			return 0, 0
		}
	}
	return n, size
}
