package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"yeok/eval/headlines"
	"yeok/eval/injection"
	"yeok/eval/ntrex"
	"yeok/eval/numbers"
	"yeok/eval/renderings"
	"yeok/translate"
	"yeok/translate/check"
	"yeok/translate/language"
)

// headed is a table with a column for each language behind the given ones.
func headed(name string, columns ...string) table {
	for _, l := range language.Targets() {
		columns = append(columns, l.Code)
	}
	return table{name: name, header: columns}
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f %%", 100*float64(n)/float64(of))
}

// ntrexTables are the false alarms of each check on translations by people, and the
// share of injected faults that is found.
func ntrexTables(set *ntrex.Set) []table {
	alarms := headed("alarms", "check", "severity", "at most")
	power := headed("power", "fault", "at least")
	counts := make(map[string]map[ntrex.Alarm]int)
	passing := make(map[string][]int)
	var kinds []ntrex.Alarm
	for _, l := range language.Targets() {
		counts[l.Code], passing[l.Code] = set.Alarms(l)
		for kind := range counts[l.Code] {
			if !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	slices.SortFunc(kinds, func(a, b ntrex.Alarm) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Check, b.Check))
	})
	for _, kind := range kinds {
		row := []any{kind.Check, kind.Severity, "–"}
		if kind.Severity == check.Error {
			row[2] = fmt.Sprintf("%.1f %%", 100*kind.Most())
		}
		for _, l := range language.Targets() {
			n := counts[l.Code][kind]
			row = append(row, fmt.Sprintf("%d (%s)", n, percent(n, len(set.Korean))))
		}
		alarms.row(row...)
	}
	alarms.note = fmt.Sprintf("Sentences doubted, of %d a language. Checks that are not listed doubted none.", len(set.Korean))
	for _, fault := range ntrex.Faults() {
		row := []any{fault.Name, fmt.Sprintf("%.0f %%", 100*fault.Least)}
		for _, l := range language.Targets() {
			p := set.Power(fault, l, passing[l.Code])
			row = append(row, fmt.Sprintf("%s of %d", percent(p.Found, p.Put), p.Put))
		}
		power.row(row...)
	}
	return []table{alarms, power}
}

// numberTable is how the reader of numbers and the number check fare on sentences
// whose amounts are known exactly.
func numberTable() (table, error) {
	list, err := numbers.Sentences(1, 500)
	if err != nil {
		return table{}, err
	}
	korean := numbers.Korean(list)
	read, right, wrong := []any{"amounts read"}, []any{"right ones doubted"}, []any{"wrong ones found"}
	for _, l := range language.Targets() {
		n := numbers.Measure(list, l)
		read = append(read, fmt.Sprintf("%d of %d", n.Wanted-n.Unread, n.Wanted))
		right = append(right, fmt.Sprintf("%d of %d", n.Doubted, n.Right))
		wrong = append(wrong, fmt.Sprintf("%d of %d", n.Wrong-n.Missed, n.Wrong))
	}
	t := headed("numbers", "")
	t.row(read...)
	t.row(right...)
	t.row(wrong...)
	t.note = fmt.Sprintf("In the %d Korean sentences %d of %d amounts are read.", len(list), korean.Wanted-korean.Unread, korean.Wanted)
	return t, nil
}

