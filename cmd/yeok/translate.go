package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/article"
	"yeok/server"
	"yeok/translate/language"
)

// translateCmd is `yeok translate`: the server's main job without a listener,
// over the same store.
type translateCmd struct {
	storeConfig
	modelConfig
	File      string   `arg:"" optional:"" default:"-" help:"Page or article. None or - reads standard input."`
	To        []string `sep:"," placeholder:"en,ja" help:"Target languages. Not given, all that are served."`
	Format    string   `enum:"json,text,markdown,html" default:"json" help:"Form of the result: json (TranslateArticleResponse), text, markdown or html."`
	Input     string   `enum:"auto,text,html" default:"auto" help:"Form of the input: text or html; auto looks at it."`
	ArticleID string   `name:"article-id" placeholder:"ID" help:"Your own id for the article; the same id again is a new revision of it."`
	URL       string   `help:"Address of the page. Chooses the publisher's rules; never fetched."`
	DryRun    bool     `name:"dry-run" help:"Tell what each language would cost, and neither translate nor store anything: JSON with --format json, else a line a language."`
}

// errFailed is returned when a language has no usable result. What the others
// have was printed.
var errFailed = errors.New("not every language could be translated")

// Run translates one article into every language asked for.
func (c *translateCmd) Run(ctx context.Context, h *host) error {
	f, mistakes := h.resolve(c)
	mistakes = append(mistakes, c.complete(f, h.getenv)...)
	targets, err := targetsOf(c.To)
	if err := misused(append(mistakes, err)); err != nil {
		return err
	}
	src, err := h.source(c.File, c.Input, c.URL)
	if err != nil {
		return err
	}
	resp, err := c.translate(ctx, h, src, targets)
	if err != nil {
		return err
	}
	if err := c.print(h.stdout, resp); err != nil {
		return err
	}
	return h.review(resp, c.Format != "json")
}

// targetsOf turns codes into their canonical form, all served languages for
// none.
func targetsOf(codes []string) ([]string, error) {
	var targets []string
	var mistakes []error
	for _, code := range codes {
		target, ok := language.Lookup(code)
		if !ok {
			mistakes = append(mistakes, fmt.Errorf("--to: %s", unserved(code)))
			continue
		}
		targets = append(targets, target.Code)
	}
	if len(codes) == 0 {
		for _, target := range language.Targets() {
			targets = append(targets, target.Code)
		}
	}
	return targets, errors.Join(mistakes...)
}

