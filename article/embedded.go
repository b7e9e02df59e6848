package article

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// metadata reads the head of the page: JSON-LD first, because editors fill it
// from the same fields as the page, then Open Graph and its kin.
func (t *tree) metadata() metadata {
	var m metadata
	for i := range t.nodes {
		n := &t.nodes[i]
		switch {
		case n.tag == atom.Meta:
			m.readMeta(n)
		case n.tag == atom.Title && m.docTitle == "":
			m.docTitle = strings.TrimSpace(t.inner(i))
		case n.tag == atom.Link && n.attr("rel") == "canonical":
			m.canonical = n.attr("href")
		case n.tag == atom.Script && strings.EqualFold(strings.TrimSpace(n.attr("type")), "application/ld+json"):
			m.readLD(t.inner(i))
		case n.tag == atom.Time && m.published == "" && n.has("datetime") && (n.attr("itemprop") == "datePublished" || n.hasClass("published")):
			m.published = n.attr("datetime")
		}
	}
	if !strings.HasPrefix(m.canonical, "http") {
		m.canonical = ""
	}
	return m
}

// inner returns the text of an element whose content is raw.
func (t *tree) inner(i int) string {
	var b strings.Builder
	for j := i + 1; j < int(t.nodes[i].end); j++ {
		b.WriteString(t.nodes[j].text)
	}
	return b.String()
}

func (m *metadata) readMeta(n *node) {
	name := n.attr("property")
	if name == "" {
		name = n.attr("name")
	}
	if name == "" {
		name = n.attr("itemprop")
	}
	v := strings.TrimSpace(n.attr("content"))
	if v == "" {
		return
	}
	set := func(field *string) {
		if *field == "" {
			*field = v
		}
	}
	switch strings.ToLower(name) {
	case "og:title", "twitter:title":
		set(&m.ogTitle)
	case "og:site_name":
		set(&m.site)
	case "og:description", "description":
		set(&m.description)
	case "og:url":
		set(&m.canonical)
	case "article:published_time", "datepublished", "og:regdate", "dable:published_time", "article:published", "pubdate", "og:article:published_time", "date", "dc.date.issued", "news:published_time", "published_time":
		set(&m.published)
	case "article:modified_time", "datemodified", "og:updated_time", "article:modified", "lastmod":
		set(&m.updated)
	case "article:section", "section", "classification", "og:article:section":
		set(&m.section)
	case "article:author", "author", "dable:author", "byl", "og:article:author":
		if len(m.authors) == 0 && !strings.HasPrefix(v, "http") {
			m.authors = []string{v}
		}
	}
}

// readLD reads a block of JSON-LD; one that is broken is skipped.
func (m *metadata) readLD(s string) {
	v, ok := decodeJSON(s)
	if !ok {
		return
	}
	walkJSON(v, 0, func(o map[string]any) {
		if !isArticleType(o["@type"]) {
			return
		}
		take := func(field *string, name string) {
			if s, ok := o[name].(string); ok && *field == "" {
				*field = strings.TrimSpace(s)
			}
		}
		take(&m.headline, "headline")
		take(&m.published, "datePublished")
		take(&m.updated, "dateModified")
		take(&m.body, "articleBody")
		take(&m.section, "articleSection")
		if list, ok := o["articleSection"].([]any); ok && m.section == "" && len(list) > 0 {
			m.section, _ = list[0].(string)
		}
		if names := personNames(o["author"]); len(names) > 0 {
			m.authors = names
		}
	})
}

func isArticleType(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.HasSuffix(v, "Article") || v == "BlogPosting" || v == "Report"
	case []any:
		for _, x := range v {
			if isArticleType(x) {
				return true
			}
		}
	}
	return false
}

func personNames(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case map[string]any:
		if t, _ := v["@type"].(string); t == "Organization" || t == "NewsMediaOrganization" {
			return nil
		}
		if s, ok := v["name"].(string); ok && s != "" {
			return []string{s}
		}
	case []any:
		var list []string
		for _, x := range v {
			list = append(list, personNames(x)...)
		}
		return list
	}
	return nil
}

// decodeJSON reads JSON as pages carry it: with raw line breaks in strings.
func decodeJSON(s string) (any, bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimSuffix(strings.TrimPrefix(s, "<!--"), "-->")
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "//<![CDATA["), "//]]>"))
	s = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)
	var v any
	d := json.NewDecoder(strings.NewReader(s))
	if err := d.Decode(&v); err != nil {
		return nil, false
	}
	return v, true
}

// deepestJSON bounds the walk through other people's data.
const deepestJSON = 60

// walkJSON visits every object.
func walkJSON(v any, depth int, visit func(map[string]any)) {
	if depth > deepestJSON {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, x := range v {
			walkJSON(x, depth+1, visit)
		}
	case []any:
		for _, x := range v {
			walkJSON(x, depth+1, visit)
		}
	}
}

