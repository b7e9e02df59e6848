package language

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// days resolves a phrase that names days.
func (s *dateReader) days(p datePhrase) int {
	if joined := s.joined(p); joined != nil {
		p.past, p.coming, p.year, p.month, p.relative, p.explicit = joined.past, joined.coming, joined.year, joined.month, joined.relative, joined.explicit
	}
	s.before = p
	first, ok := s.firstDay(p)
	if p.month > 0 && (p.month != int(s.today.Month()) || p.year > 0 && p.year != s.today.Year()) {
		s.foreign = true
	}
	end := p.end + len(anyPrefix(s.words.Local, s.text[p.end:]))
	last := first.AddDate(0, 0, p.last-p.first)
	if !ok || last.Month() != first.Month() {
		s.name(time.Time{})
		return s.emit(p.start, end, "")
	}
	s.name(last)
	if p.explicit {
		return end // 2024년 7월 21일 says itself what it is
	}
	if p.plainMonth() {
		return s.emit(p.start, end, "")
	}
	meaning := period(isoDay, first, last, p.isRange)
	if end > p.end {
		meaning += ", local time there"
	}
	return s.emit(p.start, end, meaning)
}

// joined is the phrase before, if p goes on with its month: 지난달 25일과 26일.
func (s *dateReader) joined(p datePhrase) *datePhrase {
	if s.before.end == 0 || p.month > 0 || p.year > 0 || p.past || p.coming || s.before.end > p.start {
		return nil
	}
	between := strings.TrimSpace(s.text[s.before.end:p.start])
	if between == "" || !slices.Contains(s.words.Joints, between) || p.first <= s.before.last {
		return nil
	}
	return &s.before
}

// firstDay is the first day of p, false when it is not certain.
func (s *dateReader) firstDay(p datePhrase) (time.Time, bool) {
	year := s.today.Year()
	switch {
	case p.month > 0 && p.year > 0:
		return exists(p.year, p.month, p.first)
	case p.month > 0 && p.past:
		return s.nearest(p.last, p.first, -1, dayOf(year, p.month, 1), dayOf(year-1, p.month, 1))
	case p.month > 0 && p.coming:
		return s.nearest(p.first, p.first, 1, dayOf(year, p.month, 1), dayOf(year+1, p.month, 1))
	case p.month > 0:
		return exists(year, p.month, p.first)
	case p.year > 0:
		return time.Time{}, false // 올해 3일: no day of any month
	case p.past:
		return s.nearest(p.last, p.first, -1, s.monthsOff(0), s.monthsOff(-1))
	case p.coming:
		return s.nearest(p.first, p.first, 1, s.monthsOff(0), s.monthsOff(1))
	}
	return s.bareDay(p)
}

// nearest is the day first in the first of the months in which day lies on the
// side of today that sign says. Today itself is neither past nor coming.
func (s *dateReader) nearest(day, first, sign int, months ...time.Time) (time.Time, bool) {
	if t, ok := exists(months[0].Year(), int(months[0].Month()), day); ok && t == s.today {
		return t, false
	}
	for _, m := range months {
		t, ok := exists(m.Year(), int(m.Month()), day)
		if ok && t.Compare(s.today) == sign {
			return exists(m.Year(), int(m.Month()), first)
		}
	}
	return time.Time{}, false
}

// bareDay resolves 21일: of this month; of the last one when that is nearer and
// nothing says that it is still to come.
func (s *dateReader) bareDay(p datePhrase) (time.Time, bool) {
	year, month := s.today.Year(), int(s.today.Month())
	here, ok := exists(year, month, p.first)
	future := s.saysFuture(p.end)
	if ok && !here.After(s.today) {
		const lead = 7 // days: what a story tells of
		if s.foreign && s.today.Sub(here) > lead*24*time.Hour {
			return here, false
		}
		next, exist := exists(year, month+1, p.first)
		if future && exist && next.Sub(s.today) < s.today.Sub(here) {
			return here, false
		}
		return here, true
	}
	switch before, existed := exists(s.monthsOff(-1).Year(), int(s.monthsOff(-1).Month()), p.first); {
	case s.foreign:
		return here, false
	case future:
		return here, ok
	case existed && (!ok || s.today.Sub(before) < here.Sub(s.today)):
		return before, true
	}
	return here, false
}

// saysFuture reports whether the sentence goes on as one about what is to come.
func (s *dateReader) saysFuture(end int) bool {
	rest := s.text[end:]
	const sentence = 400 // bytes, at most
	rest = rest[:min(len(rest), sentence)]
	if i := strings.Index(rest, ". "); i >= 0 {
		rest = rest[:i]
	}
	return slices.ContainsFunc(s.words.Future, func(w string) bool { return strings.Contains(rest, w) })
}

// monthsOff is the first day of the month n months from publication.
func (s *dateReader) monthsOff(n int) time.Time { return s.today.AddDate(0, n, 1-s.today.Day()) }

// monthMeaning resolves 지난 3월, 올해 3월, 지난달. The month of publication itself
// is neither past nor coming.
func (s *dateReader) monthMeaning(p datePhrase) string {
	year, now := p.year, int(s.today.Month())
	switch {
	case year > 0:
	case p.month == now:
		return ""
	case p.past && p.month > now:
		year = s.today.Year() - 1
	case p.coming && p.month < now:
		year = s.today.Year() + 1
	default:
		year = s.today.Year()
	}
	if p.month != now || year != s.today.Year() {
		s.foreign = true
	}
	return dayOf(year, p.month, 1).Format(isoMonth)
}

// portion reads what may stand behind a year or month instead of a day: a quarter,
// a half, the beginning or end.
func (s *dateReader) portion(p datePhrase) (end int, meaning string, ok bool) {
	rest := s.text[p.end:]
	if part, when := s.words.Parts.begin(rest); part != "" && p.end > p.start && ends(rest[len(part):], s.words.After) {
		switch {
		case p.month > 0:
			return p.end + len(part), when + " " + s.monthMeaning(p), true
		case p.year > 0:
			return p.end + len(part), fmt.Sprintf("%s %d", when, p.year), true
		}
	}
	if n, size := smallNumber(rest, 1); size > 0 && 1 <= n && n <= 4 && strings.HasPrefix(rest[size:], "분기") && p.month == 0 {
		return p.end + size + len("분기"), s.piece(p, "Q", n, 3), true
	}
	if word, n := s.words.Halves.begin(rest); word != "" && p.month == 0 {
		return p.end + len(word), s.piece(p, "H", n, 6), true
	}
	return 0, "", false
}

// piece is the n-th quarter or half, of so many months. Without a year it is that
// of this year if it has begun, and 지난 makes it the last one that is over.
func (s *dateReader) piece(p datePhrase, letter string, n, months int) string {
	year, now := p.year, (int(s.today.Month())-1)/months+1
	switch {
	case year > 0:
	case p.past && n == now || p.coming && n == now:
		return ""
	case p.past && n > now:
		year = s.today.Year() - 1
	case p.coming && n < now:
		year = s.today.Year() + 1
	case p.past || p.coming:
		year = s.today.Year()
	case n > now || s.otherYear:
		return ""
	default:
		year = s.today.Year()
	}
	return fmt.Sprintf("%d %s%d", year, letter, n)
}
