package article

import (
	"net/url"
	"strings"
	"sync"

	"golang.org/x/net/html/atom"
)

// region is the element that holds the article's body.
type region struct {
	from, to int  // nodes, the second not included
	sure     bool // named by a publisher's or a common selector, not guessed
}

func (r region) has(i int) bool { return r.from <= i && i < r.to }

// findRegion looks for the body: by the publisher's selectors, by the names that
// many systems give it, by the weight of its text.
func (t *tree) findRegion(p *publisher, common *publisher) region {
	for _, known := range []*publisher{p, common} {
		if known == nil {
			continue
		}
		if r, ok := t.widest(known); ok {
			return r
		}
	}
	return t.densest()
}

// leastProse is the text, in bytes, from which an element can be a body.
const leastProse = 200

// widest returns the element with the most text that one of the selectors
// names; earlier selectors do not win, because pages leave empty shells behind.
func (t *tree) widest(p *publisher) (region, bool) {
	best, size := -1, int32(0)
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.isText || len(n.attrs) == 0 || n.prose < leastProse || n.prose <= size {
			continue
		}
		if p.says(n)&saysBody != 0 {
			best, size = i, n.prose
		}
	}
	if best < 0 || size*3 < t.nodes[0].prose && size < 1500 {
		return region{}, false
	}
	return region{best, int(t.nodes[best].end), true}, true
}

// densest guesses the body as readability programs do: text votes for the element
// that holds its paragraph, and less for the one around it; links take votes
// away.
func (t *tree) densest() region {
	votes := map[int32]float64{}
	for i := range t.nodes {
		n := &t.nodes[i]
		if !n.isText || n.prose == 0 {
			continue
		}
		holder := n.parent
		for holder > 0 && !holdsBlocks(t.nodes[holder].tag) {
			holder = t.nodes[holder].parent
		}
		v := 1 + float64(min(n.size, 600))/100
		votes[holder] += v
		if parent := t.nodes[holder].parent; parent > 0 {
			votes[parent] += v * 0.6
		}
	}
	best, bestVote := int32(0), 0.0
	for i := range t.nodes {
		v, ok := votes[int32(i)]
		if !ok {
			continue
		}
		n := &t.nodes[i]
		v *= 1 - float64(n.links)/float64(max(n.size, 1))
		if v > bestVote {
			best, bestVote = int32(i), v
		}
	}
	return region{int(best), int(t.nodes[best].end), false}
}

// holdsBlocks reports whether an element is large enough to hold a body: a
// paragraph or an entry of a list is a part of one.
func holdsBlocks(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Li, atom.Dt, atom.Dd, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Figcaption, atom.Pre:
		return false
	}
	return isBlock(a)
}

// selector names elements by tag, id, one class or itemprop:
// "div#articleBody", "section.article-body", "[itemprop=articleBody]". A class
// or id that ends in * is a prefix.
type selector struct {
	tag, id, class, prop string
	prefix               bool
}

func parseSelector(s string) selector {
	var sel selector
	if s, ok := strings.CutPrefix(s, "[itemprop="); ok {
		sel.prop = strings.TrimSuffix(s, "]")
		return sel
	}
	s, sel.prefix = strings.CutSuffix(s, "*")
	if i := strings.IndexAny(s, "#."); i >= 0 {
		sel.tag = s[:i]
		if s[i] == '#' {
			sel.id = s[i+1:]
		} else {
			sel.class = s[i+1:]
		}
	} else {
		sel.tag = s
	}
	return sel
}

func (s selector) matches(n *node) bool {
	if s.tag != "" && n.tag.String() != s.tag {
		return false
	}
	switch {
	case s.prop != "":
		return n.attr("itemprop") == s.prop
	case s.id != "":
		id := n.attr("id")
		return id == s.id || s.prefix && strings.HasPrefix(id, s.id)
	case s.class != "":
		if !s.prefix {
			return n.hasClass(s.class)
		}
		for w := range strings.FieldsSeq(n.attr("class")) {
			if strings.HasPrefix(w, s.class) {
				return true
			}
		}
		return false
	}
	return s.tag != ""
}

