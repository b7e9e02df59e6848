package article

import (
	"html"
	"slices"
	"strings"

	"golang.org/x/net/html/atom"
)

// safeHref returns an address if it is one that a reader may be sent to.
func safeHref(href string) string {
	href = strings.TrimSpace(href)
	low := strings.ToLower(href[:min(len(href), 8)])
	if !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") {
		return ""
	}
	for _, r := range href {
		if r <= ' ' || r == '<' || r == '>' || r == '"' || r == '\\' {
			return ""
		}
	}
	return href
}

// inlineTag returns the name under which markup is kept, "" if it is not.
func inlineTag(a atom.Atom) string {
	switch a {
	case atom.A, atom.B, atom.Strong, atom.I, atom.Em, atom.U, atom.Sub, atom.Sup:
		return a.String()
	}
	return ""
}

// render writes the bytes from..to of a line with its inline markup; "" if there
// is none. Emphasis of the whole is layout, and left out. Ranges come properly
// nested, because they were elements.
func render(line string, from, to int, marks []inlineMark) string {
	var in []inlineMark
	for _, m := range marks {
		m.from, m.to = max(m.from, from), min(m.to, to)
		whole := m.from == from && m.to == to
		if m.from < m.to && (m.tag == atom.A && m.href != "" || m.tag != atom.A && !whole) {
			in = append(in, m)
		}
	}
	if len(in) == 0 {
		return ""
	}
	slices.SortStableFunc(in, func(a, b inlineMark) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	var b strings.Builder
	var open []inlineMark
	at := from
	write := func(end int) {
		b.WriteString(html.EscapeString(line[at:end]))
		at = end
	}
	closeTo := func(pos int) {
		for len(open) > 0 && open[len(open)-1].to <= pos {
			write(open[len(open)-1].to)
			b.WriteString("</" + inlineTag(open[len(open)-1].tag) + ">")
			open = open[:len(open)-1]
		}
	}
	for _, m := range in {
		closeTo(m.from)
		write(m.from)
		if len(open) > 0 && m.to > open[len(open)-1].to {
			m.to = open[len(open)-1].to
		}
		b.WriteString(startTag(m))
		open = append(open, m)
	}
	closeTo(to)
	write(to)
	return b.String()
}

func startTag(m inlineMark) string {
	if m.tag == atom.A {
		return `<a href="` + html.EscapeString(m.href) + `">`
	}
	return "<" + inlineTag(m.tag) + ">"
}
