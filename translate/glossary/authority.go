package glossary

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed data/*.yaml
var files embed.FS

// Surname is a Korean surname with the forms it takes abroad.
type Surname struct {
	Hangul  string   `yaml:"hangul"`
	English string   `yaml:"en"` // as most bearers spell it
	Hanja   []string `yaml:"hanja"`
	Chinese string   `yaml:"zh"` // simplified, of the commonest hanja
	Kana    string   `yaml:"ja"`
}

// authority is everything that the data files hold.
type authority struct {
	names, titles []Entry
	people        []Entry
	places        []Entry
	surnames      []Surname
	hanja         map[string]string
}

// seed reads the data files once. A test loads them; should a mistake get past it
// all the same, nothing is known.
var seed = sync.OnceValue(func() *authority {
	a, err := loadAuthority()
	if err != nil {
		return &authority{}
	}
	return a
})

// Names are the entries of the built-in name authority: the companies, parties,
// bodies and ministries that Korean news uses most, and people. All are soft; of a
// Korean person the surname alone will do.
func Names() []Entry {
	list := slices.Clone(seed().names)
	for _, e := range seed().people {
		list = append(list, withSurname(e))
	}
	return list
}

// Known are the names of the authority that are told apart by their kind, places
// among them, which are no terms: with every form in which a target may have them,
// divided by |, that by which each is recognised first.
func Known() []Entry {
	var list []Entry
	for _, entries := range [][]Entry{seed().names, seed().people, seed().places} {
		for _, e := range entries {
			if e.Kind != "" {
				list = append(list, e)
			}
		}
	}
	return list
}

// withSurname allows a Korean person to be called by the surname. It stands first,
// but for people who go by a name in the order of the West: Syngman Rhee.
func withSurname(e Entry) Entry {
	name := []rune(e.Source)
	i := slices.IndexFunc(seed().surnames, func(s Surname) bool { return len(name) == 3 && s.Hangul == string(name[:1]) })
	if i < 0 {
		return e
	}
	spellings := append([]string{seed().surnames[i].English}, wordings().Surnames[string(name[:1])]...)
	e.Targets = maps.Clone(e.Targets)
	for code, target := range e.Targets {
		form, _, _ := strings.Cut(target, "|")
		words := strings.Fields(form)
		surname := words[max(0, slices.IndexFunc(words, func(w string) bool { return slices.Contains(spellings, w) }))]
		if len(words) == 1 || code == "zh-Hans" || code == "ja" {
			surname = string([]rune(form)[:1])
		}
		e.Targets[code] = target + "|" + surname
	}
	return e
}

// Titles are the built-in titles and offices. All are soft.
func Titles() []Entry { return append([]Entry(nil), seed().titles...) }

// Surnames are the built-in surnames, the commonest first.
func Surnames() []Surname { return append([]Surname(nil), seed().surnames...) }

func loadAuthority() (*authority, error) {
	a := &authority{hanja: make(map[string]string)}
	var err error
	if a.names, err = loadEntries("names.yaml"); err != nil {
		return nil, err
	}
	if a.people, err = loadEntries("people.yaml"); err != nil {
		return nil, err
	}
	if a.places, err = loadEntries("places.yaml"); err != nil {
		return nil, err
	}
	if a.titles, err = loadEntries("titles.yaml"); err != nil {
		return nil, err
	}
	if err := decode("surnames.yaml", &a.surnames); err != nil {
		return nil, err
	}
	var tables map[string]map[string]string
	if err := decode("hanja.yaml", &tables); err != nil {
		return nil, err
	}
	for name, table := range tables {
		for hanja, korean := range table {
			if _, twice := a.hanja[hanja]; twice {
				return nil, fmt.Errorf("hanja.yaml: %s: %s stands twice", name, hanja)
			}
			a.hanja[hanja] = korean
		}
	}
	return a, nil
}

func loadEntries(name string) ([]Entry, error) {
	var rows []struct {
		Source     string            `yaml:"source"`
		Targets    map[string]string `yaml:"targets"`
		Kind       string            `yaml:"kind"`
		Contexts   []string          `yaml:"contexts"`
		ValidFrom  time.Time         `yaml:"valid_from"`
		ValidUntil time.Time         `yaml:"valid_until"`
	}
	if err := decode(name, &rows); err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(rows))
	for _, row := range rows {
		entries = append(entries, Entry{
			Source: row.Source, Targets: row.Targets, Kind: row.Kind, Contexts: row.Contexts,
			ValidFrom: row.ValidFrom, ValidUntil: row.ValidUntil,
		})
	}
	return entries, nil
}

// decode reads one data file; a key that nobody knows is a mistake.
func decode(name string, into any) error {
	data, err := files.ReadFile("data/" + name)
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
