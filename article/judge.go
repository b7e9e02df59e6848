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

// leastTopic is the number of words from which a body is rich enough for a deck
// to share one of them.
const leastTopic = 40

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

// bodyStart is where the body of a page without running text begins: below the
// headline, and below its date where there is one.
func (pg *page) bodyStart() int {
	start := pg.title.to + 1
	for i := start; i < min(start+8, len(pg.pieces)); i++ {
		if pg.pieces[i].look == lookDate {
			start = i + 1
		}
	}
	return start
}

// judgeCore decides about the core itself. Here everything stays that no rule
// knows and that is not part of a list of other articles.
func (pg *page) judgeCore() {
	from, to := pg.core.from, pg.core.to
	if pg.core.empty() {
		from, to = pg.bodyStart(), max(pg.firstEnd(), pg.bodyStart())-1
	}
	var heading *rule // the list that the lines belong to; nil for the article
	state := takesLine
	for i := from; i <= to && i < len(pg.pieces); i++ {
		p := &pg.pieces[i]
		state = pg.foreign(i, state, true)
		if state == takesLine {
			heading = nil
		}
		if p.look == lookChrome && (p.rule.Effect == opensList || p.rule.Effect == endsArticle) {
			heading, state = p.rule, p.rule.Effect
		}
		switch {
		case p.verdict.role != "":
		case pg.removeKnown(p, !pg.core.empty()):
		case p.hint != nil && p.hint.site && !pg.immuneInside(p):
			pg.remove(p, OutsideArticle, "ko.html.outside")
		case pg.advertised(i):
			pg.remove(p, Advertisement, "ko.page.advertised")
		case p.isPointer():
			pg.remove(p, RelatedArticles, "ko.page.pointer")
		case pg.linkedRun(i, heading):
			pg.remove(p, RelatedArticles, "ko.page.headlines")
		case heading != nil && pg.belongsTo(heading, p):
			pg.remove(p, heading.reason, heading.ID)
		case pg.foreignRun(i, from, to):
			pg.remove(p, RelatedArticles, "ko.page.headlines")
		default:
			pg.keep(p, p.bodyRole(), state != takesLine || pg.unrelated(p))
		}
	}
}

// immuneInside reports whether a paragraph of the core stays although the name
// of its element says that it is the site's: it speaks the article's words.
func (pg *page) immuneInside(p *piece) bool {
	return p.isProse() && !p.hint.linked && p.size >= proseSize && pg.share(p.text) >= ownWords
}

// advertised reports whether i is a short line in other words than the article's
// directly below the marker of an advertisement.
func (pg *page) advertised(i int) bool {
	p := &pg.pieces[i]
	if i == 0 || p.overlap > 0 || p.isMarked() || len(pg.topic) < leastTopic || p.look != lookHeadline && p.look != lookLabel {
		return false
	}
	above := &pg.pieces[i-1]
	return above.look == lookChrome && above.rule.reason == Advertisement && above.exact
}

// unrelated reports whether a bare line shares no word with a body rich in them.
// It may be a widget or a subhead; it stays, and is marked.
func (pg *page) unrelated(p *piece) bool {
	return p.overlap == 0 && len(pg.topic) >= leastTopic && !p.isMarked() && !isMarker(p.text) && (p.look == lookHeadline || p.look == lookLabel)
}

// isPointer reports whether p points to another article: an arrow and its
// headline, in other words than this article's.
func (p *piece) isPointer() bool {
	return p.look == lookItem && strings.HasPrefix(p.text, "▶") && !p.finished && p.size >= 14 &&
		p.overlap < 0.4 && !strings.ContainsAny(p.text, ":：")
}

// linkedRun reports whether i is one of two or more headlines that are links, or
// one below the heading of a list.
func (pg *page) linkedRun(i int, heading *rule) bool {
	is := func(j int) bool {
		if j < 0 || j >= len(pg.pieces) {
			return false
		}
		p := &pg.pieces[j]
		return p.hint != nil && p.hint.linked && p.isHeadline() && p.size >= 10
	}
	return is(i) && (heading != nil || is(i-1) || is(i+1))
}

// belongsTo reports whether a line below the heading of a list is one of its
// entries. A marked subhead in the article's own words is not.
func (pg *page) belongsTo(heading *rule, p *piece) bool {
	if p.isProse() || p.look == lookCaption || p.look == lookRow {
		return false
	}
	if isMarker(p.text) || strings.HasPrefix(p.text, "◆") || strings.HasPrefix(p.text, "◇") || strings.HasPrefix(p.text, "■") {
		return p.overlap < 0.4
	}
	return true
}

