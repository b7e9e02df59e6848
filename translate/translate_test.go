package translate_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yeok/article"
	"yeok/internal/llmtest"
	"yeok/translate"
	"yeok/translate/check"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

// sample is an invented article.
func sample() article.Article {
	return article.Article{
		LanguageCode: "ko",
		Title:        "누리조선, 1조2000억 규모 컨테이너선 수주",
		Subtitles:    []string{"내년 하반기부터 차례로 인도할 예정"},
		PublishTime:  time.Date(2025, 7, 21, 5, 30, 0, 0, time.UTC),
		Blocks: []article.Block{
			{ID: "p1", Kind: article.Paragraph, Text: "누리조선은 유럽 선사로부터 1조2000억원 규모의 컨테이너선 6척을 수주했다고 21일 밝혔다."},
			{ID: "p2", Kind: article.Paragraph, Text: "회사 관계자는 내년에는 흑자로 돌아설 것으로 예상된다고 말했다. 지난해 영업손실은 350억원이었다."},
			{ID: "c1", Kind: article.Caption, Text: "누리조선 야드 전경. 누리조선 제공", Credit: "누리조선"},
			{ID: "p3", Kind: article.Paragraph, Text: "조선업계에서는 이번 수주가 업황 회복의 신호라는 관측이 나온다."},
		},
	}
}

func shipTerms() []glossary.Entry {
	return []glossary.Entry{
		{Source: "누리조선", Targets: map[string]string{"en": "Nuri Shipbuilding", "ja": "ヌリ造船", "vi": "Nuri Shipbuilding", "zh-Hans": "努里造船"}},
		{Source: "새벽전자", Targets: map[string]string{"en": "Saebyeok Electronics"}},
	}
}

func target(t testing.TB, code string) *language.Language {
	t.Helper()
	l, ok := language.Lookup(code)
	if !ok {
		t.Fatalf("language.Lookup(%q) found nothing", code)
	}
	return l
}

func into(t testing.TB, code string) translate.Request {
	return translate.Request{Article: sample(), Target: target(t, code)}
}

func translator(t testing.TB, models ...translate.Model) *translate.Translator {
	t.Helper()
	tr, err := translate.New(translate.Options{Models: models, MaxRetryWait: 2 * time.Second})
	if err != nil {
		t.Fatalf("translate.New: %v", err)
	}
	return tr
}

func model(llm *llmtest.Server, profile translate.Profile) translate.Model {
	return translate.Model{Name: llmtest.Model, BaseURL: llm.URL(), Profile: profile}
}

func found(findings []check.Finding, name check.Name) bool {
	for _, f := range findings {
		if f.Check == name {
			return true
		}
	}
	return false
}

func TestTranslate(t *testing.T) {
	for _, l := range language.Targets() {
		llm := llmtest.New(t, llmtest.Options{})
		tr := translator(t, model(llm, translate.Profile{}))
		req := into(t, l.Code)
		var streamed []string
		req.OnSegment = func(s translate.Segment) { streamed = append(streamed, s.ID) }
		got, err := tr.Translate(context.Background(), req)
		if err != nil {
			t.Fatalf("%s: Translate: %v", l.Code, err)
		}
		if got.State != translate.Complete {
			t.Errorf("%s: Translate has state %v, findings %+v, want Complete", l.Code, got.State, got.Findings)
		}
		if got.Title == "" || len(got.Subtitles) != 1 || got.Subtitles[0] == "" {
			t.Errorf("%s: Translate gave title %q, subtitles %q", l.Code, got.Title, got.Subtitles)
		}
		for i, b := range sample().Blocks {
			if g := got.Blocks[i]; g.ID != b.ID || g.Kind != b.Kind || g.Credit != b.Credit || g.Text == "" || g.Text == b.Text {
				t.Errorf("%s: Translate gave block %+v for %+v", l.Code, g, b)
			}
		}
		if diff := cmp.Diff([]string{"title", "subtitle1", "p1", "p2", "c1", "p3"}, streamed); diff != "" {
			t.Errorf("%s: OnSegment (-want +got):\n%s", l.Code, diff)
		}
		if got.Usage.Requests != 1 || got.Usage.PromptTokens == 0 || got.Usage.CompletionTokens == 0 || got.Usage.Estimated {
			t.Errorf("%s: Translate has usage %+v", l.Code, got.Usage)
		}
		if got.Model != llmtest.Model || got.PromptVersion != tr.PromptVersion() || got.CreateTime.IsZero() {
			t.Errorf("%s: Translate has provenance %q %q %v", l.Code, got.Model, got.PromptVersion, got.CreateTime)
		}
	}
}

