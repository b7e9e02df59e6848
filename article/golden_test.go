package article_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yeok/article"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// goldenPages are one page of each layout whose whole result is pinned: kinds,
// ids, credits, inline markup, and the ledger.
func goldenPages() []string {
	return []string{
		"pages/wire-1.txt", "pages/public-broadcaster-1.txt", "pages/broadcast-script-1.txt", "pages/portal-1.txt",
		"pages/portal-flat-1.txt", "pages/nd-cms-1.txt", "pages/daily-chosun-like-1.txt", "pages/joongang-like-1.txt",
		"pages/economy-hk-1.txt", "pages/newsis-like-1.txt", "pages/summary-box-1.txt", "pages/regional-1.txt",
		"html/wire-1.html", "html/portal-1.html", "html/nd-1.html", "html/fusion-1.html", "html/next-json-1.html", "html/mixed-003.html",
	}
}

func TestGolden(t *testing.T) {
	for _, name := range goldenPages() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name)
			var src article.Source
			if strings.HasSuffix(name, ".html") {
				page, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				src.HTML = article.DecodeHTML(page, "")
			} else {
				_, src.Text = labelled(t, path)
			}
			c, err := article.Clean(src, article.Options{})
			if err != nil {
				t.Fatalf("Clean: %v", err)
			}
			got := described(c)
			golden := filepath.Join("testdata", "golden", strings.ReplaceAll(name, "/", "-")+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("Clean(%s) (-want +got):\n%s", name, diff)
			}
		})
	}
}

// described is a cleaning as a reviewer reads it.
func described(c article.Cleaning) string {
	var b strings.Builder
	a := c.Article
	fmt.Fprintf(&b, "title      %s\ntags       %q\n", a.Title, a.TitleTags)
	for _, s := range a.Subtitles {
		fmt.Fprintf(&b, "subtitle   %s\n", s)
	}
	fmt.Fprintf(&b, "published  %s\nupdated    %s\n", stampOf(a.PublishTime), stampOf(a.UpdateTime))
	for _, s := range a.Bylines {
		fmt.Fprintf(&b, "byline     %s\n", s)
	}
	for _, who := range a.Authors {
		fmt.Fprintf(&b, "author     name=%q mail=%q role=%q agency=%q\n", who.Name, who.Email, who.Role, who.Agency)
	}
	fmt.Fprintf(&b, "copyright  %s\nsection    %s\ncanonical  %s\n\n", a.CopyrightNotice, a.Section, a.CanonicalURL)
	for _, bl := range a.Blocks {
		fmt.Fprintf(&b, "%-4s %s\n", bl.ID, bl.Text)
		if bl.HTML != "" {
			fmt.Fprintf(&b, "     html   %s\n", bl.HTML)
		}
		if bl.Credit != "" {
			fmt.Fprintf(&b, "     credit %s\n", bl.Credit)
		}
	}
	b.WriteString("\n")
	for _, r := range c.Removals {
		fmt.Fprintf(&b, "%4d %-17s %-22s %s\n", r.Line, r.Reason, r.Rule, r.Text)
	}
	fmt.Fprintf(&b, "\nkept %.2f\n", c.KeptRatio)
	for _, w := range c.Warnings {
		fmt.Fprintf(&b, "warning    %s\n", w)
	}
	return b.String()
}

func stampOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.RFC3339)
}
