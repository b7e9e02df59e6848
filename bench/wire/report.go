package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// report is what a scenario found out: prose and tables in Markdown.
type report struct{ parts []string }

func (r *report) say(format string, args ...any) {
	r.parts = append(r.parts, fmt.Sprintf(format, args...))
}

// table adds a table; the first row is its head.
func (r *report) table(rows ...[]string) {
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
	r.parts = append(r.parts, strings.TrimRight(b.String(), "\n"))
}

func (r *report) markdown(s scenario) string {
	return fmt.Sprintf("### %s. %s\n\n%s", s.letter, s.title, strings.Join(r.parts, "\n\n"))
}

// replaceSection puts text between the markers of a section in a file.
func replaceSection(file, name, text string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin, end := fmt.Sprintf("<!-- bench %s -->", name), fmt.Sprintf("<!-- /bench %s -->", name)
	before, rest, found := strings.Cut(string(content), begin)
	_, after, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		return fmt.Errorf("%s has no section between %s and %s", file, begin, end)
	}
	return os.WriteFile(file, []byte(before+begin+"\n"+text+"\n"+end+after), 0o600)
}

// compare adds the table of contenders, each beside the reference: the median
// of the ratios of each round, with the least and the greatest.
func (r *report) compare(order []contender, results map[string][]result, reference string, single bool) {
	rows := [][]string{{"", "req/s", "CPU µs/req", "p50 µs", "p99 µs", "**× " + reference + "**", "spread", "by CPU"}}
	if single {
		rows = [][]string{{"", "p50 µs", "p99 µs", "CPU µs/req", "**p50 × " + reference + "**", "spread"}}
	}
	var others []float64
	for _, c := range order {
		got := results[c.name]
		if len(got) == 0 {
			rows = append(rows, append([]string{c.name, "not installed"}, make([]string, len(rows[0])-2)...))
			continue
		}
		ratio := ratios(got, results[reference], single)
		all := []string{
			fmt.Sprintf("%.0f", medianOf(got, func(r result) float64 { return r.rate })),
			fmt.Sprintf("%.1f", medianOf(got, cpuMicros)),
			fmt.Sprintf("%.0f", medianOf(got, func(r result) float64 { return micros(r.p50) })),
			fmt.Sprintf("%.0f", medianOf(got, func(r result) float64 { return micros(r.p99) })),
			fmt.Sprintf("**%.2f**", median(ratio)),
			fmt.Sprintf("%.2f–%.2f", slices.Min(ratio), slices.Max(ratio)),
		}
		all = append(all, fmt.Sprintf("%.2f", medianOf(results[reference], cpuMicros)/medianOf(got, cpuMicros)))
		if single {
			all = []string{all[2], all[3], all[1], all[4], all[5]}
		}
		rows = append(rows, append([]string{c.name}, all...))
		for _, one := range got {
			others = append(others, one.others)
		}
	}
	r.table(rows...)
	r.say("Other processes took %.2f cores (median), %.2f at most.", median(others), slices.Max(others))
}

// ratios compares round by round: requests a second, or p50 of single calls.
func ratios(got, reference []result, single bool) []float64 {
	var out []float64
	for i := range min(len(got), len(reference)) {
		if single {
			out = append(out, micros(got[i].p50)/micros(reference[i].p50))
		} else {
			out = append(out, got[i].rate/reference[i].rate)
		}
	}
	if len(out) == 0 {
		return []float64{0}
	}
	return out
}

func medianOf(results []result, field func(result) float64) float64 {
	var values []float64
	for _, r := range results {
		values = append(values, field(r))
	}
	return median(values)
}

func cpuMicros(r result) float64 { return micros(r.cpu) }

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
