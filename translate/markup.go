package translate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// markup is the inline markup of one segment. The model sees numbered tokens,
// <x1>…</x1> for a pair and <x2/> for a tag without content, never addresses or
// attributes; code puts the original tags back, byte for byte.
type markup struct {
	tags          []inlineTag // tags[0] is x1
	before, after string      // tags around the whole text, which the model need not see
}

// inlineTag is a pair of tags as it stands in the source.
type inlineTag struct {
	open, close string // close is "" for a tag without content
}

// parseMarkup reads inline HTML. shown is what the model gets to see: text with
// entities decoded and through hide, tags as tokens. ok is false if the tags are
// not properly nested or there are none.
func parseMarkup(source string, hide func(string) string) (m *markup, shown string, ok bool) {
	m = &markup{}
	var b strings.Builder
	var open []int // numbers of the pairs that are open
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		raw := string(z.Raw())
		switch kind {
		case html.ErrorToken:
			return m.unwrapped(b.String(), len(open) == 0)
		case html.TextToken:
			b.WriteString(hide(html.UnescapeString(raw)))
		case html.StartTagToken:
			tag, _ := z.TagName()
			name := string(tag)
			opaque := isOpaque(raw, name)
			if opaque {
				raw += restOf(z, name)
			}
			m.tags = append(m.tags, inlineTag{open: raw})
			if opaque || isVoid(name) {
				fmt.Fprintf(&b, "<x%d/>", len(m.tags))
				continue
			}
			open = append(open, len(m.tags))
			fmt.Fprintf(&b, "<x%d>", len(m.tags))
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || !opens(m.tags[open[len(open)-1]-1].open, string(name)) {
				return nil, "", false
			}
			n := open[len(open)-1]
			open = open[:len(open)-1]
			m.tags[n-1].close = raw
			fmt.Fprintf(&b, "</x%d>", n)
		default: // self-closing tags, comments
			m.tags = append(m.tags, inlineTag{open: raw})
			fmt.Fprintf(&b, "<x%d/>", len(m.tags))
		}
	}
}

// unwrapped finishes parsing: a pair around the whole text is taken off, because
// the model can only get it wrong.
func (m *markup) unwrapped(shown string, nested bool) (*markup, string, bool) {
	if !nested || len(m.tags) == 0 {
		return nil, "", false
	}
	for n := 1; n <= len(m.tags); n++ {
		inner, found := strings.CutPrefix(shown, fmt.Sprintf("<x%d>", n))
		if !found {
			break
		}
		inner, found = strings.CutSuffix(inner, fmt.Sprintf("</x%d>", n))
		if !found {
			break
		}
		shown = inner
		m.before += m.tags[n-1].open
		m.after = m.tags[n-1].close + m.after
		m.tags[n-1] = inlineTag{}
	}
	return m, shown, true
}

func opens(raw, name string) bool {
	z := html.NewTokenizer(strings.NewReader(raw))
	z.Next()
	opened, _ := z.TagName()
	return string(opened) == name
}

func isVoid(name string) bool {
	switch name {
	case "br", "img", "wbr", "hr", "input", "embed", "source", "track", "area", "col", "base", "link", "meta", "param":
		return true
	}
	return false
}

// token is a markup token in an answer; models vary case and white space.
var token = regexp.MustCompile(`(?i)<\s*(/?)\s*x\s*(\d{1,4})\s*(/?)\s*>`)

// restore puts the original tags into a translation. fault names the first thing
// that is wrong with its tokens, "" when all is well; plain is the translation
// without any markup, in any case.
func (m *markup) restore(translation string, reveal func(string) string) (withTags, plain, fault string) {
	plain = reveal(m.plain(translation))
	used := make([]bool, len(m.tags))
	var open []int
	var b strings.Builder
	end := 0
	for _, loc := range token.FindAllStringSubmatchIndex(translation, -1) {
		b.WriteString(escapeText(reveal(translation[end:loc[0]])))
		end = loc[1]
		closing := loc[2] != loc[3]
		n, _ := strconv.Atoi(translation[loc[4]:loc[5]])
		switch {
		case n < 1 || n > len(m.tags) || m.tags[n-1].open == "":
			return "", plain, fmt.Sprintf("The markup token <x%d> is not in the source.", n)
		case closing && (len(open) == 0 || open[len(open)-1] != n):
			return "", plain, fmt.Sprintf("The markup token </x%d> closes nothing.", n)
		case closing:
			open = open[:len(open)-1]
			b.WriteString(m.tags[n-1].close)
			continue
		case used[n-1]:
			return "", plain, fmt.Sprintf("The markup token <x%d> came twice.", n)
		}
		used[n-1] = true
		b.WriteString(m.tags[n-1].open)
		if m.tags[n-1].close != "" {
			open = append(open, n)
		}
	}
	b.WriteString(escapeText(reveal(translation[end:])))
	if len(open) > 0 {
		return "", plain, fmt.Sprintf("The markup token <x%d> is not closed.", open[0])
	}
	for i, tag := range m.tags {
		if tag.open != "" && !used[i] {
			return "", plain, fmt.Sprintf("The markup token <x%d> is missing.", i+1)
		}
	}
	return m.before + b.String() + m.after, plain, ""
}

// plain is a translation without tokens; a line break becomes a space.
func (m *markup) plain(translation string) string {
	return oneLine(token.ReplaceAllStringFunc(translation, func(t string) string {
		n, _ := strconv.Atoi(token.FindStringSubmatch(t)[2])
		if 1 <= n && n <= len(m.tags) && strings.HasPrefix(m.tags[n-1].open, "<br") {
			return " "
		}
		return ""
	}))
}

// escapeText escapes what would be markup in text. Quotes stay: it is never used
// for attributes.
func escapeText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
