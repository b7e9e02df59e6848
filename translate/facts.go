package translate

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"yeok/article"
	"yeok/translate/check"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

// fact is what code knows better than a model: what day 21일 was, how much a
// Korean number is, what a sign of a headline stands for. Facts are the same for
// every target language, so that they stand in the part of the prompt that all
// languages share.
type fact struct{ words, meaning string }

// factsVersion is part of every key. It changes when the facts of the same text do.
const factsVersion = "2"

// published is the fact on which all dates hang; "" when unknown.
func published(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return "published " + at.In(article.KST).Format("2006-01-02 (Monday)") + ", Korean time"
}

// addDates finds what the dates of every unit mean. 이날 may mean a day of a unit
// before.
func addDates(units []*unit, publishTime time.Time, independent bool) {
	if publishTime.IsZero() {
		return
	}
	publishTime = publishTime.In(article.KST)
	calendar := language.NewCalendar(publishTime)
	for _, u := range units {
		if independent {
			calendar = language.NewCalendar(publishTime)
		}
		for _, date := range calendar.Read(u.text) {
			u.dated = true
			if date.Meaning != "" {
				u.facts = addFact(u.facts, fact{date.Text, date.Meaning})
			} else {
				u.loose = true
			}
		}
	}
}

// addHanja says what the hanja of headlines stand for; a surname is that of
// somebody in the body.
func addHanja(units []*unit) {
	body := ""
	for _, u := range units {
		if !u.headline() || !strings.ContainsFunc(u.text, isHan) {
			continue
		}
		if body == "" {
			body = bodyOf(units)
		}
		u.hanja = glossary.Hanja(u.text, body)
		for _, e := range u.hanja {
			u.facts = addFact(u.facts, fact{e.Hanja, strings.Join(append([]string{e.Korean}, e.Others...), " or ")})
		}
	}
}

func isHan(c rune) bool { return unicode.Is(unicode.Han, c) }

func bodyOf(units []*unit) string {
	var b strings.Builder
	for _, u := range units {
		if u.role == check.Body {
			b.WriteString(u.text)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// isBig reports whether c is one of the units that make Korean numbers hard: models
// take 억 for a billion and 조 for 兆.
func isBig(c rune) bool { return c == '만' || c == '억' || c == '조' || c == '경' }

// addNumbers reads every unit as the checks do, and gives the value of each number in
// digits that counts in 만, 억, 조 or 경: "1조2000억원: 1,200,000,000,000". Those facts
// follow from the text of the unit alone, so that no key needs them.
func addNumbers(units []*unit) {
	for _, u := range units {
		u.read = check.ReadSource(u.text)
		for i := range u.read.Numbers() {
			q := &u.read.Numbers()[i]
			n, whole := q.Value.Int()
			if !whole || !q.Hard || q.Vague || q.Name || q.Code || !strings.ContainsFunc(q.Text, isBig) {
				continue
			}
			u.amounts = addFact(u.amounts, fact{oneLine(lookalikes.Replace(q.Text)), grouped(n)})
		}
	}
}

func addFact(facts []fact, f fact) []fact {
	if slices.Contains(facts, f) {
		return facts
	}
	return append(facts, f)
}

// grouped writes n with commas between thousands.
func grouped(n int64) string {
	digits := fmt.Sprint(n)
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// factsOf lists the facts of units once each, the day of publication first where
// it matters. Words
// that mean two things in one article come with the segment that they stand in;
// 1조2000억 need not be said beside 1조2000억원.
func (j *job) factsOf(units []*unit) []string {
	meanings := make(map[string][]string) // by words
	for _, u := range units {
		for _, f := range u.facts {
			if !slices.Contains(meanings[f.words], f.meaning) {
				meanings[f.words] = append(meanings[f.words], f.meaning)
			}
		}
	}
	var lines []string
	if slices.ContainsFunc(units, func(u *unit) bool { return u.dated }) && !j.req.Independent {
		lines = append(lines, published(j.req.Article.PublishTime))
	}
	for _, u := range units {
		for _, f := range u.facts {
			line := f.words + ": " + f.meaning
			if len(meanings[f.words]) > 1 {
				line = f.words + " in " + u.tag + ": " + f.meaning
			}
			if !slices.Contains(lines, line) && !implied(f, meanings) {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// implied reports whether another fact of the same meaning has the words of f in
// front: 1조2000억원, for 1조2000억.
func implied(f fact, meanings map[string][]string) bool {
	for words, means := range meanings {
		if len(words) > len(f.words) && strings.HasPrefix(words, f.words) && slices.Contains(means, f.meaning) {
			return true
		}
	}
	return false
}