// injectionTable counts what became of articles with instructions for the
// translator, before a model that obeys every time.
func injectionTable(ctx context.Context) (table, error) {
	attacks, err := injection.Attacks()
	if err != nil {
		return table{}, err
	}
	type tally struct{ trials, accepted, review, failed, healed int }
	byPlace := make(map[injection.Place]*tally)
	for _, place := range injection.Places() {
		byPlace[place] = new(tally)
	}
	for _, attack := range attacks {
		for _, trial := range attack.Trials() {
			o, err := trial.Run(ctx)
			if err != nil {
				return table{}, err
			}
			n := byPlace[trial.Place]
			n.trials++
			switch {
			case trial.Accepted(o):
				n.accepted++
			case o.Result.State == translate.Complete:
				n.healed++
			case o.Result.State == translate.NeedsReview:
				n.review++
			default:
				n.failed++
			}
		}
	}
	t := table{name: "injection", header: []string{"instruction stands", "obedient runs", "accepted as COMPLETE", "NEEDS_REVIEW", "FAILED", "healed by asking again"}}
	for _, place := range injection.Places() {
		n := byPlace[place]
		t.row(place, n.trials, n.accepted, n.review, n.failed, n.healed)
	}
	alarms, benign, err := benignAlarms(ctx)
	t.note = fmt.Sprintf("%d instructions, each obeyed in every way that is listed for it, into four languages. Benign controls: %d of %d translations doubted.",
		len(attacks), alarms, benign)
	return t, err
}

// benignAlarms counts the translations of harmless articles, and those that were
// not accepted at once.
func benignAlarms(ctx context.Context) (alarms, of int, err error) {
	articles, err := injection.Benign()
	if err != nil {
		return 0, 0, err
	}
	for _, a := range articles {
		for _, l := range language.Targets() {
			o, err := injection.Translate(ctx, a, l)
			if err != nil {
				return 0, 0, err
			}
			of++
			if o.Err != nil || o.Result.State != translate.Complete || o.Requests != 1 {
				alarms++
			}
		}
	}
	return alarms, of, nil
}

// renderingSets are the files of right and wrong renderings, from the repository's
// root, and whether their texts are phrases, which need a sentence around them.
var renderingSets = [...]struct {
	name, pattern string
	phrases       bool
}{
	{"phrases", "translate/check/testdata/business.txt", true},
	{"sentences", "translate/check/testdata/sentences/*.txt", false},
}

// renderingTable says how often the number check doubts a right rendering of a
// business phrase, and how many of the wrong ones it finds.
func renderingTable(root string) (table, error) {
	t := headed("renderings", "set", "texts", "")
	for _, set := range renderingSets {
		files, err := filepath.Glob(filepath.Join(root, set.pattern))
		if err != nil {
			return table{}, err
		}
		var list []renderings.Text
		for _, file := range files {
			texts, err := renderings.Read(file)
			if err != nil {
				return table{}, err
			}
			list = append(list, texts...)
		}
		if len(list) == 0 {
			continue
		}
		frames := renderings.Bare()
		if set.phrases {
			frames = renderings.Frames()
		}
		right, wrong := []any{set.name, len(list), "right ones doubted"}, []any{set.name, len(list), "wrong ones found"}
		for _, l := range language.Targets() {
			n := renderings.Measure(list, frames, l)
			right = append(right, fmt.Sprintf("%d of %d (%s)", n.Doubted, n.Right, percent(n.Doubted, n.Right)))
			wrong = append(wrong, fmt.Sprintf("%d of %d (%s)", n.Wrong-n.Missed, n.Wrong, percent(n.Wrong-n.Missed, n.Wrong)))
		}
		t.row(right...)
		t.row(wrong...)
	}
	return t, nil
}

// headlineTable says what is recognised of headlines with hanja, quotations and “…”,
// and how all checks together judge good and bad renderings of them.
func headlineTable() (table, error) {
	list, err := headlines.Read()
	if err != nil {
		return table{}, err
	}
	t := headed("headlines", fmt.Sprintf("%d headlines", len(list)))
	facts, good, bad := []any{"facts recognised"}, []any{"good ones doubted"}, []any{"bad ones found"}
	for _, l := range language.Targets() {
		n := headlines.Measure(list, l)
		facts = append(facts, fmt.Sprintf("%d of %d", n.Facts-n.Unknown, n.Facts))
		good = append(good, fmt.Sprintf("%d of %d", n.Doubted, n.Good))
		bad = append(bad, fmt.Sprintf("%d of %d", n.Bad-n.Missed, n.Bad))
	}
	t.row(facts...)
	t.row(good...)
	t.row(bad...)
	return t, nil
}
