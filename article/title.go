package article

import (
	"slices"
	"strings"
)

// How far above the core a headline may stand, in pieces. Menus of large sites
// have some hundred entries, and a first printing stands above them.
const titleReach = 1500

// findTitle returns the first and the last printing of the headline above the
// core. Nothing marks a headline in plain text; it is told by being printed
// twice, by standing over a date or a byline, by sharing words with the body,
// and by its length.
func (pg *page) findTitle() extent {
	end := pg.core.from
	if pg.core.empty() {
		end = pg.firstEnd()
	}
	for _, name := range pg.known {
		if e := pg.printings(key(name), end); !e.empty() {
			return e
		}
	}
	low := max(0, end-titleReach)
	repeats := pg.countKeys(low, min(end, len(pg.pieces)))
	best, bestScore := -1, 0.0
	for i := low; i < end && i < len(pg.pieces); i++ {
		if s := pg.titleScore(i, end, repeats); s > bestScore {
			best, bestScore = i, s
		}
	}
	if best < 0 {
		return nowhere()
	}
	best = pg.higher(best, bestScore, end, repeats)
	name, _ := cutOutlet(pg.pieces[best].text)
	e := pg.printings(key(pg.withoutSuffix(name, end)), end)
	if e.empty() {
		return extent{best, best}
	}
	return e
}

// withoutSuffix returns the headline as another line prints it: without what
// this one has behind a separator.
func (pg *page) withoutSuffix(name string, end int) string {
	for i := range pg.pieces[:min(max(end, 0), len(pg.pieces))] {
		p := &pg.pieces[i]
		if rest, ok := strings.CutPrefix(name, p.text); ok && p.size >= 8 && startsWithSeparator(rest) {
			return p.text
		}
	}
	return name
}

// higher prefers a headline above the best line: decks speak the article's words
// as well, and stand nearer to its date.
func (pg *page) higher(best int, score float64, end int, repeats map[string]int) int {
	for i := best - 1; i >= max(0, best-14); i-- {
		p := &pg.pieces[i]
		if p.look == lookHeadline && p.size >= 10 && !p.isMarked() && p.overlap >= 0.3 && pg.titleScore(i, end, repeats) >= score-3 {
			best = i
		}
	}
	return best
}

func (pg *page) countKeys(low, high int) map[string]int {
	n := map[string]int{}
	for i := low; i < high; i++ {
		if p := &pg.pieces[i]; p.size > labelSize && p.key != "" {
			n[titleKey(p)]++
		}
	}
	return n
}

// titleKey is the key of a line without the outlet's name.
func titleKey(p *piece) string {
	if name, suffix := cutOutlet(p.text); suffix != "" {
		return key(name)
	}
	return p.key
}

// titleScore is how much piece i, above end, looks like the headline; 0 if it
// cannot be.
func (pg *page) titleScore(i, end int, repeats map[string]int) float64 {
	p := &pg.pieces[i]
	if !p.couldBeTitle() {
		return 0
	}
	s := p.titleShape() + pg.datedBelow(i, end)
	rich := len(pg.topic) >= leastTopic
	again := repeats[titleKey(p)] > 1
	switch {
	case rich && p.overlap == 0:
		s -= 2 // not a word of the body's
	case again && (!rich || p.overlap >= 0.3):
		s += 2
	}
	s += 4 * float64(min(p.overlap, 0.6))
	if i == 0 {
		s += 1.5
	}
	if run := pg.unknownRun(i, 0, end-1); run.to-run.from >= 5 && !again {
		s -= 1.5 // one entry of a menu or of a list
	}
	return s - min(2, float64(end-i)*0.02)
}

func (p *piece) couldBeTitle() bool {
	if p.size < 4 || p.size > 130 {
		return false
	}
	switch p.look {
	case lookHeadline, lookLabel, lookSentence, lookItem:
		return true
	case lookChrome:
		return !p.exact && p.size >= 12 // a rule that knows only its first words proves little
	}
	return false
}

