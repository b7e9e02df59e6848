package article

import (
	"errors"
	"time"
)

// Source is an article as it arrives. Exactly one of Text, HTML and Article is
// set.
type Source struct {
	Text    string   // the page as plain text, one block a line
	HTML    string   // the page's markup, decoded to UTF-8 (see [DecodeHTML])
	Article *Article // already structured: only text hygiene is done

	// URL is the page's address. It chooses publisher rules and is never fetched.
	URL string
	// PublishTime, when not zero, is taken instead of what the page says.
	PublishTime time.Time
}

// Options changes how a page is cleaned. The zero value is the normal case.
type Options struct {
	DisabledRules []string // ids of [Rules]; an unknown one is an error
}

// Cleaning is an article and the account of how it was got.
type Cleaning struct {
	Article  Article
	Removals []Removal // what is not in the article's blocks, in page order
	// KeptRatio is kept characters over the page's characters, white space
	// apart. A page of menus with a short report has 0.1, a text from an
	// editing system 1.
	KeptRatio float64
	Warnings  []string // doubts, one plain English sentence each
	Lines     []Line   // every line of the page that is not blank
}

// Removal is something that was on the page and is not in the article.
type Removal struct {
	Line   int // counted from 1 in the text as sent; 0 when it cannot be told
	Text   string
	Reason Reason
	Rule   string // the id of one of [Rules]
}

// Role says what a line is on its page.
type Role string

// The roles. What has one of the first eight is in the article.
const (
	RoleTitle     Role = "title"
	RoleSubtitle  Role = "subtitle"
	RoleBody      Role = "body"
	RoleSubhead   Role = "subhead"
	RoleListItem  Role = "list item"
	RoleQuote     Role = "quote"
	RoleCaption   Role = "caption"
	RoleTableCell Role = "table cell"
	RoleDate      Role = "date"
	RoleByline    Role = "byline"
	RoleCopyright Role = "copyright"
	RoleRemoved   Role = "removed"
)

// Kept reports whether what has this role is title, deck or body.
func (r Role) Kept() bool {
	switch r {
	case RoleTitle, RoleSubtitle, RoleBody, RoleSubhead, RoleListItem, RoleQuote, RoleCaption, RoleTableCell:
		return true
	}
	return false
}

// Line is a line of the page with what was decided about it.
type Line struct {
	Number int
	Text   string // after text hygiene
	Role   Role   // of its longest part
	Rule   string // of the longest part that went; "" if nothing did
	Reason Reason
	Kept   []Span // the parts that are in the article
	Doubt  bool   // kept only because nothing proves that it should go
}

// Span is a part of a line, in bytes of its Text.
type Span struct{ Start, End int }

var (
	// ErrEmpty is returned when the source holds no text at all.
	ErrEmpty = errors.New("the source is empty")
	// ErrNoArticle is returned when there is text, but no article in it.
	ErrNoArticle = errors.New("no article found on the page")
	// ErrInvalid is returned when the source contradicts itself; the error
	// names the field.
	ErrInvalid = errors.New("invalid source")
	// ErrUnknownRule is returned when a disabled rule does not exist.
	ErrUnknownRule = errors.New("unknown rule")
)

// Clean finds the article in a page and keeps account of everything else. It is
// deterministic, and its time and memory grow linearly with the page.
func Clean(src Source, opts Options) (Cleaning, error) {
	set, err := rules()
	if err != nil {
		return Cleaning{}, err
	}
	off, err := set.disabled(opts.DisabledRules)
	if err != nil {
		return Cleaning{}, err
	}
	if err := src.validate(); err != nil {
		return Cleaning{}, err
	}
	switch {
	case src.Article != nil:
		return structured(src)
	case src.HTML != "":
		return cleanHTML(src, set, off)
	}
	return cleanText(src, set, off)
}

func (src Source) validate() error {
	n := 0
	for _, set := range []bool{src.Text != "", src.HTML != "", src.Article != nil} {
		if set {
			n++
		}
	}
	switch n {
	case 0:
		return ErrEmpty
	case 1:
		return nil
	}
	return errors.Join(ErrInvalid, errors.New("source: only one of text, html and article may be set"))
}

func cleanText(src Source, set *ruleSet, off map[string]bool) (Cleaning, error) {
	pg := newPage(set, off)
	text, repaired := unscramble(src.Text)
	pg.readText(hygiene(text))
	if len(pg.pieces) == 0 {
		return Cleaning{}, ErrEmpty
	}
	pg.decide()
	if repaired {
		pg.warn(repairedWarning)
	}
	return pg.assemble(src, metadata{})
}
