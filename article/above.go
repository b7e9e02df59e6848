package article

import "strings"

// judgeAbove decides about what stands above the core. Above the headline all
// is the site's. Between headline and core stand times, bylines, decks and
// captions, and among them widgets and other articles' headlines.
func (pg *page) judgeAbove() {
	end := pg.core.from
	if pg.core.empty() {
		end = pg.bodyStart()
	}
	for i := 0; i < end; i++ {
		p := &pg.pieces[i]
		switch {
		case p.verdict.role != "":
		case i < pg.title.to || pg.title.empty() && pg.farAbove(i, end):
			pg.removeAboveTitle(p)
		case pg.removeKnown(p, false):
		case p.look == lookCaption:
			pg.keep(p, RoleCaption, false)
		case p.look == lookProse && !pg.title.empty():
			pg.keep(p, RoleBody, p.overlap < 0.25)
		case isMarker(p.text):
			pg.keep(p, RoleSubhead, false)
		case isProgramme(p.text):
			pg.keep(p, RoleBody, false)
		case isWriter(p.text) && pg.again(i):
			pg.remove(p, Byline, "ko.page.writer")
		case pg.isDeck(i, end):
			pg.keep(p, p.deckRole(), p.overlap < 0.25)
		default:
			pg.remove(p, OutsideArticle, "ko.page.before")
		}
	}
}

// again reports whether the line of piece i stands below the core a second time,
// as an author's does.
func (pg *page) again(i int) bool {
	for j := pg.core.to + 1; j < min(pg.core.to+6, len(pg.pieces)); j++ {
		if pg.pieces[j].text == pg.pieces[i].text {
			return true
		}
	}
	return false
}

// farAbove reports whether i is too far above the body of a page without a
// headline to belong to it.
func (pg *page) farAbove(i, end int) bool { return end-i > 6 }

func (pg *page) removeAboveTitle(p *piece) {
	if !pg.removeKnown(p, false) {
		pg.remove(p, OutsideArticle, "ko.page.before")
	}
}

func (p *piece) deckRole() Role {
	if h := p.hint; h != nil && h.inBody && !h.deck && h.role != "" {
		return h.role
	}
	if p.isHeading() && p.size <= labelSize {
		return p.bodyRole() // the first heading or entry of the body
	}
	return RoleSubtitle
}

// isDeck reports whether an unknown line between headline and core is a deck.
// One to four such lines are; longer runs are menus and lists, of which only a
// line in the article's own words is kept.
func (pg *page) isDeck(i, end int) bool {
	p := &pg.pieces[i]
	if p.hint != nil {
		goesOn := i > 0 && !p.gap && pg.pieces[i-1].verdict.role == RoleSubtitle
		return pg.isMarkedDeck(p) || goesOn && !p.hint.linked && !p.hint.site && p.size >= 4
	}
	run := pg.unknownRun(i, pg.title.to+1, end-1)
	long := run.to-run.from >= 4
	switch {
	case p.isHeading() && pg.leadsIn(i, end):
		return true
	case p.look == lookVoice:
		return false
	case p.look == lookLabel:
		above := i > 0 && pg.pieces[i-1].verdict.role == RoleSubtitle && strings.Contains(p.text, " ")
		return (p.overlap >= 0.5 || above) && !long && p.size >= 4
	case long:
		return p.overlap >= 0.5 && p.size >= 10
	case pg.underHeading(i):
		return p.overlap >= 0.6
	case p.isBulleted() && p.text[0] != '-', pg.foreignRun(i, pg.title.to+1, end-1):
		return p.overlap >= 0.3
	case i > 0 && p.isMarked() && pg.pieces[i-1].verdict.role == RoleSubtitle && mark(pg.pieces[i-1].text) == mark(p.text):
		return true
	}
	return p.size <= 130 && (p.overlap > 0 || len(pg.topic) < leastTopic || p.size >= 12 && pg.attached(i))
}

// isMarkedDeck is isDeck where there is markup: a deck is named as one, stands
// in the body, is a heading, or speaks the article's words.
func (pg *page) isMarkedDeck(p *piece) bool {
	h := p.hint
	switch {
	case h.site || h.linked:
		return false
	case h.deck, h.inBody && (p.overlap > 0 || p.size >= 12 || h.role == RoleSubhead):
		return true
	case h.role == RoleSubhead:
		return p.size > labelSize && p.overlap > 0
	}
	return p.size >= 8 && p.overlap >= 0.4
}

// attached reports whether the line above i is the headline, a deck or a known
// line, and not one that belongs to something else.
func (pg *page) attached(i int) bool {
	if i == 0 {
		return false
	}
	v := pg.pieces[i-1].verdict
	return v.role != RoleRemoved || v.rule != "ko.page.before"
}

// leadsIn reports whether only unknown lines stand between i and the core.
func (pg *page) leadsIn(i, end int) bool {
	for j := i + 1; j < end; j++ {
		switch pg.pieces[j].look {
		case lookChrome, lookDate, lookByline, lookCopyright:
			return false
		}
	}
	return end-i <= 6
}

// underHeading reports whether the nearest known line above i is the heading of
// a list.
func (pg *page) underHeading(i int) bool {
	for j := i - 1; j >= 0 && i-j < 12; j-- {
		switch p := &pg.pieces[j]; p.look {
		case lookHeadline, lookLabel, lookItem:
			if j == pg.title.to {
				return false
			}
		case lookChrome:
			return p.rule.Effect == opensList || p.rule.reason == Ranking
		default:
			return false
		}
	}
	return false
}
