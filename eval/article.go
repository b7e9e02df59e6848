package main

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"yeok/article"
	"yeok/translate/check"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

//go:embed articles/*.yaml
var articleFiles embed.FS

// story is an article that is put to a model, with what a right translation must
// say.
type story struct {
	name    string
	article article.Article
	terms   []glossary.Entry
	facts   []fact
	right   map[string]map[string]string // a translation by hand, by language code and segment id
}

// fact is one thing that a segment says: an amount, a day, a name.
type fact struct {
	In     string                    // id of the segment
	Korean string                    // as the source writes it
	right  map[string]*regexp.Regexp // every right way to say it, by language code
}

// storyFile is a file of the folder articles.
type storyFile struct {
	Name  string              `yaml:"name"`
	Genre string              `yaml:"genre"`
	Page  string              `yaml:"page"`
	File  string              `yaml:"file"` // in place of page, from the repository's root
	Terms []termRow           `yaml:"terms"`
	Facts []map[string]string `yaml:"facts"`

	Right map[string]map[string]string `yaml:"right"`
}

type termRow struct {
	Source  string            `yaml:"source"`
	Targets map[string]string `yaml:"targets"`
}

// stories are the invented articles and the pages of the shared folder's seed;
// those come without terms and facts.
func stories(root, shared string) ([]story, error) {
	names, err := fs.Glob(articleFiles, "articles/*.yaml")
	if err != nil {
		return nil, err
	}
	var list []story
	for _, name := range names {
		s, err := readStory(root, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, s)
	}
	seeds, err := filepath.Glob(filepath.Join(shared, "seed", "*.txt"))
	if err != nil {
		return nil, err
	}
	for i, path := range seeds {
		page, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		cleaned, err := article.Clean(article.Source{Text: string(page)}, article.Options{})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		list = append(list, story{name: fmt.Sprintf("seed%d", i+1), article: cleaned.Article})
	}
	return list, nil
}

func readStory(root, name string) (story, error) {
	data, err := articleFiles.ReadFile(name)
	if err != nil {
		return story{}, err
	}
	var file storyFile
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return story{}, err
	}
	if file.File != "" {
		page, err := os.ReadFile(filepath.Join(root, file.File))
		if err != nil {
			return story{}, err
		}
		file.Page = string(page)
	}
	cleaned, err := article.Clean(article.Source{Text: file.Page}, article.Options{})
	if err != nil {
		return story{}, err
	}
	s := story{name: file.Name, article: cleaned.Article, right: file.Right}
	for _, t := range file.Terms {
		s.terms = append(s.terms, glossary.Entry{Source: t.Source, Targets: t.Targets, Strict: true})
	}
	for _, row := range file.Facts {
		f, err := readFact(row)
		if err != nil {
			return story{}, err
		}
		s.facts = append(s.facts, f)
	}
	return s, nil
}

func readFact(row map[string]string) (fact, error) {
	f := fact{In: row["in"], Korean: row["korean"], right: make(map[string]*regexp.Regexp)}
	for _, l := range language.Targets() {
		pattern, err := regexp.Compile("(?i)" + row[l.Code])
		if err != nil || row[l.Code] == "" {
			return fact{}, fmt.Errorf("%s, %s: no pattern, or a wrong one: %w", f.Korean, l.Code, err)
		}
		f.right[l.Code] = pattern
	}
	return f, nil
}

// segments lists the parts of the article in reading order, without translation.
func (s story) segments() []check.Segment {
	list := []check.Segment{{ID: "title", Role: check.Title, Source: s.article.Title}}
	for i, subtitle := range s.article.Subtitles {
		list = append(list, check.Segment{ID: fmt.Sprintf("subtitle%d", i+1), Role: check.Subtitle, Source: subtitle})
	}
	for _, b := range s.article.Blocks {
		list = append(list, check.Segment{ID: b.ID, Source: b.Text})
	}
	return list
}

// text is the article as a reader would paste it.
func (s story) text() string {
	var parts []string
	for _, segment := range s.segments() {
		parts = append(parts, segment.Source)
	}
	return strings.Join(parts, "\n\n")
}
