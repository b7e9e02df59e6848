package language

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Date is a place in a Korean text whose meaning hangs on the day of publication.
type Date struct {
	Text string // 지난달 25~26일

	// Meaning is the day (2025-07-21), the month (2025-07), year, quarter
	// (2025 Q1), half (2025 H1) or a range of them; "" when it is not certain.
	Meaning string
}

// Calendar resolves the dates of one article, segment after segment.
//
// Its rule is that of Korean news desks: a bare day is of the month of publication,
// 지난 is the last such day before it and 오는 the next one after it. Where the
// text may mean two days, nothing is said: a model that is told nothing keeps the
// words, one that is told a wrong day prints it.
type Calendar struct {
	today   time.Time
	words   *dateWords
	named   time.Time // the one day that the segments before named
	several bool      // they named more than one
}

// NewCalendar returns the calendar of an article that is published at that time,
// on the day of the time's own location. Of the zero time nothing is resolved.
func NewCalendar(published time.Time) *Calendar {
	c := &Calendar{words: loadedDates()}
	if !published.IsZero() {
		c.today = dayOf(published.Year(), int(published.Month()), published.Day())
	}
	return c
}

// Read returns the dates of the next segment, in the order in which they stand.
func (c *Calendar) Read(text string) []Date {
	if c.today.IsZero() {
		return nil
	}
	s := dateReader{Calendar: c, text: text, day: c.named}
	if c.several {
		s.day = time.Time{}
	}
	s.read()
	return s.dates
}

// name notes a day that a text names: 이날 in a later segment is that day as long
// as it is the only one.
func (s *dateReader) name(day time.Time) {
	s.day = day
	if !s.named.IsZero() && s.named != day || day.IsZero() {
		s.several = true
	}
	s.named = day
}

func dayOf(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// exists is the day if there is one: there is no 31 June.
func exists(year, month, day int) (time.Time, bool) {
	t := dayOf(year, month, day)
	return t, t.Day() == day
}

// dateWords are the words of dates.yaml.
type dateWords struct {
	Years     wordTable[int]    `yaml:"years"`
	Months    wordTable[int]    `yaml:"months"`
	Weeks     wordTable[int]    `yaml:"weeks"`
	Weekdays  wordTable[int]    `yaml:"weekdays"`
	Days      wordTable[int]    `yaml:"days"`
	Named     wordTable[int]    `yaml:"named"`
	Past      []string          `yaml:"past"`
	Coming    []string          `yaml:"coming"`
	Halves    wordTable[int]    `yaml:"halves"`
	Parts     wordTable[string] `yaml:"parts"`
	Edges     wordTable[string] `yaml:"edges"`
	Loose     []string          `yaml:"loose"`
	Local     []string          `yaml:"local"`
	After     []string          `yaml:"after"`
	AfterWeek []string          `yaml:"after_week"`
	Lengths   []string          `yaml:"lengths"`
	Counted   []string          `yaml:"counted"`
	Joints    []string          `yaml:"joints"`
	Ranges    []string          `yaml:"ranges"`
	Future    []string          `yaml:"future"`

	first map[rune]bool // with which a word may begin
}

// loadedDates reads the words once. A test loads them; should a mistake get past
// it all the same, no date is found.
var loadedDates = sync.OnceValue(func() *dateWords {
	w, err := loadDates()
	if err != nil {
		return &dateWords{}
	}
	return w
})

func loadDates() (*dateWords, error) {
	w := &dateWords{first: make(map[rune]bool)}
	if err := decode("dates.yaml", w); err != nil {
		return nil, err
	}
	words := slices.Concat(w.Past, w.Coming, w.Loose, w.Edges.words())
	for _, table := range []wordTable[int]{w.Years, w.Months, w.Weeks, w.Days, w.Named, w.Halves} {
		words = append(words, table.words()...)
	}
	for _, word := range words {
		c, _ := utf8.DecodeRuneInString(word)
		w.first[c] = true
	}
	return w, nil
}

// wordTable is a table of words with their values, the longest words first.
type wordTable[V any] []wordValue[V]

type wordValue[V any] struct {
	word  string
	value V
}

// UnmarshalYAML reads a table from a mapping.
func (t *wordTable[V]) UnmarshalYAML(node *yaml.Node) error {
	var values map[string]V
	if err := node.Decode(&values); err != nil {
		return err
	}
	for _, word := range slices.Sorted(maps.Keys(values)) {
		*t = append(*t, wordValue[V]{word, values[word]})
	}
	slices.SortStableFunc(*t, func(a, b wordValue[V]) int { return len(b.word) - len(a.word) })
	return nil
}

// begin is the longest word of the table with which text begins.
func (t wordTable[V]) begin(text string) (word string, value V) {
	if text == "" || text[0] < utf8.RuneSelf {
		return "", value // the words are Korean
	}
	for _, e := range t {
		if strings.HasPrefix(text, e.word) {
			return e.word, e.value
		}
	}
	return "", value
}

func (t wordTable[V]) words() []string {
	var words []string
	for _, e := range t {
		words = append(words, e.word)
	}
	return words
}

// anyPrefix is the longest of words with which text begins.
func anyPrefix(words []string, text string) string {
	found := ""
	for _, w := range words {
		if len(w) > len(found) && strings.HasPrefix(text, w) {
			found = w
		}
	}
	return found
}

// ends reports whether a word can end where rest begins.
func ends(rest string, after []string) bool {
	c, _ := utf8.DecodeRuneInString(rest)
	return !unicode.Is(unicode.Hangul, c) && !isASCIIDigit(c) || anyPrefix(after, rest) != ""
}

func isASCIIDigit(c rune) bool { return '0' <= c && c <= '9' }

// period writes the months or days from first to last.
func period(layout string, first, last time.Time, isRange bool) string {
	from, to := first.Format(layout), last.Format(layout)
	switch {
	case from == to:
		return from
	case isRange:
		return fmt.Sprintf("%s to %s", from, to)
	default:
		return fmt.Sprintf("%s and %s", from, to)
	}
}
