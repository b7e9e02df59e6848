package main

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"yeok/translate/language"
)

// modelTables hold what a model wrote through yeok beside what it answered to one
// naive prompt, over all outcomes that are kept: one table by language, one by
// story. Only stories of which both outcomes are kept in a language count there.
// The silent errors of yeok are listed on w.
func modelTables(w io.Writer, list []story, keep recorder) ([]table, error) {
	byLanguage := make(map[string]*score)
	byStory := make(map[string]*score)
	var models []string
	for _, s := range list {
		for _, l := range language.Targets() {
			if keep.missing(s.name, l.Code, throughYeok) || keep.missing(s.name, l.Code, onePrompt) {
				continue
			}
			for _, how := range []method{throughYeok, onePrompt} {
				o, err := keep.read(s.name, l.Code, how)
				if err != nil {
					return nil, err
				}
				if o.Model != "" && !slices.Contains(models, o.Model) {
					models = append(models, o.Model)
				}
				if how == throughYeok {
					showSilent(w, s, l, o)
				}
				n := judge(s, l, o)
				if len(s.facts) > 0 {
					tally(byLanguage, l.Code+"/"+string(how), n)
					tally(byLanguage, "all/"+string(how), n)
				}
				tally(byStory, s.name+"/"+string(how), n)
			}
		}
	}
	if len(byStory) == 0 {
		return nil, fmt.Errorf("nothing that a model wrote is kept: %w", fs.ErrNotExist)
	}
	var codes, names []string
	for _, l := range language.Targets() {
		codes = append(codes, l.Code)
	}
	for _, s := range list {
		names = append(names, s.name)
	}
	note := "Model: " + strings.Join(models, ", ") + "."
	return []table{
		comparison("model", "language", append(codes, "all"), byLanguage, note),
		comparison("stories", "story", names, byStory, ""),
	}, nil
}

func tally(scores map[string]*score, key string, n score) {
	if scores[key] == nil {
		scores[key] = new(score)
	}
	scores[key].add(n)
}

// comparison has two rows for each key: yeok's and the naive prompt's.
func comparison(name, what string, keys []string, scores map[string]*score, note string) table {
	t := table{name: name, note: note, header: []string{
		what, "way", "segments lost", "facts wrong", "of them silent", "number errors", "Hangul left in", "terms missed", "texts with a wrong name",
		"COMPLETE", "segments marked", "prompt tokens", "completion tokens", "seconds",
	}}
	for _, key := range keys {
		for _, how := range []method{throughYeok, onePrompt} {
			n := scores[key+"/"+string(how)]
			if n == nil {
				continue
			}
			complete, marked := fmt.Sprintf("%d of %d", n.complete, n.texts), fmt.Sprintf("%d of %d", n.marked, n.segments)
			if how == onePrompt {
				complete, marked = "–", "–"
			}
			wrong, silent := fmt.Sprintf("%d of %d", n.wrong, n.facts), fmt.Sprint(n.silent)
			if n.facts == 0 {
				wrong, silent = "–", "–"
			}
			t.row(key, how, fmt.Sprintf("%d of %d", n.lost, n.segments), wrong, silent,
				n.numbers, n.hangul, fmt.Sprintf("%d of %d", n.missed, n.terms), fmt.Sprintf("%d of %d", n.names, n.texts),
				complete, marked, n.prompt, n.completed, fmt.Sprintf("%.0f", n.seconds))
		}
	}
	return t
}

// rightTable says how often the checks doubt the stories as translated by
// hand.
func rightTable(list []story) table {
	t := headed("right", "story")
	total := make(map[string]score)
	row := func(name string, scores map[string]score) {
		cells := []any{name}
		for _, l := range language.Targets() {
			n := scores[l.Code]
			cells = append(cells, fmt.Sprintf("%d of %d", n.marked, n.segments))
		}
		t.row(cells...)
	}
	for _, s := range list {
		if s.right == nil {
			continue
		}
		scores := make(map[string]score)
		for _, l := range language.Targets() {
			n := judge(s, l, outcome{Method: throughYeok, Segments: s.right[l.Code]})
			scores[l.Code] = n
			sum := total[l.Code]
			sum.add(n)
			total[l.Code] = sum
		}
		row(s.name, scores)
	}
	row("all", total)
	return t
}
