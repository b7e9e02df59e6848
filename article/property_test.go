package article_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"yeok/article"
)

// properties fails t if a cleaning breaks what holds for every page.
func properties(t *testing.T, c article.Cleaning) {
	t.Helper()
	ids := map[string]bool{}
	for _, b := range c.Article.Blocks {
		if ids[b.ID] || b.ID == "" {
			t.Errorf("block id %q is empty or comes twice", b.ID)
		}
		ids[b.ID] = true
		if strings.TrimSpace(b.Text) == "" || strings.ContainsAny(b.Text, "\n\r") {
			t.Errorf("block %s: text %q is blank or has a line break", b.ID, b.Text)
		}
	}
	for _, r := range c.Removals {
		if r.Rule == "" || r.Reason == article.ReasonUnspecified || r.Text == "" {
			t.Errorf("removal without rule, reason or text: %+v", r)
		}
	}
	last := 0
	for _, l := range c.Lines {
		if l.Number < last {
			t.Errorf("line %d comes after line %d", l.Number, last)
		}
		last = l.Number
		end := 0
		for _, s := range l.Kept {
			if s.Start < end || s.End <= s.Start || s.End > len(l.Text) {
				t.Errorf("line %d: span %v is out of order or out of the line", l.Number, s)
				return
			}
			end = s.End
		}
		if len(l.Kept) == 0 && l.Rule == "" {
			t.Errorf("line %d %q is neither kept nor removed by a rule", l.Number, l.Text)
		}
	}
	if c.KeptRatio < 0 || c.KeptRatio > 1 {
		t.Errorf("KeptRatio = %v, want 0..1", c.KeptRatio)
	}
}

// accounted fails t if kept and removed text together are not the page's text.
func accounted(t *testing.T, c article.Cleaning) {
	t.Helper()
	page, ledger := map[rune]int{}, map[rune]int{}
	count := func(m map[rune]int, s string) {
		for _, r := range s {
			if !unicode.IsSpace(r) {
				m[r]++
			}
		}
	}
	for _, l := range c.Lines {
		count(page, l.Text)
		for _, s := range l.Kept {
			count(ledger, l.Text[s.Start:s.End])
		}
	}
	for _, r := range c.Removals {
		count(ledger, r.Text)
	}
	if diff := cmp.Diff(page, ledger); diff != "" {
		t.Errorf("page characters and kept plus removed characters differ (-page +ledger):\n%s", diff)
	}
}

// printed is an article as a page of plain text.
func printed(a article.Article) string {
	var b strings.Builder
	for _, tag := range a.TitleTags {
		b.WriteString("[" + tag + "] ")
	}
	b.WriteString(a.Title + "\n\n")
	for _, s := range a.Subtitles {
		b.WriteString(s + "\n\n")
	}
	for _, bl := range a.Blocks {
		b.WriteString(bl.Text + "\n\n")
	}
	return b.String()
}

func TestProperties(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "pages", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		g, raw := labelled(t, f)
		t.Run(g.ID, func(t *testing.T) {
			c, err := article.Clean(article.Source{Text: raw}, article.Options{})
			if err != nil {
				t.Fatalf("Clean: %v", err)
			}
			properties(t, c)
			accounted(t, c)
			again, err := article.Clean(article.Source{Text: printed(c.Article)}, article.Options{})
			if err != nil {
				t.Fatalf("Clean of its own output: %v", err)
			}
			if diff := cmp.Diff(printed(c.Article), printed(again.Article)); diff != "" && !table(c.Article) {
				t.Errorf("cleaning its own output changes it (-first +second):\n%s", diff)
			}
			second, err := article.Clean(article.Source{Text: raw}, article.Options{})
			if err != nil || cmp.Diff(c, second) != "" {
				t.Errorf("a second run gives another result: %v", err)
			}
		})
	}
}

// table reports whether an article has cells, whose rows plain text loses.
func table(a article.Article) bool {
	for _, b := range a.Blocks {
		if b.Kind == article.TableCell {
			return true
		}
	}
	return false
}

func FuzzText(f *testing.F) {
	seeds(f, "*.txt")
	f.Fuzz(func(t *testing.T, page string) {
		c, err := article.Clean(article.Source{Text: page}, article.Options{})
		if err != nil {
			return
		}
		properties(t, c)
		accounted(t, c)
	})
}

func FuzzHTML(f *testing.F) {
	seeds(f, "*.html")
	f.Fuzz(func(t *testing.T, page string) {
		c, err := article.Clean(article.Source{HTML: page}, article.Options{})
		if err != nil {
			return
		}
		properties(t, c)
		for _, b := range c.Article.Blocks {
			if strings.Contains(strings.ToLower(b.HTML), "<script") || strings.Contains(b.HTML, "javascript:") {
				t.Errorf("block %s has unsafe markup %q", b.ID, b.HTML)
			}
		}
	})
}

func seeds(f *testing.F, pattern string) {
	files, err := filepath.Glob(filepath.Join("testdata", "*", pattern))
	if err != nil {
		f.Fatal(err)
	}
	for i, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if i%4 == 0 || pattern != "*.txt" {
			f.Add(string(data))
		}
	}
	f.Add("제목입니다 이것은\n2024-01-01 10:00\n새들시가 밝혔다. 김하늘 기자 a@b.kr ⓒ 무단전재 금지\n")
	f.Add("<p>가나다라마바사 <b>아자차</b> <a href='http://x'>카타</a>파하.</p>")
}
