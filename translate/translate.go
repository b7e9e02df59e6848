// Package translate is the verb of yeok: it turns an article into one target
// language by asking a model, and does not believe the answer until it is
// checked.
//
// The one idea to know: text goes out and comes back as segments under ids
// ([[T]], [[P1]] …) and is matched by id, never by position. What is missing is
// asked for again; what fails a check is translated again once with the failure
// named; what still fails is said, not hidden.
package translate

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"yeok/article"
	"yeok/desk"
	"yeok/translate/check"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

// Translator translates articles with a chain of models. It is safe for
// concurrent use and should live as long as the process: what it knows of its
// models (calls in flight, warm prefixes) is what makes later calls cheaper.
type Translator struct {
	clients []*client // one for each model, in the order in which they are asked
	prompts *prompts
	warmups warmups
	timeout time.Duration
	target  time.Duration // 0: none
	log     *slog.Logger
	tracer  trace.Tracer
	queue   *queue
}

// New returns a translator over the models of opts. All that is wrong with opts
// is reported at once. No model is asked anything yet.
func New(opts Options) (*Translator, error) {
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, err
	}
	templates, err := loadPrompts(opts.PromptDir)
	if err != nil {
		return nil, err
	}
	t := &Translator{
		prompts: templates,
		warmups: warmups{open: make(map[prefix]*warmup)},
		timeout: opts.Timeout,
		target:  opts.TargetLatency,
		log:     opts.Logger,
		tracer:  opts.tracer(),
		queue:   newQueue(bounds{opts.Concurrency, opts.MaxWaiting, opts.MaxWait}),
	}
	for _, m := range opts.Models {
		t.clients = append(t.clients, newClient(m, newHTTPClient(m), t.queue, opts))
	}
	return t, nil
}

// Request is one article to be put into one target language.
type Request struct {
	Tenant   string // who pays; tenants never share a key
	Name     string // of the article, the same for all its revisions; "" if it has none
	Article  article.Article
	Target   *language.Language
	Glossary []glossary.Entry // all that may apply; only those that occur are sent

	// Known holds segments that were paid for before, by segment id ("title",
	// "subtitle1", or a block id); the id that they had then does not matter. They
	// are taken as they are, whatever their findings, and not sent again.
	Known map[string]Segment

	// Past is an earlier revision of the article in reading order, where there is
	// one. Segments that were edited since are translated with what they were in
	// view, so that the wording stays. No key depends on it.
	Past []Past

	// OnSegment, when set, is called with every new segment as soon as it has
	// passed its checks without an error, in the order in which they do and
	// never concurrently. It holds up the answer while it runs. A segment comes
	// twice only if a later part of the model's answer contradicts it, or an error
	// shows beside the other segments; the last one counts.
	OnSegment func(Segment)

	// Batch reports whether nobody waits for the answer; nil means that somebody
	// does. It is asked, under a lock, whenever a call of the request could go.
	Batch func() bool

	// Turn is what the work on the request is done by, the calls left out.
	Turn desk.Turn

	// Budget bounds what the calls may cost; nil means nothing does.
	Budget *Budget

	// Reading is that of Article, for who makes several requests about it; nil has
	// it read anew. One of another article is not used.
	Reading *Reading

	// Independent says that the blocks are strings that have nothing to do with
	// each other, as of a user interface.
	Independent bool
}

// Segment is the translation of one title, subtitle or block.
type Segment struct {
	ID       string // "title", "subtitle1" …, or the id of the block
	Text     string
	HTML     string // Text with the inline markup of the source; "" without
	Findings []check.Finding
	Model    string // that wrote it
}

// State says how far a translation may be trusted.
type State uint8

// The states.
const (
	Complete    State = iota + 1 // every segment is there and no check found an error; there may be warnings
	NeedsReview                  // every segment is there; the findings say what to look at
	Failed                       // segments are missing
)

// Result is an article in the target language.
type Result struct {
	State         State
	Title         string
	Subtitles     []string           // as many as the article has
	Blocks        []article.Block    // ids, kinds and order of the article's
	Findings      []check.Finding    // in reading order
	Segments      map[string]Segment // all that were translated, by id, Known included
	Reused        int                // how many of Segments came from Known
	Model         string             // the one that wrote most segments
	PromptVersion string
	CreateTime    time.Time
	Usage         Usage
	Spread        Spread // part of Usage
	Calls         []Call // whose Usage together is Usage, in the order in which they ended
	Repairs       Repairs
}

// Translate translates the article of req into its target.
//
// The error is nil if every segment has a translation, good or doubtful. Else
// the state is Failed, the error matches one of the sentinels of this package or
// is that of ctx, and the result still holds what was paid for: Usage, and in
// Segments those that did succeed, which makes the next try cheaper.
func (t *Translator) Translate(ctx context.Context, req Request) (Result, error) {
	var j *job
	req.Turn.Do(func() { j = t.newJob(req) })
	if len(j.chain) == 0 && len(j.open()) > 0 {
		return Result{State: Failed}, ErrNoModel
	}
	ctx, cancel := context.WithTimeoutCause(ctx, t.timeout, errTimeout)
	defer cancel()
	j.run(ctx)
	return j.judged(ctx), j.failure(ctx)
}

