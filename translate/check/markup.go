package check

import (
	"slices"
	"strings"
)

// markup finds markup tokens that were lost, added or crossed.
func markup(p *pair) {
	if wrong := MarkupFault(p.Source, p.Target); wrong != "" {
		p.report(Markup, Error, Span{}, Span{}, "%s", wrong)
	}
}

// MarkupFault says what is wrong with the markup tokens of a translation, "" when
// nothing is. Tokens are <x1> with </x1>, and <x1/>, of any letters and digits;
// the translation must hold those of the source, each as often, well nested.
func MarkupFault(source, target string) string {
	if !strings.Contains(source, "<") && !strings.Contains(target, "<") {
		return ""
	}
	want, got := tokens(source), tokens(target)
	var open []string
	for _, t := range got {
		switch {
		case strings.HasSuffix(t, "/>"):
		case !strings.HasPrefix(t, "</"):
			open = append(open, t[1:])
		case len(open) == 0 || open[len(open)-1] != t[2:]:
			if wellNested(want) {
				return "The markup " + t + " closes what is not open."
			}
		default:
			open = open[:len(open)-1]
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if missing := firstOnly(want, got); missing != "" {
		return "The markup " + missing + " is missing."
	}
	if added := firstOnly(got, want); added != "" {
		return "The markup " + added + " is not in the source."
	}
	return ""
}

func wellNested(tokens []string) bool {
	var open []string
	for _, t := range tokens {
		switch {
		case strings.HasSuffix(t, "/>"):
		case !strings.HasPrefix(t, "</"):
			open = append(open, t[1:])
		case len(open) == 0 || open[len(open)-1] != t[2:]:
			return false
		default:
			open = open[:len(open)-1]
		}
	}
	return len(open) == 0
}

// firstOnly is the first token of a that b does not hold as often; both are
// sorted.
func firstOnly(a, b []string) string {
	for _, t := range a {
		i := slices.Index(b, t)
		if i < 0 {
			return t
		}
		b = b[i+1:]
	}
	return ""
}

// longestToken bounds what is taken for a token.
const longestToken = 12

// tokens are the markup tokens of text in order.
func tokens(text string) []string {
	var list []string
	for {
		i := strings.IndexByte(text, '<')
		if i < 0 {
			return list
		}
		text = text[i:]
		end := strings.IndexByte(text[:min(len(text), longestToken)], '>')
		if end < 0 || !isToken(text[1:end]) {
			text = text[1:]
			continue
		}
		list = append(list, text[:end+1])
		text = text[end+1:]
	}
}

// isToken reports whether name, with a slash before or behind it, names a token.
func isToken(name string) bool {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "/"), "/")
	for i, c := range []byte(name) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || '9' < c) {
			return false
		}
	}
	return name != ""
}
