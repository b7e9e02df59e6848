// Package check finds what is wrong with a translation without asking a model.
//
// The one idea to know: a check compares one segment with its source and knows
// nothing of prompts, models or caches. Nothing becomes a good translation
// without having been here.
package check

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
}
