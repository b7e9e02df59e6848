// Package ntrex measures the checks on the news set NTREX-128: how often they
// doubt a good translation, and how often they find a fault that was put in.
//
// The one idea to know: the set's licence keeps it out of the project, so it is
// read from a folder beside it, and whoever measures must say it when the folder
// is not there.
package ntrex

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"yeok/translate/language"
)

// Set is sentence-aligned news: entry i of every list is the same sentence.
type Set struct {
	Korean    []string
	Documents []string            // the document of each sentence
	Targets   map[string][]string // translations by people, by language code
}

// Read reads data/ntrex-dev under the given folder. The error matches
// fs.ErrNotExist where the set is not there.
func Read(shared string) (*Set, error) {
	dir := filepath.Join(shared, "data", "ntrex-dev")
	s := &Set{Targets: make(map[string][]string)}
	var err error
	if s.Korean, err = lines(filepath.Join(dir, "ko.txt")); err != nil {
		return nil, err
	}
	if s.Documents, err = lines(filepath.Join(dir, "documents.txt")); err != nil {
		return nil, err
	}
	for _, l := range language.Targets() {
		list, err := lines(filepath.Join(dir, l.Code+".txt"))
		if err != nil {
			return nil, err
		}
		if len(list) != len(s.Korean) {
			return nil, fmt.Errorf("%s: %d lines, want %d", l.Code, len(list), len(s.Korean))
		}
		s.Targets[l.Code] = list
	}
	return s, nil
}

func lines(file string) ([]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimRight(string(data), "\n"), "\n"), nil
}
