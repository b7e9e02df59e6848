package check

import (
	"strings"
	"unicode"
)

// term finds glossary terms whose translation is not the glossary's: an error for
// a strict term, a warning for another, because a forced term can read worse than
// a free one.
func term(p *pair) {
	if len(p.ctx.Glossary) == 0 {
		return
	}
	target := plain(p.Target)
	for _, t := range p.ctx.Glossary {
		at := p.occurs(t.Source)
		if at.End == 0 || holdsAny(target, t.Target) {
			continue
		}
		severity := Warning
		if t.Strict {
			severity = Error
		}
		p.report(Glossary, severity, at, Span{}, "%s should be %s here.", t.Source, strings.ReplaceAll(t.Target, "|", " or "))
	}
}

// holdsAny reports whether text holds one of the wordings, which | divides.
func holdsAny(text, wordings string) bool {
	for wording := range strings.SplitSeq(wordings, "|") {
		if strings.Contains(text, plain(wording)) {
			return true
		}
	}
	return false
}

// ofTerm reports whether the name at span is what the glossary wants for a term of
// the source, and so none that the model made up.
func (p *pair) ofTerm(name Span) bool {
	said := plain(string(p.target[name.Start:name.End]))
	for _, t := range p.ctx.Glossary {
		if strings.Contains(plain(t.Target), said) && p.occurs(t.Source).End > 0 {
			return true
		}
	}
	return false
}

// plain is text for comparing terms: lower case, one kind of hyphen and
// apostrophe, no spaces.
func plain(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c) || c == '-' || c == '‐' || c == '‑' || c == '・' || c == '·':
			return -1
		case c == '’':
			return '\''
		}
		return unicode.ToLower(c)
	}, text)
}

// occurs is where a term begins a word of the source, whatever the spacing, the
// zero Span if nowhere. The glossary's own matching has looked more closely; this
// only tells in which segment the term stands.
func (p *pair) occurs(source string) Span {
	want := []rune(strings.ToLower(strings.Join(strings.Fields(source), "")))
	for start := range p.source {
		if len(want) == 0 || unicode.ToLower(p.source[start]) != want[0] || start > 0 && isHangul(p.source[start-1]) && isHangul(p.source[start]) {
			continue
		}
		i, k := start, 0
		for i < len(p.source) && k < len(want) && (unicode.ToLower(p.source[i]) == want[k] || p.source[i] == ' ') {
			if p.source[i] != ' ' {
				k++
			}
			i++
		}
		if k == len(want) {
			return Span{start, i}
		}
	}
	return Span{}
}
