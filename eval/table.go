package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// table is one table of results.
type table struct {
	name   string // of its place in docs/eval.md
	header []string
	rows   [][]string
	note   string // a line beneath it
}

func (t *table) row(cells ...any) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = fmt.Sprint(cell)
	}
	t.rows = append(t.rows, row)
}

// markdown is the table with its columns aligned, the first to the left.
func (t *table) markdown() string {
	widths := make([]int, len(t.header))
	for _, row := range append([][]string{t.header}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 3)
		}
	}
	var b strings.Builder
	line := func(row []string) {
		b.WriteString("|")
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				b.WriteString(" " + cell + pad + " |")
			} else {
				b.WriteString(" " + pad + cell + " |")
			}
		}
		b.WriteString("\n")
	}
	line(t.header)
	rule := []string{strings.Repeat("-", widths[0])}
	for _, width := range widths[1:] {
		rule = append(rule, strings.Repeat("-", width-1)+":")
	}
	line(rule)
	for _, row := range t.rows {
		line(row)
	}
	if t.note != "" {
		b.WriteString("\n" + t.note + "\n")
	}
	return b.String()
}

// document is where the tables stand.
const document = "docs/eval.md"

// report prints the tables and, if asked, puts each into its place in the
// document. What is written there by hand stays, and so do tables that were not
// measured this time.
func report(w io.Writer, root string, tables []table, write bool) error {
	for _, t := range tables {
		fmt.Fprintf(w, "\n%s\n\n%s", t.name, t.markdown())
	}
	if !write {
		return nil
	}
	path := filepath.Join(root, document)
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text := string(data)
	for _, t := range tables {
		if text, err = placed(text, t); err != nil {
			return err
		}
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// placed is text with the table between its two markers.
func placed(text string, t table) (string, error) {
	begin, end := "<!-- eval:"+t.name+" -->\n", "<!-- /eval:"+t.name+" -->"
	head, rest, ok := strings.Cut(text, begin)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", fmt.Errorf("%s has no place for the table %s", document, t.name)
	}
	return head + begin + t.markdown() + end + tail, nil
}
