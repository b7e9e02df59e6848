package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// piece is a line of the page, or a part of one where a line holds several
// things glued together. The pieces of a page cover all its visible text, once
// and in order, so that what is not kept is removed and nothing is both.
type piece struct {
	line     int    // counted from 1
	at       int    // its line's index among the page's lines
	from, to int    // where the piece stands in its line
	text     string // page text, without blanks at its ends
	key      string // for rules; "" for a piece too long to be chrome
	hint     *hint  // what the markup says; nil for plain text

	size     int  // characters without spaces
	hangul   int  // of these, Hangul syllables
	gap      bool // blank lines above
	finished bool // ends as a sentence
	look     look
	rule     *rule // the rule that its text alone answers to; nil for most
	exact    bool  // the rule's literal is the whole line

	overlap float32 // share of its words that the article's prose has too
	verdict verdict
}

// verdict is what the page as a whole decides about a piece.
type verdict struct {
	role   Role
	rule   string
	reason Reason
	doubt  bool // kept because nothing proves that it should go
}

// look is what a piece looks like by itself, before the page is considered.
type look uint8

const (
	lookLabel     look = iota // a few characters, as on a button
	lookHeadline              // an unfinished line of headline length
	lookSentence              // a short finished sentence
	lookProse                 // a finished sentence of body length, or several
	lookVoice                 // a short polite sentence in which the site speaks
	lookItem                  // starts with a mark that editors set
	lookRow                   // cells of a table
	lookCaption               // names a picture's source
	lookDate                  // mostly a time
	lookByline                // mostly names of reporters
	lookCopyright             // a rights line
	lookChrome                // answers to a rule
	lookStray                 // nothing to read
)

const (
	labelSize = 7  // up to here a line is a label
	proseSize = 35 // from here a finished sentence is immune to chrome words

	pairSize        = 25 // from here two sentences on one line are a paragraph
	scriptSize      = 50 // from here a line that ends in a verb is a sentence without its stop
	longestHeadline = 70 // up to here a question may be a headline

	ruleSize = 160 // above this no rule is asked
)

// listMarks start items of lists that newspapers print in the body.
const listMarks = "▲△▷▶▼▽◇◆□■○●◎★☆※ㅇㆍ·•-–—*①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮"

// menuMarks are the list marks that text made from markup gives to every list.
// They say nothing: menus have them more often than articles.
const menuMarks = "•·*-–—"

// decoration is what rules do not see at the ends of a line.
const decoration = " \t" + listMarks + "☞→▸▹►‣>|│ㅣ/,:…‥_~=+×✕✖✔↗"

// measure fills in the features that need nothing but the piece's own text.
func (p *piece) measure() {
	letters := 0
	for _, r := range p.text {
		switch {
		case r == ' ' || r == '\t':
			continue
		case r >= '가' && r <= '힣':
			p.hangul++
			letters++
		case unicode.IsLetter(r) || unicode.IsNumber(r): // ① is all there is of some headings
			letters++
		}
		p.size++
	}
	p.finished = finished(p.text)
	if p.size <= ruleSize {
		p.key = key(p.text)
	}
	p.look = p.shape(letters)
}

func (p *piece) shape(letters int) look {
	first, _ := utf8.DecodeRuneInString(p.text)
	switch {
	case letters == 0, p.size == 1 && p.hangul == 0 && !unicode.IsNumber(first):
		return lookStray
	case !p.finished && len(cells(p.text)) > 1:
		return lookRow
	case p.finished && (p.size >= proseSize || p.size >= pairSize && strings.Contains(p.text, "다. ")) && !p.asks(), verbal(p.text) && p.size >= scriptSize && !strings.Contains(p.text, "…"):
		return lookProse
	case strings.HasPrefix(p.text, "http://"), strings.HasPrefix(p.text, "https://"):
		return lookItem
	case strings.ContainsRune(listMarks, first) && !strings.ContainsRune(menuMarks, first) && p.size > 2:
		return lookItem
	case p.finished:
		return lookSentence
	case p.size <= labelSize:
		return lookLabel
	case p.size > 80 && p.hangul*2 > p.size:
		return lookProse // a paragraph that lost its stop
	}
	return lookHeadline
}

