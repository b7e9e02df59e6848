package article

import (
	"bytes"
	"strings"

	"golang.org/x/net/html/atom"
)

// hint is what the markup says about a line.
type hint struct {
	role   Role // what the element is: caption, list item, cell …; "" for no word
	deck   bool // the element is named as a deck
	title  bool // the element is named as the headline
	inBody bool // inside the region
	sure   bool // and the region is no guess
	site   bool // inside a menu, form or foot
	linked bool // nearly all of it is links
	marks  []inlineMark
}

// inlineMark is inline markup over a range of a line's bytes.
type inlineMark struct {
	from, to int
	tag      atom.Atom
	href     string
}

// weight is what the markup adds to a line's vote w.
func (h *hint) weight(w float64) float64 {
	switch {
	case h.site && w > 0:
		return -w
	case h.inBody && h.linked:
		return 0
	case h.inBody && w < 0 && w > weightOpens:
		return -w // lines of the body need not read as text
	case h.inBody:
		return 0.5
	case h.linked && w > 0:
		return -1.2 * w
	case h.linked:
		return -0.4
	case w > 0:
		return -0.6 * w
	}
	return 0
}

// reader walks the visible text of a tree and hands it to a page line by line.
type reader struct {
	t      *tree
	pg     *page
	region region
	known  []*publisher
	fixed  Role // the role of all lines, where they come as typed data

	line  bytes.Buffer
	at    int32 // line of the markup at which the line starts
	h     hint
	links int // bytes of the line inside links
	space bool
	gap   bool
	open  []frame      // elements around the current node
	marks []inlineMark // open inline markup
	cell  bool         // inside a table whose rows are lines

	hidden []Removal
}

// frame is an open element with what it and those around it say about text.
type frame struct {
	node              int32
	role              Role
	deck, title, site bool
}

// read hands all visible text to the page.
func (r *reader) read() {
	for i := 0; i < len(r.t.nodes); i++ {
		r.leave(i)
		n := &r.t.nodes[i]
		if n.isText {
			r.text(n, i)
			continue
		}
		if invisible(n) && !r.spared(n, i) {
			r.note(i)
			i = int(n.end) - 1
			continue
		}
		r.enter(n, i)
	}
	r.leave(len(r.t.nodes))
	r.flush(false)
}

// spared keeps an element hidden by its class alone if it is the body itself:
// some sites show it by script.
func (r *reader) spared(n *node, i int) bool {
	return i <= r.region.from && r.region.from < int(n.end) && n.tag != atom.Head && n.tag != atom.Template && n.tag != atom.Noscript
}

// enter opens an element.
func (r *reader) enter(n *node, i int) {
	switch {
	case n.tag == atom.Br:
		r.flush(r.line.Len() == 0)
		return
	case n.tag == atom.Hr:
		r.flush(true)
		return
	case isVoid(n.tag):
		return
	case n.tag == atom.Table:
		r.flush(true)
		r.cell = r.t.isDataTable(i)
	case (n.tag == atom.Td || n.tag == atom.Th) && r.cell:
		if r.line.Len() > 0 {
			r.line.WriteByte('\t')
			r.space = true
		}
	case isBlock(n.tag) && !(r.cell && r.inRow()):
		r.flush(n.tag == atom.P || n.tag == atom.Figure)
	}
	if (n.tag == atom.Span || n.tag == atom.A) && !r.region.has(i) {
		r.space = true // columns and buttons, set apart by style
	}
	r.open = append(r.open, r.frame(n, i))
	switch n.tag {
	case atom.A, atom.B, atom.Strong, atom.I, atom.Em, atom.U, atom.Sub, atom.Sup:
		m := inlineMark{from: r.line.Len(), tag: n.tag}
		if n.tag == atom.A {
			m.href = safeHref(n.attr("href"))
		}
		r.marks = append(r.marks, m)
	}
}

func (r *reader) inRow() bool {
	for i := len(r.open) - 1; i >= 0; i-- {
		switch r.t.nodes[r.open[i].node].tag {
		case atom.Td, atom.Th:
			return true
		case atom.Tr, atom.Table:
			return false
		}
	}
	return false
}

// leave closes the elements that end before node i.
func (r *reader) leave(i int) {
	for len(r.open) > 0 {
		top := r.open[len(r.open)-1]
		n := &r.t.nodes[top.node]
		if int(n.end) > i {
			return
		}
		switch n.tag {
		case atom.A, atom.B, atom.Strong, atom.I, atom.Em, atom.U, atom.Sub, atom.Sup:
			r.endMark()
		case atom.Table:
			r.flush(true)
			r.cell = false
		default:
			if isBlock(n.tag) && !(r.cell && n.tag != atom.Tr) {
				r.flush(n.tag == atom.P || n.tag == atom.Figure)
			}
		}
		r.open = r.open[:len(r.open)-1]
	}
}

func (r *reader) endMark() {
	if len(r.marks) == 0 {
		return
	}
	m := r.marks[len(r.marks)-1]
	r.marks = r.marks[:len(r.marks)-1]
	if m.to = r.line.Len(); m.to > m.from {
		if r.h.inBody || !r.region.sure { // nobody asks for the markup of menus
			r.h.marks = append(r.h.marks, m)
		}
		if m.tag == atom.A {
			r.links += m.to - m.from
		}
	}
}