// bodyPart is a block of a body that a page carries as data.
type bodyPart struct {
	role Role
	html string
}

// embeddedBody returns the body that the page carries as data, if the page
// itself shows much less of it: Next.js and Fusion pages before their script
// has run, or JSON-LD.
func (t *tree) embeddedBody(meta metadata, shown int) []bodyPart {
	if shown > 600 {
		return nil
	}
	var best []bodyPart
	size := 2*shown + 150
	take := func(parts []bodyPart) {
		n := 0
		for _, p := range parts {
			n += hangulIn(p.html)
		}
		if n > size {
			best, size = parts, n
		}
	}
	if meta.body != "" {
		take([]bodyPart{{html: meta.body}})
	}
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.tag != atom.Script || n.attr("type") == "application/ld+json" {
			continue
		}
		for _, s := range dataIn(t.inner(i), n.attr("id")) {
			if v, ok := decodeJSON(s); ok {
				bodiesIn(v, 0, take)
			}
		}
	}
	return best
}

// dataIn finds the JSON that a script assigns to something.
func dataIn(script, id string) []string {
	if id == "__NEXT_DATA__" || id == "__NUXT_DATA__" || strings.HasPrefix(strings.TrimSpace(script), "{") {
		return []string{script}
	}
	var list []string
	for _, start := range []string{"Fusion.globalContent=", "Fusion.globalContent =", "__INITIAL_STATE__=", "__INITIAL_STATE__ =", "__PRELOADED_STATE__ =", "__PRELOADED_STATE__=", "__NEXT_DATA__ =", "__APOLLO_STATE__ =", "__APOLLO_STATE__=", "articleData =", "__DATA__ =", "__DATA__="} {
		if _, rest, ok := strings.Cut(script, start); ok {
			list = append(list, rest)
		}
	}
	return list
}

// bodiesIn offers every string and every list of blocks that could be a body.
func bodiesIn(v any, depth int, take func([]bodyPart)) {
	if depth > deepestJSON {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			if s, ok := x.(string); ok && bodyName(name) && len(s) > 200 {
				take([]bodyPart{{html: s}})
				continue
			}
			bodiesIn(x, depth+1, take)
		}
	case []any:
		if parts := blocksIn(v); len(parts) > 1 {
			take(parts)
		}
		for _, x := range v {
			bodiesIn(x, depth+1, take)
		}
	}
}

func bodyName(name string) bool {
	switch strings.ToLower(name) {
	case "content", "contents", "body", "articlebody", "bodyhtml", "html", "text", "article_body", "newscontent", "news_content", "articlecontent", "article_content", "contenthtml", "bodytext", "cont", "article", "view_content", "fullcontent", "content_html", "story":
		return true
	}
	return false
}

// blocksIn reads a list of typed blocks, as Fusion's content_elements are.
func blocksIn(list []any) []bodyPart {
	var parts []bodyPart
	for _, x := range list {
		o, ok := x.(map[string]any)
		if !ok {
			return nil
		}
		kind, _ := o["type"].(string)
		text := firstString(o, "content", "text", "html", "value", "body")
		switch strings.ToLower(kind) {
		case "":
			return nil
		case "image", "photo", "figure", "img":
			if c := firstString(o, "caption", "desc", "description"); c != "" {
				parts = append(parts, bodyPart{RoleCaption, c})
			}
		case "header", "heading", "subtitle", "h2", "h3":
			parts = append(parts, bodyPart{RoleSubhead, text})
		case "quote", "blockquote":
			parts = append(parts, bodyPart{RoleQuote, text})
		case "list":
			items, _ := o["items"].([]any)
			for _, it := range items {
				if io, ok := it.(map[string]any); ok {
					parts = append(parts, bodyPart{RoleListItem, firstString(io, "content", "text")})
				}
			}
		default:
			parts = append(parts, bodyPart{"", text})
		}
	}
	return parts
}

func firstString(o map[string]any, names ...string) string {
	for _, n := range names {
		if s, ok := o[n].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

func hangulIn(s string) int {
	n := 0
	for i := 0; i < len(s); {
		r, w := utf8.DecodeRuneInString(s[i:])
		if r >= '가' && r <= '힣' {
			n++
		}
		i += w
	}
	return n
}

// embeddedPage makes a page of a body that came as data: the headline above it,
// and each block a line or more.
func embeddedPage(parts []bodyPart, meta metadata, set *ruleSet, off map[string]bool) *page {
	pg := newPage(set, off)
	pg.known = meta.titles()
	if len(pg.known) > 0 {
		pg.add(0, pg.known[0], false, &hint{title: true})
	}
	for _, part := range parts {
		html := strings.ReplaceAll(part.html, "\n", "<br>")
		t := parse(html)
		t.measureTree()
		r := reader{t: t, pg: pg, region: region{0, len(t.nodes), true}, fixed: part.role, gap: true}
		r.read()
	}
	return pg
}
