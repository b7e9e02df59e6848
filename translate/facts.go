package translate

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"yeok/article"
	"yeok/translate/language"
)

// Facts are what code knows better than a model: how much a Korean number is and
// what day it was. They are the same for every target language, so that they
// stand in the part of the prompt that all languages share.

// published is the fact that resolves 21일 and 지난달; "" when unknown.
func published(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return "published " + at.In(article.KST).Format("2006-01-02 (Monday)") + ", Korean time"
}

// datedWord matches words that mean another day when the article is published on
// another day.
var datedWord = regexp.MustCompile(`\d일|지난|이번|이달|내달|다음|올해|올\s|지난해|작년|내년|전날|다음날|이튿날|이날|오늘|어제|내일|모레|그제|최근|분기|반기|연말|연초|월말|월초|주말|현재`)

// bigNumber matches the units that make Korean numbers hard: models take 억 for a
// billion and 조 for 兆.
var bigNumber = regexp.MustCompile(`[만억조경]`)

// factsVersion is part of every key. It changes when the facts of the same text do.
const factsVersion = "1"

// dateOf is the day of publication if it bears on text, else "".
func dateOf(text string, publishTime time.Time) string {
	if publishTime.IsZero() || !datedWord.MatchString(text) {
		return ""
	}
	return published(publishTime)
}

// addFacts finds the facts of every unit.
func addFacts(units []*unit, publishTime time.Time) {
	for _, u := range units {
		if date := dateOf(u.text, publishTime); date != "" {
			u.facts = append(u.facts, date)
		}
		u.facts = append(u.facts, numberFacts(u.text)...)
	}
}

// numberFacts gives the value of every number in digits that counts in 만, 억, 조 or
// 경: "1조2000억원: 1,200,000,000,000".
func numberFacts(text string) []string {
	var facts []string
	for _, q := range language.Korean().Quantities(text) {
		n, whole := q.Value.Int()
		if !whole || !q.Hard || q.Vague || q.Name || q.Code || !bigNumber.MatchString(q.Text) {
			continue
		}
		facts = append(facts, fmt.Sprintf("%s: %s", oneLine(lookalikes.Replace(q.Text)), grouped(n)))
	}
	return facts
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
