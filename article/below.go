package article

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
