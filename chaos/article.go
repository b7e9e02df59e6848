package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// articleFile is an invented article: the headline, then a paragraph a line. What
// stands in braces differs from article to article, so that no two articles share
// a segment; the markup is for those that are sent as HTML.
//
//go:embed data/article.txt
var articleFile string

// page is one version of an invented article.
type page struct {
	number, revision int
}

// id is the name that the page's article has at yeok.
func (p page) id() string { return fmt.Sprintf("chaos-%06d", p.number) }

// lines are the headline and the paragraphs, with markup. A second revision has
// another figure in its third paragraph.
func (p page) lines() []string {
	companies := []string{"물결에너지", "새벽전자", "가온화학", "두루소재", "한빛섬전지"}
	towns := []string{"새들시", "가람시", "너울시", "솔내시"}
	var lines []string
	for i, form := range strings.Split(strings.TrimSpace(articleFile), "\n") {
		a := 1203 + 7*p.number + i
		if i == 3 {
			a += 3 * (p.revision - 1)
		}
		lines = append(lines, strings.NewReplacer(
			"{company}", companies[p.number%len(companies)], "{town}", towns[p.number%len(towns)], "{n}", fmt.Sprint(p.number),
			"{a}", fmt.Sprint(a), "{b}", fmt.Sprint(2205+3*p.number+i), "{c}", fmt.Sprint(11+(p.number+i)%80),
		).Replace(form))
	}
	return lines
}

var tags = regexp.MustCompile(`</?[a-z][^>]*>`)

// order is the JSON body that asks for the page in the languages; none is all.
// Every third article is HTML.
func (p page) order(languages ...string) []byte {
	lines := p.lines()
	source := map[string]string{"html": "<html><body><article><h1>" + lines[0] + "</h1><p>" + strings.Join(lines[1:], "</p>\n<p>") + "</p></article></body></html>"}
	if p.number%3 != 0 {
		text := lines[0] + "\n\n2026-03-02 09:30\n\n김하늘 기자 sky@example.com\n\n" + strings.Join(lines[1:], "\n\n") + "\n\nⓒ 새벽일보 무단 전재 및 재배포 금지"
		source = map[string]string{"text": tags.ReplaceAllString(text, "")}
	}
	body, err := json.Marshal(map[string]any{"source": source, "articleId": p.id(), "targetLanguageCodes": languages})
	if err != nil {
		return []byte(err.Error()) // strings do not fail
	}
	return body
}
