package language

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// kind says what a form means to the reader of numbers. Kinds are bits, so that
// a look-up can ask for several.
type kind uint32

const (
	digitWord  kind = 1 << iota // one, 세, 三, hai
	multiplier                  // inside a group: hundred, 천, 千, trăm
	group                       // closes a group: million, 억, 亿, triệu
	joiner                      // between parts of one number: and, linh
	vague                       // before a multiplier: 수, several, vài
	plural                      // a vague number by itself: dozens, hundreds
	ordinal                     // first, 첫째
	over                        // between the parts of a fraction: 분의, phần
	phrase                      // a whole quantity in one word: 절반, doubled
	month                       // January
	unitAfter                   // won, 원
	unitBefore                  // $, ngày
	part                        // behind a number, a fraction: two thirds
	adder                       // before a multiple, counts the old amount too: 增加了两倍 is threefold
	grower                      // behind a multiple, may count the old amount too: 2배 늘어
	morning                     // 오전, a.m.
	evening                     // 오후, p.m.
	night                       // 밤, 深夜
	ranger                      // between two ends: ~, to
	lister                      // between numbers of one unit: ·, and
	filler                      // between a number and its unit: 여, 多
	named                       // digits that are a name: 코로나19
	andHalf                     // behind a number or what it counts, half of one more
	noun                        // a number word that stands by itself: 하나, 셋
	weak                        // a number word that is more often another word
)

// term is one form of a language's number words.
type term struct {
	form   []rune
	kind   kind
	values []Value  // what it may be worth, the likeliest first
	units  []string // what it may count, the likeliest first
}

func (t term) value() Value { return t.values[0] }

// lexicon finds the forms of a language: by first rune, the longest first.
// It is asked several times for every letter of a text, so it is a table and no
// map.
type lexicon struct {
	index []uint16 // by rune of the basic plane, into lists
	lists [][]term // the first is empty
	heads [][]head // of the terms of each list
	kinds []kind   // all that each list holds
}

// head is what most terms can be told from a text by: few get further.
type head struct {
	kind   kind
	second rune // of the form; 0 where it has only one
}

func newLexicon() *lexicon {
	return &lexicon{index: make([]uint16, 0x10000), lists: make([][]term, 1)}
}

// of are the terms that begin with c.
func (x *lexicon) of(c rune) []term {
	if c >= 0x10000 {
		return nil
	}
	return x.lists[x.index[c]]
}

// at is the longest term of the wanted kinds that stands at text[i:]. A form in
// letters must not begin or end inside a word.
func (x *lexicon) at(text []rune, i int, want kind) (term, bool) {
	if i >= len(text) || text[i] >= 0x10000 {
		return term{}, false
	}
	list := x.index[text[i]]
	if x.kinds[list]&want == 0 || isLetter(text[i]) && i > 0 && isLetter(text[i-1]) {
		return term{}, false
	}
	second := rune(-1)
	if i+1 < len(text) {
		second = text[i+1]
	}
	for k, h := range x.heads[list] {
		if h.kind&want == 0 || h.second != second && h.second != 0 && (h.second != ' ' || second != '-') {
			continue
		}
		if t := &x.lists[list][k]; hasPrefix(text[i:], t.form) && !cut(text, i+len(t.form)) {
			return *t, true
		}
	}
	return term{}, false
}

// hasPrefix compares; a space of a form also stands for a hyphen.
func hasPrefix(text, form []rune) bool {
	if len(text) < len(form) {
		return false
	}
	for i, c := range form {
		if text[i] != c && (c != ' ' || text[i] != '-') {
			return false
		}
	}
	return true
}

// bounded reports whether text[start:end] neither begins nor ends inside a word
// of an alphabet. Scripts without spaces have no such bounds.
func bounded(text []rune, start, end int) bool {
	if isLetter(text[start]) && start > 0 && isLetter(text[start-1]) {
		return false
	}
	return !cut(text, end)
}

// cut reports whether a form that ends at i ends inside a word of an alphabet.
func cut(text []rune, i int) bool {
	return i < len(text) && isLetter(text[i-1]) && isLetter(text[i])
}