// TestTranslateKnown: an edit pays for the changed paragraph only, and the model
// sees what stands around it.
func TestTranslateKnown(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	tr := translator(t, model(llm, translate.Profile{}))
	req := into(t, "en")
	first, err := tr.Translate(context.Background(), req)
	if err != nil {
		t.Fatalf("Translate: %v", err)
	}
	neighbour := first.Segments["p1"].Text
	req.Known = first.Segments
	delete(req.Known, "p2")
	var streamed []string
	req.OnSegment = func(s translate.Segment) { streamed = append(streamed, s.ID) }
	second, err := tr.Translate(context.Background(), req)
	if err != nil {
		t.Fatalf("Translate: %v", err)
	}
	if diff := cmp.Diff([]string{"p2"}, streamed); diff != "" {
		t.Errorf("OnSegment (-want +got):\n%s", diff)
	}
	if second.Reused != 5 || second.State != translate.Complete {
		t.Errorf("Translate reused %d in state %v, want 5, Complete", second.Reused, second.State)
	}
	q := llm.Requests()[1]
	if diff := cmp.Diff([]string{"P2"}, q.Asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	if !strings.Contains(q.User, sample().Blocks[0].Text) || !strings.Contains(q.User, neighbour) {
		t.Errorf("the prompt does not show the paragraph before and its translation:\n%s", q.User)
	}

	req.Known = second.Segments
	third, err := tr.Translate(context.Background(), req)
	if err != nil || llm.Stats().Requests != 2 || third.Usage != (translate.Usage{}) {
		t.Errorf("with all segments known: %v, %d requests, usage %+v; want nothing paid", err, llm.Stats().Requests, third.Usage)
	}
	if diff := cmp.Diff(first.Blocks, third.Blocks); diff != "" {
		t.Errorf("blocks changed (-first +third):\n%s", diff)
	}
}

// TestTranslateChain: the next model gets what the one before could not do.
func TestTranslateChain(t *testing.T) {
	weak := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.HangulLeft, Block: "P2"}}})
	down := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.Forbidden}}})
	strong := llmtest.New(t, llmtest.Options{})
	named := func(llm *llmtest.Server, name string) translate.Model {
		m := model(llm, translate.Profile{})
		m.Name = name
		return m
	}

	got, err := translator(t, named(weak, "weak"), named(strong, "strong")).Translate(context.Background(), into(t, "en"))
	if err != nil || got.State != translate.Complete {
		t.Fatalf("Translate: %v, state %v, want Complete", err, got.State)
	}
	if diff := cmp.Diff([]string{"P2"}, strong.Requests()[0].Asked); diff != "" {
		t.Errorf("the second model was asked for (-want +got):\n%s", diff)
	}
	if got.Model != "weak" || got.Segments["p2"].Model != "strong" {
		t.Errorf("Translate: model %q, of p2 %q, want weak, strong", got.Model, got.Segments["p2"].Model)
	}

	got, err = translator(t, named(down, "down"), named(strong, "strong")).Translate(context.Background(), into(t, "en"))
	if err != nil || got.State != translate.Complete || got.Model != "strong" {
		t.Errorf("Translate: %v, state %v, model %q, want Complete by strong", err, got.State, got.Model)
	}

	got, err = translator(t, named(weak, "weak"), named(down, "down")).Translate(context.Background(), into(t, "en"))
	if err != nil || got.State != translate.NeedsReview || !found(got.Findings, check.Hangul) {
		t.Errorf("Translate: %v, state %v, findings %+v, want NeedsReview with HANGUL", err, got.State, got.Findings)
	}
}

