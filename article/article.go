// Package article is the noun of yeok: a Korean news article, and the way to it
// from a page as it really arrives.
//
// The one idea to know: cleaning decides over the whole page, never line by
// line, and when in doubt it keeps. A line of chrome that stays costs a few
// tokens; a sentence that is lost is a lost fact. Everything that is not kept is
// in a ledger, with the rule that took it.
//
// The package is pure: no context, no network, no clock, no wire types.
package article

import "time"

// Kind says what a block is on the page.
type Kind uint8

// The kinds of block. The zero value is no kind.
const (
	Paragraph Kind = iota + 1
	Subhead
	ListItem
	Quote
	Caption
	TableCell
)

// Block is one block of the body: the unit that is translated, checked,
// remembered and paid for.
type Block struct {
	ID     string // unique in its article: "p1", "h1", "l1", "q1", "c1", "t1"
	Kind   Kind
	Text   string // plain text
	HTML   string // Text with links and emphasis as safe inline HTML; "" without markup
	Credit string // of a caption; "" when unknown
}

// Author is a person or agency named in a byline.
type Author struct {
	Name   string
	Email  string
	Role   string // 기자, 특파원
	Agency string // 연합뉴스
}

// Article is what a reader of the paper would call the article.
type Article struct {
	LanguageCode    string // "ko"
	Title           string
	TitleTags       []string // 속보, 단독; without brackets
	Subtitles       []string
	PublishTime     time.Time // zero when the page does not say
	UpdateTime      time.Time
	Bylines         []string // as printed
	Authors         []Author // the bylines taken apart
	CopyrightNotice string
	Section         string
	CanonicalURL    string
	Blocks          []Block
}

// KST is the time zone of every time that a Korean page prints.
var KST = time.FixedZone("KST", 9*60*60)
