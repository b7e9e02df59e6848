package article_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"yeok/article"
)

// htmlGold lists the content of a page: label and text.
type htmlGold struct {
	Held    bool        `json:"held_out"`
	URL     string      `json:"url"`
	Content [][2]string `json:"content"`
}

// bare drops spaces, so that line breaks of the markup do not matter.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// scoreHTML compares what was kept with the gold text, block by block.
func scoreHTML(g htmlGold, c article.Cleaning) (*score, []string) {
	s := newScore()
	var notes []string
	kept := bare(keptText(c))
	left := kept
	slices.SortStableFunc(g.Content, func(a, b [2]string) int { return len(b[1]) - len(a[1]) })
	for _, line := range g.Content {
		label, text := line[0], bare(line[1])
		n := utf8.RuneCountInString(text)
		s.lines[label]++
		if !strings.Contains(kept, text) {
			s.fn += n
			s.lost[label]++
			notes = append(notes, "LOST "+label+": "+line[1])
			continue
		}
		s.tp += n
		left = strings.Replace(left, text, "\n", 1)
	}
	for part := range strings.SplitSeq(left, "\n") {
		if n := utf8.RuneCountInString(part); n > 0 {
			s.fp += n
			notes = append(notes, "LEAK: "+part)
		}
	}
	return s, notes
}

func TestHTMLPages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "html", "*.html"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d pages: %v", len(files), err)
	}
	tuned, held := newScore(), newScore()
	for _, f := range files {
		page, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(strings.TrimSuffix(f, ".html") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var g htmlGold
		if err := json.Unmarshal(data, &g); err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(f)
		c, err := article.Clean(article.Source{HTML: string(page), URL: g.URL}, article.Options{})
		if err != nil {
			t.Errorf("Clean(%s): %v", name, err)
			continue
		}
		properties(t, c)
		s, notes := scoreHTML(g, c)
		if g.Held {
			held.add(s)
			if os.Getenv("YEOK_SHOW_HELD") == "" {
				continue
			}
		} else {
			tuned.add(s)
		}
		for _, n := range notes {
			t.Logf("%s: %s", name, n)
		}
		if c.Article.PublishTime.IsZero() {
			t.Errorf("Clean(%s): no publish time", name)
		}
	}
	for _, set := range []struct {
		name string
		s    *score
	}{{"tuned", tuned}, {"held out", held}} {
		p, r, f := set.s.prf()
		t.Logf("html %s: P %.4f R %.4f F1 %.4f, lost lines %v of %v", set.name, p, r, f, set.s.lost, set.s.lines)
		if f < 0.985 || set.s.lost["body"] > 0 {
			t.Errorf("html %s: F1 = %.4f, lost body lines = %d, want F1 ≥ 0.985 and none", set.name, f, set.s.lost["body"])
		}
	}
}

func TestHTMLSafety(t *testing.T) {
	page := `<html><head><title>새들시, 수소버스 120대 도입</title></head><body><h1>새들시, 수소버스 120대 도입</h1>
<div id="articleBody">
<p>새들시가 시내버스 120대를 <a href="javascript:steal()">수소버스</a>로 <a href="https://example.com/?a=1&amp;b=2" onclick="x()">바꾼다</a>고 <strong onmouseover="x()">9일</strong> 밝혔다.</p>
<p style="display: none">숨은 글은 아무도 읽지 못한다고 적혀 있다.</p>
<!-- 주석은 글이 아니다. -->
<template><p>틀 안의 글도 글이 아니다.</p></template>
<p hidden>감춘 글도 글이 아니라고 적혀 있다.</p>
<p>첫 차는 3월 2일 7번 노선에 투입된다. 충전소는 차고지 두 곳에 짓고 안전 검사를 마쳤다고 시는 설명했다.</p>
<script>document.write("<p>스크립트가 쓴 글</p>")</script>
</div></body></html>`
	c, err := article.Clean(article.Source{HTML: page}, article.Options{})
	if err != nil {
		t.Fatalf("Clean: %v", err)
	}
	if got, want := c.Article.Blocks[0].HTML, `새들시가 시내버스 120대를 수소버스로 <a href="https://example.com/?a=1&amp;b=2">바꾼다</a>고 <strong>9일</strong> 밝혔다.`; got != want {
		t.Errorf("HTML = %s, want %s", got, want)
	}
	if len(c.Article.Blocks) != 2 {
		t.Errorf("%d blocks, want 2: %+v", len(c.Article.Blocks), c.Article.Blocks)
	}
	hidden := 0
	for _, r := range c.Removals {
		if r.Reason == article.Hidden && r.Line > 0 {
			hidden++
		}
	}
	if hidden != 3 {
		t.Errorf("%d hidden texts in the ledger, want 3: %+v", hidden, c.Removals)
	}
}
