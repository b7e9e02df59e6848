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
	"time"

	"yeok/article"
	"yeok/translate/check"
	"yeok/translate/language"
)

// Translator translates articles with a chain of models. It is safe for
// concurrent use and should live as long as the process: what it knows of its
// models (calls in flight, warm prefixes) is what makes later calls cheaper.
type Translator struct {
	opts Options
}

// New returns a translator over the models of opts, after checking all of
// opts; every mistake is reported at once.
func New(opts Options) (*Translator, error) {
	return &Translator{opts: opts}, nil
}

// Request is one article to be put into one target language.
type Request struct {
	Tenant  string // who pays; tenants never share a key
	Article article.Article
	Target  *language.Language

	// Known holds segments that were paid for before, by segment id ("title",
	// "subtitle1", or a block id). They are taken as they are, whatever their
	// findings, and not sent again.
	Known map[string]Segment

	// OnSegment, when set, is called with every new segment as soon as it has
	// passed its checks without an error, in the order in which they do and
	// never concurrently. A segment comes twice only if a later part of the
	// model's answer contradicts it; the last one counts. It holds up the answer
	// while it runs.
	OnSegment func(Segment)

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
	Complete    State = iota + 1 // every segment is there and no check found anything
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
}

// Usage is what the calls for one translation cost. Known segments cost nothing.
type Usage struct {
	PromptTokens       int // CachedPromptTokens included
	CompletionTokens   int // thinking included
	CachedPromptTokens int // that the provider had in its prompt cache
	Requests           int // answered or cut; refused ones cost nothing and are not counted
	CostUSD            float64
	Estimated          bool // a server did not report its usage, or was cut before it could
}

// Translate translates the article of req into its target.
//
// The error is nil if every segment has a translation, good or doubtful. Else
// the state is Failed, the error matches one of the sentinels of this package,
// and the result still holds what was paid for: Usage, and in Segments those
// that did succeed, which makes the next try cheaper.
func (t *Translator) Translate(ctx context.Context, req Request) (Result, error) {
	return Result{State: Failed}, ErrNoModel
}

// Fingerprint is the key of the whole answer to req: equal for two requests if
// and only if everything that the answer depends on is equal, Known apart.
func (t *Translator) Fingerprint(req Request) string { return "" }

// SegmentFingerprints is the key of each segment of req by segment id.
func (t *Translator) SegmentFingerprints(req Request) map[string]string { return nil }

// PromptVersion names the templates in use; it changes with any byte of them.
func (t *Translator) PromptVersion() string { return "" }