// text appends a text node to the line, with its spaces collapsed.
func (r *reader) text(n *node, i int) {
	if n.text == " " {
		r.space = true
		return
	}
	if r.line.Len() == 0 {
		r.at = n.line
		r.look(i)
	}
	s := n.text
	if strings.IndexByte(s, '&') >= 0 {
		s = decodeEntities(s)
	}
	s = compose(visible(strings.ToValidUTF8(s, string(lostRune))))
	from := r.line.Len()
	for _, c := range s {
		if c == ' ' || c == '\n' || c == '\t' {
			r.space = true
			continue
		}
		if r.space && r.line.Len() > 0 && !r.afterTab() {
			r.line.WriteByte(' ')
		}
		r.space = false
		r.line.WriteRune(c)
	}
	for j := range r.marks {
		if r.marks[j].from == from && r.line.Len() > from && r.line.Bytes()[from] == ' ' {
			r.marks[j].from++
		}
	}
}

func (r *reader) afterTab() bool {
	s := r.line.Bytes()
	return s[len(s)-1] == '\t'
}

// look reads from the elements around what kind of line starts here.
func (r *reader) look(i int) {
	r.h.inBody = r.region.to > r.region.from && r.region.has(i)
	r.h.sure = r.region.sure
	if len(r.open) > 0 {
		top := r.open[len(r.open)-1]
		r.h.role, r.h.deck, r.h.title, r.h.site = top.role, top.deck, top.title, top.site
	}
}

// frame adds what an element says to what those around it say. The region's
// own element starts anew: around it stands the site.
func (r *reader) frame(n *node, i int) frame {
	f := frame{}
	if len(r.open) > 0 {
		f = r.open[len(r.open)-1]
	}
	f.node = int32(i)
	if i == r.region.from {
		return frame{node: int32(i)}
	}
	var s says
	if len(n.attrs) > 0 {
		for _, p := range r.known {
			s |= p.says(n)
		}
	}
	inBody := r.region.has(i)
	f.site = f.site || n.tag == atom.Button || s&saysDrop != 0 || !inBody && isSite(n)
	f.deck = f.deck || s&saysDeck != 0
	f.title = f.title || n.tag == atom.H1 || s&saysTitle != 0
	if role := r.roleOf(n, s); role != "" {
		f.role = role
	}
	return f
}

// roleOf is what one element says about the text in it.
func (r *reader) roleOf(n *node, s says) Role {
	if s&saysPhoto != 0 {
		return RoleCaption
	}
	switch n.tag {
	case atom.Figcaption, atom.Caption:
		return RoleCaption
	case atom.Blockquote, atom.Q:
		return RoleQuote
	case atom.Li, atom.Dt, atom.Dd:
		return RoleListItem
	case atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return RoleSubhead
	case atom.Td, atom.Th:
		if r.cell {
			return RoleTableCell
		}
	}
	return ""
}

// flush ends the line. gap says that a blank line follows.
func (r *reader) flush(gap bool) {
	r.space = false
	if r.line.Len() == 0 {
		r.gap = r.gap || gap
		return
	}
	text := r.line.String()
	for j := range r.marks { // markup goes on behind the line's end
		m := r.marks[j]
		if m.to = len(text); m.to > m.from {
			r.h.marks = append(r.h.marks, m)
			if m.tag == atom.A {
				r.links += m.to - m.from
			}
		}
		r.marks[j].from = 0
	}
	r.h.linked = r.links*10 >= len(text)*8
	h := r.h
	if r.fixed != "" {
		h.role = r.fixed
	}
	at := int(r.at)
	if len(r.known) == 0 {
		at = 0 // data has no lines
	}
	if strings.TrimSpace(text) != "" {
		r.pg.add(at, text, r.gap, &h)
	}
	r.line.Reset()
	r.h, r.links, r.gap = hint{}, 0, gap
}

// longestHidden is how much of a hidden text the ledger quotes, in bytes.
const longestHidden = 300

// note puts hidden text into the ledger; scripts and the like are no text.
func (r *reader) note(i int) {
	n := &r.t.nodes[i]
	switch n.tag {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Svg, atom.Iframe, atom.Object, atom.Canvas, atom.Map, atom.Noscript, atom.Math:
		return
	}
	var b strings.Builder
	for j := i + 1; j < int(n.end) && b.Len() < longestHidden; j++ {
		switch c := &r.t.nodes[j]; {
		case c.tag == atom.Script || c.tag == atom.Style:
			j = int(c.end) - 1
		case c.isText:
			b.WriteString(strings.Join(strings.Fields(visible(c.text[:min(len(c.text), longestHidden)])), " "))
			b.WriteByte(' ')
		}
	}
	if text := strings.ToValidUTF8(strings.TrimSpace(b.String()), ""); text != "" {
		r.hidden = append(r.hidden, Removal{int(n.line), text, Hidden, "ko.html.hidden"})
	}
}

// isDataTable tells a table of figures from a table that only arranges things:
// two rows or more, two columns or more, no long cell.
func (t *tree) isDataTable(at int) bool {
	rows, cells, wide := 0, 0, 0
	seen := 0
	for i := at + 1; i < int(t.nodes[at].end) && seen < 2000; i++ {
		seen++
		n := &t.nodes[i]
		switch n.tag {
		case atom.Table, atom.Figure, atom.P:
			if n.tag == atom.Table || n.size > 300 {
				return false
			}
		case atom.Tr:
			if cells >= 2 {
				wide++
			}
			rows, cells = rows+1, 0
		case atom.Td, atom.Th:
			if n.size > 400 {
				return false
			}
			cells++
		}
	}
	if cells >= 2 {
		wide++
	}
	return rows >= 2 && wide*2 >= rows
}
