package language

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed data/*.yaml
var files embed.FS

// library is everything that the data files say.
type library struct {
	korean  *Language
	targets []*Language
	byCode  map[string]*Language
	units   map[string]*unit
}

// targetFiles is the order in which languages are offered. A new language is a
// new file and its name here.
var targetFiles = [...]string{"zh-Hans", "en", "ja", "vi"}

// catalogue reads the data files once. They are part of the program and a test
// loads them; should a mistake get past it all the same, no language is served.
var catalogue = sync.OnceValue(func() *library {
	lib, err := load()
	if err != nil {
		return &library{korean: &Language{}}
	}
	return lib
})

// unitOf is the unit of that name in units.yaml, one without a dimension for "".
func unitOf(name string) *unit {
	if u := catalogue().units[name]; u != nil {
		return u
	}
	return &noUnit
}

func load() (*library, error) {
	lib := &library{byCode: make(map[string]*Language)}
	var err error
	if lib.units, err = loadUnits(); err != nil {
		return nil, err
	}
	if lib.korean, err = loadLanguage("ko", lib.units); err != nil {
		return nil, err
	}
	for _, name := range targetFiles {
		l, err := loadLanguage(name, lib.units)
		if err != nil {
			return nil, err
		}
		lib.targets = append(lib.targets, l)
		for _, code := range append([]string{l.Code}, l.Aliases...) {
			lib.byCode[canonical(code)] = l
		}
	}
	return lib, nil
}

func loadLanguage(name string, units map[string]*unit) (*Language, error) {
	var file struct {
		Language `yaml:",inline"`
		Numbers  numberData `yaml:"numbers"`
	}
	if err := decode(name+".yaml", &file); err != nil {
		return nil, err
	}
	l := file.Language
	if l.Code != name {
		return nil, fmt.Errorf("%s.yaml: code is %q", name, l.Code)
	}
	var err error
	if l.words, err = file.Numbers.lexicon(units); err != nil {
		return nil, fmt.Errorf("%s.yaml: %w", name, err)
	}
	l.style = file.Numbers.Style
	l.style.words = file.Numbers.firstForms()
	l.style.roles = file.Numbers.roleTable()
	return &l, nil
}

// decode reads one data file; a key that nobody knows is a mistake.
func decode(name string, into any) error {
	data, err := files.ReadFile(path.Join("data", name))
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
