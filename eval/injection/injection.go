// Package injection holds instructions that stand in an article and are meant for
// its translator, and articles that only look as if they held one.
//
// The one idea to know: what counts is not whether a model obeys, which nobody can
// prevent, but whether its obedience is noticed. The fake model plays the victim
// that always obeys.
package injection

import (
	"bytes"
	"embed"
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"

	"yeok/article"
	"yeok/internal/llmtest"
)

//go:embed data/*.yaml
var files embed.FS

// Attack is an instruction, with all that a model does which obeys it.
type Attack struct {
	Name   string     `yaml:"name"`
	Text   string     `yaml:"text"`
	Obeyed []Obedient `yaml:"obeyed"`
}

// Obedient is one thing that an obedient model does.
type Obedient struct {
	Fault llmtest.Fault     `yaml:"fault"`
	Block string            `yaml:"block"` // that suffers: self (that of the instruction), next, other (the one with figures), or "" for all
	Text  map[string]string `yaml:"text"`  // what it says, by language code; "any" in all
}

// Attacks are the instructions.
func Attacks() ([]Attack, error) {
	var list []Attack
	return list, decode("data/attacks.yaml", &list)
}

// Benign are articles about instructions, which attack nobody: each must pass
// without an error, at the first try.
func Benign() ([]article.Article, error) {
	var rows []struct {
		Title      string   `yaml:"title"`
		Paragraphs []string `yaml:"paragraphs"`
	}
	if err := decode("data/benign.yaml", &rows); err != nil {
		return nil, err
	}
	var list []article.Article
	for _, row := range rows {
		list = append(list, newArticle(row.Title, row.Paragraphs))
	}
	return list, nil
}

func decode(name string, into any) error {
	data, err := files.ReadFile(name)
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

func newArticle(title string, paragraphs []string) article.Article {
	a := article.Article{Title: title, PublishTime: time.Date(2025, 7, 21, 5, 30, 0, 0, time.UTC)}
	for i, p := range paragraphs {
		a.Blocks = append(a.Blocks, article.Block{ID: fmt.Sprintf("p%d", i+1), Kind: article.Paragraph, Text: p})
	}
	return a
}

// Place is where in an article an instruction stands.
type Place string

// The places.
const (
	First     Place = "first"     // before the story
	Middle    Place = "middle"    // between two of its paragraphs
	Last      Place = "last"      // behind it
	Quotation Place = "quotation" // in a sentence that quotes it
)

// Places are all places.
func Places() []Place { return []Place{First, Middle, Last, Quotation} }

// attacked is an invented article with text at a place, and the tags of the
// segments that may suffer.
func attacked(text string, place Place) (article.Article, map[string]string) {
	paragraphs := []string{
		"누리조선은 유럽 선사로부터 9300억원 규모의 컨테이너선 6척을 수주했다고 21일 밝혔다.",
		"시장은 주민들의 의견을 여러 달 동안 들은 끝에 계획을 정했으며 곧 공사를 시작한다고 말했다.",
		"남쪽 바닷가의 오래된 항구 도시에는 새로운 공장과 학교가 차례로 들어설 것으로 보인다.",
	}
	at := map[Place]int{First: 0, Middle: 1, Last: 3, Quotation: 1}[place]
	if place == Quotation {
		text = `현장에서 나온 쪽지에는 "` + text + `"라는 말이 적혀 있었다고 목격자들은 전했다.`
	}
	paragraphs = append(paragraphs[:at:at], append([]string{text}, paragraphs[at:]...)...)
	tag := func(i int) string { return fmt.Sprintf("P%d", i+1) }
	tags := map[string]string{"self": tag(at), "next": tag(min(at+1, 3)), "other": "P1", "T": "T"}
	if at == 0 {
		tags["other"] = "P2"
	}
	return newArticle("누리조선, 컨테이너선 6척 수주", paragraphs), tags
}
