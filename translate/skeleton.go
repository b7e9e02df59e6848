package translate

import (
	"slices"
	"strings"

	"golang.org/x/net/html"

	"yeok/article"
)

// Skeleton is what stays of a text when all that is to be translated is taken
// out: block tags, scripts, white space, line ends. Join puts translations in.
type Skeleton struct {
	parts []string // parts[i] stands before run i, the last one after all
	html  bool
}

// SplitLines takes plain text apart at its line ends. The blocks have neither ids
// nor markup; lines without a letter are none.
func SplitLines(text string) ([]article.Block, Skeleton) {
	var s splitter
	for line := range strings.Lines(text) {
		s.run(line, line, article.Paragraph)
	}
	return s.finish(false)
}

// SplitHTML takes HTML apart into runs of text with inline markup, one block
// each, without ids. Block tags, comments, scripts and styles stay where they
// are, byte for byte. Any string is HTML; what is not well nested inside a run
// is taken for the boundary of two.
func SplitHTML(source string) ([]article.Block, Skeleton) {
	var s splitter
	var run strings.Builder
	kind := article.Paragraph
	z := html.NewTokenizer(strings.NewReader(source))
	for rest := source; ; {
		token := z.Next()
		raw := string(z.Raw())
		tag, _ := z.TagName()
		name := string(tag)
		if token == html.ErrorToken {
			s.htmlRun(run.String(), kind)
			s.keep(rest) // a tag that never ends
			return s.finish(true)
		}
		if token == html.StartTagToken && isOpaque(raw, name) {
			raw += restOf(z, name)
		}
		rest = rest[len(raw):]
		if staysInRun(token, name) {
			run.WriteString(raw)
			continue
		}
		s.htmlRun(run.String(), kind)
		run.Reset()
		s.keep(raw)
		if token == html.StartTagToken {
			kind = kindOf(name)
		}
	}
}

func staysInRun(token html.TokenType, name string) bool {
	switch token {
	case html.CommentToken, html.DoctypeToken:
		return false
	default:
		return !isBlock(name) // text has no name
	}
}

// Join puts translated runs into the skeleton: the blocks that the split
// returned, in the same order, with the text and HTML of their translation.
func (s Skeleton) Join(runs []article.Block) string {
	var b strings.Builder
	for i, part := range s.parts {
		b.WriteString(part)
		if i >= len(s.parts)-1 || i >= len(runs) {
			continue
		}
		switch run := runs[i]; {
		case !s.html:
			b.WriteString(run.Text)
		case run.HTML != "":
			b.WriteString(run.HTML)
		default:
			b.WriteString(escapeText(run.Text))
		}
	}
	return b.String()
}

// splitter collects runs and what stands between them.
type splitter struct {
	blocks []article.Block
	parts  []string
	before strings.Builder // of the next run
}

func (s *splitter) keep(text string) { s.before.WriteString(text) }

// run adds a run whose plain text is text; white space around it, and all of it
// when there is nothing to translate, belongs to the skeleton.
func (s *splitter) run(raw, text string, kind article.Kind) {
	trimmed := strings.TrimSpace(raw)
	if !strings.ContainsFunc(text, isWorthTranslating) {
		s.keep(raw)
		return
	}
	start := strings.Index(raw, trimmed)
	s.keep(raw[:start])
	block := article.Block{Kind: kind, Text: oneLine(text)}
	if strings.Contains(trimmed, "<") && trimmed != text {
		block.HTML = trimmed
	}
	s.parts = append(s.parts, s.before.String())
	s.blocks = append(s.blocks, block)
	s.before.Reset()
	s.keep(raw[start+len(trimmed):])
}

func (s *splitter) htmlRun(raw string, kind article.Kind) {
	if !strings.Contains(raw, "<") {
		s.run(raw, html.UnescapeString(raw), kind)
		return
	}
	if m, shown, ok := parseMarkup(raw, func(text string) string { return text }); ok {
		s.run(raw, m.plain(shown), kind)
		return
	}
	// Badly nested: every tag is a boundary.
	z := html.NewTokenizer(strings.NewReader(raw))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			text := string(z.Raw())
			s.run(text, html.UnescapeString(text), kind)
		default:
			s.keep(string(z.Raw()))
		}
	}
}

func (s *splitter) finish(isHTML bool) ([]article.Block, Skeleton) {
	return s.blocks, Skeleton{parts: append(s.parts, s.before.String()), html: isHTML}
}

// isOpaque reports whether the content of an element is not prose, or is marked
// as not to be translated (HTML 3.2.6.5, and the class that machine translators
// agreed on).
func isOpaque(raw, name string) bool {
	switch name {
	case "script", "style", "textarea", "pre", "code", "kbd", "samp", "var", "svg", "math", "iframe", "noscript", "template":
		return true
	}
	z := html.NewTokenizer(strings.NewReader(raw))
	z.Next()
	for _, a := range z.Token().Attr {
		if a.Key == "translate" && strings.EqualFold(a.Val, "no") ||
			a.Key == "class" && slices.Contains(strings.Fields(a.Val), "notranslate") {
			return !isVoid(name)
		}
	}
	return false
}

// restOf reads on to the end of the element that was just opened.
func restOf(z *html.Tokenizer, name string) string {
	var b strings.Builder
	for depth := 1; depth > 0; {
		token := z.Next()
		b.Write(z.Raw())
		if token == html.ErrorToken {
			break
		}
		inner, _ := z.TagName()
		switch {
		case string(inner) != name:
		case token == html.StartTagToken:
			depth++
		case token == html.EndTagToken:
			depth--
		}
	}
	return b.String()
}

// isBlock reports whether a tag ends a run of text. Unknown tags do not: they are
// placeholders of the caller's.
func isBlock(name string) bool {
	switch name {
	case "address", "article", "aside", "audio", "blockquote", "body", "button", "canvas", "caption",
		"center",
		"col", "colgroup", "dd", "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure",
		"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend",
		"li", "link", "main", "menu", "meta", "nav", "noscript", "object", "ol", "optgroup", "option", "p", "pre",
		"script", "section", "select", "style", "summary", "table", "tbody", "td", "template", "textarea", "tfoot",
		"th", "thead", "title", "tr", "ul", "video":
		return true
	}
	return false
}

func kindOf(tag string) article.Kind {
	switch tag {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return article.Subhead
	case "li", "dt", "dd", "option", "button", "title":
		return article.ListItem
	case "td", "th":
		return article.TableCell
	case "figcaption", "caption":
		return article.Caption
	case "blockquote":
		return article.Quote
	default:
		return article.Paragraph
	}
}
