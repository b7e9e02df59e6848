package article

import "strings"

// The core that the votes find is right in the middle and doubtful at its ends:
// what follows an article reads like one. The ends are settled here, with what
// the middle has taught: its words and its style.

// Limits of what may interrupt the core and of what is no part of it.
const (
	resumeReach   = 25   // lines of lists between two parts of a body
	teaserOverlap = 0.25 // share of this article's words in another one's lead
	loneTeaser    = 0.15 // the same where nothing says that the article has ended
	deskWords     = 0.3  // and in another one's headline
	ownWords      = 0.3  // share from which a sentence speaks the article's words
	longestRemark = 70   // characters of a reader's or the site's sentence
)

// settle moves the core's ends.
func (pg *page) settle(core extent) extent {
	if core.empty() || pg.pieces[core.to].inSure() {
		return core
	}
	plainStyle := pg.isPlain(core)
	core = pg.dropRemarks(core, plainStyle)
	if shorter := pg.dropTeasers(core); shorter != core {
		core = pg.dropRemarks(shorter, plainStyle)
	}
	core = pg.resume(core, plainStyle)
	if !plainStyle {
		core = pg.addVoice(core)
	}
	return core
}

// isPlain reports whether the core is written in the plain style of newspapers.
func (pg *page) isPlain(core extent) bool {
	all, n := 0, 0
	for i := core.from; i <= core.to; i++ {
		if p := &pg.pieces[i]; p.look == lookProse && p.finished {
			all++
			if plain(p.text) {
				n++
			}
		}
	}
	return all >= 2 && n*10 >= all*8
}

// isRemark reports whether p is a short sentence in another style than the
// article's: a reader's comment, or the site again.
func (p *piece) isRemark(plainStyle bool) bool {
	if p.look == lookVoice {
		return true
	}
	if !plainStyle || !p.isProse() || p.isHeading() || p.size > longestRemark || strings.ContainsAny(p.text, "\"“”'‘’") {
		return false
	}
	t := strings.TrimRight(p.text, closers+".!?~ ")
	return strings.HasSuffix(t, "니다") || strings.HasSuffix(t, "요") || strings.HasSuffix(t, "죠") || strings.HasSuffix(t, "네")
}

// dropRemarks takes remarks off both ends. One inside stays, and so does a single
// one that follows the last paragraph at once, in the article's own words.
func (pg *page) dropRemarks(core extent, plainStyle bool) extent {
	e := core
	for !e.empty() && !(pg.carries(e.to) && !pg.pieces[e.to].isRemark(plainStyle)) {
		e.to--
	}
	for !e.empty() && !(pg.carries(e.from) && !pg.pieces[e.from].isRemark(plainStyle)) {
		e.from++
	}
	if e.empty() {
		return core
	}
	if next := e.to + 1; next <= core.to && pg.carries(next) && pg.share(pg.pieces[next].text) >= ownWords && (next == core.to || !pg.carries(next+1)) {
		e.to = next
	}
	return e
}

// addVoice puts back what only sounds like the site where the article itself is
// written in the polite style: its sentences at the core's ends.
func (pg *page) addVoice(core extent) extent {
	own := func(i int) bool {
		return i >= 0 && i < len(pg.pieces) && pg.pieces[i].look == lookVoice && pg.share(pg.pieces[i].text) >= ownWords
	}
	for own(core.to + 1) {
		core.to++
	}
	for own(core.from - 1) {
		core.from--
	}
	return core
}

// carries reports whether piece i carries text of an article.
func (pg *page) carries(i int) bool {
	p := &pg.pieces[i]
	return p.isProse() || p.look == lookCaption || p.look == lookItem && p.finished
}

// onlyText narrows a stretch to its first and last line that carry text; a
// stretch without any is no core.
func (pg *page) onlyText(e extent) extent {
	for !e.empty() && !pg.carries(e.from) {
		e.from++
	}
	for !e.empty() && !pg.carries(e.to) {
		e.to--
	}
	return e
}

