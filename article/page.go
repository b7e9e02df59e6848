package article

import (
	"slices"
	"strings"
)

// page is a page on its way to an article: its pieces in reading order, and
// what has been decided about the whole.
type page struct {
	set *ruleSet
	off map[string]bool

	lines  []pageLine
	pieces []piece

	core  extent              // from the first to the last line of running text
	title extent              // first and last printing of the headline above the core
	known []string            // the headline by the markup's word, best first; none for plain text
	topic map[string]struct{} // stems of the words of the core

	warnings []string
}

// pageLine is a line that is not blank.
type pageLine struct {
	number int
	text   string
}

// extent is a range of pieces, both ends included; empty when from > to.
type extent struct{ from, to int }

func (e extent) empty() bool    { return e.from > e.to }
func (e extent) has(i int) bool { return e.from <= i && i <= e.to }
func nowhere() extent           { return extent{0, -1} }

func newPage(set *ruleSet, off map[string]bool) *page {
	return &page{set: set, off: off, core: nowhere(), title: nowhere()}
}

// readText splits a text into lines and these into pieces.
func (pg *page) readText(text string) {
	number, gap := 0, false
	for line := range strings.SplitSeq(text, "\n") {
		number++
		if strings.TrimSpace(line) == "" {
			gap = true
			continue
		}
		pg.add(number, line, gap, nil)
		gap = false
	}
}

// add appends a line of the page. The hint is what the markup says about it.
func (pg *page) add(number int, line string, gap bool, h *hint) {
	pg.lines = append(pg.lines, pageLine{number, line})
	first := true
	parts := []Span{trimSpan(line, Span{0, len(line)})}
	if h == nil || h.inBody || !h.linked { // links of the site have nothing glued to them
		parts = cut(line, pg.set)
	}
	for _, r := range parts {
		p := piece{line: number, at: len(pg.lines) - 1, from: r.Start, to: r.End, text: line[r.Start:r.End], hint: h, gap: gap && first}
		p.measure()
		pg.classify(&p)
		p.heed()
		pg.pieces = append(pg.pieces, p)
		first = false
	}
}

// inSure reports whether the piece stands inside a body that the markup names.
func (p *piece) inSure() bool { return p.hint != nil && p.hint.inBody && p.hint.sure }

// decide finds the article and gives every piece its verdict.
func (pg *page) decide() {
	pg.core = pg.findCore()
	pg.learnTopic()
	if settled := pg.settle(pg.core); settled != pg.core {
		pg.core = settled
		pg.learnTopic()
	}
	pg.freeHeadline()
	pg.title = pg.findTitle()
	pg.splitTitle()
	pg.judgeSummaries()
	pg.judgeTitle()
	pg.judgeAbove()
	pg.judgeCore()
	pg.judgeBelow()
	pg.judgeRepeats()
}

// remove and keep give a verdict unless an earlier one stands.
func (pg *page) remove(p *piece, reason Reason, rule string) {
	if p.verdict.role != "" {
		return
	}
	if pg.off[rule] {
		pg.keep(p, p.bodyRole(), true)
		return
	}
	role := RoleRemoved
	switch reason {
	case Date:
		role = RoleDate
	case Byline:
		role = RoleByline
	case Copyright:
		role = RoleCopyright
	}
	p.verdict = verdict{role: role, rule: rule, reason: reason}
}

func (pg *page) keep(p *piece, role Role, doubt bool) {
	if p.verdict.role == "" {
		p.verdict = verdict{role: role, doubt: doubt}
	}
}

// removeKnown removes p if its own text says what it is, and reports whether.
func (pg *page) removeKnown(p *piece, inside bool) bool {
	switch p.look {
	case lookStray:
		pg.remove(p, Stray, "ko.page.stray")
	case lookDate:
		if inside && isEntry(p.text) {
			return false
		}
		pg.remove(p, Date, "ko.page.date")
	case lookByline:
		pg.remove(p, Byline, "ko.page.byline")
	case lookCopyright:
		pg.remove(p, Copyright, "ko.notice.copyright")
	case lookChrome:
		if inside && p.rule.Outside || pg.contradicted(p) {
			return false
		}
		pg.remove(p, p.rule.reason, p.rule.ID)
	default:
		return false
	}
	return true
}

