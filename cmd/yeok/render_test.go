package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	yeokv1 "yeok/api/yeok/v1"
)

func translation() *yeokv1.Translation {
	markup := `Read <a href="https://saebyeok.example/a_b">the *full* report</a> &amp; more`
	block := func(id string, kind yeokv1.Block_Kind, text string) *yeokv1.Block {
		return &yeokv1.Block{Id: id, Kind: kind, Text: text}
	}
	linked := block("p2", yeokv1.Block_PARAGRAPH, "Read the *full* report & more")
	linked.Html = &markup
	return &yeokv1.Translation{
		LanguageCode: "en",
		Title:        "Saebyeok <Electronics> opens plant",
		Subtitles:    []string{"1. First deck"},
		Blocks: []*yeokv1.Block{
			block("p1", yeokv1.Block_PARAGRAPH, "# not a heading"),
			block("h1", yeokv1.Block_SUBHEAD, "Why now"),
			linked,
			block("l1", yeokv1.Block_LIST_ITEM, "one"),
			block("l2", yeokv1.Block_LIST_ITEM, "two"),
			block("q1", yeokv1.Block_QUOTE, "We grow."),
			block("c1", yeokv1.Block_CAPTION, "The plant"),
		},
	}
}

func TestRender(t *testing.T) {
	for _, test := range []struct {
		format, want string
	}{
		{"text", `Saebyeok <Electronics> opens plant
1. First deck

# not a heading

Why now

Read the *full* report & more

one

two

We grow.

The plant
`},
		{"markdown", `# Saebyeok \<Electronics\> opens plant

**1\. First deck**

\# not a heading

## Why now

Read <a href="https://saebyeok.example/a_b">the \*full\* report</a> \& more

- one
- two

> We grow.

*The plant*
`},
		{"html", `<!doctype html>
<meta charset="utf-8">
<title>Saebyeok &lt;Electronics&gt; opens plant</title>
<article lang="en">
<h1>Saebyeok &lt;Electronics&gt; opens plant</h1>
<p class="subtitle">1. First deck</p>
<p data-block="p1" class="paragraph"># not a heading</p>
<h2 data-block="h1" class="subhead">Why now</h2>
<p data-block="p2" class="paragraph">Read <a href="https://saebyeok.example/a_b">the *full* report</a> &amp; more</p>
<ul>
<li data-block="l1" class="list_item">one</li>
<li data-block="l2" class="list_item">two</li>
</ul>
<blockquote data-block="q1" class="quote">We grow.</blockquote>
<p data-block="c1" class="caption">The plant</p>
</article>
`},
	} {
		got := render(test.format, []*yeokv1.Translation{translation()})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("render(%q) (-want +got):\n%s", test.format, diff)
		}
	}
}

// TestRenderSeveral sees to it that a reader knows which language is which.
func TestRenderSeveral(t *testing.T) {
	both := []*yeokv1.Translation{
		{LanguageCode: "en", Title: "Plant"},
		{LanguageCode: "ja", Title: "工場"},
	}
	for format, want := range map[string]string{
		"text":     "== en ==\n\nPlant\n\n== ja ==\n\n工場\n",
		"markdown": "<!-- en -->\n\n# Plant\n\n<!-- ja -->\n\n# 工場\n",
	} {
		if got := render(format, both); got != want {
			t.Errorf("render(%q) = %q, want %q", format, got, want)
		}
	}
}

// TestWriteLine keeps text as it is: < is a character like any other.
func TestWriteLine(t *testing.T) {
	var b strings.Builder
	if err := writeLine(&b, map[string]string{"text": "<b> & 역"}); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "{\"text\":\"<b> & 역\"}\n"; got != want {
		t.Errorf("writeLine = %q, want %q", got, want)
	}
}

func TestProgressLine(t *testing.T) {
	p := newProgress(&host{getenv: func(string) string { return "" }}, []string{"en", "ja", "vi"})
	p.article = &yeokv1.Article{Subtitles: []string{"a", "b"}, Blocks: make([]*yeokv1.Block, 9)}
	p.lanes["en"].blocks = 3
	p.lanes["ja"].end = &yeokv1.Translation{
		State:    yeokv1.Translation_NEEDS_REVIEW,
		Findings: []*yeokv1.Finding{{BlockId: "p1"}, {BlockId: "p1"}, {BlockId: "title"}},
	}
	p.lanes["vi"].end = &yeokv1.Translation{State: yeokv1.Translation_FAILED}
	for code, want := range map[string]string{
		"en": "en       ████████░░░░░░░░░░░░░░░░ 3/9 blocks, 0s",
		"ja": "ja       NEEDS_REVIEW: 2 of 12 blocks doubtful, 0s",
		"vi": "vi       FAILED, 0s",
	} {
		if got := p.line(code); got != want {
			t.Errorf("line(%q) = %q, want %q", code, got, want)
		}
	}
}