// TestTranslateMoved: a known paragraph under another id keeps its text, and its
// findings are about the new id.
func TestTranslateMoved(t *testing.T) {
	req := into(t, "en")
	req.Known = make(map[string]translate.Segment)
	for _, id := range []string{"title", "subtitle1", "p1", "p2", "c1", "p3"} {
		req.Known[id] = translate.Segment{ID: "p9", Text: "Known text.", Findings: []check.Finding{{SegmentID: "p9", Check: check.Quote, Severity: check.Warning}}}
	}
	got, err := translator(t).Translate(context.Background(), req)
	if err != nil {
		t.Fatalf("Translate: %v", err)
	}
	for id, s := range got.Segments {
		if s.ID != id || s.Findings[0].SegmentID != id {
			t.Errorf("segment %s has id %q, its finding %q", id, s.ID, s.Findings[0].SegmentID)
		}
	}
	if req.Known["p1"].Findings[0].SegmentID != "p9" {
		t.Error("Translate changed the caller's findings")
	}
}

// TestTranslateBusy: a server that wants more patience than we have is left at
// once, and its wish is passed on.
func TestTranslateBusy(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{RetryAfter: 77 * time.Second, Rules: []llmtest.Rule{{Fault: llmtest.TooManyRequests}}})
	_, err := translator(t, model(llm, translate.Profile{})).Translate(context.Background(), into(t, "en"))
	busy, ok := errors.AsType[*translate.BusyError](err)
	if !ok || busy.RetryAfter != 77*time.Second || !errors.Is(err, translate.ErrBusy) {
		t.Errorf("Translate: %v, want busy for 77s", err)
	}
	if n := llm.Stats().Requests; n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// TestTranslateRepair: only the failing segment is sent again, and the model is
// told what was wrong.
func TestTranslateRepair(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.HangulLeft, Block: "P2"}}})
	got, err := translator(t, model(llm, translate.Profile{})).Translate(context.Background(), into(t, "en"))
	if err != nil || got.State != translate.NeedsReview {
		t.Fatalf("Translate: %v, state %v, want NeedsReview", err, got.State)
	}
	requests := llm.Requests()
	if len(requests) != 2 {
		t.Fatalf("%d requests, want 2", len(requests))
	}
	if diff := cmp.Diff([]string{"P2"}, requests[1].Asked); diff != "" {
		t.Errorf("the repair asked for (-want +got):\n%s", diff)
	}
	if want := got.Segments["p2"].Findings[0].Message; !strings.Contains(requests[1].User, "- P2: "+want) {
		t.Errorf("the repair does not say %q:\n%s", want, requests[1].User)
	}
}

// TestTranslateRefused: a model that refused is told once that this is news.
func TestTranslateRefused(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.Refusal, Times: 1}}})
	got, err := translator(t, model(llm, translate.Profile{})).Translate(context.Background(), into(t, "en"))
	if err != nil || got.State != translate.Complete {
		t.Fatalf("Translate: %v, state %v, want Complete", err, got.State)
	}
	const insists = "This is published news."
	for i, q := range llm.Requests() {
		if strings.Contains(q.User, insists) != (i == 1) {
			t.Errorf("request %d insists: %v", i+1, i != 1)
		}
	}
}

