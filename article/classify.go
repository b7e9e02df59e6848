package article

import (
	"strings"
	"unicode/utf8"
)

// classify settles what a piece is by its own text: chrome that a rule knows, a
// time, a rights line, a caption, a byline.
func (pg *page) classify(p *piece) {
	if p.look == lookStray {
		return
	}
	r := pg.ruleFor(p)
	if h := p.hint; h != nil && h.linked && !h.inBody && !strings.Contains(p.text, "기자") {
		// A link of the site: most lines of a page, and none of the below.
		if p.rule = r; r != nil {
			p.look = lookChrome
		}
		return
	}
	_, dated := dateLine(p.text)
	sig := signals(p.text)
	switch {
	case dated:
		p.look = lookDate
	case r != nil && p.exact:
		p.look, p.rule = lookChrome, r
	case sig&signalRights != 0 && isRightsLine(p.text, p.size):
		p.look = lookCopyright
	case r != nil && r.reason == Notice:
		p.look, p.rule = lookChrome, r
	case isProgramme(p.text):
		p.look = lookItem
	case sig&signalReporter != 0 && p.size <= 120 && (sig&signalPicture == 0 || !namesPicture(p.text)) && isByline(p.text):
		p.look = lookByline
	case isCaption(p.text, p.size):
		p.look = lookCaption
	case r != nil:
		p.look, p.rule = lookChrome, r
	case isHashtags(p.text):
		p.look, p.rule = lookChrome, pg.set.byID["ko.page.tags"]
	case (p.isProse() || p.look == lookHeadline) && pg.isVoice(p):
		p.look = lookVoice
	}
}

// ruleFor returns the rule that takes p by its text, and notes whether the rule
// knows all of it. A finished sentence is immune to all but rules whose literals
// are whole sentences of widgets.
func (pg *page) ruleFor(p *piece) *rule {
	if p.key == "" {
		return nil
	}
	r, exact := pg.set.match(p.text, p.key, p.size, pg.off)
	if r != nil && !exact && p.immune(r) {
		r = nil
	}
	if r != nil && r.Outside && strings.ContainsAny(p.text[:min(3, len(p.text))], "◇◆▲△▽□◎▷■①") {
		r = nil // an editor's mark: an entry of a list, not of a menu
	}
	if r == nil && !p.finished && p.size <= longestStrip {
		r = pg.set.strip(p.text, pg.off)
		exact = r != nil
	}
	p.exact = exact
	return r
}

// The longest sentences in which a site speaks of itself, in characters: one that
// asks for something, and one that states something.
const (
	longestVoice     = 70
	longestStatement = 45
)

// isVoice reports whether p is one polite sentence about the site. Newspapers
// write plain style; broadcasters do not, so a statement needs two of the words,
// and what reports (figures, quotations, a second sentence) is none.
func (pg *page) isVoice(p *piece) bool {
	noted := strings.HasPrefix(p.text, "※") // notices have this mark, whatever their length
	if p.size > longestVoice || strings.ContainsAny(p.text, "'“”‘’\"") || strings.Contains(p.text, ". ") && !noted {
		return false
	}
	t := strings.TrimRight(p.text, ".!? ")
	asks := strings.HasSuffix(t, "요")
	if !asks && !noted && (!strings.HasSuffix(t, "니다") || p.size > longestStatement || strings.ContainsAny(t, "0123456789")) {
		return false
	}
	words := 0
	for _, w := range pg.set.words.Voice {
		if strings.Contains(p.text, w) {
			words++
		}
	}
	return words >= 2 || asks && words == 1 && p.finished
}

// heed lets the markup's word overrule the look of a text that no rule knows.
func (p *piece) heed() {
	if p.hint == nil || p.look == lookChrome || p.look == lookStray {
		return
	}
	switch p.hint.role {
	case RoleCaption:
		p.look = lookCaption
	case RoleTableCell:
		p.look = lookRow
	}
}

// immune reports whether p is a sentence that a part of it cannot condemn. Sites
// speak politely; a sentence in the plain style of newspapers goes only where a
// mark or a bracket sets it off.
func (p *piece) immune(r *rule) bool {
	if !p.finished && p.look != lookProse {
		return false
	}
	if !r.Sentences {
		return true
	}
	first, _ := utf8.DecodeRuneInString(p.text)
	return plain(p.text) && !strings.ContainsRune(listMarks+"☞[<(", first)
}

// isHashtags reports whether s is nothing but hashtags.
func isHashtags(s string) bool {
	if !strings.HasPrefix(s, "#") || strings.Trim(s, "#0123456789") == "" {
		return false // "#1" heads a chapter
	}
	for w := range strings.FieldsSeq(s) {
		if !strings.HasPrefix(w, "#") && !strings.HasPrefix(w, ",") {
			return false
		}
	}
	return true
}