// isLetter reports whether c is a letter of an alphabet with spaced words.
func isLetter(c rune) bool {
	if c < 0x80 {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	return c < 0x2000 && unicode.IsLetter(c) && !unicode.Is(unicode.Hangul, c)
}

// numberStyle is how a language writes numbers.
type numberStyle struct {
	Grouping   string `yaml:"grouping"`    // between groups of three digits
	Decimal    string `yaml:"decimal"`     // before the fraction
	Point      string `yaml:"point"`       // the same between number words
	Spaced     bool   `yaml:"spaced"`      // words stand apart, so "two hundred" is one number
	WholeFirst bool   `yaml:"whole_first"` // of a fraction: 3분의 1, not một phần ba
	DayFirst   bool   `yaml:"day_first"`   // 21/7 is a day of July

	Scales  []scale `yaml:"scales"`  // groups to write large numbers in, the largest first
	Chained bool    `yaml:"chained"` // large numbers are written group by group: 1億4200万

	words map[string]string // the first form of every unit
	roles roleTable
}

// firstForms are the words that units are written with.
func (d *numberData) firstForms() map[string]string {
	words := make(map[string]string, len(d.After))
	for id, forms := range d.After {
		if len(forms) > 0 {
			words[id] = forms[0]
		}
	}
	return words
}

// numberData is the numbers section of a language file. Units are those of
// units.yaml; a form that stands under two of them may mean either.
type numberData struct {
	Style       numberStyle         `yaml:"style"`
	Digits      map[string]string   `yaml:"digits"`
	Multipliers map[string]string   `yaml:"multipliers"`
	Groups      map[string]string   `yaml:"groups"`
	Plurals     map[string]string   `yaml:"plurals"`
	Ordinals    map[string]string   `yaml:"ordinals"`
	Months      map[string]string   `yaml:"months"`
	Parts       map[string]string   `yaml:"parts"`
	Phrases     map[string]string   `yaml:"phrases"` // "value unit" or "value|value unit"
	Joiners     []string            `yaml:"joiners"`
	Vague       []string            `yaml:"vague"`
	Over        []string            `yaml:"over"`
	Adders      []string            `yaml:"adders"`
	Growers     []string            `yaml:"growers"`
	Morning     []string            `yaml:"morning"`
	Evening     []string            `yaml:"evening"`
	Night       []string            `yaml:"night"`
	Ranges      []string            `yaml:"ranges"`
	Lists       []string            `yaml:"lists"`
	Fillers     []string            `yaml:"fillers"`
	Names       []string            `yaml:"names"`
	Nouns       []string            `yaml:"nouns"`
	Weak        []string            `yaml:"weak"`
	AndHalf     []string            `yaml:"and_half"`
	After       map[string][]string `yaml:"after"`  // units behind the number
	Before      map[string][]string `yaml:"before"` // units before the number

	Openings    []string           `yaml:"openings"`     // before a number of months: the first of a year
	OpeningsEnd []string           `yaml:"openings_end"` // the same behind them
	Closings    []string           `yaml:"closings"`     // the same for the last of a year
	ClosingsEnd []string           `yaml:"closings_end"`
	About       []string           `yaml:"about"` // between a role and its number
	Roles       map[Role]roleForms `yaml:"roles"`
}

// lexicon turns the section into a look-up.
func (d *numberData) lexicon(units map[string]*unit) (*lexicon, error) {
	x := newLexicon()
	valued := []struct {
		kind  kind
		words map[string]string
	}{
		{digitWord, d.Digits}, {multiplier, d.Multipliers}, {group, d.Groups}, {plural, d.Plurals},
		{ordinal, d.Ordinals}, {month, d.Months}, {part, d.Parts}, {phrase, d.Phrases},
	}
	for _, set := range valued {
		for form, meaning := range set.words {
			if err := x.addValue(set.kind, form, meaning, units); err != nil {
				return nil, err
			}
		}
	}
	plain := []struct {
		kind  kind
		forms []string
	}{
		{joiner, d.Joiners}, {vague, d.Vague}, {over, d.Over}, {adder, d.Adders}, {grower, d.Growers},
		{morning, d.Morning}, {evening, d.Evening}, {night, d.Night},
		{ranger, d.Ranges}, {lister, d.Lists}, {filler, d.Fillers}, {named, d.Names}, {weak, d.Weak}, {noun, d.Nouns}, {andHalf, d.AndHalf},
	}
	for _, set := range plain {
		for _, form := range set.forms {
			x.add(form, term{kind: set.kind})
		}
	}
	for _, set := range []struct {
		kind  kind
		units map[string][]string
	}{{unitAfter, d.After}, {unitBefore, d.Before}} {
		if err := x.addUnits(set.kind, set.units, units); err != nil {
			return nil, err
		}
	}
	x.sort()
	return x, nil
}

func (x *lexicon) addValue(k kind, form, meaning string, units map[string]*unit) error {
	numbers, id, _ := strings.Cut(meaning, " ")
	t := term{kind: k}
	for number := range strings.SplitSeq(numbers, "|") {
		v, err := parseValue(number)
		if err != nil {
			return fmt.Errorf("%s: %w", form, err)
		}
		t.values = append(t.values, v)
	}
	if id != "" {
		if _, known := units[id]; !known {
			return fmt.Errorf("%s: unknown unit %q", form, id)
		}
		t.units = []string{id}
	}
	x.add(form, t)
	return nil
}

// addUnits adds the units in the order of their names, so that the first of two
// meanings is always the same one.
func (x *lexicon) addUnits(k kind, forms map[string][]string, units map[string]*unit) error {
	for _, id := range slices.Sorted(maps.Keys(forms)) {
		if _, known := units[id]; !known {
			return fmt.Errorf("unknown unit %q", id)
		}
		for _, form := range forms[id] {
			x.add(form, term{kind: k, units: []string{id}})
		}
	}
	return nil
}

// add adds a form, or a unit to a form that is there already. No language writes
// number words outside the basic plane.
func (x *lexicon) add(form string, t term) {
	t.form = fold([]rune(form))
	if len(t.form) == 0 {
		return
	}
	first := t.form[0]
	if first >= 0x10000 {
		return
	}
	if x.index[first] == 0 {
		x.index[first] = uint16(len(x.lists))
		x.lists = append(x.lists, nil)
	}
	terms := x.of(first)
	for i := range terms {
		if terms[i].kind == t.kind && slices.Equal(terms[i].form, t.form) {
			for _, id := range t.units {
				if !slices.Contains(terms[i].units, id) {
					terms[i].units = append(terms[i].units, id)
				}
			}
			return
		}
	}
	x.lists[x.index[first]] = append(terms, t)
}

// sort puts long forms first, the rest of the order only keeps runs alike, and
// notes their heads.
func (x *lexicon) sort() {
	for _, terms := range x.lists {
		slices.SortFunc(terms, func(a, b term) int {
			return cmp.Or(cmp.Compare(len(b.form), len(a.form)), cmp.Compare(string(a.form), string(b.form)), cmp.Compare(a.kind, b.kind))
		})
	}
	x.heads, x.kinds = make([][]head, len(x.lists)), make([]kind, len(x.lists))
	for i, terms := range x.lists {
		for _, t := range terms {
			x.kinds[i] |= t.kind
			h := head{kind: t.kind}
			if len(t.form) > 1 {
				h.second = t.form[1]
			}
			x.heads[i] = append(x.heads[i], h)
		}
	}
}

// fold makes full-width ASCII narrow, letters lower case, apostrophes straight and
// every space a plain one, rune by rune, so that positions stay those of the text.
func fold(text []rune) []rune {
	out := make([]rune, len(text))
	for i, c := range text {
		switch {
		case c < 0x80:
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			out[i] = c
			continue
		case '\u3001' <= c && c < '！': // no case and no width
			out[i] = c
			continue
		case '！' <= c && c <= '～':
			c -= '！' - '!'
		case c == '’':
			c = '\''
		case c == '\u00a0' || c == '\u202f' || c == '\u3000' || c == '\u2009':
			c = ' '
		}
		out[i] = unicode.ToLower(c)
	}
	return out
}