// isEntry reports whether a time inside the article heads an entry of a
// chronicle and is not the page's own: written out, and without a label.
func isEntry(s string) bool {
	found := stamps(s)
	return strings.Contains(s, "년") && len(found) > 0 && !found[0].labelled
}

// contradicted reports whether a line that a rule took by its first words is
// full of the article's own: a subhead or a deck after all.
func (pg *page) contradicted(p *piece) bool {
	return !p.exact && p.rule.Effect == takesLine && p.rule.reason != Copyright && p.size >= 8 && p.overlap >= 0.6 && len(pg.topic) >= leastTopic
}

// bodyRole is what p is if it is kept in the body.
func (p *piece) bodyRole() Role {
	if p.hint != nil && p.hint.role != "" {
		return p.hint.role
	}
	switch p.look {
	case lookCaption:
		return RoleCaption
	case lookRow:
		return RoleTableCell
	case lookItem:
		if p.finished && strings.ContainsAny(p.text[:min(len(p.text), 40)], ">:") || isProgramme(p.text) {
			return RoleBody // somebody speaks
		}
		return RoleListItem
	case lookHeadline, lookLabel:
		if p.isBulleted() {
			return RoleListItem
		}
		if strings.HasSuffix(p.text, ",") {
			return RoleBody // a script's line that goes on
		}
		if p.size <= 45 {
			return RoleSubhead
		}
	}
	return RoleBody
}

// learnTopic collects the words of the core's running text, so that a line can
// be asked whether it belongs to this article or to another.
func (pg *page) learnTopic() {
	pg.topic = map[string]struct{}{}
	if !pg.core.empty() {
		for i := pg.core.from; i <= pg.core.to; i++ {
			if p := &pg.pieces[i]; pg.core.to-pg.core.from < 4 || pg.inRun(i) {
				stems(p.text, func(stem string) { pg.topic[stem] = struct{}{} })
			}
		}
	}
	for i := range pg.pieces {
		p := &pg.pieces[i]
		if p.size <= ruleSize && (p.look != lookChrome || !p.exact) && (p.hint == nil || p.hint.inBody || !p.hint.linked) {
			p.overlap = pg.share(p.text)
		}
	}
}

// inRun reports whether i is a paragraph with another above or below it, which
// leads of other articles between their headlines are not.
func (pg *page) inRun(i int) bool {
	if !pg.carries(i) {
		return false
	}
	goesOn := func(j int) bool {
		return pg.core.has(j) && (pg.carries(j) || pg.pieces[j].look == lookItem) // below an editor's subhead
	}
	return goesOn(i-1) || goesOn(i+1)
}

// share returns which part of the words of s the article's prose has too.
func (pg *page) share(s string) float32 {
	all, common := 0, 0
	stems(s, func(stem string) {
		all++
		if _, ok := pg.topic[stem]; ok {
			common++
		}
	})
	if all == 0 {
		return 0
	}
	return float32(common) / float32(all)
}

// printed reports whether p prints the headline t, perhaps with the outlet's
// name around it.
func printed(p *piece, t string) bool {
	return len(t) >= 12 && p.key != "" && strings.Contains(p.key, t) && len(p.key) <= len(t)+60
}

// unknownRun measures the run of headlines and labels around i that no rule
// knows, within the bounds.
func (pg *page) unknownRun(i, low, high int) extent {
	return pg.run(i, low, high, func(p *piece) bool { return p.look == lookHeadline || p.look == lookLabel })
}

// longestRun bounds how far a run is followed in each direction.
const longestRun = 12

func (pg *page) run(i, low, high int, in func(*piece) bool) extent {
	run := extent{i, i}
	for run.from > low && in(&pg.pieces[run.from-1]) && i-run.from < longestRun {
		run.from--
	}
	for run.to < high && in(&pg.pieces[run.to+1]) && run.to-i < longestRun {
		run.to++
	}
	return run
}

func (pg *page) warn(sentence string) {
	if !slices.Contains(pg.warnings, sentence) {
		pg.warnings = append(pg.warnings, sentence)
	}
}
