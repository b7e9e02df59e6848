package main

import (
	"fmt"
	"strings"
)

// report is what a scenario found: promises, kept or broken, and figures beside.
type report struct {
	rows, notes []string
	broken      []string
}

// shown is how many examples of what broke a promise are told.
const shown = 12

// promise notes a figure that must be want, and some examples of what it
// counts if it is not.
func (r *report) promise(what string, got, want int, examples ...string) {
	kept := "kept"
	if got != want {
		kept = "**BROKEN**"
		r.broken = append(r.broken, fmt.Sprintf("%s: %d, want %d\n  %s", what, got, want, strings.Join(examples[:min(len(examples), shown)], "\n  ")))
	}
	r.rows = append(r.rows, fmt.Sprintf("| %s | %d | %d | %s |", what, got, want, kept))
}

// atMost notes a figure that must not exceed a bound.
func (r *report) atMost(what string, got, bound float64, examples ...string) {
	kept := "kept"
	if got > bound {
		kept = "**BROKEN**"
		r.broken = append(r.broken, fmt.Sprintf("%s: %.2f, more than %.2f\n  %s", what, got, bound, strings.Join(examples[:min(len(examples), shown)], "\n  ")))
	}
	r.rows = append(r.rows, fmt.Sprintf("| %s | %.2f | ≤ %.2f | %s |", what, got, bound, kept))
}

// figure notes what is only told.
func (r *report) figure(what string, got any) {
	r.rows = append(r.rows, fmt.Sprintf("| %s | %v | | |", what, got))
}

func (r *report) say(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

func (r *report) markdown() string {
	table := "| | figure | promised | |\n|---|---|---|---|\n" + strings.Join(r.rows, "\n")
	return strings.Join(append(r.notes, table), "\n\n")
}
