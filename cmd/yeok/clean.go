package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"

	"yeok/article"
	"yeok/server"
)

// cleanCmd is `yeok clean`. It works without a model, a store and a server.
type cleanCmd struct {
	Files        []string `arg:"" optional:"" name:"file" help:"Pages, or folders of pages. None or - reads standard input."`
	Input        string   `enum:"auto,text,html" default:"auto" help:"Form of the input: text or html; auto looks at it."`
	Format       string   `enum:"json,text" default:"json" help:"Form of the result: json (CleanArticleResponse) or text (the clean article alone). Of several pages, JSON is a line each."`
	URL          string   `help:"Address of the page. Chooses the publisher's rules; never fetched."`
	Explain      bool     `help:"Print the page with every line marked as kept or removed, and why."`
	DisableRules []string `name:"disable-rule" placeholder:"ID" help:"Switch off a rule; may be repeated."`
	Rules        bool     `help:"List the rules instead of cleaning."`
}

// errPages is returned when some of many pages could not be cleaned. Each was
// told by its name.
var errPages = errors.New("not every page could be cleaned")

// Run cleans every page it is given.
func (c *cleanCmd) Run(h *host) error {
	if c.Rules {
		return listRules(h.stdout)
	}
	files, err := pages(c.Files)
	if err != nil {
		return err
	}
	if many := len(files) != 1 || anyFolder(c.Files); many {
		return c.cleanMany(h, files)
	}
	cleaning, err := c.clean(h, files[0])
	if err != nil {
		return err
	}
	switch {
	case c.Explain:
		return explain(h.stdout, cleaning, h.coloured())
	case c.Format == "text":
		_, err := io.WriteString(h.stdout, textOf(server.CleaningProto(cleaning).GetArticle()))
		return err
	default:
		return writeJSON(h.stdout, server.CleaningProto(cleaning))
	}
}

func anyFolder(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		info, err := os.Stat(arg)
		return err == nil && info.IsDir()
	})
}

// cleanMany goes on after a page that fails: one bad page must not cost the
// night's run.
func (c *cleanCmd) cleanMany(h *host, files []string) error {
	// On one terminal the count would stand between the results.
	live := h.terminal(h.stderr) && !h.terminal(h.stdout)
	failed := 0
	for i, name := range files {
		if live {
			_, _ = fmt.Fprintf(h.stderr, "\r\x1b[2K%d of %d pages", i+1, len(files))
		}
		cleaning, err := c.clean(h, name)
		if errors.Is(err, article.ErrUnknownRule) {
			return err
		}
		if err != nil {
			failed++
			h.say("%s: %v", name, err)
			continue
		}
		if err := c.printOne(h, name, cleaning); err != nil {
			return err
		}
	}
	if live {
		_, _ = fmt.Fprintln(h.stderr)
	}
	h.say("%d pages cleaned, %d failed", len(files)-failed, failed)
	if failed > 0 {
		return errPages
	}
	return nil
}

// printOne prints a page that is one of several under its name.
func (c *cleanCmd) printOne(h *host, name string, cleaning article.Cleaning) error {
	if c.Format == "text" || c.Explain {
		if _, err := fmt.Fprintf(h.stdout, "== %s ==\n\n", name); err != nil {
			return err
		}
	}
	switch {
	case c.Explain:
		if err := explain(h.stdout, cleaning, h.coloured()); err != nil {
			return err
		}
		_, err := fmt.Fprintln(h.stdout)
		return err
	case c.Format == "text":
		_, err := fmt.Fprintln(h.stdout, textOf(server.CleaningProto(cleaning).GetArticle()))
		return err
	}
	response, err := compactJSON(server.CleaningProto(cleaning))
	if err != nil {
		return err
	}
	return writeLine(h.stdout, struct {
		File     string          `json:"file"`
		Response json.RawMessage `json:"response"`
	}{name, response})
}

func (c *cleanCmd) clean(h *host, name string) (article.Cleaning, error) {
	src, err := h.source(name, c.Input, c.URL)
	if err != nil {
		return article.Cleaning{}, err
	}
	cleaning, err := article.Clean(src, article.Options{DisabledRules: c.DisableRules})
	if errors.Is(err, article.ErrUnknownRule) {
		return cleaning, misuse{fmt.Errorf("--disable-rule: %w; see yeok clean --rules", err)}
	}
	return cleaning, err
}

// listRules prints what can be switched off.
func listRules(out io.Writer) error {
	rules, err := article.Rules()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range rules {
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", r.ID, r.Reason, r.Description); err != nil {
			return err
		}
	}
	return table.Flush()
}
