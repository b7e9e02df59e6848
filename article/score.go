package article

import "strings"

// The weights with which lines vote on where the article is. They were set by
// hand so that a paragraph outvotes the related list above it, and a rights line
// outvotes the teasers below it; only their ratios matter.
const (
	weightProse     = 2.0   // a paragraph of 35 characters; grows to 7 at 200
	weightSentence  = 1.0   // a short finished sentence
	weightCaption   = 0.8   // grows with its length
	weightItem      = 0.1   // a marked item or a table row
	weightHeadline  = -0.8  // an unfinished line: of a list more often than not
	weightDash      = -0.1  // an unfinished line behind a dash: of either
	weightLabel     = -0.4  // a button
	weightVoice     = -0.5  // the site speaks
	weightOpenEnd   = 0.4   // what is left of a paragraph's vote if its end is cut off
	weightChrome    = -1.0  // a known line
	weightOpens     = -2.0  // the heading of a list
	weightEnds      = -6.0  // the heading of what follows an article
	weightCopyright = -12.0 // the end of nearly every article
	begun           = 5.0   // votes from which a body has begun
	teaserShare     = 0.15  // what is left of a vote among other articles' leads
)

func (p *piece) weight() float64 {
	switch p.look {
	case lookVoice:
		return weightVoice
	case lookProse:
		if !p.finished {
			return weightOpenEnd * (weightProse + float64(min(p.size, 200))/40)
		}
		return weightProse + float64(min(p.size, 200))/40
	case lookSentence:
		return weightSentence
	case lookCaption:
		return weightCaption + float64(min(p.size, 120))/60
	case lookItem, lookRow:
		if p.finished {
			return weightSentence
		}
		return weightItem
	case lookHeadline:
		if p.text[0] == '-' {
			return weightDash
		}
		return weightHeadline
	case lookLabel:
		return weightLabel
	case lookCopyright:
		return weightCopyright
	case lookChrome:
		switch {
		case p.rule.Outside:
			return weightLabel
		case p.rule.Effect == opensList:
			return weightOpens
		case p.rule.Effect == endsArticle:
			return weightEnds
		}
		return weightChrome
	}
	return 0
}

// findCore returns the stretch of lines with the greatest sum of votes: from
// the first to the last line of running text, whatever interrupts it.
func (pg *page) findCore() extent {
	if e := pg.named(); !e.empty() {
		return e
	}
	best, bestSum := nowhere(), 0.0
	start, sum := 0, 0.0
	foreign := takesLine // what the last heading says the lines below it are
	for i := range pg.pieces {
		p := &pg.pieces[i]
		w := p.weight()
		foreign = pg.foreign(i, foreign, sum > begun)
		if foreign != takesLine && w > 0 {
			w *= teaserShare
		}
		w += pg.hintWeight(p, w)
		if sum <= 0 {
			start, sum = i, 0
		}
		if sum += w; sum > bestSum && w > 0 {
			best, bestSum = extent{start, i}, sum
		}
	}
	return pg.onlyText(best)
}

// named is the core of a page whose markup names its body.
func (pg *page) named() extent {
	e := nowhere()
	for i := range pg.pieces {
		if p := &pg.pieces[i]; p.inSure() && !p.hint.site && !p.hint.linked {
			if e.empty() {
				e.from = i
			}
			e.to = i
		}
	}
	return pg.onlyText(e)
}

// foreign follows the headings: below one, headlines and single paragraphs
// between headlines are other articles'. Two paragraphs in a row, or one that
// no headline follows, are the article's own again.
//
// What ends articles ends none above one: before a body has begun it only opens
// a list.
func (pg *page) foreign(i int, now effect, begun bool) effect {
	p := &pg.pieces[i]
	switch {
	case !begun && (p.look == lookCopyright || p.look == lookChrome && p.rule.Effect == endsArticle):
		return opensList
	case p.look == lookCopyright:
		return endsArticle
	case p.look == lookByline && now == takesLine && strings.Contains(p.text, "@"):
		return opensList // signed: what follows may be another article's lead
	case p.look == lookChrome && (p.rule.Effect == opensList || p.rule.Effect == endsArticle):
		if now == endsArticle {
			return now
		}
		return p.rule.Effect
	case p.look == lookChrome && p.rule.reason == ImageWidget && now == opensList:
		return takesLine // a picture follows, and the article with it
	case now == takesLine || !p.isProse():
		return now
	}
	next := pg.next(i)
	if now == endsArticle {
		if pg.prosaic(i, 3) {
			return takesLine
		}
		return now
	}
	if next != nil && (next.look == lookDate || next.look == lookLabel) {
		next = pg.next(i + 1) // a teaser's own date
	}
	if next != nil && (next.isProse() || !next.isHeadline()) {
		return takesLine
	}
	return now
}

// prosaic reports whether n pieces in a row from i on are whole paragraphs.
func (pg *page) prosaic(i, n int) bool {
	for ; n > 0; i++ {
		if i >= len(pg.pieces) {
			return false
		}
		switch p := &pg.pieces[i]; {
		case p.look == lookStray:
		case p.look == lookProse && p.finished:
			n--
		default:
			return false
		}
	}
	return true
}

// next returns the piece below i that is not a stray.
func (pg *page) next(i int) *piece {
	for j := i + 1; j < len(pg.pieces) && j < i+6; j++ {
		if pg.pieces[j].look != lookStray {
			return &pg.pieces[j]
		}
	}
	return nil
}

// hintWeight is what the markup adds to a line's vote.
func (pg *page) hintWeight(p *piece, w float64) float64 {
	if p.hint == nil {
		return 0
	}
	return p.hint.weight(w)
}
