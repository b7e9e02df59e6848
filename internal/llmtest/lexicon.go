package llmtest

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed lexicon.yaml
var lexiconFile []byte

// lexicon is what the fake model knows of languages; lexicon.yaml says what
// its fields mean.
type lexicon struct {
	HedgeSource string      `yaml:"hedge_source"`
	Languages   []*language `yaml:"languages"`

	hedges *regexp.Regexp
}

type language struct {
	Code        string            `yaml:"code"`
	Name        string            `yaml:"name"`
	Size        float64           `yaml:"size"`
	Spaced      bool              `yaml:"spaced"`
	Grouping    string            `yaml:"grouping"`
	Decimal     string            `yaml:"decimal"`
	Groups      map[string]int64  `yaml:"groups"`
	Hedge       string            `yaml:"hedge"`
	Refusal     string            `yaml:"refusal"`
	Preamble    string            `yaml:"preamble"`
	Quotes      []string          `yaml:"quotes"`
	Punctuation map[string]string `yaml:"punctuation"`
	Months      []string          `yaml:"months"`
	Clock       string            `yaml:"clock"`
	Halves      []string          `yaml:"halves"`
	Units       map[string]string `yaml:"units"`
	Words       []string          `yaml:"words"`
	Traditional map[string]string `yaml:"traditional"`

	groups []group  // largest first
	units  []string // longest first
}

type group struct {
	name  string
	value int64
}

var loadLexicon = sync.OnceValues(func() (*lexicon, error) {
	l := new(lexicon)
	decoder := yaml.NewDecoder(bytes.NewReader(lexiconFile))
	decoder.KnownFields(true)
	if err := decoder.Decode(l); err != nil {
		return nil, fmt.Errorf("llmtest: lexicon.yaml: %w", err)
	}
	var err error
	if l.hedges, err = regexp.Compile(l.HedgeSource); err != nil {
		return nil, fmt.Errorf("llmtest: lexicon.yaml: hedge_source: %w", err)
	}
	for _, lang := range l.Languages {
		for name, value := range lang.Groups {
			lang.groups = append(lang.groups, group{name, value})
		}
		slices.SortFunc(lang.groups, func(a, b group) int { return int(b.value/1000 - a.value/1000) })
		for unit := range lang.Units {
			lang.units = append(lang.units, unit)
		}
		slices.SortFunc(lang.units, func(a, b string) int { return len(b) - len(a) })
	}
	return l, nil
})

// named returns the language whose English name stands last in the text, which
// is where a prompt says what it wants.
func (l *lexicon) named(text string) *language {
	var found *language
	last := -1
	for _, lang := range l.Languages {
		if i := strings.LastIndex(text, lang.Name); i > last {
			found, last = lang, i
		}
	}
	return found
}

// other returns a language that nobody asked for.
func (l *lexicon) other(than *language) *language {
	for _, lang := range l.Languages {
		if lang != than {
			return lang
		}
	}
	return than
}
