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
	p := markupParser{m: &markup{}}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		raw := string(z.Raw())
		tag, _ := z.TagName()
		name := string(tag)
		switch {
		case kind == html.ErrorToken:
			return p.m.unwrapped(p.shown.String(), len(p.open) == 0)
		case kind == html.TextToken:
			p.shown.WriteString(hide(html.UnescapeString(raw)))
		case kind == html.EndTagToken:
			if !p.close(raw, name) {
				return nil, "", false
			}
		case kind == html.StartTagToken && isOpaque(raw, name):
			p.lone(raw + restOf(z, name))
		case kind == html.StartTagToken && !isVoid(name):
			p.pair(raw, name)
		default: // void and self-closing tags, comments
			p.lone(raw)
		}
	}
}

// markupParser is markup in the making.
type markupParser struct {
	m     *markup
	shown strings.Builder
	open  []openTag
}

type openTag struct {
	number int
	name   string
}

func (p *markupParser) add(raw string) int {
	p.m.tags = append(p.m.tags, inlineTag{open: raw})
	return len(p.m.tags)
}

func (p *markupParser) lone(raw string) {
	fmt.Fprintf(&p.shown, "<x%d/>", p.add(raw))
}

func (p *markupParser) pair(raw, name string) {
	n := p.add(raw)
	p.open = append(p.open, openTag{n, name})
	fmt.Fprintf(&p.shown, "<x%d>", n)
}

// close closes the pair that was opened last, false if that has another name.
func (p *markupParser) close(raw, name string) bool {
	last := len(p.open) - 1
	if last < 0 || p.open[last].name != name {
		return false
	}
	n := p.open[last].number
	p.open = p.open[:last]
	p.m.tags[n-1].close = raw
	fmt.Fprintf(&p.shown, "</x%d>", n)
	return true
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
	r := restorer{m: m, used: make([]bool, len(m.tags))}
	end := 0
	for _, loc := range token.FindAllStringSubmatchIndex(translation, -1) {
		r.out.WriteString(escapeText(reveal(translation[end:loc[0]])))
		end = loc[1]
		n, _ := strconv.Atoi(translation[loc[4]:loc[5]])
		if fault := r.put(n, loc[2] != loc[3]); fault != "" {
			return "", plain, fault
		}
	}
	r.out.WriteString(escapeText(reveal(translation[end:])))
	if fault := r.unfinished(); fault != "" {
		return "", plain, fault
	}
	return m.before + r.out.String() + m.after, plain, ""
}

// restorer is a translation on its way back to HTML.
type restorer struct {
	m    *markup
	out  strings.Builder
	used []bool
	open []int
}

// put writes the tag of token n and returns what is wrong with it.
func (r *restorer) put(n int, closing bool) (fault string) {
	if n < 1 || n > len(r.m.tags) || r.m.tags[n-1].open == "" {
		return fmt.Sprintf("The markup token <x%d> is not in the source.", n)
	}
	tag, last := r.m.tags[n-1], len(r.open)-1
	switch {
	case closing && (last < 0 || r.open[last] != n):
		return fmt.Sprintf("The markup token </x%d> closes nothing.", n)
	case closing:
		r.open = r.open[:last]
		r.out.WriteString(tag.close)
		return ""
	case r.used[n-1]:
		return fmt.Sprintf("The markup token <x%d> came twice.", n)
	}
	r.used[n-1] = true
	r.out.WriteString(tag.open)
	if tag.close != "" {
		r.open = append(r.open, n)
	}
	return ""
}

func (r *restorer) unfinished() (fault string) {
	if len(r.open) > 0 {
		return fmt.Sprintf("The markup token <x%d> is not closed.", r.open[0])
	}
	for i, tag := range r.m.tags {
		if tag.open != "" && !r.used[i] {
			return fmt.Sprintf("The markup token <x%d> is missing.", i+1)
		}
	}
	return ""
}

// plain is a translation without tokens; a line break becomes a space.
func (m *markup) plain(translation string) string {
	text := token.ReplaceAllStringFunc(translation, m.inPlain)
	if token.MatchString(text) {
		text = strings.ReplaceAll(text, "<", "") // put together by those that were taken out
	}
	return oneLine(text)
}

func (m *markup) inPlain(t string) string {
	n, _ := strconv.Atoi(token.FindStringSubmatch(t)[2])
	if 1 <= n && n <= len(m.tags) && strings.HasPrefix(m.tags[n-1].open, "<br") {
		return " "
	}
	return ""
}

// escapeText escapes what would be markup in text. Quotes stay: it is never used
// for attributes.
func escapeText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