// publisher is one entry of rules/publishers.yaml.
type publisher struct {
	Names []string `yaml:"names"` // as they stand behind a headline
	Hosts []string `yaml:"hosts"`
	Body  []string `yaml:"body"`  // selectors of the element that holds the body
	Title []string `yaml:"title"` // of the headline
	Deck  []string `yaml:"deck"`  // of decks
	Photo []string `yaml:"photo"` // of captions
	Drop  []string `yaml:"drop"`  // of what is never the article

	exact    map[string][]naming // by "#id", ".class", "@itemprop" or tag
	prefixes []naming
}

// says is what a selector says about an element.
type says uint8

const (
	saysBody says = 1 << iota
	saysTitle
	saysDeck
	saysPhoto
	saysDrop
)

type naming struct {
	selector
	says says
}

func (p *publisher) compile() {
	p.exact = map[string][]naming{}
	for _, l := range []struct {
		from []string
		says says
	}{{p.Body, saysBody}, {p.Title, saysTitle}, {p.Deck, saysDeck}, {p.Photo, saysPhoto}, {p.Drop, saysDrop}} {
		for _, s := range l.from {
			n := naming{parseSelector(s), l.says}
			if n.prefix {
				p.prefixes = append(p.prefixes, n)
			} else {
				p.exact[n.index()] = append(p.exact[n.index()], n)
			}
		}
	}
}

func (s selector) index() string {
	switch {
	case s.prop != "":
		return "@" + s.prop
	case s.id != "":
		return "#" + s.id
	case s.class != "":
		return "." + s.class
	}
	return s.tag
}

// says tells what the selectors say about an element.
func (p *publisher) says(n *node) says {
	var all says
	look := func(index string) {
		for _, m := range p.exact[index] {
			if m.matches(n) {
				all |= m.says
			}
		}
	}
	for i := range n.attrs {
		switch a := &n.attrs[i]; a.Key {
		case "id":
			look("#" + a.Val)
		case "itemprop":
			look("@" + a.Val)
		case "class":
			for w := range strings.FieldsSeq(a.Val) {
				look("." + w)
			}
		}
	}
	for _, m := range p.prefixes {
		if all&m.says == 0 && m.matches(n) {
			all |= m.says
		}
	}
	return all
}

// outletSet is what the data says about publishers.
type outletSet struct {
	names  map[string]bool // keys of the names that stand behind a headline
	hosts  map[string]*publisher
	common *publisher // the names that many systems use
}

var outlets = sync.OnceValues(loadOutlets)

func loadOutlets() (*outletSet, error) {
	var list []*publisher
	if err := readYAML("rules/publishers.yaml", &list); err != nil {
		return nil, err
	}
	set := &outletSet{names: map[string]bool{}, hosts: map[string]*publisher{}, common: &publisher{}}
	for _, p := range list {
		p.compile()
		for _, n := range p.Names {
			set.names[key(n)] = true
		}
		for _, h := range p.Hosts {
			set.hosts[h] = p
		}
		if len(p.Hosts) == 0 && len(p.Body) > 0 {
			set.common = p
		}
	}
	return set, nil
}

// at returns the publisher of an address, nil if it is not known.
func (set *outletSet) at(address string) *publisher {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	host := u.Hostname()
	for host != "" {
		if p := set.hosts[host]; p != nil {
			return p
		}
		_, host, _ = strings.Cut(host, ".")
	}
	return nil
}

// isSite reports whether an element outside the body holds the site's own
// matter by its very tag.
func isSite(n *node) bool {
	switch n.tag {
	case atom.Nav, atom.Footer, atom.Aside, atom.Form, atom.Button, atom.Dialog, atom.Menu:
		return true
	}
	return n.attr("role") == "navigation"
}