// cells splits the row of a table as text has it: at tabs, at bars, or at wide
// gaps; one cell is no row.
func cells(s string) []string {
	var parts []string
	switch {
	case strings.Contains(s, "\t"):
		parts = strings.Split(s, "\t")
	case strings.Count(s, " | ") >= 2:
		parts = strings.Split(s, "|")
	case strings.Count(s, "   ") >= 2:
		parts = strings.Split(s, "   ")
	default:
		return []string{s}
	}
	out := parts[:0]
	for _, c := range parts {
		if c = strings.TrimSpace(c); c != "" {
			out = append(out, c)
		}
	}
	return out
}

// oneSpace makes every gap of a text one space wide.
func oneSpace(s string) string {
	if !strings.Contains(s, "  ") && !strings.Contains(s, "\t") {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// key reduces a line to what identifies a piece of chrome: no decoration at its
// ends, no spaces, lower case, every number a '#'. "댓글 1,204" is "댓글#".
func key(s string) string {
	s = strings.Trim(s, decoration)
	var b strings.Builder
	b.Grow(len(s))
	number := false
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			if !number {
				b.WriteByte('#')
			}
			number = true
			continue
		case number && (r == ',' || r == '.') && digitAt(s, i+1):
			continue
		case r == ' ' || r == '\t':
			continue
		case r >= 'A' && r <= 'Z':
			b.WriteRune(r + 'a' - 'A')
		default:
			b.WriteRune(r)
		}
		number = false
	}
	return b.String()
}

func digitAt(s string, i int) bool {
	return i < len(s) && s[i] >= '0' && s[i] <= '9'
}

// asks reports whether p is a single question or exclamation of headline length.
func (p *piece) asks() bool {
	end := strings.TrimRight(p.text, closers+" ")
	return p.size <= longestHeadline && (strings.HasSuffix(end, "?") || strings.HasSuffix(end, "!")) && !strings.Contains(p.text, "다.")
}

// isBulleted reports whether p starts with a mark that menus have.
func (p *piece) isBulleted() bool {
	first, _ := utf8.DecodeRuneInString(p.text)
	return strings.ContainsRune(menuMarks, first)
}

// isMarked reports whether p starts with any list mark.
func (p *piece) isMarked() bool {
	first, _ := utf8.DecodeRuneInString(p.text)
	return strings.ContainsRune(listMarks, first)
}

// isHeading reports whether an editor has set p as a heading or an entry: by a
// list mark, a bracket or a number.
func (p *piece) isHeading() bool {
	first, n := utf8.DecodeRuneInString(p.text)
	switch {
	case p.isMarked():
		return !p.isBulleted()
	case strings.ContainsRune("[【<〈", first):
		return true
	case first == '#':
		return strings.Trim(p.text, "#0123456789") == ""
	case first >= '0' && first <= '9':
		rest := strings.TrimLeft(p.text, "0123456789")
		return strings.HasPrefix(rest, ". ") || strings.HasPrefix(rest, ") ")
	}
	return (first == 'Q' || first == 'A') && strings.HasPrefix(p.text[n:], ".")
}

// isHeadline reports whether p could be the headline of some article.
func (p *piece) isHeadline() bool {
	return p.look == lookHeadline || p.look == lookItem && p.size > labelSize && !p.finished
}

// isProse reports whether p reads as running text.
func (p *piece) isProse() bool { return p.look == lookProse || p.look == lookSentence }

// stems calls yield with what identifies each word of s whatever particle or
// ending it carries: the first two syllables, a whole number, a whole Latin word.
func stems(s string, yield func(stem string)) {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !wordRune(r) {
			i += n
			continue
		}
		start, runes, cut := i, 0, 0
		hangul := r >= '가' && r <= '힣'
		for i < len(s) {
			r, n := utf8.DecodeRuneInString(s[i:])
			if !wordRune(r) {
				break
			}
			i += n
			if runes++; runes == 2 {
				cut = i
			}
		}
		if runes < 2 {
			continue
		}
		if hangul {
			yield(s[start:cut])
		} else {
			yield(s[start:i])
		}
	}
}

func wordRune(r rune) bool {
	if r >= '가' && r <= '힣' {
		return true
	}
	if r < 0x80 {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	return unicode.IsLetter(r)
}
