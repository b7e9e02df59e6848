// Package check finds what is wrong with a translation without asking a model.
//
// The one idea to know: a check compares one segment with its source and knows
// nothing of prompts, models or caches. Nothing becomes a good translation
// without having been here.
package check

import (
	"cmp"
	"slices"
	"time"

	"yeok/translate/language"
)

// Version is part of the memory's keys. It changes when a check changes what
// passes, so that nothing is served as good that would not pass today.
const Version = "12"

// Name names a check. Values are those of the API's Finding.Check.
type Name string

// The checks.
const (
	Missing    Name = "MISSING"
	Hangul     Name = "HANGUL"
	Script     Name = "SCRIPT"
	Length     Name = "LENGTH"
	Number     Name = "NUMBER"
	Preamble   Name = "PREAMBLE"
	Refusal    Name = "REFUSAL"
	Repetition Name = "REPETITION"
	Markup     Name = "MARKUP"
	Glossary   Name = "GLOSSARY"
	NameCheck  Name = "NAME"
	Quote      Name = "QUOTE"
	Hedge      Name = "HEDGE"
	Novelty    Name = "NOVELTY"
	SourceCopy Name = "SOURCE_COPY"
	Truncated  Name = "TRUNCATED"
	Headline   Name = "HEADLINE"
	Typography Name = "TYPOGRAPHY"
)

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	Warning Severity = "WARNING" // worth a look; the translation can stand
	Error   Severity = "ERROR"   // wrong unless an editor says otherwise
)

// Span is a part of a text in code points, from Start up to but without End.
// The zero value means not located.
type Span struct{ Start, End int }

// Finding is one doubt about one segment, for an editor.
type Finding struct {
	SegmentID  string // as in Segment.ID
	Check      Name
	Severity   Severity
	Message    string // one plain English sentence
	SourceText string
	TargetText string
	SourceSpan Span
	TargetSpan Span
}

// Role is what a segment is in the article; bounds and style differ by it.
type Role uint8

// The roles.
const (
	Body Role = iota
	Title
	Subtitle
	Subhead
	Caption
	Item // list item, table cell or interface string
)

// Segment is a source text with its translation.
type Segment struct {
	ID     string // "title", "subtitle1", or a block id
	Role   Role
	Source string
	Target string
	Signs  []Sign // hanja of a headline

	// Read is Source as the checks read it. Who has it, because the text has several
	// translations, saves them the reading; nil makes them read.
	Read *Source
}

// Sign is a hanja of a Korean headline and what a translation may put for it.
type Sign struct {
	Hanja   string
	Meaning string   // in Korean; a name for a surname
	Right   []string // one of them is expected; none when the sign may be left out
	Wrong   []string // names of countries that the source does not speak of
	Bare    bool     // the sign itself may stand alone
	Person  bool     // Meaning is somebody's name
}

// Term is a glossary entry that occurs in the source, as the check wants it.
type Term struct {
	Source string
	Target string
	Strict bool // its absence is an error, not a warning
}

// Context is what a check may know beside the segment.
type Context struct {
	PublishTime time.Time // zero when unknown; then years and months cannot be resolved
	Glossary    []Term    // may hold terms that do not occur in the segment
	Entities    *Entities // names of the authority, to notice one put for another; nil for none
}

// checks are all checks of one segment, in the order in which an editor reads
// their findings.
var checks = [...]struct {
	find  func(*pair)
	terms bool // it asks for the glossary, where a term more can only excuse
	all   bool // it asks for all terms
}{
	{find: refusal},
	{find: preamble},
	{find: hangul, terms: true},
	{find: script},
	{find: repetition},
	{find: length},
	{find: truncated},
	{find: number},
	{find: novelty},
	{find: shout},
	{find: death},
	{find: country},
	{find: markup},
	{find: term, all: true},
	{find: name, terms: true},
	{find: quote},
	{find: hedge},
	{find: headlineStyle},
	{find: signs},
	{find: typography},
}

// Check finds what is wrong with one segment. A segment without findings of
// severity Error may be published; texts are expected in NFC.
func Check(s Segment, target *language.Language, ctx Context) []Finding {
	return Look(s, target, ctx).Findings()
}

// Checked is a segment after its checks, with all that they have read of it: a look
// at the whole article need not read it again. It is not safe for concurrent use.
type Checked struct{ *pair }

// Look checks one segment.
func Look(s Segment, target *language.Language, ctx Context) Checked {
	p := newPair(s, target, ctx)
	p.said = make([]int, 0, len(checks))
	if missing(p); len(p.findings) > 0 {
		p.empty = true
		return Checked{p} // nothing else can be said of an empty text
	}
	for i := range checks {
		checks[i].find(p)
		p.said = append(p.said, len(p.findings))
	}
	return Checked{p}
}

// Findings are what is wrong with the segment.
func (c Checked) Findings() []Finding { return c.findings }

// Of reports whether c is what became of s.
func (c Checked) Of(s Segment) bool {
	return c.pair != nil && c.ID == s.ID && c.Source == s.Source && c.Target == s.Target
}

// among is c beside other segments, with a glossary that holds their terms too. Few
// checks ask for terms, and those that found nothing find nothing now; what the
// others found stands.
func (c Checked) among(glossary []Term) *pair {
	if c.empty || slices.Equal(glossary, c.ctx.Glossary) {
		return c.pair
	}
	more := !slices.ContainsFunc(c.ctx.Glossary, func(t Term) bool { return !slices.Contains(glossary, t) })
	p := *c.pair
	p.ctx.Glossary, p.findings = glossary, nil
	before := 0
	for i := range checks {
		found := c.findings[before:c.said[i]]
		before = c.said[i]
		if checks[i].all || checks[i].terms && (len(found) > 0 || !more) {
			checks[i].find(&p)
		} else {
			p.findings = append(p.findings, found...)
		}
	}
	return &p
}

// Worse reports whether a repair with the findings repaired is worse than what it
// would replace: more errors, or as many errors and more warnings. A repair that
// is not worse may be taken.
func Worse(old, repaired []Finding) bool {
	return cmp.Or(
		cmp.Compare(count(repaired, Error), count(old, Error)),
		cmp.Compare(count(repaired, Warning), count(old, Warning)),
	) > 0
}

func count(findings []Finding, s Severity) int {
	n := 0
	for _, f := range findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// HasError reports whether an editor must look before the text is published.
func HasError(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Error })
}
