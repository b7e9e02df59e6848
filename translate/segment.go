package translate

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"yeok/article"
	"yeok/translate/check"
	"yeok/translate/glossary"
)

// unit is one segment of the source on its way through the model.
type unit struct {
	id   string // of the segment: "title", "subtitle1", or the block's
	tag  string // its marker in the prompt, without brackets: T, S1, P1
	role check.Role
	text string
	html string

	shown   string // as the prompt shows it: steering marks hidden, tags as tokens
	escaper escaper
	markup  *markup // nil without inline markup

	terms []check.Term // of the glossary that occur in it
	facts []fact       // that bear on it
	signs []check.Sign // hanja of a headline

	amounts []fact               // that follow from its text alone
	hanja   []glossary.Expansion // of a headline
	read    *check.Source        // nil where nobody has read it yet
	dated   bool                 // what it says hangs on the day of publication
	loose   bool                 // it has a date of which the facts cannot say what it means
	past    *Past                // what it was in an earlier revision; nil if it was not
}

// ownTag matches block ids that make good markers: those that cleaning gives.
var ownTag = regexp.MustCompile(`^[phlqct][1-9]\d{0,3}$`)

// unitsOf lists what is to be translated of an article, in reading order. Blocks
// without a letter need no translator and are left out. Making keys needs
// no more than this, and a hit costs only its key; the rest is for those that are
// sent.
func unitsOf(a article.Article) []*unit {
	var units []*unit
	add := func(u unit) {
		if strings.ContainsFunc(u.text, isWorthTranslating) {
			units = append(units, &u)
		}
	}
	add(unit{id: "title", tag: "T", role: check.Title, text: a.Title})
	for i, subtitle := range a.Subtitles {
		add(unit{id: subtitleID(i), tag: fmt.Sprintf("S%d", i+1), role: check.Subtitle, text: subtitle})
	}
	for i, b := range a.Blocks {
		// Ids that a caller chose may be anything; they get markers of our own.
		tag := fmt.Sprintf("B%d", i+1)
		if ownTag.MatchString(b.ID) {
			tag = strings.ToUpper(b.ID)
		}
		add(unit{id: b.ID, tag: tag, role: roleOf(b.Kind), text: b.Text, html: b.HTML})
	}
	return units
}

func isWorthTranslating(c rune) bool { return unicode.IsLetter(c) }

func subtitleID(i int) string { return fmt.Sprintf("subtitle%d", i+1) }

func roleOf(k article.Kind) check.Role {
	switch k {
	case article.Subhead:
		return check.Subhead
	case article.Caption:
		return check.Caption
	case article.ListItem, article.TableCell:
		return check.Item
	default:
		return check.Body
	}
}

// show makes the form in which the prompt shows the unit. Markup that is not
// well nested is not shown; the translation is then plain.
func (u *unit) show() {
	u.escaper = escaper{}
	if u.html != "" {
		if m, shown, ok := parseMarkup(u.html, u.escaper.hide); ok {
			u.markup, u.shown = m, oneLine(shown)
			return
		}
		u.escaper = escaper{}
	}
	u.shown = oneLine(u.escaper.hide(u.text))
}

// oneLine joins lines: in the prompt a line is a segment.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// segment is what an answer means as a translation of u: hidden marks and tags are
// back, typography is the language's. Its findings are only those of the way that
// it came; the checks are still to be made.
func (u *unit) segment(answer string, typography typography) Segment {
	s := Segment{ID: u.id}
	answer = typography.set(oneLine(answer), setting{headline: u.headline(), source: u.text, terms: u.terms})
	if u.markup == nil {
		s.Text = u.escaper.reveal(answer)
		if u.html != "" {
			s.Findings = append(s.Findings, u.doubt(check.Markup, check.Warning, "The markup of the source is not well nested and was dropped."))
		}
	} else {
		var fault string
		s.HTML, s.Text, fault = u.markup.restore(answer, u.escaper.reveal)
		if fault != "" {
			s.Findings = append(s.Findings, u.doubt(check.Markup, check.Error, fault))
		}
	}
	// Bytes that are no UTF-8 have become this character on their way here.
	if strings.ContainsRune(s.Text, unicode.ReplacementChar) && !strings.ContainsRune(u.text, unicode.ReplacementChar) {
		s.Findings = append(s.Findings, u.doubt(check.Script, check.Error, "The translation has broken characters."))
	}
	return s
}

// headline reports whether the unit is set as a headline.
func (u *unit) headline() bool {
	return u.role == check.Title || u.role == check.Subtitle || u.role == check.Subhead
}

func (u *unit) doubt(name check.Name, severity check.Severity, message string) check.Finding {
	return check.Finding{SegmentID: u.id, Check: name, Severity: severity, Message: message}
}

// echoes reports whether a translation is the source itself. One without Hangul
// may be: model numbers and names are the same in every language.
func (u *unit) echoes(translation string) bool {
	isHangul := func(c rune) bool { return c >= 0x1100 && unicode.Is(unicode.Hangul, c) }
	return strings.ContainsFunc(translation, isHangul) && oneLine(u.text) == oneLine(translation)
}

// sentenceEnd matches the places at which a text may be taken apart.
var sentenceEnd = regexp.MustCompile(`[.?!。！？…]["'”’」』)]*\s+|\n`)

// halves takes a unit apart at the sentence end nearest to its middle, false if
// it has none inside. The halves are plain text.
func (u *unit) halves() (first, second *unit, ok bool) {
	best := -1
	for _, loc := range sentenceEnd.FindAllStringIndex(u.text, -1) {
		if loc[1] < len(u.text) && abs(loc[1]-len(u.text)/2) < abs(best-len(u.text)/2) {
			best = loc[1]
		}
	}
	if best <= 0 {
		return nil, nil, false
	}
	part := func(text string) *unit {
		p := &unit{id: u.id, tag: u.tag, role: u.role, text: strings.TrimSpace(text), terms: u.terms, facts: u.facts}
		p.show()
		return p
	}
	return part(u.text[:best]), part(u.text[best:]), true
}

func abs(n int) int { return max(n, -n) }
