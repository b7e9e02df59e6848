package article_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"yeok/article"
)

// shared returns the folder with the shared data, or skips loudly.
func shared(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("YEOK_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("SKIPPED: no shared data at %s (set YEOK_SHARED)", dir)
	}
	return dir
}

// gold is a labelled page: one label a line, and spans with another label.
type gold struct {
	ID        string             `json:"id"`
	Outlet    string             `json:"outlet"`
	Published string             `json:"published"`
	Held      bool               `json:"held_out"`
	Lines     []string           `json:"lines"`
	Spans     map[string][][]any `json:"spans"`
	DupOf     map[string]int     `json:"dup_of"`
}

// score counts characters without spaces, as score.py does.
type score struct {
	tp, fp, fn int
	lost       map[string]int // content lines of which less than half was kept, by label
	lines      map[string]int // content lines, by label
	leaked     map[string]int // characters kept that are no content, by label
}

func newScore() *score {
	return &score{lost: map[string]int{}, lines: map[string]int{}, leaked: map[string]int{}}
}

func (s *score) add(o *score) {
	s.tp, s.fp, s.fn = s.tp+o.tp, s.fp+o.fp, s.fn+o.fn
	for k, v := range o.lost {
		s.lost[k] += v
	}
	for k, v := range o.lines {
		s.lines[k] += v
	}
	for k, v := range o.leaked {
		s.leaked[k] += v
	}
}

func (s *score) prf() (p, r, f float64) {
	p, r = ratio(s.tp, s.tp+s.fp), ratio(s.tp, s.tp+s.fn)
	if p+r == 0 {
		return p, r, 0
	}
	return p, r, 2 * p * r / (p + r)
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func (s *score) lostLines() int {
	n := 0
	for _, v := range s.lost {
		n += v
	}
	return n
}

func isContent(label string) bool {
	switch label {
	case "title", "subtitle", "subhead", "body", "caption":
		return true
	}
	return false
}

func readGold(t testing.TB, path string) gold {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var g gold
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return g
}

// scorePage compares what Clean kept of a text with its labels.
func scorePage(g gold, raw string, c article.Cleaning) (*score, []string) {
	kept := map[int]map[int]bool{} // line from 0 → runes kept
	lines := strings.Split(raw, "\n")
	for _, l := range c.Lines {
		for _, s := range l.Kept {
			at := l.Number - 1
			if kept[at] == nil {
				kept[at] = map[int]bool{}
			}
			from := len([]rune(l.Text[:s.Start]))
			for j := range []rune(l.Text[s.Start:s.End]) {
				kept[at][from+j] = true
			}
		}
	}
	for k, original := range g.DupOf {
		at := atoi(k)
		if kept[at] != nil && kept[original] == nil {
			kept[original] = kept[at]
			delete(kept, at)
		}
	}
	s := newScore()
	var notes []string
	for i, l := range lines {
		if i < len(g.Lines) {
			notes = append(notes, s.line(g, i, []rune(l), kept[i])...)
		}
	}
	return s, notes
}

func (s *score) line(g gold, i int, text []rune, kept map[int]bool) []string {
	other := map[int]string{}
	for _, span := range g.Spans[itoa(i)] {
		if label := span[2].(string); !isContent(label) {
			for j := int(span[0].(float64)); j < int(span[1].(float64)); j++ {
				other[j] = label
			}
		}
	}
	label := g.Lines[i]
	total, got, leaked := 0, 0, 0
	for j, r := range text {
		if unicode.IsSpace(r) {
			continue
		}
		good := isContent(label) && other[j] == ""
		switch {
		case good && kept[j]:
			s.tp++
			total++
			got++
		case good:
			s.fn++
			total++
		case kept[j]:
			s.fp++
			leaked++
			if other[j] != "" {
				s.leaked[other[j]]++
			} else {
				s.leaked[label]++
			}
		}
	}
	var notes []string
	if total > 0 {
		s.lines[label]++
	}
	if total > 0 && got*2 < total {
		s.lost[label]++
		notes = append(notes, "LOST "+label+" "+itoa(i)+": "+string(text))
	}
	if leaked > 0 {
		notes = append(notes, "LEAK "+label+" "+itoa(i)+": "+string(text))
	}
	return notes
}

func TestPagesDev(t *testing.T) {
	dir := filepath.Join(shared(t), "data", "pages-dev")
	total := newScore()
	files, err := filepath.Glob(filepath.Join(dir, "gold", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no gold in %s: %v", dir, err)
	}
	for _, f := range files {
		g := readGold(t, f)
		raw, err := os.ReadFile(filepath.Join(dir, "raw", g.ID+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		c, err := article.Clean(article.Source{Text: string(raw)}, article.Options{})
		if err != nil {
			t.Errorf("Clean(%s): %v", g.ID, err)
			continue
		}
		s, notes := scorePage(g, string(raw), c)
		for _, n := range notes {
			t.Logf("%s: %s", g.ID, n)
		}
		if got := c.Article.PublishTime.In(article.KST).Format("2006-01-02T15:04"); g.Published != "" && got != g.Published {
			t.Errorf("Clean(%s).PublishTime = %s, want %s", g.ID, got, g.Published)
		}
		total.add(s)
	}
	p, r, f := total.prf()
	t.Logf("pages-dev: P %.4f R %.4f F1 %.4f, lost lines %v of %v, leaked %v", p, r, f, total.lost, total.lines, total.leaked)
	if f < 0.995 || total.lostLines() > 0 {
		t.Errorf("pages-dev: F1 = %.4f, lost lines = %d, want F1 ≥ 0.995 and none lost", f, total.lostLines())
	}
}
