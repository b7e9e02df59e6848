package article

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

//go:embed rules
var ruleFiles embed.FS

// Rule describes one reason for which the cleaner takes something off a page.
// Its id is what a [Removal] names and what [Options] can switch off.
type Rule struct {
	ID          string
	Reason      Reason
	Description string
	Examples    []string // lines that the rule takes; invented, in the shape of real ones
}

// Rules lists every rule in a stable order, for documentation and for choosing
// what to switch off.
func Rules() ([]Rule, error) {
	set, err := rules()
	if err != nil {
		return nil, err
	}
	list := make([]Rule, len(set.all))
	for i, r := range set.all {
		list[i] = Rule{ID: r.ID, Reason: r.reason, Description: r.Description, Examples: r.Example}
	}
	return list, nil
}

// effect says what a matched line does to the lines below it.
type effect string

const (
	takesLine    effect = ""        // nothing: the line alone goes
	opensList    effect = "opens"   // headlines below it belong to it, prose does not
	endsArticle  effect = "ends"    // the article is over, unless the page proves otherwise
	opensSummary effect = "summary" // sentences below it are a summary
)

// rule is a Rule as its file states it. The literals are written as pages print
// them and compared by key, so spaces, digits and bullets do not matter.
type rule struct {
	ID          string   `yaml:"id"`
	Reason      string   `yaml:"reason"`
	Description string   `yaml:"description"`
	Whole       []string `yaml:"whole"`    // the line is this
	Prefix      []string `yaml:"prefix"`   // the line starts so
	Suffix      []string `yaml:"suffix"`   // the line ends so
	Contains    []string `yaml:"contains"` // the line has this, and is no finished sentence of the body
	Glue        []string `yaml:"glue"`     // found inside a long line, starts a piece of its own
	Runs        bool     `yaml:"runs"`     // what follows the glue belongs to it
	Needs       string   `yaml:"needs"`    // unless it is the whole, the line has one of these characters
	Max         int      `yaml:"max"`      // longest line, in characters without spaces; 0 means 60
	Effect      effect   `yaml:"effect"`
	Sentences   bool     `yaml:"sentences"`  // its literals are precise enough to take a finished sentence
	Outside     bool     `yaml:"outside"`    // says nothing about a line inside the article
	Structural  bool     `yaml:"structural"` // decided by code from the shape of the page
	Example     []string `yaml:"example"`

	reason Reason
}

// ruleSet finds the rule of a line in time that does not grow with the number
// of rules.
type ruleSet struct {
	all      []*rule
	byID     map[string]*rule
	whole    map[string]*rule
	prefix   bigramIndex
	marked   bigramIndex // prefixes that start with a list mark, which key drops
	suffix   bigramIndex
	contains bigramIndex
	glue     bigramIndex
	words    words
	credits  literals // what names the source of a picture
}

// bigramIndex maps the first two characters of a literal to the literals.
type bigramIndex map[string][]literal

// words are the lists of rules/words.yaml, each described there.
type words struct {
	Voice     []string `yaml:"voice"`
	Credits   []string `yaml:"credits"`
	Roles     []string `yaml:"roles"`
	Outlets   []string `yaml:"outlets"`
	Writers   []string `yaml:"writers"`
	Crew      []string `yaml:"crew"`
	Speakers  []string `yaml:"speakers"`
	Markers   []string `yaml:"markers"`
	Programme []string `yaml:"programme"`
	Tags      []string `yaml:"tags"`
	Updated   []string `yaml:"updated"`
	Published []string `yaml:"published"`
	DateWords []string `yaml:"datewords"`
}

// lexicon is the lists; empty if the data cannot be read, which [Clean] reports.
var lexicon = sync.OnceValue(func() words {
	set, err := rules()
	if err != nil {
		return words{}
	}
	return set.words
})

// literals finds plain strings, by their first rune.
type literals map[rune][]string

func newLiterals(list []string) literals {
	l := literals{}
	for _, s := range list {
		r, _ := utf8.DecodeRuneInString(s)
		l[r] = append(l[r], s)
	}
	return l
}

// at returns the length of the longest literal that s starts with.
func (l literals) at(s string) int {
	r, _ := utf8.DecodeRuneInString(s)
	best := 0
	for _, m := range l[r] {
		if len(m) > best && strings.HasPrefix(s, m) {
			best = len(m)
		}
	}
	return best
}

type literal struct {
	text string
	rule *rule
}

func (x bigramIndex) add(key string, r *rule) {
	head := bigram(key)
	x[head] = append(x[head], literal{key, r})
}

// at returns the rule of the longest literal that s starts with, and its length.
func (x bigramIndex) at(s string) (r *rule, length int) {
	for _, l := range x[bigram(s)] {
		if len(l.text) > length && strings.HasPrefix(s, l.text) {
			r, length = l.rule, len(l.text)
		}
	}
	return r, length
}

func (x bigramIndex) addEnd(key string, r *rule) {
	end := lastBigram(key)
	x[end] = append(x[end], literal{key, r})
}

// ending returns the rule of the longest literal that s ends with.
func (x bigramIndex) ending(s string) (r *rule) {
	length := 0
	for _, l := range x[lastBigram(s)] {
		if len(l.text) > length && strings.HasSuffix(s, l.text) {
			r, length = l.rule, len(l.text)
		}
	}
	return r
}

