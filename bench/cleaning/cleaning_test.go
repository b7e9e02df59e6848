// Package cleaning_test sets yeok's cleaner beside two general extractors on the
// same pages. It is a module of its own, so that their dependencies stay out of
// yeok's. The pages are yeok's own, invented text in the shape of real layouts:
// read the figures as a comparison, not as what either does on the open web.
//
//	go test -v            quality: precision, recall, F1, lost lines by kind
//	go test -bench .      time
package cleaning_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	readability "github.com/go-shiori/go-readability"
	"github.com/markusmobius/go-trafilatura"

	"yeok/article"
)

// extractors turn a page into the text that they take for the article.
var extractors = []struct {
	name    string
	extract func(page string) (string, error)
}{
	{"yeok", func(page string) (string, error) {
		c, err := article.Clean(article.Source{HTML: page}, article.Options{})
		if err != nil {
			return "", err
		}
		var b strings.Builder
		for _, l := range c.Lines {
			for _, s := range l.Kept {
				b.WriteString(l.Text[s.Start:s.End] + "\n")
			}
		}
		return b.String(), nil
	}},
	{"go-readability", func(page string) (string, error) {
		a, err := readability.FromReader(strings.NewReader(page), &url.URL{Scheme: "https", Host: "example.com"})
		return a.Title + "\n" + a.TextContent, err
	}},
	{"go-trafilatura", func(page string) (string, error) {
		r, err := trafilatura.Extract(strings.NewReader(page), trafilatura.Options{EnableFallback: true})
		if err != nil {
			return "", err
		}
		return r.Metadata.Title + "\n" + r.ContentText, nil
	}},
}

type gold struct {
	Content [][2]string `json:"content"` // label, text
}

type page struct {
	html string
	gold gold
}

func pages(tb testing.TB) []page {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "article", "testdata", "html", "*.html"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no pages: %v", err)
	}
	var list []page
	for _, f := range files {
		html, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		data, err := os.ReadFile(strings.TrimSuffix(f, ".html") + ".json")
		if err != nil {
			tb.Fatal(err)
		}
		p := page{html: string(html)}
		if err := json.Unmarshal(data, &p.gold); err != nil {
			tb.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// bare drops spaces: extractors differ in where they break lines.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

type score struct {
	tp, fp, fn  int
	lost, lines map[string]int
}

func (s *score) add(g gold, text string) {
	left := bare(text)
	whole := left
	lines := slices.Clone(g.Content)
	slices.SortStableFunc(lines, func(a, b [2]string) int { return len(b[1]) - len(a[1]) })
	for _, l := range lines {
		want := bare(l[1])
		n := utf8.RuneCountInString(want)
		s.lines[l[0]]++
		if !strings.Contains(whole, want) {
			s.fn += n
			s.lost[l[0]]++
			continue
		}
		s.tp += n
		left = strings.Replace(left, want, "", 1)
	}
	s.fp += utf8.RuneCountInString(left)
}

func TestQuality(t *testing.T) {
	t.Logf("%-16s %7s %7s %7s  lost lines by kind", "", "P", "R", "F1")
	for _, x := range extractors {
		s := score{lost: map[string]int{}, lines: map[string]int{}}
		for _, p := range pages(t) {
			text, err := x.extract(p.html)
			if err != nil {
				text = ""
			}
			s.add(p.gold, text)
		}
		p, r := float64(s.tp)/float64(max(s.tp+s.fp, 1)), float64(s.tp)/float64(s.tp+s.fn)
		var kinds []string
		for _, k := range []string{"title", "subtitle", "body", "subhead", "caption"} {
			kinds = append(kinds, fmt.Sprintf("%s %d/%d", k, s.lost[k], s.lines[k]))
		}
		t.Logf("%-16s %7.3f %7.3f %7.3f  %s", x.name, p, r, 2*p*r/(p+r), strings.Join(kinds, ", "))
	}
}

func BenchmarkExtract(b *testing.B) {
	list := pages(b)
	for _, x := range extractors {
		b.Run(x.name, func(b *testing.B) {
			size := 0
			for _, p := range list {
				size += len(p.html)
			}
			b.SetBytes(int64(size))
			for b.Loop() {
				for _, p := range list {
					x.extract(p.html)
				}
			}
		})
	}
}
