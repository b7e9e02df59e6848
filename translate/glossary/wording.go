package glossary

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Wording is what a translated headline may say where the source has a sign.
type Wording struct {
	Hanja  string
	Korean string   // what it means; a person's name for a surname
	Right  []string // one of them is expected; none when the sign may be left out
	Wrong  []string // names of countries that the headline does not speak of
	Bare   bool     // the sign itself may stand alone
	Person bool     // Korean is somebody's name
}

// wordingData is wordings.yaml, by sign and language.
type wordingData struct {
	Signs     map[string]map[string][]string `yaml:"signs"`
	Countries map[string]country             `yaml:"countries"`
	Surnames  map[string][]string            `yaml:"surnames"`
	Bare      map[string]string              `yaml:"bare"` // signs by language
}

// country is how languages word the sign of a country.
type country struct {
	Wordings map[string][]string `yaml:",inline"`
	Names    map[string][]string `yaml:"names"` // that mean nothing else
}

// wordings reads the file once. A test loads it; should a mistake get past that
// all the same, no wording is expected.
var wordings = sync.OnceValue(func() *wordingData {
	var w wordingData
	if err := decode("wordings.yaml", &w); err != nil {
		return &wordingData{}
	}
	return &w
})

// Wordings are the wordings in a target language of the hanja that e expands in
// headline: one entry, or one a sign of a compound that has none of its own. A sign
// that may mean several things may be worded as any of them.
func (e Expansion) Wordings(headline, code string) []Wording {
	if e.Person || wordings().known(e.Hanja) {
		return []Wording{e.wording(headline, code)}
	}
	var list []Wording
	for _, sign := range e.Hanja {
		part := Expansion{Hanja: string(sign), Korean: seed().hanja[string(sign)]}
		list = append(list, part.wording(headline, code))
	}
	return list
}

func (w *wordingData) known(hanja string) bool {
	_, sign := w.Signs[hanja]
	_, country := w.Countries[hanja]
	return sign || country
}

func (e Expansion) wording(headline, code string) Wording {
	data := wordings()
	w := Wording{Hanja: e.Hanja, Korean: e.Korean, Bare: strings.Contains(data.Bare[code], e.Hanja), Person: e.Person}
	if country, ok := data.Countries[e.Hanja]; ok {
		w.Right, w.Wrong = country.Wordings[code], data.strangers(headline, code)
	} else {
		w.Right = data.Signs[e.Hanja][code]
	}
	if len(w.Right) == 0 && !e.Person {
		return w
	}
	w.Right = slices.Clone(w.Right)
	people := e.Others
	if e.Person {
		people = append([]string{e.Korean}, e.Others...)
	}
	for _, name := range people {
		w.Right = append(w.Right, surnameIn(name, e.Hanja, code)...)
	}
	return w
}

// strangers are the names of the countries that headline names neither in hanja
// nor in Hangul.
func (w *wordingData) strangers(headline, code string) []string {
	var names []string
	for _, hanja := range slices.Sorted(maps.Keys(w.Countries)) {
		if korean := seed().hanja[hanja]; !strings.Contains(headline, hanja) && !strings.Contains(headline, korean) {
			names = append(names, w.Countries[hanja].Names[code]...)
		}
	}
	return names
}

// surnameIn lists how a target language writes the surname of a person; none when
// name is nobody's.
func surnameIn(name, hanja, code string) []string {
	for _, s := range seed().surnames {
		if !slices.Contains(s.Hanja, hanja) || !strings.HasPrefix(name, s.Hangul) {
			continue
		}
		switch code {
		case "zh-Hans":
			return append([]string{s.Chinese}, s.Hanja...)
		case "ja":
			return append([]string{s.Kana}, s.Hanja...)
		default:
			return append([]string{s.English}, wordings().Surnames[s.Hangul]...)
		}
	}
	return nil
}
