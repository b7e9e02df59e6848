package article

import (
	"html"
	"slices"
	"strings"

	xhtml "golang.org/x/net/html"
)

// escaped writes text as HTML. Quotation marks need no escape outside of tags,
// and editors read what comes back.
var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// maxInlineDepth bounds the search for the element that an end tag closes.
// Elements nested deeper lose their tags, not their text.
const maxInlineDepth = 64

// fragment reads a content system's inline markup. It returns the markup with
// the tags as they were sent, attributes and all, and the plain text in it. What
// could run or load something goes, what was left open is closed.
//
// It is wider than what is kept of a stranger's page: the caller's own classes
// and data attributes must come back to it.
func fragment(s string) (markup, text string) {
	var out, plain strings.Builder
	var open []string
	z := xhtml.NewTokenizer(strings.NewReader(s))
	for {
		kind := z.Next()
		raw := string(z.Raw())
		switch kind {
		case xhtml.ErrorToken:
			for _, name := range slices.Backward(open) {
				out.WriteString("</" + name + ">")
			}
			if len(markupOnly(out.String())) == 0 {
				return "", hygiene(plain.String())
			}
			return out.String(), hygiene(plain.String())
		case xhtml.TextToken:
			shown := visible(html.UnescapeString(raw))
			out.WriteString(escaped.Replace(shown))
			plain.WriteString(shown)
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
			token := z.Token()
			switch {
			case isRaw(token.Data):
				skipElement(z, token.Data)
			case token.Data == "br":
				out.WriteString(raw)
				plain.WriteByte(' ')
			case isInline(token.Data) && len(open) < maxInlineDepth:
				out.WriteString(safeTag(raw, token))
				if token.Data != "wbr" && token.Data != "img" { // `<b/>` opens, whatever it looks like
					open = append(open, token.Data)
				}
			}
		case xhtml.EndTagToken:
			name, _ := z.TagName()
			i := slices.Index(open, string(name))
			for i >= 0 && len(open) > i {
				out.WriteString("</" + open[len(open)-1] + ">")
				open = open[:len(open)-1]
			}
		}
	}
}

// markupOnly is what makes a fragment more than text.
func markupOnly(s string) string {
	if i := strings.IndexByte(s, '<'); i >= 0 {
		return s[i:]
	}
	return ""
}

// isRaw says that an element holds no prose.
func isRaw(tag string) bool {
	switch tag {
	case "script", "style", "iframe", "object", "embed", "template", "noscript", "textarea", "title", "svg", "math", "select":
		return true
	}
	return false
}

func skipElement(z *xhtml.Tokenizer, tag string) {
	for {
		switch z.Next() {
		case xhtml.ErrorToken:
			return
		case xhtml.EndTagToken:
			if name, _ := z.TagName(); string(name) == tag {
				return
			}
		}
	}
}

// isInline lists the phrasing elements of HTML that carry text or a picture.
func isInline(tag string) bool {
	switch tag {
	case "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "ins",
		"kbd", "mark", "q", "ruby", "rp", "rt", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
		"time", "u", "var", "wbr":
		return true
	}
	return false
}

// safeTag returns a start tag as it was sent, or, if one of its attributes could
// run something, without those.
func safeTag(raw string, token xhtml.Token) string {
	kept := slices.DeleteFunc(slices.Clone(token.Attr), func(a xhtml.Attribute) bool { return !isSafe(a) })
	if len(kept) == len(token.Attr) {
		return raw
	}
	var b strings.Builder
	b.WriteString("<" + token.Data)
	for _, a := range kept {
		b.WriteString(" " + a.Key + `="` + html.EscapeString(a.Val) + `"`)
	}
	b.WriteString(">")
	return b.String()
}

func isSafe(a xhtml.Attribute) bool {
	if strings.HasPrefix(a.Key, "data-") || strings.HasPrefix(a.Key, "aria-") {
		return true
	}
	switch a.Key {
	case "class", "id", "lang", "dir", "title", "rel", "target", "name", "datetime", "value", "alt", "width", "height", "translate":
		return true
	case "href", "src", "cite":
		return isSafeAddress(a.Val)
	}
	return false
}

// isSafeAddress takes web, mail and telephone addresses and those relative to
// the page. Characters that browsers skip inside of a scheme are refused.
func isSafeAddress(address string) bool {
	address = strings.TrimSpace(address)
	if strings.ContainsFunc(address, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return false
	}
	scheme, _, found := strings.Cut(address, ":")
	if !found || strings.ContainsAny(scheme, "/?#") {
		return true
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "mailto", "tel":
		return true
	}
	return false
}