// chain lists the models that are asked for a target.
func (t *Translator) chain(target *language.Language) []*client {
	return slices.DeleteFunc(slices.Clone(t.clients), func(c *client) bool { return !c.serves(target) })
}

func (c *client) serves(target *language.Language) bool {
	return len(c.model.Languages) == 0 || slices.Contains(c.model.Languages, target.Code)
}

// errTimeout is the cause when Options.Timeout has passed.
var errTimeout = fmt.Errorf("%w: no answer in time", ErrUnavailable)

// PromptVersion names the prompt templates in use; it changes with any byte of
// them.
func (t *Translator) PromptVersion() string { return t.prompts.version }

// judged is the result, which takes a look at the article as a whole.
func (j *job) judged(ctx context.Context) Result {
	_, span := j.start(ctx, "check")
	defer span.End()
	var r Result
	j.req.Turn.Do(func() { r = j.result() })
	if span.IsRecording() {
		span.SetAttributes(attribute.Int("yeok.segments", len(r.Segments)), attribute.Int("yeok.findings", len(r.Findings)))
	}
	return r
}

// result puts the article together from the segments that there are.
func (j *job) result() Result {
	r := Result{
		Segments:      make(map[string]Segment, len(j.units)),
		Reused:        j.reused,
		PromptVersion: j.t.prompts.version,
		CreateTime:    time.Now(),
		Usage:         j.usage,
		Spread:        j.extra,
		Calls:         j.calls,
		Repairs:       j.repairs,
	}
	written := make(map[string]int)
	for _, u := range j.units {
		s, ok := j.best[u]
		if !ok {
			continue
		}
		r.Segments[u.id] = s
		if written[s.Model]++; written[s.Model] > written[r.Model] {
			r.Model = s.Model
		}
	}
	a := j.req.Article
	r.Title = r.textOf("title", a.Title)
	for i, subtitle := range a.Subtitles {
		r.Subtitles = append(r.Subtitles, r.textOf(subtitleID(i), subtitle))
	}
	for _, b := range a.Blocks {
		s := r.Segments[b.ID]
		r.Blocks = append(r.Blocks, article.Block{
			ID: b.ID, Kind: b.Kind, Text: r.textOf(b.ID, b.Text), HTML: s.HTML, Credit: b.Credit,
		})
	}
	r.Findings = j.findings()
	for u, found := range j.whole { // so that nobody keeps it as good
		s := r.Segments[u.id]
		s.Findings = slices.Concat(s.Findings, found)
		r.Segments[u.id] = s
	}
	r.State = stateOf(len(r.Segments) == len(j.units), r.Findings)
	return r
}

// textOf is the translation of a segment. A row of asterisks is its own; words of
// the source never are.
func (r Result) textOf(id, source string) string {
	if !strings.ContainsFunc(source, isWorthTranslating) {
		return source
	}
	return r.Segments[id].Text
}

func stateOf(whole bool, findings []check.Finding) State {
	switch {
	case !whole:
		return Failed
	case check.HasError(findings):
		return NeedsReview
	default:
		return Complete
	}
}

// findings lists the doubts about all segments in reading order, together with
// those that show only over the whole article.
func (j *job) findings() []check.Finding {
	var found []check.Finding
	place := make(map[string]int, len(j.units))
	for i, u := range j.units {
		place[u.id] = i
		found = append(found, j.best[u].Findings...)
	}
	if !j.req.Independent {
		found = append(found, j.asItStands()...)
	}
	slices.SortStableFunc(found, func(a, b check.Finding) int { return place[a.SegmentID] - place[b.SegmentID] })
	return found
}

// checked is u with its translation, as the checks want it.
func (u *unit) checked(translation string) check.Segment {
	return check.Segment{ID: u.id, Role: u.role, Source: u.text, Target: translation, Signs: u.signs, Read: u.read}
}

func (j *job) checkContext(terms []check.Term) check.Context {
	return check.Context{PublishTime: j.req.Article.PublishTime, Glossary: terms, Entities: KnownEntities(j.req.Target)}
}

// failure is why there is no complete translation, nil if there is one.
func (j *job) failure(ctx context.Context) error {
	missing := j.missing()
	switch {
	case len(missing) == 0:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	cause := j.cause
	if cause == nil {
		cause = ErrBadAnswer
	}
	return fmt.Errorf("%w; no translation of %s", cause, j.named(missing))
}

// named lists the first units with the reason, where a check gave one.
func (j *job) named(units []*unit) string {
	const enough = 5
	var names []string
	for _, u := range units[:min(len(units), enough)] {
		name := u.id
		if f, ok := j.dropped[u]; ok {
			name += " (" + string(f.Check) + ")"
		}
		names = append(names, name)
	}
	if len(units) > enough {
		names = append(names, fmt.Sprintf("and %d more", len(units)-enough))
	}
	return strings.Join(names, ", ")
}
