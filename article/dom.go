package article

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// tree is a page's markup in document order: a node's subtree is the range from
// its own index to its end. It is built from the tokenizer directly, because
// the full parser's repairs take quadratic time on hostile markup and forget
// on which line a text stood.
type tree struct {
	nodes []node
	attrs []html.Attribute // of all nodes, each of which holds a part
}

type node struct {
	tag    atom.Atom // 0 for text and for elements that HTML does not know
	text   string    // of a text node; "" for an element
	attrs  []html.Attribute
	parent int32
	end    int32 // index behind the subtree
	line   int32 // line of the markup, counted from 1
	isText bool

	// Sums over the subtree, in bytes.
	size  int32 // of visible text
	links int32 // of these, inside links
	prose int32 // of these, in text nodes long enough to be prose
}

// deepest is how far elements may nest; what lies deeper is read as if it stood
// at this depth.
const deepest = 1000

// maxNodes bounds memory on hostile markup; real pages have some ten thousand.
const maxNodes = 3_000_000

// parse reads markup. It never fails: whatever comes is read as a browser would
// show it, near enough.
func parse(markup string) *tree {
	b := builder{t: &tree{nodes: make([]node, 0, 64+len(markup)/40), attrs: make([]html.Attribute, 0, 64+len(markup)/80)}, open: map[atom.Atom]int{}}
	b.push(node{tag: atom.Html, parent: -1, line: 1})
	z := html.NewTokenizer(strings.NewReader(markup))
	z.SetMaxBuf(0)
	line := int32(1)
	for len(b.t.nodes) < maxNodes {
		tt := z.Next()
		if tt == html.ErrorToken {
			break
		}
		at := line
		raw := z.Raw()
		line += int32(bytes.Count(raw, []byte{'\n'}))
		switch tt {
		case html.TextToken:
			blank := raw[:len(raw)-len(bytes.TrimLeft(raw, " \t\r\n"))]
			at += int32(bytes.Count(blank, []byte{'\n'})) // before Text changes the bytes
			b.text(z.Text(), at)
		case html.StartTagToken, html.SelfClosingTagToken:
			b.start(z, at)
		case html.EndTagToken:
			name, _ := z.TagName()
			b.close(atom.Lookup(name))
		}
	}
	b.popTo(0)
	b.t.nodes[0].end = int32(len(b.t.nodes))
	return b.t
}

// builder keeps the stack of open elements.
type builder struct {
	t     *tree
	stack []int32
	open  map[atom.Atom]int
}

func (b *builder) push(n node) {
	b.t.nodes = append(b.t.nodes, n)
	b.stack = append(b.stack, int32(len(b.t.nodes)-1))
	b.open[n.tag]++
}

// popTo closes elements until depth are open.
func (b *builder) popTo(depth int) {
	for len(b.stack) > max(depth, 1) {
		top := b.stack[len(b.stack)-1]
		b.stack = b.stack[:len(b.stack)-1]
		b.t.nodes[top].end = int32(len(b.t.nodes))
		b.open[b.t.nodes[top].tag]--
	}
}

func (b *builder) text(data []byte, line int32) {
	parent := b.stack[len(b.stack)-1]
	n := node{isText: true, parent: parent, line: line, end: int32(len(b.t.nodes) + 1)}
	if len(bytes.TrimSpace(data)) == 0 {
		n.text = " "
	} else {
		n.text = string(data)
	}
	b.t.nodes = append(b.t.nodes, n)
}

func (b *builder) start(z *html.Tokenizer, line int32) {
	name, more := z.TagName()
	tag := atom.Lookup(name)
	n := node{tag: tag, line: line}
	first := len(b.t.attrs)
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		if name := wanted(k); name != "" {
			b.t.attrs = append(b.t.attrs, html.Attribute{Key: name, Val: string(v)})
		}
	}
	n.attrs = b.t.attrs[first:len(b.t.attrs):len(b.t.attrs)]
	b.implied(tag)
	n.parent = b.stack[len(b.stack)-1]
	if isVoid(tag) || len(b.stack) >= deepest {
		n.end = int32(len(b.t.nodes) + 1)
		b.t.nodes = append(b.t.nodes, n)
		return
	}
	b.push(n)
}

// wanted returns the name of an attribute that is read, "" for one that would
// only cost memory.
func wanted(key []byte) string {
	for _, name := range [...]string{
		"class", "href", "id", "style", "property", "name", "content", "type", "rel", "itemprop",
		"hidden", "datetime", "role",
	} {
		if string(key) == name {
			return name
		}
	}
	return ""
}