func lastBigram(s string) string {
	n := len(s)
	for range 2 {
		_, w := utf8.DecodeLastRuneInString(s[:n])
		n -= w
	}
	return s[n:]
}

// bigram returns the first two characters of s, fewer if it has fewer.
func bigram(s string) string {
	n := 0
	for range 2 {
		_, w := utf8.DecodeRuneInString(s[n:])
		n += w
	}
	return s[:n]
}

var rules = sync.OnceValues(loadRules)

func loadRules() (*ruleSet, error) {
	set := &ruleSet{
		byID: map[string]*rule{}, whole: map[string]*rule{},
		prefix: bigramIndex{}, marked: bigramIndex{}, suffix: bigramIndex{}, contains: bigramIndex{}, glue: bigramIndex{},
	}
	for _, name := range []string{"rules/chrome.yaml", "rules/lists.yaml", "rules/notices.yaml", "rules/structure.yaml"} {
		var list []*rule
		if err := readYAML(name, &list); err != nil {
			return nil, err
		}
		for _, r := range list {
			if err := set.add(r); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if err := readYAML("rules/words.yaml", &set.words); err != nil {
		return nil, err
	}
	set.credits = newLiterals(set.words.Credits)
	return set, nil
}

func readYAML(name string, into any) error {
	data, err := ruleFiles.ReadFile(name)
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (set *ruleSet) add(r *rule) error {
	if r.ID == "" || set.byID[r.ID] != nil {
		return fmt.Errorf("rule id %q is empty or used twice", r.ID)
	}
	var ok bool
	if r.reason, ok = parseReason(r.Reason); !ok {
		return fmt.Errorf("rule %s: unknown reason %q", r.ID, r.Reason)
	}
	if r.Max == 0 {
		r.Max = 60
	}
	set.all = append(set.all, r)
	set.byID[r.ID] = r
	for _, s := range r.Whole {
		if other := set.whole[key(s)]; other != nil {
			return fmt.Errorf("rule %s: %q is also in %s", r.ID, s, other.ID)
		}
		set.whole[key(s)] = r
	}
	for _, s := range r.Prefix {
		if m := mark(s); m != "" {
			set.marked.add(m+key(s), r)
		} else {
			set.prefix.add(prefixKey(s), r)
		}
	}
	for _, s := range r.Suffix {
		set.suffix.addEnd(key(s), r)
	}
	for _, s := range r.Contains {
		set.contains.add(key(s), r)
	}
	for _, s := range r.Glue {
		set.glue.add(s, r)
	}
	return nil
}

// prefixKey is key for the start of a line, where a colon is no decoration.
func prefixKey(s string) string {
	if strings.HasSuffix(strings.TrimSpace(s), ":") {
		return key(s) + ":"
	}
	return key(s)
}

// mark returns the list mark that s starts with, "" if none.
func mark(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n > 0 && r > 0x7F && strings.ContainsRune(listMarks+"☞", r) || r == '*' {
		return s[:n]
	}
	return ""
}

// match returns the rule that takes a line with this text, key and size
// (characters without spaces), or nil. exact says that the literal was the
// whole line.
func (set *ruleSet) match(text, key string, size int, off map[string]bool) (r *rule, exact bool) {
	if r := set.whole[key]; r != nil && !off[r.ID] {
		return r, true
	}
	fits := func(r *rule) bool {
		return r != nil && size <= r.Max && !off[r.ID] && (r.Needs == "" || strings.ContainsAny(key, r.Needs))
	}
	if m := mark(text); m != "" {
		if r, _ := set.marked.at(m + key); fits(r) {
			return r, false
		}
		if l := set.marked[m]; len(l) > 0 && fits(l[0].rule) {
			return l[0].rule, false
		}
	}
	if r, _ := set.prefix.at(key); fits(r) {
		return r, false
	}
	if r := set.suffix.ending(key); fits(r) {
		return r, false
	}
	if len(set.contains) == 0 {
		return nil, false
	}
	for i := range key {
		if r, _ := set.contains.at(key[i:]); fits(r) {
			return r, false
		}
	}
	return nil, false
}

// longestStrip is the longest line, in characters without spaces, that is asked
// whether it is a strip of buttons.
const longestStrip = 80

// strip returns the rule of a line that consists of nothing but buttons:
// "페이스북 트위터 URL복사", "회사소개 | 이용약관 | 광고문의".
func (set *ruleSet) strip(s string, off map[string]bool) *rule {
	var first *rule
	n := 0
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == '|' || r == '\t' || r == 'ㅣ' || r == '·' || r == '>' }) {
		k := key(w)
		if k == "" {
			continue
		}
		r := set.whole[k]
		if r == nil || off[r.ID] {
			return nil
		}
		if first == nil {
			first = r
		}
		n++
	}
	if n < 2 {
		return nil
	}
	return first
}

func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	for len(s) > 0 && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return s
}

// disabled checks the ids that a caller switches off.
func (set *ruleSet) disabled(ids []string) (map[string]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	off := make(map[string]bool, len(ids))
	for _, id := range ids {
		if set.byID[id] == nil {
			return nil, fmt.Errorf("%w: %q", ErrUnknownRule, id)
		}
		off[id] = true
	}
	return off, nil
}
