package llmtest

import (
	"regexp"
	"slices"
	"strings"
)

// block is one marked piece of the article: its tag, such as P1, the source
// text, and what the model answers.
type block struct {
	tag    string
	source string
	text   string
}

// prompt is what the fake understands of a request.
type prompt struct {
	article  []block // in the order of the prompt
	asked    []string
	language *language // nil if none is named
}

var (
	marker     = regexp.MustCompile(`\[\[([A-Z]+[0-9]*)\]\]`)
	markedLine = regexp.MustCompile(`(?m)^\[\[[A-Z]+[0-9]*\]\].*$`)
	fenceOpen  = regexp.MustCompile(`(?m)^<<<ARTICLE[ \t]*(\S*)[ \t]*$`)
)

// readPrompt finds the article in what the user says, between its fence lines
// or anywhere, and after it the tags that are asked for, or all. The language
// is the one named last, after the article or else before it.
func (l *lexicon) readPrompt(system, user string) prompt {
	before, article, after := splitFence(user)
	p := prompt{article: readBlocks(article)}
	for _, text := range []string{after, before, system} {
		if p.language == nil {
			p.language = l.named(text)
		}
	}
	for _, m := range marker.FindAllStringSubmatch(after, -1) {
		if p.find(m[1]) != nil && !slices.Contains(p.asked, m[1]) {
			p.asked = append(p.asked, m[1])
		}
	}
	if len(p.asked) == 0 {
		for _, b := range p.article {
			p.asked = append(p.asked, b.tag)
		}
	}
	return p
}

// splitFence cuts the text at the fence. Without one the lines that begin with
// a marker are the article, and the others the instruction; or else all that
// comes after two empty lines, as models that were tuned to translate are asked.
func splitFence(text string) (before, article, after string) {
	open := fenceOpen.FindStringSubmatchIndex(text)
	if open == nil {
		if lines := markedLine.FindAllString(text, -1); lines != nil {
			return "", strings.Join(lines, "\n"), markedLine.ReplaceAllString(text, "")
		}
		if before, article, ok := strings.Cut(text, "\n\n\n"); ok {
			return before, article, ""
		}
		return "", text, text
	}
	closing := "ARTICLE " + text[open[2]:open[3]] + ">>>"
	before, rest := text[:open[0]], text[open[1]:]
	article, after, found := strings.Cut(rest, closing)
	if !found { // the prompt was cut
		return before, rest, ""
	}
	return before, article, after
}

// readBlocks takes the article apart at its markers. Text without any marker
// is one block without a tag.
func readBlocks(article string) []block {
	marks := marker.FindAllStringSubmatchIndex(article, -1)
	if len(marks) == 0 {
		return []block{{source: strings.TrimSpace(article)}}
	}
	blocks := make([]block, len(marks))
	for i, m := range marks {
		end := len(article)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		blocks[i] = block{tag: article[m[2]:m[3]], source: strings.TrimSpace(article[m[1]:end])}
	}
	return blocks
}

func (p prompt) find(tag string) *block {
	for i := range p.article {
		if p.article[i].tag == tag {
			return &p.article[i]
		}
	}
	return nil
}

// answer is the translation of what was asked for.
func (l *lexicon) answer(p prompt) []block {
	var blocks []block
	for _, tag := range p.asked {
		b := *p.find(tag)
		b.text = l.translate(b.source, p.language)
		blocks = append(blocks, b)
	}
	return blocks
}
