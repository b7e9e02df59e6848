package main

import (
	"fmt"
	"io"
	"strings"

	"yeok/article"
)

// paint puts colour around a text, or does nothing.
type paint struct{ on, off string }

func (p paint) over(text string) string {
	if text == "" {
		return ""
	}
	return p.on + text + p.off
}

// palette is how lines are told apart: by colour where there is one, by marks
// alone elsewhere.
type palette struct {
	kept, doubt, removed paint // the mark in front of a line
	cut                  paint // text that is not in the article
	note                 paint // why
}

func coloursOf(coloured bool) palette {
	if !coloured {
		return palette{cut: paint{"[-", "-]"}}
	}
	const off = "\x1b[0m"
	return palette{
		kept: paint{"\x1b[32m", off}, doubt: paint{"\x1b[33m", off}, removed: paint{"\x1b[31m", off},
		cut: paint{"\x1b[2;9m", off}, note: paint{"\x1b[36m", off},
	}
}

// coloured tells whether results may be coloured; see https://no-color.org.
func (h *host) coloured() bool {
	return h.terminal(h.stdout) && h.getenv("NO_COLOR") == ""
}

// explain prints the page line by line with the line's role and, where something
// went, the rule that took it.
func explain(out io.Writer, c article.Cleaning, coloured bool) error {
	colours := coloursOf(coloured)
	var b strings.Builder
	for _, line := range c.Lines {
		mark, text := colours.kept.over("+"), keptText(line, colours.cut)
		switch {
		case line.Role == article.RoleDate, line.Role == article.RoleByline, line.Role == article.RoleCopyright:
			mark, text = colours.kept.over("="), line.Text
		case !line.Role.Kept():
			mark, text = colours.removed.over("-"), line.Text
		case line.Doubt:
			mark = colours.doubt.over("?")
		}
		why := ""
		if line.Rule != "" {
			why = colours.note.over(fmt.Sprintf("  (%s, %s)", line.Reason, line.Rule))
		}
		fmt.Fprintf(&b, "%5d %s %-10s %s%s\n", line.Number, mark, line.Role, text, why)
	}
	for _, warning := range c.Warnings {
		fmt.Fprintf(&b, "      %s %s\n", colours.doubt.over("!"), warning)
	}
	fmt.Fprintf(&b, "      kept %.1f %% of the page (+ kept, ? kept in doubt, = kept as a field, - removed)\n", 100*c.KeptRatio)
	_, err := io.WriteString(out, b.String())
	return err
}

// keptText is a line with the parts marked that are not in the article: a byline
// glued to a paragraph goes, the paragraph stays.
func keptText(line article.Line, cut paint) string {
	var b strings.Builder
	done := 0
	for _, kept := range line.Kept {
		b.WriteString(cut.over(line.Text[done:kept.Start]))
		b.WriteString(line.Text[kept.Start:kept.End])
		done = kept.End
	}
	b.WriteString(cut.over(line.Text[done:]))
	return b.String()
}
