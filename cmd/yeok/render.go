package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
)

// compactJSON is a message as the HTTP API answers it, on one line. protojson
// varies its white space on purpose, so that is taken out.
func compactJSON(m proto.Message) ([]byte, error) {
	body, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	var line bytes.Buffer
	if err := json.Compact(&line, body); err != nil {
		return nil, err
	}
	return line.Bytes(), nil
}

// writeJSON writes a message as the HTTP API answers it, indented for people.
func writeJSON(out io.Writer, m proto.Message) error {
	body, err := compactJSON(m)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := json.Indent(&page, body, "", "  "); err != nil {
		return err
	}
	_, err = out.Write(append(page.Bytes(), '\n'))
	return err
}

// writeLine writes a value as one line of JSON. Text is not written for a web
// page, so < stays <.
func writeLine(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// piece is what a reader reads: an article or a translation of it.
type piece interface {
	GetLanguageCode() string
	GetTitle() string
	GetSubtitles() []string
	GetBlocks() []*yeokv1.Block
}

// textOf is a piece as plain text: headline, decks, an empty line, and the
// blocks with empty lines between them.
func textOf(p piece) string {
	var b strings.Builder
	for _, line := range append([]string{p.GetTitle()}, p.GetSubtitles()...) {
		if line != "" {
			b.WriteString(line + "\n")
		}
	}
	for _, block := range p.GetBlocks() {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(block.GetText() + "\n")
	}
	return b.String()
}

// markdownOf is a piece in CommonMark.
func markdownOf(p piece) string {
	var b strings.Builder
	if title := p.GetTitle(); title != "" {
		fmt.Fprintf(&b, "# %s\n", escapeMarkdown(title))
	}
	for _, subtitle := range p.GetSubtitles() {
		fmt.Fprintf(&b, "\n**%s**\n", escapeMarkdown(subtitle))
	}
	before := yeokv1.Block_KIND_UNSPECIFIED
	for _, block := range p.GetBlocks() {
		if block.GetKind() != yeokv1.Block_LIST_ITEM || before != yeokv1.Block_LIST_ITEM {
			b.WriteByte('\n')
		}
		before = block.GetKind()
		fmt.Fprintln(&b, markdownBlock(block))
	}
	return b.String()
}

func markdownBlock(block *yeokv1.Block) string {
	text := markdownInline(block)
	switch block.GetKind() {
	case yeokv1.Block_SUBHEAD:
		return "## " + text
	case yeokv1.Block_LIST_ITEM:
		return "- " + text
	case yeokv1.Block_QUOTE:
		return "> " + text
	case yeokv1.Block_CAPTION:
		return "*" + text + "*"
	default:
		return text
	}
}

// htmlTag finds the tags of safe inline HTML, which Markdown takes as they are.
var htmlTag = regexp.MustCompile(`<[^>]*>`)

func markdownInline(block *yeokv1.Block) string {
	markup := block.GetHtml()
	if markup == "" {
		return escapeMarkdown(block.GetText())
	}
	var b strings.Builder
	done := 0
	for _, tag := range htmlTag.FindAllStringIndex(markup, -1) {
		b.WriteString(escapeMarks(html.UnescapeString(markup[done:tag[0]])))
		b.WriteString(markup[tag[0]:tag[1]])
		done = tag[1]
	}
	b.WriteString(escapeMarks(html.UnescapeString(markup[done:])))
	return escapeStart(b.String())
}

// Text must not mean anything to Markdown: marks inside a line, and what at its
// start makes it a heading, a list or a quotation.
var (
	markdownMarks  = regexp.MustCompile("[\\\\`*_\\[\\]<>&~|]")
	markdownStarts = regexp.MustCompile(`^(\d*)([#+=-]|[.)])`)
)

func escapeMarkdown(text string) string { return escapeStart(escapeMarks(text)) }

func escapeMarks(text string) string {
	return markdownMarks.ReplaceAllString(strings.ReplaceAll(text, "\n", " "), `\$0`)
}

func escapeStart(line string) string { return markdownStarts.ReplaceAllString(line, `$1\$2`) }

// htmlOf is a piece as one element, blocks under their ids in data-block.
func htmlOf(p piece) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<article lang=%q>\n", p.GetLanguageCode())
	if title := p.GetTitle(); title != "" {
		fmt.Fprintf(&b, "<h1>%s</h1>\n", html.EscapeString(title))
	}
	for _, subtitle := range p.GetSubtitles() {
		fmt.Fprintf(&b, "<p class=\"subtitle\">%s</p>\n", html.EscapeString(subtitle))
	}
	list := false
	for _, block := range p.GetBlocks() {
		item := block.GetKind() == yeokv1.Block_LIST_ITEM
		if item != list {
			b.WriteString(map[bool]string{true: "<ul>\n", false: "</ul>\n"}[item])
			list = item
		}
		b.WriteString(htmlBlock(block))
	}
	if list {
		b.WriteString("</ul>\n")
	}
	b.WriteString("</article>\n")
	return b.String()
}

func htmlBlock(block *yeokv1.Block) string {
	content := block.GetHtml() // safe by contract
	if content == "" {
		content = html.EscapeString(block.GetText())
	}
	tag := "p"
	switch block.GetKind() {
	case yeokv1.Block_SUBHEAD:
		tag = "h2"
	case yeokv1.Block_LIST_ITEM:
		tag = "li"
	case yeokv1.Block_QUOTE:
		tag = "blockquote"
	}
	return fmt.Sprintf("<%s data-block=\"%s\" class=\"%s\">%s</%s>\n", tag,
		html.EscapeString(block.GetId()), strings.ToLower(block.GetKind().String()), content, tag)
}
