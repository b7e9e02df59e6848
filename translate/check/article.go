package check

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"yeok/translate/language"
)

// Article finds what is wrong with a whole translation: everything that Check
// finds in its segments, and what only shows over all of them. A number that moved
// to another segment is no excuse: segments are published one by one.
func Article(segments []Segment, target *language.Language, ctx Context) []Finding {
	looked := make([]Checked, len(segments))
	for i, s := range segments {
		looked[i] = Look(s, target, ctx)
	}
	return Whole(looked, target, ctx.Glossary)
}

// Whole is Article of segments that were checked, with the terms of all of them.
func Whole(looked []Checked, target *language.Language, glossary []Term) []Finding {
	var findings []Finding
	var source, translated int // characters
	pairs := make([]*pair, 0, len(looked))
	for _, c := range looked {
		p := c.among(glossary)
		pairs = append(pairs, p)
		findings = append(findings, p.findings...)
		source, translated = source+p.sourceLength, translated+p.targetLength
	}
	if f, ok := documentLength(source, translated, target.Length.Document); ok {
		findings = append(findings, f)
	}
	findings = append(findings, articleNames(pairs)...)
	return append(findings, echoes(pairs)...)
}

// shortDocument is how many Korean characters a text needs for the narrow band of
// whole documents to hold; NTREX documents have some thousand.
const shortDocument = 400

// documentLength holds the whole body against the band of documents, which is
// narrower than that of a segment: it warns of a translation that drops a little
// everywhere. Measured on 123 NTREX documents: none outside.
func documentLength(source, translated int, band language.Band) (Finding, bool) {
	if source < shortDocument {
		return Finding{}, false
	}
	ratio := float64(translated) / float64(source)
	if band.Min <= ratio && ratio <= band.Max {
		return Finding{}, false
	}
	return Finding{
		Check:    Length,
		Severity: Warning,
		Message:  fmt.Sprintf("The whole translation has %d characters for %d of Korean, which is unusual.", translated, source),
	}, true
}

// echoes finds segments whose translation another segment has too, although their
// sources differ: a model answered one block twice. Short texts may agree.
func echoes(pairs []*pair) []Finding {
	var findings []Finding
	first := make(map[string]*pair)
	for _, s := range pairs {
		text := s.Target
		if strings.ContainsAny(text, "\t\n\r") || strings.Contains(text, "  ") || strings.TrimSpace(text) != text {
			text = strings.Join(strings.Fields(text), " ")
		}
		if utf8.RuneCountInString(text) < echoLength {
			continue
		}
		before, ok := first[text]
		if !ok {
			first[text] = s
			continue
		}
		if before.Source != s.Source {
			findings = append(findings, Finding{
				SegmentID:  s.ID,
				Check:      Repetition,
				Severity:   Error,
				Message:    fmt.Sprintf("The translation is that of %s, and the source is not.", before.ID),
				TargetText: s.Target,
				TargetSpan: Span{0, len(s.target)},
			})
		}
	}
	return findings
}
