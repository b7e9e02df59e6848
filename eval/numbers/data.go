package numbers

import (
	"bytes"
	"embed"
	"fmt"

	"go.yaml.in/yaml/v3"
)

//go:embed data/*.yaml
var files embed.FS

// row is the kind of what stands in rows.yaml.
const row = "row"

// data is what the files say.
type data struct {
	frames    []frame
	units     map[string][]unit // by kind
	rows      []tableRow
	additions map[string]string // a sentence with another number
	blanks    map[string]string // what stands where a number was left out
}

// frame is a sentence in every language, "ko" too, with places for numbers.
type frame struct {
	A    string            `yaml:"a"`
	B    string            `yaml:"b"`
	Text map[string]string `yaml:",inline"`
}

// unit is what amounts are counted in: its writing in every language, and that of
// another one.
type unit struct {
	Kind string            `yaml:"kind"`
	Unit string            `yaml:"unit"`
	Slip map[string]string `yaml:"slip"`
	Word map[string]string `yaml:",inline"`
}

// tableRow is a number that no rule writes.
type tableRow struct {
	Korean string              `yaml:"ko"`
	Value  string              `yaml:"value"`
	Unit   string              `yaml:"unit"`
	Vague  bool                `yaml:"vague"`
	Fault  string              `yaml:"fault"`
	Right  map[string][]string `yaml:"right"`
	Wrong  map[string][]string `yaml:"wrong"`
}

func load() (*data, error) {
	d := &data{
		units:     make(map[string][]unit),
		additions: map[string]string{"zh-Hans": "另有37人在场。", "en": " Another 37 people were there.", "ja": "ほかに37人がいた。", "vi": " Còn có 37 người khác."},
		blanks:    map[string]string{"zh-Hans": "若干", "en": "some amount", "ja": "いくらか", "vi": "mức nào đó"},
	}
	if err := decode("frames", &d.frames); err != nil {
		return nil, err
	}
	if err := decode("rows", &d.rows); err != nil {
		return nil, err
	}
	var units []unit
	if err := decode("units", &units); err != nil {
		return nil, err
	}
	for _, u := range units {
		d.units[u.Kind] = append(d.units[u.Kind], u)
	}
	return d, nil
}

func decode(name string, into any) error {
	text, err := files.ReadFile("data/" + name + ".yaml")
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s.yaml: %w", name, err)
	}
	return nil
}
