package article

import "hash/maphash"

// shortestRepeat is the size from which a line that occurs twice is taken for a
// second printing. Shorter lines ("네.", table headings) may repeat.
const shortestRepeat = 20

// How much a summary may be: what goes on longer is taken for the article.
const (
	longestSummary = 10  // pieces
	widestSummary  = 220 // characters of one piece
)

// judgeSummaries removes summaries above the body, and keeps the body's copy of
// each sentence. Under a notice everything down to the next known line is the
// summary, also where it paraphrases; without a known line below it, and where
// no notice stands at all, only what the body repeats word for word.
func (pg *page) judgeSummaries() {
	index := pg.indexSentences()
	for i := range pg.pieces {
		if p := &pg.pieces[i]; p.look == lookChrome && p.rule.Effect == opensSummary {
			pg.judgeSummary(i, index)
		}
	}
	pg.judgeUnmarked(index)
	pg.narrowCore()
}

func (pg *page) judgeSummary(at int, index *sentenceIndex) {
	end, closed := pg.summaryEnd(at)
	r := pg.pieces[at].rule
	lastProse := at
	for i := at + 1; i < end; i++ {
		if pg.pieces[i].isProse() {
			lastProse = i
		}
	}
	for i := at + 1; i < end; i++ {
		p := &pg.pieces[i]
		repeated := index.later(p, i)
		switch {
		case p.look == lookChrome, p.look == lookStray, p.look == lookDate, p.look == lookByline:
		case closed && i <= lastProse && !p.inSure() || repeated:
			pg.remove(p, Summary, r.ID)
		case p.isProse():
			pg.warn("The page announces a summary, but where it ends cannot be told; sentences that may belong to it were kept.")
			return
		}
	}
}

// summaryEnd returns the piece below a summary, and whether it is one that
// proves the summary's end.
func (pg *page) summaryEnd(at int) (end int, closed bool) {
	for i := at + 1; i < len(pg.pieces) && i <= at+longestSummary; i++ {
		p := &pg.pieces[i]
		switch p.look {
		case lookChrome:
			if p.rule.reason != Summary {
				return i, true
			}
		case lookDate, lookByline, lookCaption, lookCopyright:
			return i, true
		case lookProse:
			if p.size > widestSummary {
				return i, false
			}
		}
	}
	return min(at+longestSummary+1, len(pg.pieces)), false
}

// judgeUnmarked removes sentences at the very top of the core that longer
// paragraphs below repeat.
func (pg *page) judgeUnmarked(index *sentenceIndex) {
	if pg.core.empty() {
		return
	}
	for i := pg.core.from; i <= min(pg.core.to, pg.core.from+longestSummary); i++ {
		p := &pg.pieces[i]
		if p.verdict.role != "" || !p.isProse() {
			continue
		}
		if p.size < shortestRepeat || !index.inLonger(p, i) {
			return
		}
		pg.remove(p, Summary, "ko.repeat.summary")
	}
}

// narrowCore moves the core's start below what has been removed from its top,
// so that decks behind a summary are looked for in the right place.
func (pg *page) narrowCore() {
	e := pg.core
	for !e.empty() && (pg.pieces[e.from].verdict.role == RoleRemoved || !pg.pieces[e.from].isProse() && pg.pieces[e.from].look != lookCaption) {
		e.from++
	}
	if !e.empty() {
		pg.core = e
	}
}

// sentenceIndex knows in which pieces a sentence occurs last.
type sentenceIndex struct {
	seed maphash.Seed
	last map[uint64]place
	text func(i int) *piece
}

type place struct{ piece, count int }

func (pg *page) indexSentences() *sentenceIndex {
	x := &sentenceIndex{seed: maphash.MakeSeed(), last: map[uint64]place{}, text: func(i int) *piece { return &pg.pieces[i] }}
	for i := range pg.pieces {
		if p := &pg.pieces[i]; p.isProse() {
			sentences(p.text, func(from, to int) {
				h := x.hash(p.text[from:to])
				x.last[h] = place{i, x.last[h].count + 1}
			})
		}
	}
	return x
}

// hash identifies a sentence by its letters, whatever its spaces.
func (x *sentenceIndex) hash(s string) uint64 {
	var h maphash.Hash
	h.SetSeed(x.seed)
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != ' ' && c != '.' && c != '\t' {
			h.WriteByte(c)
		}
	}
	return h.Sum64()
}

// later reports whether every sentence of p occurs again below piece i.
func (x *sentenceIndex) later(p *piece, i int) bool {
	return x.every(p, func(at place) bool { return at.piece > i })
}

// inLonger reports whether every sentence of p occurs below i inside a piece
// that says more.
func (x *sentenceIndex) inLonger(p *piece, i int) bool {
	return x.every(p, func(at place) bool { return at.piece > i && x.text(at.piece).size > p.size+10 })
}

func (x *sentenceIndex) every(p *piece, ok func(place) bool) bool {
	all, n := true, 0
	sentences(p.text, func(from, to int) {
		n++
		at, seen := x.last[x.hash(p.text[from:to])]
		all = all && seen && ok(at)
	})
	return all && n > 0
}

// judgeRepeats removes second printings: of the headline, and of lines of the
// body, as where a broadcaster prints the whole script twice.
func (pg *page) judgeRepeats() {
	seen := map[string]bool{}
	again := make([]bool, len(pg.pieces))
	for i := range pg.pieces {
		p := &pg.pieces[i]
		if !p.verdict.role.Kept() {
			continue
		}
		again[i] = seen[p.text]
		seen[p.text] = true
	}
	for i := range pg.pieces {
		p := &pg.pieces[i]
		if !again[i] || p.verdict.role == RoleTitle {
			continue
		}
		inRun := i > 0 && again[i-1] && (i+1 == len(again) || again[i+1])
		if p.size < shortestRepeat && !inRun && !pg.isTitle(p) || p.look == lookRow {
			continue
		}
		if pg.isTitle(p) && pg.onlyBody(i) {
			continue // a flash: the body is the headline
		}
		pg.drop(p, Duplicate, "ko.repeat.line")
	}
}

// drop takes back an earlier decision to keep.
func (pg *page) drop(p *piece, reason Reason, rule string) {
	if !pg.off[rule] {
		p.verdict = verdict{role: RoleRemoved, reason: reason, rule: rule}
	}
}

func (pg *page) isTitle(p *piece) bool {
	return !pg.title.empty() && p.key == pg.pieces[pg.title.from].key
}

// onlyBody reports whether nothing else is kept as body.
func (pg *page) onlyBody(i int) bool {
	for j := range pg.pieces {
		if r := pg.pieces[j].verdict.role; j != i && r.Kept() && r != RoleTitle && r != RoleSubtitle && pg.pieces[j].text != pg.pieces[i].text {
			return false
		}
	}
	return true
}