func TestTranslateMarkup(t *testing.T) {
	const link = `<a href="/x">유럽 선사</a>`
	for name, test := range map[string]struct {
		times    int // that the model loses the tokens; -1 is never
		kept     bool
		requests int
	}{
		"kept":         {-1, true, 1},
		"lost once":    {1, true, 2},
		"lost forever": {0, false, 2},
	} {
		llm := llmtest.New(t, llmtest.Options{})
		if test.times >= 0 {
			llm.Fail(llmtest.Rule{Fault: llmtest.InlineTokensLost, Times: test.times})
		}
		req := into(t, "en")
		req.Article.Blocks[0].HTML = strings.Replace(req.Article.Blocks[0].Text, "유럽 선사", link, 1)
		var last translate.Segment
		req.OnSegment = func(s translate.Segment) {
			if s.ID == "p1" {
				last = s
			}
		}
		got, err := translator(t, model(llm, translate.Profile{})).Translate(context.Background(), req)
		if err != nil || got.State != translate.Complete {
			t.Errorf("%s: Translate: %v, state %v, findings %+v, want Complete", name, err, got.State, got.Findings)
		}
		b := got.Blocks[0]
		if kept := strings.Contains(b.HTML, `<a href="/x">`) && strings.Contains(b.HTML, "</a>"); kept != test.kept || kept != (b.HTML != "") {
			t.Errorf("%s: Translate gave %q", name, b.HTML)
		}
		if strings.Contains(b.Text, "<") {
			t.Errorf("%s: plain text %q has markup", name, b.Text)
		}
		if found(got.Findings, check.Markup) == test.kept {
			t.Errorf("%s: Translate has findings %+v", name, got.Findings)
		}
		for _, f := range got.Findings {
			if f.Check == check.Markup && (f.Severity != check.Warning || f.SegmentID != "p1" || f.Message == "") {
				t.Errorf("%s: Translate has the finding %+v, want a warning about p1", name, f)
			}
		}
		if last.HTML != b.HTML || last.Text != b.Text {
			t.Errorf("%s: OnSegment got %+v last", name, last)
		}
		if n := llm.Stats().Requests; n != test.requests {
			t.Errorf("%s: %d requests, want %d", name, n, test.requests)
		}
	}
}

// TestTranslateIndependent: strings are not shown each other, and those that came
// are there although others did not.
func TestTranslateIndependent(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.EmptyBlock, Block: "B2"}}})
	a := article.Article{Blocks: []article.Block{
		{ID: "0", Kind: article.Paragraph, Text: sample().Blocks[0].Text},
		{ID: "1", Kind: article.Paragraph, Text: sample().Blocks[1].Text},
	}}
	got, err := translator(t, model(llm, translate.Profile{BlocksPerCall: 1})).Translate(
		context.Background(), translate.Request{Article: a, Target: target(t, "en"), Independent: true})
	if !errors.Is(err, translate.ErrBadAnswer) || got.State != translate.Failed {
		t.Errorf("Translate: %v, state %v, want ErrBadAnswer, Failed", err, got.State)
	}
	if _, ok := got.Segments["0"]; !ok || len(got.Segments) != 1 {
		t.Errorf("Translate has segments %+v, want that of block 0", got.Segments)
	}
	if got.Usage.Requests == 0 {
		t.Error("Translate forgot what was paid")
	}
	for _, q := range llm.Requests() {
		if strings.Contains(q.User, a.Blocks[0].Text) && strings.Contains(q.User, a.Blocks[1].Text) {
			t.Errorf("a string was shown with the other:\n%s", q.User)
		}
	}
}

func TestTranslateEmpty(t *testing.T) {
	tr := translator(t)
	got, err := tr.Translate(context.Background(), translate.Request{Article: article.Article{
		Subtitles: []string{""}, Blocks: []article.Block{{ID: "p1", Kind: article.Paragraph, Text: "* * *"}},
	}, Target: target(t, "en")})
	if err != nil || got.State != translate.Complete || got.Blocks[0].Text != "* * *" || len(got.Subtitles) != 1 {
		t.Errorf("Translate of nothing: %v, %+v, want Complete", err, got)
	}
	if _, err := tr.Translate(context.Background(), into(t, "en")); !errors.Is(err, translate.ErrNoModel) {
		t.Errorf("Translate without a model: %v, want ErrNoModel", err)
	}
}

