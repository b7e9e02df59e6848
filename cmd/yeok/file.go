package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// file is the YAML configuration file: settings by their names in lowerCamel,
// and the lists that no flag can hold.
type file struct {
	Models   []modelEntry         `yaml:"models"`
	Glossary []termEntry          `yaml:"glossary"`
	Budgets  []budgetEntry        `yaml:"budgets"`
	Settings map[string]yaml.Node `yaml:",inline"`

	path string
}

// parseFile reads a configuration file. What could be read is returned even
// beside mistakes, so that the other settings are looked at too.
func parseFile(path string, content []byte) (*file, []error) {
	f := &file{path: path}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	var wrong *yaml.TypeError
	switch err := decoder.Decode(f); {
	case err == nil, errors.Is(err, io.EOF):
		return f, f.unknownSettings()
	case errors.As(err, &wrong):
		mistakes := f.unknownSettings()
		for _, line := range wrong.Errors {
			mistakes = append(mistakes, fmt.Errorf("config: %s (from %s)", plain(line), path))
		}
		return f, mistakes
	default:
		return f, []error{fmt.Errorf("config: %w (from %s)", err, path)}
	}
}

var (
	yamlField = regexp.MustCompile(`field (\S+) not found in type \S+`)
	yamlValue = regexp.MustCompile("cannot unmarshal !!\\w+(?: `.*`)? into (\\S+)")
)

// plain takes out of a message of the YAML library what is no reader's business:
// Go's types, and values, which may be secrets in the wrong place.
func plain(message string) string {
	message = yamlField.ReplaceAllString(message, "there is no field $1")
	return yamlValue.ReplaceAllStringFunc(message, func(m string) string {
		kind := yamlValue.FindStringSubmatch(m)[1]
		switch {
		case kind == "string":
			return "text is wanted"
		case kind == "bool":
			return "true or false is wanted"
		case kind == "time.Time":
			return "a time is wanted"
		case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "float"):
			return "a number is wanted"
		case strings.HasPrefix(kind, "[]"):
			return "a list is wanted"
		}
		return "names with values are wanted"
	})
}

// at says where in the file a node stands.
func (f *file) at(node *yaml.Node) string { return fmt.Sprintf("from %s:%d", f.path, node.Line) }

// scalar is the text of a single value.
func scalar(node *yaml.Node) (string, error) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		return "", errNoValue
	}
	return node.Value, required(node.Value)
}

// unknownSettings refuses what no setting is called. A mistyped key that is
// passed over would leave a default standing that nobody wants.
func (f *file) unknownSettings() []error {
	var mistakes []error
	known := map[string]setting{}
	for _, s := range settingsOf(&allSettings{}) {
		known[s.key()] = s
	}
	for _, key := range slices.Sorted(maps.Keys(f.Settings)) {
		node := f.Settings[key]
		s, ok := known[key]
		switch {
		case s.name == "store-password":
			mistakes = append(mistakes, fmt.Errorf("%s: %w (%s)", key, errLiteralPassword, f.at(&node)))
		case s.secret || key == "apiKey":
			mistakes = append(mistakes, fmt.Errorf("%s: %w (%s)", key, errLiteralKey, f.at(&node)))
		case !ok:
			mistakes = append(mistakes, fmt.Errorf("%s: there is no such setting (%s)", key, f.at(&node)))
		case !s.inFile():
			mistakes = append(mistakes, fmt.Errorf("%s: the file cannot name another file (%s)", key, f.at(&node)))
		}
	}
	return mistakes
}