// foreignRun reports whether i is in a run of three or more bare headlines in
// other words than the article's.
func (pg *page) foreignRun(i, low, high int) bool {
	p := &pg.pieces[i]
	if p.look != lookHeadline && p.look != lookLabel || pg.core.empty() || p.text[0] == '-' && pg.core.has(i) {
		return false
	}
	run := pg.run(i, low, high, func(p *piece) bool {
		switch p.look {
		case lookHeadline, lookLabel, lookDate, lookByline: // lists have a date and a name an entry
			return true
		}
		return false
	})
	n := 0
	var sum float32
	for j := run.from; j <= run.to; j++ {
		if q := &pg.pieces[j]; q.look == lookHeadline {
			sum += q.overlap
			n++
		}
	}
	return n >= 3 && sum/float32(n) < 0.3 && (i < run.to || p.overlap < 0.5)
}

// judgeBelow decides about what stands below the core. Lines that no rule knows
// belong to the article if the article's end is still to come: a rights line, a
// byline or a widget that stands below articles. Behind that nothing does.
func (pg *page) judgeBelow() {
	start := pg.core.to + 1
	if pg.core.empty() {
		start = max(pg.firstEnd(), pg.bodyStart())
	}
	closed := pg.core.empty() // the article's end has been seen
	ends := pg.endBelow(start)
	var heading *rule
	for i := start; i < len(pg.pieces); i++ {
		p := &pg.pieces[i]
		if p.verdict.role != "" {
			continue
		}
		known := pg.removeBelow(p, i, &closed, &heading)
		switch {
		case known:
		case p.inSure() && !p.hint.linked && !p.hint.site && heading == nil:
			pg.keep(p, p.bodyRole(), p.overlap < 0.25)
		case heading != nil && !p.isProse():
			pg.remove(p, heading.reason, heading.ID)
		case p.hint != nil && (p.hint.site || p.hint.linked || pg.outsideSure(i)):
			closed = true
			pg.remove(p, OutsideArticle, "ko.html.outside")
		case !closed && (i < ends && pg.trails(i, ends) || p.look == lookCaption):
			pg.keep(p, p.bodyRole(), p.overlap < 0.25)
		case p.look == lookVoice:
			pg.remove(p, OutsideArticle, "ko.page.after")
		case !closed && isWriter(p.text):
			pg.remove(p, Byline, "ko.page.writer")
		default:
			closed = closed || p.isHeadline()
			pg.remove(p, OutsideArticle, "ko.page.after")
		}
	}
}

// outsideSure reports whether i lies below a body that the markup names.
func (pg *page) outsideSure(i int) bool {
	return !pg.core.empty() && pg.pieces[pg.core.to].inSure() && !pg.pieces[i].inSure()
}

// removeBelow removes what its own text betrays, and notes the article's end
// and the headings of lists.
func (pg *page) removeBelow(p *piece, i int, closed *bool, heading **rule) bool {
	if p.look == lookChrome && p.rule.Effect != takesLine {
		*closed, *heading = *closed || p.rule.Effect != opensList, p.rule
	}
	if p.look == lookChrome && p.rule.reason == ImageWidget && !*closed {
		*heading = nil
	}
	if p.look == lookCopyright {
		*closed, *heading = true, nil
	}
	if !*closed && p.look == lookDate && pg.core.to >= 0 && i > pg.core.to+3 {
		*closed = true
	}
	return pg.removeKnown(p, false)
}

// endBelow looks for the line that ends the article within a few unknown lines
// below the core; without one it returns start.
func (pg *page) endBelow(start int) int {
	unknown := 0
	for i := start; i < len(pg.pieces); i++ {
		p := &pg.pieces[i]
		switch {
		case p.look == lookCopyright, p.look == lookByline:
			return i
		case p.look == lookChrome && p.rule.Effect != takesLine:
			if unknown <= 2 || p.rule.Effect == opensList {
				return i
			}
			return start
		case p.isHeadline() || p.look == lookLabel:
			if unknown++; unknown > 25 {
				return start
			}
		}
	}
	if unknown <= 3 {
		return len(pg.pieces)
	}
	return start
}

// trails reports whether an unknown line between core and end is the article's.
func (pg *page) trails(i, end int) bool {
	p := &pg.pieces[i]
	switch {
	case p.look == lookVoice, isWriter(p.text) && pg.lastUnknown(i, end):
		return false
	case p.isPointer():
		return false
	case p.look == lookCaption, p.look == lookRow, p.look == lookItem:
		return true
	case p.isProse():
		return pg.core.empty() || pg.pieces[i-1].verdict.role.Kept()
	case pg.core.empty():
		return true
	}
	above := &pg.pieces[i-1]
	goesOn := above.verdict.role.Kept() && (above.look == lookItem || above.look == lookRow)
	return p.overlap >= 0.5 || goesOn
}

// lastUnknown reports whether only known lines stand between i and end.
func (pg *page) lastUnknown(i, end int) bool {
	for j := i + 1; j < end; j++ {
		if l := pg.pieces[j].look; l != lookChrome && l != lookStray && l != lookByline && l != lookDate {
			return false
		}
	}
	return true
}