// TestTranslateWarmsUp: of four languages started together, three find the
// article in the prompt cache of the provider.
func TestTranslateWarmsUp(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{TTFT: 50 * time.Millisecond})
	tr := translator(t, model(llm, translate.Profile{}))
	results := make(chan translate.Result)
	for _, l := range language.Targets() {
		go func() {
			got, err := tr.Translate(context.Background(), translate.Request{Article: sample(), Target: l})
			if err != nil {
				t.Errorf("%s: Translate: %v", l.Code, err)
			}
			results <- got
		}()
	}
	var usage translate.Usage
	for range language.Targets() {
		usage = usage.Plus((<-results).Usage)
	}
	if share := float64(usage.CachedPromptTokens) / float64(usage.PromptTokens); share < 0.5 {
		t.Errorf("%d of %d prompt tokens were cached, want more than half", usage.CachedPromptTokens, usage.PromptTokens)
	}
}

// TestTranslateConcurrency: no more calls are in flight than the model allows,
// however many articles there are.
func TestTranslateConcurrency(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{TTFT: 10 * time.Millisecond})
	tr := translator(t, model(llm, translate.Profile{BlocksPerCall: 1, Prompt: translate.PromptCompact, Concurrency: 3}))
	done := make(chan error)
	for range 4 {
		go func() {
			_, err := tr.Translate(context.Background(), into(t, "en"))
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Errorf("Translate: %v", err)
		}
	}
	if got := llm.Stats(); got.PeakInFlight != 3 || got.Requests != 24 {
		t.Errorf("%d requests, %d at once, want 24, 3", got.Requests, got.PeakInFlight)
	}
}

// TestTranslateCancelled: a caller who leaves ends the call at the server too.
func TestTranslateCancelled(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{TokensPerSecond: 100})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	req := into(t, "en")
	req.OnSegment = func(translate.Segment) { cancel() }
	got, err := translator(t, model(llm, translate.Profile{})).Translate(ctx, req)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Translate: %v, want context.Canceled", err)
	}
	if got.Usage.Requests != 1 || got.Usage.PromptTokens == 0 || !got.Usage.Estimated {
		t.Errorf("Translate has usage %+v, want one estimated request", got.Usage)
	}
	for range 200 {
		if llm.Stats().InFlight == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the server still works for a caller who has left")
}

// TestTranslateNoLeaks: nothing runs on after Translate has returned.
func TestTranslateNoLeaks(t *testing.T) {
	before := runtime.NumGoroutine()
	llm := llmtest.New(t, llmtest.Options{})
	llm.Script(llmtest.CutStream, llmtest.MalformedJSON, "", llmtest.ServerError, llmtest.LengthReached, llmtest.ConnectionReset)
	tr := translator(t, model(llm, translate.Profile{BlocksPerCall: 2, Concurrency: 3}))
	for range 3 {
		if _, err := tr.Translate(context.Background(), into(t, "en")); err != nil {
			t.Errorf("Translate: %v", err)
		}
	}
	llm.Close()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

func TestNewReportsAllMistakes(t *testing.T) {
	_, err := translate.New(translate.Options{Models: []translate.Model{
		{BaseURL: "ftp://user:pass@host", Profile: translate.Profile{Prompt: "long"}},
		{Name: "m", BaseURL: "http://127.0.0.1/v1", Profile: translate.Profile{Temperature: 3, Extra: map[string]any{"model": "x"}}},
	}})
	if err == nil {
		t.Fatal("New took it all")
	}
	for _, want := range []string{"no name", "base URL", "full", "temperature", "model is not for"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("New: %v, want %q in it", err, want)
		}
	}
	if strings.Contains(err.Error(), "pass@") {
		t.Errorf("New: %v shows the password of an address", err)
	}
}