// dropTeasers cuts a list of other articles off the end: headlines with one
// paragraph each, in other words than this article's. Two make a list; behind a
// byline or a known line, one does.
func (pg *page) dropTeasers(core extent) extent {
	if len(pg.topic) < leastTopic {
		return core
	}
	var leads, heads float32
	cut, pairs, ended := core.to, 0, false
	for at := core.to; at > core.from && !ended; {
		head, ok := pg.teaser(at, core.from)
		if !ok {
			break
		}
		pairs++
		leads += pg.share(pg.pieces[at].text)
		heads += pg.pieces[head].overlap
		at, ended = pg.above(head, core.from) // above an end stands the article's own
		cut = at
	}
	n := float32(max(pairs, 1))
	most := float32(teaserOverlap)
	if !ended {
		most = loneTeaser
	}
	if (pairs >= 2 || pairs == 1 && ended) && leads/n <= most && heads/n <= deskWords {
		return pg.onlyText(extent{core.from, cut})
	}
	return core
}

// teaser reports whether piece i could be the lead of another article: a single
// paragraph below a headline that no editor has marked as a subhead.
func (pg *page) teaser(i, low int) (head int, ok bool) {
	p := &pg.pieces[i]
	if !p.isProse() || strings.ContainsAny(p.text[:1], "\"'") || strings.HasPrefix(p.text, "“") {
		return 0, false
	}
	for j := i - 1; j > low && i-j <= 3; j-- {
		switch q := &pg.pieces[j]; {
		case q.look == lookHeadline:
			return j, q.text[0] < '0' || q.text[0] > '9'
		case q.look == lookLabel, q.look == lookDate, q.look == lookByline, q.look == lookStray:
		default:
			return 0, false
		}
	}
	return 0, false
}

// above returns the nearest piece above i that carries text, and whether
// something that ends articles stands between.
func (pg *page) above(i, low int) (at int, ended bool) {
	for at = i - 1; at > low && !pg.carries(at); at-- {
		switch p := &pg.pieces[at]; p.look {
		case lookByline, lookCopyright:
			ended = true
		case lookChrome:
			ended = ended || p.rule.Effect != takesLine || p.rule.reason == Tags
		}
	}
	return at, ended
}

// resume moves the core's end past lists that interrupt it: however few and
// short the sentences below are, they are the article's if its end has not been
// seen and they speak its words.
func (pg *page) resume(core extent, plainStyle bool) extent {
	state, unknown := takesLine, 0
	for i := core.to + 1; i < len(pg.pieces) && i <= core.to+resumeReach; i++ {
		p := &pg.pieces[i]
		if state = pg.foreign(i, state, true); state == endsArticle {
			break
		}
		if p.isHeadline() || p.look == lookLabel {
			if state == takesLine {
				unknown++
			}
			continue
		}
		if p.hint != nil && !p.hint.inBody && pg.pieces[core.to].hint.inBody {
			continue
		}
		if state != takesLine || !pg.carries(i) || p.look == lookCaption || p.isRemark(plainStyle) {
			continue
		}
		if unknown == 0 || pg.share(p.text) > teaserOverlap || pg.supported(i, unknown) {
			core.to, unknown = i, 0
		}
	}
	return core
}

// freeHeadline moves the core's start below a sentence that stands over the date
// or the byline: a headline that asks or exclaims.
func (pg *page) freeHeadline() {
	if pg.core.empty() || len(pg.known) > 0 {
		return
	}
	for i := pg.core.from; i < min(pg.core.from+6, pg.core.to); i++ {
		switch l := pg.pieces[i].look; {
		case i > pg.core.from && (l == lookDate || l == lookByline):
			rest := pg.onlyText(extent{i, pg.core.to})
			if first := &pg.pieces[pg.core.from]; !rest.empty() && first.look == lookSentence && first.asks() {
				pg.core = rest
			}
			return
		case l == lookProse, l == lookCaption:
			return
		}
	}
}

// supported reports whether what follows a sentence makes it the article's: a
// second one behind a lone subhead, the byline or rights line that signs it, or
// the heading of what comes behind articles.
func (pg *page) supported(i, unknown int) bool {
	next := pg.next(i)
	if next == nil {
		return false
	}
	heading := next.look == lookChrome && next.rule.Effect != takesLine
	return unknown == 1 && (next.isProse() || heading) || unknown <= 3 && (next.look == lookByline || next.look == lookCopyright)
}
