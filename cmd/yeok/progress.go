package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	yeokv1 "yeok/api/yeok/v1"
)

// tick is how often the clock on the screen moves. A small local model can
// think for many seconds about one block.
const tick = time.Second

// barWidth is the length of a full bar, in characters.
const barWidth = 24

// progress shows how a translation gets on: one line a language, redrawn in
// place on a terminal, and printed once, at its end, elsewhere.
type progress struct {
	out     io.Writer
	live    bool
	start   time.Time
	targets []string
	lanes   map[string]*lane
	article *yeokv1.Article
	drawn   int // lines that stand on the screen
}

// lane is one language on its way.
type lane struct {
	blocks int // checked so far
	took   time.Duration
	end    *yeokv1.Translation // nil while it runs
}

func newProgress(h *host, targets []string) *progress {
	p := &progress{out: h.stderr, live: h.terminal(h.stderr), start: time.Now(), targets: targets, lanes: map[string]*lane{}}
	for _, code := range targets {
		p.lanes[code] = &lane{}
	}
	return p
}

// follow shows events until the stream ends, and returns what came, in the
// order in which it was asked for.
func (p *progress) follow(results <-chan received) (*yeokv1.TranslateArticleResponse, error) {
	clock := time.NewTicker(tick)
	defer clock.Stop()
	for {
		select {
		case got := <-results:
			if errors.Is(got.err, io.EOF) {
				return p.result(), nil
			}
			if got.err != nil {
				return nil, told(got.err)
			}
			p.take(got.event)
		case <-clock.C:
			p.draw()
		}
	}
}

func (p *progress) result() *yeokv1.TranslateArticleResponse {
	resp := &yeokv1.TranslateArticleResponse{Article: p.article}
	for _, code := range p.targets {
		if end := p.lanes[code].end; end != nil {
			resp.Translations = append(resp.Translations, end)
		}
	}
	return resp
}

func (p *progress) take(event *yeokv1.StreamTranslateArticleResponse) {
	switch body := event.GetEvent().(type) {
	case *yeokv1.StreamTranslateArticleResponse_Article:
		p.article = body.Article
	case *yeokv1.StreamTranslateArticleResponse_Block:
		if l := p.lanes[body.Block.GetLanguageCode()]; l != nil {
			l.blocks++
		}
	case *yeokv1.StreamTranslateArticleResponse_Translation:
		code := body.Translation.GetLanguageCode()
		if l := p.lanes[code]; l != nil {
			l.end, l.took = body.Translation, time.Since(p.start)
			if !p.live {
				p.print(p.line(code))
			}
		}
	}
	p.draw()
}

// draw puts the lines in place of those drawn before.
func (p *progress) draw() {
	if !p.live || p.article == nil {
		return
	}
	var b strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", p.drawn) // up to the first of them
	}
	for _, code := range p.targets {
		b.WriteString("\x1b[2K" + p.line(code) + "\n") // over what stood there
	}
	p.drawn = len(p.targets)
	p.print(strings.TrimSuffix(b.String(), "\n"))
}

// print writes to a person; nobody can be told that this failed.
func (p *progress) print(text string) { _, _ = fmt.Fprintln(p.out, text) }

func (p *progress) line(code string) string {
	l := p.lanes[code]
	if l.end != nil {
		return fmt.Sprintf("%-8s %s, %s", code, verdict(p.article, l.end), seconds(l.took))
	}
	total := len(p.article.GetBlocks())
	full := barWidth * min(l.blocks, total) / max(1, total)
	return fmt.Sprintf("%-8s %s%s %d/%d blocks, %s", code,
		strings.Repeat("█", full), strings.Repeat("░", barWidth-full), l.blocks, total, seconds(time.Since(p.start)))
}

// verdict says in a few words how far a translation may be trusted. Headline and
// decks count as blocks here, because an editor reads them too.
func verdict(a *yeokv1.Article, t *yeokv1.Translation) string {
	blocks := 1 + len(a.GetSubtitles()) + len(a.GetBlocks())
	doubtful := map[string]bool{}
	for _, f := range t.GetFindings() {
		doubtful[f.GetBlockId()] = true
	}
	switch t.GetState() {
	case yeokv1.Translation_NEEDS_REVIEW:
		return fmt.Sprintf("NEEDS_REVIEW: %d of %d blocks doubtful", len(doubtful), blocks)
	case yeokv1.Translation_COMPLETE:
		return fmt.Sprintf("COMPLETE: %d blocks, %s", blocks, t.GetProvenance().GetCacheStatus())
	default:
		return t.GetState().String()
	}
}