// implied closes what a start tag closes without saying so.
func (b *builder) implied(tag atom.Atom) {
	switch tag {
	case atom.Li:
		b.closeWithin(atom.Li, atom.Ul, atom.Ol)
	case atom.Dt, atom.Dd:
		b.closeWithin(atom.Dt, atom.Dl, 0)
		b.closeWithin(atom.Dd, atom.Dl, 0)
	case atom.Tr:
		b.closeWithin(atom.Tr, atom.Table, 0)
	case atom.Td, atom.Th:
		b.closeWithin(atom.Td, atom.Tr, atom.Table)
		b.closeWithin(atom.Th, atom.Tr, atom.Table)
	case atom.Option:
		b.closeWithin(atom.Option, atom.Select, 0)
	}
	if b.open[atom.P] > 0 && closesParagraph(tag) {
		b.closeWithin(atom.P, atom.Table, atom.Div)
	}
}

// closeWithin closes the innermost open element with this tag unless one of the
// bounds is opened inside it.
func (b *builder) closeWithin(tag, bound, bound2 atom.Atom) {
	if b.open[tag] <= 0 {
		return
	}
	for i := len(b.stack) - 1; i > 0; i-- {
		switch t := b.t.nodes[b.stack[i]].tag; {
		case t == tag:
			b.popTo(i)
			return
		case t == bound || bound2 != 0 && t == bound2:
			return
		}
	}
}

// close handles an end tag. One that nothing opened is ignored; one of an
// inline element does not reach through a block.
func (b *builder) close(tag atom.Atom) {
	if b.open[tag] <= 0 || tag == atom.Html {
		return
	}
	inline := !isBlock(tag)
	for i := len(b.stack) - 1; i > 0; i-- {
		t := b.t.nodes[b.stack[i]].tag
		if t == tag {
			b.popTo(i)
			return
		}
		if inline && isBlock(t) || t == atom.Table && tag != atom.Body && tag != atom.Div {
			return
		}
	}
}

// leastText is the length, in bytes, from which a text node counts as prose; links
// and emphasis cut paragraphs into such nodes.
const leastText = 60

// measureTree sums up text from the leaves to the root. Hidden subtrees count
// nothing.
func (t *tree) measureTree() {
	for i := len(t.nodes) - 1; i > 0; i-- {
		n := &t.nodes[i]
		if n.isText && n.text != " " {
			n.size = int32(len(strings.TrimSpace(n.text)))
			if n.size >= leastText {
				n.prose = n.size
			}
		}
		if !n.isText && (invisible(n) || n.tag == atom.Button) {
			n.size, n.links, n.prose = 0, 0, 0
		}
		if n.tag == atom.A {
			n.links, n.prose = n.size, 0
		}
		p := &t.nodes[n.parent]
		p.size += n.size
		p.links += n.links
		p.prose += n.prose
	}
}

func (n *node) attr(key string) string {
	for i := range n.attrs {
		if n.attrs[i].Key == key {
			return n.attrs[i].Val
		}
	}
	return ""
}

func (n *node) has(key string) bool {
	for i := range n.attrs {
		if n.attrs[i].Key == key {
			return true
		}
	}
	return false
}

// hasClass reports whether one of the words of the class attribute is name.
func (n *node) hasClass(name string) bool {
	for w := range strings.FieldsSeq(n.attr("class")) {
		if w == name {
			return true
		}
	}
	return false
}

func isVoid(a atom.Atom) bool {
	switch a {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

// isBlock reports whether an element starts and ends a line. Unknown elements
// do: sites build their columns of them.
func isBlock(a atom.Atom) bool {
	switch a {
	case atom.A, atom.Abbr, atom.B, atom.Bdi, atom.Bdo, atom.Big, atom.Cite, atom.Code, atom.Data, atom.Del, atom.Dfn, atom.Em, atom.Font, atom.I, atom.Img, atom.Ins, atom.Kbd, atom.Label, atom.Mark, atom.Q, atom.Rp, atom.Rt, atom.Ruby, atom.S, atom.Samp, atom.Small, atom.Span, atom.Strike, atom.Strong, atom.Sub, atom.Sup, atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr, atom.Br, atom.Input:
		return false
	}
	return true
}

func closesParagraph(a atom.Atom) bool {
	switch a {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Div, atom.Dl, atom.Fieldset, atom.Figure, atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hr, atom.Main, atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Section, atom.Table, atom.Ul:
		return true
	}
	return false
}

// invisible reports whether a reader never sees the element.
func invisible(n *node) bool {
	switch n.tag {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Svg, atom.Select, atom.Textarea, atom.Iframe, atom.Object, atom.Head, atom.Title, atom.Datalist, atom.Canvas, atom.Map, atom.Noembed, atom.Noframes, atom.Math:
		return true
	}
	if len(n.attrs) == 0 {
		return false
	}
	if n.has("hidden") {
		return true
	}
	if s := n.attr("style"); s != "" {
		s = strings.ReplaceAll(strings.ToLower(s), " ", "")
		if strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden") {
			return true
		}
	}
	for w := range strings.FieldsSeq(n.attr("class")) {
		switch w {
		case "blind", "sr-only", "screen_out", "screen-out", "visually-hidden", "a11y-hidden", "u_skip", "skip", "skipnav", "skip-nav", "hidden", "d-none", "is-blind", "hide_text", "ir_pm":
			return true
		}
	}
	return false
}
