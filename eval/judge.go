package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"yeok/translate/check"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

// score is what an outcome is worth.
type score struct {
	segments, lost int // lost: naive, by how many paragraphs the answer is short
	facts, wrong   int // wrong: what the source says is not said, or not rightly
	silent         int // wrong, and nothing marks the segment
	marked         int // segments with an error that yeok names
	numbers        int // errors of the number check over the whole text, both ways
	hangul         int // segments with Hangul
	terms, missed  int
	names          int // translations with a person lost or made up, as the name check says over the whole text

	texts, complete             int // translations, and those that yeok calls complete
	requests, prompt, completed int
	seconds                     float64
}

func (n *score) add(o score) {
	n.segments, n.lost = n.segments+o.segments, n.lost+o.lost
	n.facts, n.wrong, n.silent = n.facts+o.facts, n.wrong+o.wrong, n.silent+o.silent
	n.marked, n.numbers, n.hangul = n.marked+o.marked, n.numbers+o.numbers, n.hangul+o.hangul
	n.terms, n.missed, n.names = n.terms+o.terms, n.missed+o.missed, n.names+o.names
	n.texts, n.complete = n.texts+o.texts, n.complete+o.complete
	n.requests, n.prompt, n.completed = n.requests+o.requests, n.prompt+o.prompt, n.completed+o.completed
	n.seconds += o.seconds
}

// translation is an outcome by segments. Without ids (the naive answer) its
// paragraphs are the segments and every fact is looked for in the whole text,
// which is kinder than to look for it at its place.
type translation struct {
	parts []string          // in reading order
	byID  map[string]string // nil without ids
}

func (o outcome) translation(s story) translation {
	if o.Method == throughYeok {
		t := translation{byID: o.Segments}
		for _, segment := range s.segments() {
			t.parts = append(t.parts, o.Segments[segment.ID])
		}
		return t
	}
	var t translation
	for line := range strings.Lines(o.Text) {
		if line = strings.TrimSpace(line); line != "" {
			t.parts = append(t.parts, line)
		}
	}
	return t
}

func (t translation) whole() string { return strings.Join(t.parts, "\n") }

// where is the text in which a fact of the segment must be found.
func (t translation) where(id string) string {
	if t.byID != nil {
		return t.byID[id]
	}
	return t.whole()
}

// judge holds an outcome against its story, the same way for both methods.
func judge(s story, l *language.Language, o outcome) score {
	t := o.translation(s)
	n := score{
		texts: 1, segments: len(s.segments()), facts: len(s.facts),
		requests: o.Requests, prompt: o.PromptTokens, completed: o.CompletionTokens, seconds: o.Seconds,
	}
	if o.State == "COMPLETE" {
		n.complete = 1
	}
	n.lost = n.segments
	for _, part := range t.parts {
		if strings.TrimSpace(part) != "" && n.lost > 0 {
			n.lost--
		}
	}
	marks := o.marks(s, l)
	n.marked = len(marks)
	for _, f := range s.facts {
		if !f.right[l.Code].MatchString(t.where(f.In)) {
			n.wrong++
			if !marks[f.In] {
				n.silent++
			}
		}
	}
	n.measure(s, l, t)
	return n
}

// marks are the segments that today's checks find an error in, or that have no
// text, whatever was found when they were written: a better check shows without
// asking the model again. A naive answer says nothing of itself.
func (o outcome) marks(s story, l *language.Language) map[string]bool {
	marks := make(map[string]bool)
	if o.Method != throughYeok {
		return marks
	}
	segments := s.segments()
	for i := range segments {
		segments[i].Target = o.Segments[segments[i].ID]
		segments[i].Signs = s.signs(segments[i], l)
	}
	for _, f := range check.Article(segments, l, s.context(l)) {
		if f.Severity == check.Error && f.SegmentID != "" {
			marks[f.SegmentID] = true
		}
	}
	return marks
}

// context is what the checks may know of the story.
func (s story) context(l *language.Language) check.Context {
	ctx := check.Context{PublishTime: s.article.PublishTime}
	for _, term := range s.terms {
		ctx.Glossary = append(ctx.Glossary, check.Term{Source: term.Source, Target: term.Target(l.Code), Strict: term.Strict})
	}
	return ctx
}

// signs are the hanja of a headline; surnames are those of somebody in the text.
func (s story) signs(segment check.Segment, l *language.Language) []check.Sign {
	if segment.Role == check.Body {
		return nil
	}
	var list []check.Sign
	for _, e := range glossary.Hanja(segment.Source, s.text()) {
		for _, w := range e.Wordings(segment.Source, l.Code) {
			list = append(list, check.Sign{Hanja: w.Hanja, Meaning: w.Korean, Right: w.Right, Wrong: w.Wrong, Bare: w.Bare, Person: w.Person})
		}
	}
	return list
}

var hangul = regexp.MustCompile(`\p{Hangul}`)

// measure takes the checks as a yardstick that both methods are held against.
func (n *score) measure(s story, l *language.Language, t translation) {
	source, target := s.text(), t.whole()
	for _, f := range check.Check(check.Segment{Source: source, Target: target}, l, s.context(l)) {
		switch {
		case f.Severity != check.Error:
		case f.Check == check.Number:
			n.numbers++
		case f.Check == check.NameCheck:
			n.names = 1
		}
	}
	for _, part := range t.parts {
		if hangul.MatchString(part) {
			n.hangul++
		}
	}
	for _, term := range s.terms {
		n.terms++
		if !strings.Contains(strings.ToLower(target), strings.ToLower(term.Target(l.Code))) {
			n.missed++
		}
	}
}

// showSilent lists the facts that are wrong and not marked, for people to read: a
// right way of saying it that nobody thought of belongs into the story's file.
func showSilent(w io.Writer, s story, l *language.Language, o outcome) {
	t, marks := o.translation(s), o.marks(s, l)
	for _, segment := range s.segments() {
		if marks[segment.ID] {
			continue
		}
		for _, f := range s.facts {
			if f.In == segment.ID && !f.right[l.Code].MatchString(t.where(f.In)) {
				fmt.Fprintf(w, "%s, %s, %s: %s is not in %q\n\tfor %q\n", s.name, l.Code, f.In, f.Korean, t.where(f.In), segment.Source)
			}
		}
	}
}
