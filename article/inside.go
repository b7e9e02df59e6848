package article

import "strings"

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

// firstEnd is where a page without running text stops: at its rights line or at
// what follows an article.
func (pg *page) firstEnd() int {
	dated := false
	for i := range pg.pieces {
		p := &pg.pieces[i]
		dated = dated || p.look == lookDate
		if dated && (p.look == lookCopyright || p.look == lookChrome && p.rule.Effect == endsArticle) {
			return i
		}
	}
	return len(pg.pieces)
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

// leastTopic is the number of words from which a body is rich enough for a deck
// to share one of them.
const leastTopic = 40

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