// titleShape is the part of the score that the line alone earns.
func (p *piece) titleShape() float64 {
	s := 1.0
	switch {
	case p.size >= 12 && p.size <= 70:
		s += 1.5
	case p.size <= labelSize:
		s -= 0.8
	}
	name, _ := cutOutlet(p.text)
	if _, tags := titleTags(name); len(tags) > 0 {
		s++
	}
	if strings.ContainsAny(name, "…‘’“”\"'") || strings.Contains(name, "..") {
		s += 0.7
	}
	if p.look == lookSentence {
		s -= 0.7
	}
	if p.isMarked() {
		s -= 2 // a deck or an entry of a list
	}
	if p.hint != nil && p.hint.title {
		s += 3
	}
	return s
}

// datedBelow is the bonus for a date or byline shortly below.
func (pg *page) datedBelow(i, end int) float64 {
	for j := i + 1; j <= min(i+6, len(pg.pieces)-1, end); j++ {
		if l := pg.pieces[j].look; l == lookDate || l == lookByline {
			return 2.5 - 0.3*float64(j-i)
		}
	}
	return 0
}

// printings finds the first and last piece above end that print the headline.
func (pg *page) printings(title string, end int) extent {
	e := nowhere()
	for i := range pg.pieces[:min(max(end, 0), len(pg.pieces))] {
		if p := &pg.pieces[i]; p.key == title || printed(p, title) {
			if e.empty() {
				e.from = i
			}
			e.to = i
		}
	}
	return e
}

// judgeTitle keeps the first printing and removes the others above the core.
func (pg *page) judgeTitle() {
	if pg.title.empty() {
		return
	}
	pg.spareFlash()
	first := &pg.pieces[pg.title.from]
	k := first.key
	pg.keep(first, RoleTitle, false)
	for i := pg.title.from + 1; i <= pg.title.to; i++ {
		if p := &pg.pieces[i]; p.key == k || printed(p, k) {
			pg.remove(p, Duplicate, "ko.repeat.title")
		}
	}
}

// spareFlash leaves a printing below the date to the body of a page that has
// nothing else: a flash is its own headline.
func (pg *page) spareFlash() {
	if !pg.core.empty() {
		return
	}
	for i := pg.title.from + 1; i < pg.title.to; i++ {
		if pg.pieces[i].look == lookDate {
			pg.title.to = i - 1
			return
		}
	}
	if pg.title.to > pg.title.from && pg.title.to == len(pg.pieces)-1 {
		pg.title.to--
	}
}

// splitTitle makes what stands behind the headline's first printing a piece of
// its own: the name of the outlet, told by a list of names or by the headline
// being printed elsewhere without it.
func (pg *page) splitTitle() {
	if pg.title.empty() {
		return
	}
	p := pg.pieces[pg.title.from]
	name, _ := cutOutlet(p.text)
	for i := pg.title.from + 1; i <= pg.title.to; i++ {
		other := pg.pieces[i].text
		if len(other) < 12 {
			continue
		}
		if rest, ok := strings.CutPrefix(name, other); ok && rest != "" && startsWithSeparator(rest) {
			name = other
		}
	}
	if name == p.text || !strings.HasPrefix(p.text, name) {
		return
	}
	rest := trimSpan(p.text, Span{len(name), len(p.text)})
	suffix := piece{line: p.line, at: p.at, from: p.from + rest.Start, to: p.to, text: p.text[rest.Start:], hint: p.hint}
	p.to, p.text = p.from+len(name), name
	p.measure()
	suffix.measure()
	pg.remove(&suffix, TitleDecoration, "ko.page.suffix")
	pg.pieces[pg.title.from] = p
	pg.pieces = slices.Insert(pg.pieces, pg.title.from+1, suffix)
	pg.title.to++
	if pg.title.to == pg.title.from+1 {
		pg.title.to = pg.title.from
	}
	if !pg.core.empty() {
		pg.core.from++
		pg.core.to++
	}
}
