package article

import (
	"sort"
	"strings"
)

// cleanHTML reads a page's visible text in reading order, with what the markup
// says about each line, and decides as for text. Where the page shows no body
// but carries one in its data, that one is taken.
func cleanHTML(src Source, set *ruleSet, off map[string]bool) (Cleaning, error) {
	known, err := outlets()
	if err != nil {
		return Cleaning{}, err
	}
	markup, repaired := unscramble(src.HTML)
	t := parse(markup)
	t.measureTree()
	meta := t.metadata()
	p := known.at(src.URL)
	if p == nil {
		p = known.at(meta.canonical)
	}
	pg, hidden := t.page(p, known.common, meta, set, off)
	if body := t.embeddedBody(meta, pg.textSize()); len(body) > 0 {
		pg = embeddedPage(body, meta, set, off)
		hidden = nil
	}
	if len(pg.pieces) == 0 {
		return Cleaning{}, ErrNoArticle
	}
	pg.decide()
	if repaired {
		pg.warn(repairedWarning)
	}
	out, err := pg.assemble(src, meta)
	if err != nil {
		return Cleaning{}, err
	}
	if len(hidden) > 0 {
		out.Removals = append(out.Removals, hidden...)
		sort.SliceStable(out.Removals, func(i, j int) bool { return out.Removals[i].Line < out.Removals[j].Line })
	}
	return out, nil
}

// page reads the tree into a page.
func (t *tree) page(p, common *publisher, meta metadata, set *ruleSet, off map[string]bool) (*page, []Removal) {
	pg := newPage(set, off)
	pg.known = meta.titles()
	pg.lines = make([]pageLine, 0, len(t.nodes)/6)
	pg.pieces = make([]piece, 0, len(t.nodes)/6)
	r := reader{t: t, pg: pg, region: t.findRegion(p, common), known: []*publisher{common}}
	if p != nil {
		r.known = append(r.known, p)
	}
	r.read()
	return pg, r.hidden
}

// textSize is how much running text the page shows.
func (pg *page) textSize() int {
	n := 0
	for i := range pg.pieces {
		if p := &pg.pieces[i]; p.look == lookProse && (p.hint == nil || !p.hint.linked) {
			n += p.size
		}
	}
	return n
}

// metadata is what the markup says about the article beside its visible text.
type metadata struct {
	headline, ogTitle, docTitle string
	published, updated          string
	authors                     []string
	section, canonical, site    string
	description                 string
	body                        string // of JSON-LD
}

// titles lists what may be printed as the headline, best first.
func (m metadata) titles() []string {
	var list []string
	for _, s := range []string{m.headline, m.ogTitle, m.docTitle} {
		s = strings.Join(strings.Fields(hygiene(s)), " ")
		if name, _ := cutOutlet(s); name != "" {
			list = append(list, name)
		}
	}
	return list
}
