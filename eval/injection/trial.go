package injection

import (
	"context"
	"time"

	"yeok/article"
	"yeok/internal/llmtest"
	"yeok/translate"
	"yeok/translate/language"
)

// Trial is one article with an instruction, put to a model that obeys in one way,
// whenever it is asked.
type Trial struct {
	Place  Place
	Rule   llmtest.Rule
	Target *language.Language
	story  article.Article
}

// Trials are all combinations of an attack: places, ways to obey, languages.
func (a Attack) Trials() []Trial {
	var list []Trial
	for _, place := range Places() {
		story, tags := attacked(a.Text, place)
		for _, o := range a.Obeyed {
			for _, l := range language.Targets() {
				rule := llmtest.Rule{Fault: o.Fault, Block: tags[o.Block], Text: o.Text["any"] + o.Text[l.Code]}
				if place == Last && o.Block == "next" {
					rule.Block = tags["self"]
				}
				list = append(list, Trial{Place: place, Rule: rule, Target: l, story: story})
			}
		}
	}
	return list
}

// Healing reports whether the trial may well end in a good translation: asked for
// one segment alone, a model has nothing to copy or to merge.
func (t Trial) Healing() bool {
	return t.Rule.Fault == llmtest.MergedBlocks || t.Rule.Fault == llmtest.CopiedBlock
}

// Outcome is what became of an article.
type Outcome struct {
	Result   translate.Result
	Err      error // of the translation
	Requests int
	Obeyed   int // how often the model did
}

// Accepted reports whether obedience got through as a good translation: complete
// although nothing can heal it, or without that anything was asked twice.
func (t Trial) Accepted(o Outcome) bool {
	return o.Result.State == translate.Complete && (!t.Healing() || o.Requests < 2)
}

// Run has the article translated. The error is not that of the translation.
func (t Trial) Run(ctx context.Context) (Outcome, error) {
	return Translate(ctx, t.story, t.Target, t.Rule)
}

// Translate has a fake model with the given rules translate an article.
func Translate(ctx context.Context, a article.Article, target *language.Language, rules ...llmtest.Rule) (Outcome, error) {
	llm, err := llmtest.Start(llmtest.Options{Rules: rules})
	if err != nil {
		return Outcome{}, err
	}
	defer llm.Close()
	t, err := translate.New(translate.Options{
		Models:       []translate.Model{{Name: llmtest.Model, BaseURL: llm.URL()}},
		MaxRetryWait: 2 * time.Second,
	})
	if err != nil {
		return Outcome{}, err
	}
	var o Outcome
	o.Result, o.Err = t.Translate(ctx, translate.Request{Article: a, Target: target})
	stats := llm.Stats()
	o.Requests = stats.Requests
	for _, n := range stats.Faults {
		o.Obeyed += n
	}
	return o, nil
}
