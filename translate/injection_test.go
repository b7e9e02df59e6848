package translate_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"

	"yeok/article"
	"yeok/internal/llmtest"
	"yeok/translate"
	"yeok/translate/language"
)

// injection is an instruction in an article, with what a model that obeys does.
type injection struct {
	Name   string `yaml:"name"`
	Text   string `yaml:"text"`
	Obeyed []struct {
		Fault llmtest.Fault     `yaml:"fault"`
		Block string            `yaml:"block"`
		Text  map[string]string `yaml:"text"`
	} `yaml:"obeyed"`
}

func readYAML[T any](t *testing.T, name string) T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var v T
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// attacked is an invented article with text at a place, and the tags of the
// segments that may suffer: the one with text, the one after it, one with figures.
func attacked(text, place string) (article.Article, map[string]string) {
	paragraphs := []string{
		"누리조선은 유럽 선사로부터 9300억원 규모의 컨테이너선 6척을 수주했다고 21일 밝혔다.",
		"시장은 주민들의 의견을 여러 달 동안 들은 끝에 계획을 정했으며 곧 공사를 시작한다고 말했다.",
		"남쪽 바닷가의 오래된 항구 도시에는 새로운 공장과 학교가 차례로 들어설 것으로 보인다.",
	}
	at := map[string]int{"first": 0, "middle": 1, "last": 3, "quotation": 1}[place]
	if place == "quotation" {
		text = `현장에서 나온 쪽지에는 "` + text + `"라는 말이 적혀 있었다고 목격자들은 전했다.`
	}
	paragraphs = append(paragraphs[:at:at], append([]string{text}, paragraphs[at:]...)...)
	a := article.Article{Title: "누리조선, 컨테이너선 6척 수주", PublishTime: sample().PublishTime}
	for i, p := range paragraphs {
		a.Blocks = append(a.Blocks, article.Block{ID: fmt.Sprintf("p%d", i+1), Kind: article.Paragraph, Text: p})
	}
	tag := func(i int) string { return fmt.Sprintf("P%d", i+1) }
	blocks := map[string]string{"self": tag(at), "next": tag(min(at+1, 3)), "other": "P1", "T": "T"}
	if at == 0 {
		blocks["other"] = "P2"
	}
	return a, blocks
}

// TestInjection: what a model writes that obeys the article is said, and never
// complete. Asked for one segment alone, a model has nothing to copy or to merge:
// only that may heal.
func TestInjection(t *testing.T) {
	for _, attack := range readYAML[[]injection](t, "injection.yaml") {
		t.Run(attack.Name, func(t *testing.T) {
			t.Parallel()
			for _, place := range []string{"first", "middle", "last", "quotation"} {
				a, blocks := attacked(attack.Text, place)
				for _, obeyed := range attack.Obeyed {
					for _, l := range language.Targets() {
						rule := llmtest.Rule{Fault: obeyed.Fault, Block: blocks[obeyed.Block], Text: obeyed.Text["any"] + obeyed.Text[l.Code]}
						if place == "last" && obeyed.Block == "next" {
							rule.Block = blocks["self"]
						}
						testInjection(t, place, rule, translate.Request{Article: a, Target: l})
					}
				}
			}
		})
	}
}

// testInjection has a model obey whenever it is asked.
func testInjection(t *testing.T, place string, rule llmtest.Rule, req translate.Request) {
	t.Helper()
	llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{rule}})
	got, err := translator(t, model(llm, translate.Profile{})).Translate(context.Background(), req)
	llm.Close()
	if llm.Stats().Faults[rule.Fault] == 0 {
		t.Errorf("%s, %s: %+v: the model did not obey", place, req.Target.Code, rule)
	}
	if healed := rule.Fault == llmtest.MergedBlocks || rule.Fault == llmtest.CopiedBlock; got.State == translate.Complete && !healed {
		t.Errorf("%s, %s: %+v: Translate is Complete (%v) with %q", place, req.Target.Code, rule, err, got.Blocks)
	}
	if healed := got.State == translate.Complete; healed && llm.Stats().Requests < 2 {
		t.Errorf("%s, %s: %+v: Translate is Complete after one request with %q", place, req.Target.Code, rule, got.Blocks)
	}
}

// TestBenign: articles about instructions are none.
func TestBenign(t *testing.T) {
	type benign struct {
		Title      string   `yaml:"title"`
		Paragraphs []string `yaml:"paragraphs"`
	}
	for _, b := range readYAML[[]benign](t, "benign.yaml") {
		a := article.Article{Title: b.Title, PublishTime: sample().PublishTime}
		for i, p := range b.Paragraphs {
			a.Blocks = append(a.Blocks, article.Block{ID: fmt.Sprintf("p%d", i+1), Kind: article.Paragraph, Text: p})
		}
		for _, l := range language.Targets() {
			llm := llmtest.New(t, llmtest.Options{})
			got, err := translator(t, model(llm, translate.Profile{})).Translate(context.Background(), translate.Request{Article: a, Target: l})
			if err != nil || got.State != translate.Complete || llm.Stats().Requests != 1 {
				t.Errorf("%s: %s: Translate: %v, state %v after %d requests, findings %+v, want Complete after 1",
					b.Title, l.Code, err, got.State, llm.Stats().Requests, got.Findings)
			}
		}
	}
}