// translate runs the server for one call and shows how it gets on.
func (c *translateCmd) translate(ctx context.Context, h *host, src article.Source, targets []string) (resp *yeokv1.TranslateArticleResponse, err error) {
	log := slog.New(slog.NewTextHandler(h.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	srv, memory, err := c.newServer(c.storeConfig, server.Config{Logger: log}, log)
	if err != nil {
		return nil, err
	}
	defer func() {
		// The call has ended, so nothing is left to wait for.
		err = errors.Join(err, within(ctx, lastWords, srv.Drain), memory.Close())
	}()
	if c.DryRun {
		return c.estimate(ctx, srv, src, targets)
	}
	if c.NoModel != "" {
		h.say("no model: %s; only what is remembered can be translated", c.NoModel)
	}
	calling, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := srv.Client().StreamTranslateArticle(calling, &yeokv1.StreamTranslateArticleRequest{
		Source: sourceProto(src), TargetLanguageCodes: targets, ArticleId: c.ArticleID,
	})
	if err != nil {
		return nil, told(err)
	}
	return newProgress(h, targets).follow(receive(calling, stream))
}

// estimate asks the server for what the call would cost.
func (c *translateCmd) estimate(ctx context.Context, srv *server.Server, src article.Source, targets []string) (*yeokv1.TranslateArticleResponse, error) {
	resp, err := srv.Client().TranslateArticle(ctx, &yeokv1.TranslateArticleRequest{
		Source: sourceProto(src), TargetLanguageCodes: targets, ArticleId: c.ArticleID, DryRun: true,
	})
	if err != nil {
		return nil, told(err)
	}
	return resp, nil
}

// estimateLines is what each language would cost, as a person reads it.
func estimateLines(estimates []*yeokv1.TranslationEstimate) string {
	var b strings.Builder
	for _, e := range estimates {
		if e.GetSegmentCount() == 0 {
			fmt.Fprintf(&b, "%-8s nothing: all of it is remembered\n", e.GetLanguageCode())
			continue
		}
		fmt.Fprintf(&b, "%-8s %s, at most %s: %d segments by %s\n", e.GetLanguageCode(),
			costOf(e.GetUsage()), costOf(e.GetReservedUsage()), e.GetSegmentCount(), e.GetModel())
	}
	return b.String()
}

// costOf is tokens, and dollars where the model has a price.
func costOf(u *yeokv1.Usage) string {
	tokens := fmt.Sprintf("%d tokens", u.GetPromptTokens()+u.GetCompletionTokens())
	if u.GetCostUsd() == 0 {
		return tokens
	}
	return fmt.Sprintf("%s, $%.4f", tokens, u.GetCostUsd())
}

// told is what a call's failure says to people, without the marks of gRPC.
func told(err error) error { return errors.New(status.Convert(err).Message()) }

func sourceProto(src article.Source) *yeokv1.ArticleSource {
	p := &yeokv1.ArticleSource{Url: src.URL, Content: &yeokv1.ArticleSource_Text{Text: src.Text}}
	if src.HTML != "" {
		p.Content = &yeokv1.ArticleSource_Html{Html: src.HTML}
	}
	return p
}

// received is one result of a stream's Recv.
type received struct {
	event *yeokv1.StreamTranslateArticleResponse
	err   error
}

// receive turns a stream into a channel, so that a clock can be watched beside
// it. It ends with ctx.
func receive(ctx context.Context, stream grpc.ServerStreamingClient[yeokv1.StreamTranslateArticleResponse]) <-chan received {
	results := make(chan received)
	go func() {
		for {
			event, err := stream.Recv()
			select {
			case results <- received{event, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return results
}

// print writes the result. A language that failed is in the JSON alone.
func (c *translateCmd) print(out io.Writer, resp *yeokv1.TranslateArticleResponse) error {
	if c.Format == "json" {
		return writeJSON(out, resp)
	}
	if c.DryRun {
		_, err := io.WriteString(out, estimateLines(resp.GetEstimates()))
		return err
	}
	var usable []*yeokv1.Translation
	for _, t := range resp.GetTranslations() {
		if t.GetState() != yeokv1.Translation_FAILED {
			usable = append(usable, t)
		}
	}
	_, err := io.WriteString(out, render(c.Format, usable))
	return err
}

// render puts translations behind each other. Where there are several, each
// text says which it is.
func render(format string, translations []*yeokv1.Translation) string {
	var parts []string
	for _, t := range translations {
		code := t.GetLanguageCode()
		switch several := len(translations) > 1; {
		case format == "html":
			parts = append(parts, htmlOf(t))
		case format == "markdown" && several:
			parts = append(parts, "<!-- "+code+" -->\n\n"+markdownOf(t))
		case format == "markdown":
			parts = append(parts, markdownOf(t))
		case several:
			parts = append(parts, "== "+code+" ==\n\n"+textOf(t))
		default:
			parts = append(parts, textOf(t))
		}
	}
	body := strings.Join(parts, "\n")
	if format == "html" && len(translations) > 0 {
		return "<!doctype html>\n<meta charset=\"utf-8\">\n<title>" + html.EscapeString(translations[0].GetTitle()) + "</title>\n" + body
	}
	return body
}

// review tells what an editor must look at, and fails if a language failed.
func (h *host) review(resp *yeokv1.TranslateArticleResponse, findings bool) error {
	var failed error
	for _, t := range resp.GetTranslations() {
		code := t.GetLanguageCode()
		if t.GetState() == yeokv1.Translation_FAILED {
			failed = errFailed
			h.say("%s failed: %s", code, t.GetError().GetMessage())
			continue
		}
		for _, f := range t.GetFindings() {
			if findings {
				h.say("%s", findingLine(code, f))
			}
		}
	}
	return failed
}

// findingLine is a finding in one line: where, how bad, what, and the words.
func findingLine(code string, f *yeokv1.Finding) string {
	line := fmt.Sprintf("%s %s: %s %s: %s", code, f.GetBlockId(), strings.ToLower(f.GetSeverity().String()), f.GetCheck(), f.GetMessage())
	if f.GetSourceText() != "" || f.GetTargetText() != "" {
		line += fmt.Sprintf(" (%q → %q)", f.GetSourceText(), f.GetTargetText())
	}
	return line
}

// seconds is a span of time as a person reads it beside a bar.
func seconds(d time.Duration) string { return d.Round(time.Second).String() }
