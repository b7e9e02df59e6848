// Package headlines holds facts and checks against Korean headlines with hanja,
// quotations and “…”, in good and bad renderings.
//
// The one idea to know: a headline is checked as a gateway would, with the signs
// resolved from the article's body, so what this measures is what an editor sees.
package headlines

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"

	_ "embed"

	"go.yaml.in/yaml/v3"

	"yeok/translate/check"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

// Headline is one headline with what it says.
type Headline struct {
	Korean string                           `yaml:"ko"`
	Body   string                           `yaml:"body"`   // of the article, for the names
	Hanja  map[string]string                `yaml:"hanja"`  // what each sign means
	Values []string                         `yaml:"values"` // "value unit"
	Good   map[string]string                `yaml:"good"`   // by language code
	Bad    map[string]map[string]check.Name `yaml:"bad"`    // with the check that must speak
}

//go:embed data/headlines.yaml
var data []byte

var read = sync.OnceValues(func() ([]Headline, error) {
	var list []Headline
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	err := decoder.Decode(&list)
	return list, err
})

// Read returns the headlines.
func Read() ([]Headline, error) { return read() }

// Count is how headlines fared in one language.
type Count struct {
	Facts, Unknown int      // hanja and values, and those that were not recognised
	Good, Doubted  int      // good renderings, and those with a finding
	Bad, Missed    int      // bad ones, and those on which the right check is silent
	Cases          []string // all that went wrong, for people to read
}

// Measure looks at every headline in one language. Beside the bad renderings of
// the set it makes two of every good one: with a full stop, and with a quotation
// mark lost.
func Measure(list []Headline, l *language.Language) Count {
	var n Count
	for _, h := range list {
		good := h.Good[l.Code]
		n.facts(h, good, l)
		n.Good++
		if findings := h.check(good, l); len(findings) > 0 {
			n.Doubted++
			n.Cases = append(n.Cases, fmt.Sprintf("good %q for %q doubted: %s %s", good, h.Korean, findings[0].Check, findings[0].Message))
		}
		for text, name := range h.spoilt(l) {
			n.Bad++
			findings := h.check(text, l)
			if !slices.ContainsFunc(findings, func(f check.Finding) bool { return f.Check == name }) {
				n.Missed++
				n.Cases = append(n.Cases, fmt.Sprintf("bad %q for %q: no %s, but %v", text, h.Korean, name, findings))
			}
		}
	}
	return n
}

// facts counts what the headline says and the rendering and its reading must.
func (n *Count) facts(h Headline, good string, l *language.Language) {
	expanded := make(map[string]string)
	for _, e := range glossary.Hanja(h.Korean, h.Body) {
		expanded[e.Hanja] = e.Korean
	}
	for sign, meaning := range h.Hanja {
		n.Facts++
		if expanded[sign] != meaning {
			n.Unknown++
			n.Cases = append(n.Cases, fmt.Sprintf("%s in %q means %q, not %q", sign, h.Korean, expanded[sign], meaning))
		}
	}
	for _, value := range h.Values {
		n.Facts++
		if !holds(language.Korean().Quantities(h.Korean), value) || !holds(l.Quantities(good), value) {
			n.Unknown++
			n.Cases = append(n.Cases, fmt.Sprintf("%s is not read in both %q and %q", value, h.Korean, good))
		}
	}
}

// holds reports whether a "value unit" is among the quantities. A value without a
// unit may count anything, one that a text counts in nothing counts as what is
// wanted.
func holds(list []language.Quantity, value string) bool {
	number, unit, _ := strings.Cut(value, " ")
	return slices.ContainsFunc(list, func(q language.Quantity) bool {
		values := append([]language.Value{q.Value}, q.Others...)
		return slices.ContainsFunc(values, func(v language.Value) bool { return v.String() == number }) &&
			(unit == "" || q.Unit == "" || q.Unit == "ordinal" || q.Unit == unit || slices.Contains(q.OtherUnits, unit) || language.Dimension(q.Unit) == language.Dimension(unit))
	})
}

// spoilt are the bad renderings with the check that must speak.
func (h Headline) spoilt(l *language.Language) map[string]check.Name {
	bad := make(map[string]check.Name)
	for text, name := range h.Bad[l.Code] {
		bad[text] = name
	}
	good := h.Good[l.Code]
	if stop := "."; !strings.HasSuffix(good, "?") && !strings.HasSuffix(good, ".") {
		if l.Script == language.Han || l.Script == language.Japanese {
			stop = "。"
		}
		bad[good+stop] = check.Headline
	}
	for _, mark := range []string{"”", "」"} {
		if i := strings.LastIndex(good, mark); i >= 0 {
			bad[good[:i]+good[i+len(mark):]] = check.Typography
		}
	}
	return bad
}

func (h Headline) check(text string, l *language.Language) []check.Finding {
	s := check.Segment{ID: "title", Role: check.Title, Source: h.Korean, Target: text}
	for _, e := range glossary.Hanja(h.Korean, h.Body) {
		for _, w := range e.Wordings(h.Korean, l.Code) {
			s.Signs = append(s.Signs, check.Sign{Hanja: w.Hanja, Meaning: w.Korean, Right: w.Right, Wrong: w.Wrong, Bare: w.Bare, Person: w.Person})
		}
	}
	return check.Check(s, l, check.Context{})
}
