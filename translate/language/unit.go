package language

import "fmt"

// unit is what a number can be counted in.
type unit struct {
	dimension string
	factor    Value
	strict    bool
}

// noUnit is what a bare number is counted in. It is never written.
var noUnit unit

func loadUnits() (map[string]*unit, error) {
	var file map[string]struct {
		Dimension string `yaml:"dimension"`
		Factor    string `yaml:"factor"`
		Strict    bool   `yaml:"strict"`
	}
	if err := decode("units.yaml", &file); err != nil {
		return nil, err
	}
	units := make(map[string]*unit, len(file))
	for id, u := range file {
		factor := Whole(1)
		if u.Factor != "" {
			var err error
			if factor, err = parseValue(u.Factor); err != nil {
				return nil, fmt.Errorf("units.yaml: %s: %w", id, err)
			}
		}
		units[id] = &unit{dimension: u.Dimension, factor: factor, strict: u.Strict}
	}
	return units, nil
}
