package translate

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"yeok/translate/language"
)

// Options says how a Translator works. The zero value is a translator without
// models, whose Translate returns ErrNoModel.
type Options struct {
	// Models are tried in order: the next one gets what the one before did not
	// do, or did not do well enough.
	Models []Model

	// Timeout bounds one article in one language, all attempts together; 0 means
	// 10 minutes.
	Timeout time.Duration

	// StallTimeout is how long a model's server may be silent, before the first
	// token and between two; 0 means 2 minutes, which a prompt of 3,000 tokens
	// needs on a CPU.
	StallTimeout time.Duration

	// MaxRetryWait is the longest wait for a busy server. One that asks for more
	// is given up at once. 0 means 30 seconds.
	MaxRetryWait time.Duration

	// TargetLatency is how soon an article should be there in one language. It is
	// translated in as many calls at once as that takes, at the speed that the
	// model has shown, each of which repeats the prompt. 0 means one call.
	TargetLatency time.Duration

	// Concurrency bounds the calls in flight over all models; each has its own
	// bound in its profile. 0 means 64.
	Concurrency int

	// MaxWaiting and MaxWait bound what waits for a model: how many articles, and
	// how long one for its first call. See Translator.Admit. 0 means 1,000 articles
	// and 5 minutes.
	MaxWaiting int
	MaxWait    time.Duration

	// Hedge asks a model a second time when the first token is later than it was
	// in 19 of 20 of the last calls, and takes the answer that begins first. It
	// costs up to a tenth more calls, and shortens the longest waits.
	Hedge bool

	// PromptDir is a folder whose files replace the built-in prompt templates of
	// the same name; "" means none. See the folder prompts of this package.
	PromptDir string

	// Logger gets one debug line a request and a warning whenever the next model
	// is taken; nil means silent. No text of an article and no key is logged.
	Logger *slog.Logger

	// TracerProvider gets a span for every check, repair and call to a model, and
	// models are sent the trace that they belong to; nil means no spans. No text of
	// an article and no key is in a span.
	TracerProvider trace.TracerProvider
}

func (o Options) tracer() trace.Tracer { return o.TracerProvider.Tracer("yeok/translate") }

// Secret is a key that must not be printed: every way of formatting it hides it.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[hidden]"
}

// GoString hides the secret.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from every encoder.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Model is one model behind an OpenAI-compatible server.
type Model struct {
	Name    string // as the server knows it; required
	BaseURL string // up to and including the version, "http://127.0.0.1:11434/v1"; required
	APIKey  Secret // "" where the server asks for none
	Profile Profile
	Price   Price

	// Languages are the codes of the targets that it is asked for; none means
	// all.
	Languages []string

	// PrivateNetwork lets a name that looks public lead to a loopback or
	// private address. Addresses, names without a dot and names under .local,
	// .internal and .localhost need no permission. Link-local addresses, where
	// clouds keep their credentials, are never connected to.
	PrivateNetwork bool
}

// PromptSize chooses between the prompt templates.
type PromptSize string

// The prompt sizes.
const (
	PromptFull    PromptSize = "full"    // rules, worked example, facts, style sheet
	PromptCompact PromptSize = "compact" // a few lines, for small local models
	PromptTuned   PromptSize = "tuned"   // as models tuned to translate were taught to be asked: TranslateGemma, Hunyuan-MT
)

var promptSizes = [...]PromptSize{PromptFull, PromptCompact, PromptTuned}

// Known reports whether there are templates of that size. The empty one is
// PromptFull.
func (s PromptSize) Known() bool { return s == "" || slices.Contains(promptSizes[:], s) }

// Profile says how a model wants to be asked. The zero value suits a large
// hosted model.
type Profile struct {
	BlocksPerCall int            // segments a call; 0 means the whole article, with PromptTuned one
	Prompt        PromptSize     // "" means PromptFull
	ContextWindow int            // tokens, prompt and answer together; 0 means unknown, not guarded
	Concurrency   int            // calls in flight at once; 0 means 16
	Temperature   float32        // 0 is sent as 0
	ThinkTokens   int            // tokens that the model may think before it answers; 0 means 8,192 for models known to reason, else none
	Extra         map[string]any // sampling fields merged into the request's body, e.g. repeat_penalty

	// What the provider gives a minute, of calls and of tokens (prompt and
	// expected answer, estimated); 0 means no bound. Calls wait for it.
	RequestsPerMinute, TokensPerMinute int
}

// Price is what a model costs, in US dollars a million tokens.
type Price struct {
	Prompt       float64
	CachedPrompt float64
	Completion   float64
}

// rewardsCache reports whether the beginning of a prompt that the provider has in
// its cache costs less. Without a price nobody knows, and nobody is made to wait.
func (p Price) rewardsCache() bool { return p.CachedPrompt < p.Prompt }

func (o Options) withDefaults() Options {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Minute
	}
	if o.StallTimeout == 0 {
		o.StallTimeout = 2 * time.Minute
	}
	if o.MaxRetryWait == 0 {
		o.MaxRetryWait = 30 * time.Second
	}
	if o.Concurrency == 0 {
		o.Concurrency = 64
	}
	if o.MaxWaiting == 0 {
		o.MaxWaiting = 1000
	}
	if o.MaxWait == 0 {
		o.MaxWait = 5 * time.Minute
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.TracerProvider == nil {
		o.TracerProvider = noop.NewTracerProvider()
	}
	o.Models = slices.Clone(o.Models)
	for i := range o.Models {
		p := &o.Models[i].Profile
		if p.Prompt == "" {
			p.Prompt = PromptFull
		}
		if p.Prompt == PromptTuned && p.BlocksPerCall == 0 {
			p.BlocksPerCall = 1
		}
		if p.Concurrency == 0 {
			p.Concurrency = 16
		}
	}
	return o
}

func (o Options) validate() error {
	errs := []error{}
	if o.Timeout < 0 || o.StallTimeout < 0 || o.MaxRetryWait < 0 {
		errs = append(errs, errors.New("a timeout is negative"))
	}
	if o.TargetLatency < 0 || o.Concurrency < 0 {
		errs = append(errs, errors.New("the latency target or the number of calls is negative"))
	}
	if o.MaxWaiting < 0 || o.MaxWait < 0 {
		errs = append(errs, errors.New("a bound on what waits is negative"))
	}
	for i, m := range o.Models {
		for _, problem := range m.problems() {
			errs = append(errs, fmt.Errorf("model %d %q: %s", i+1, m.Name, problem))
		}
	}
	return errors.Join(errs...)
}

// problems lists what is wrong with a model, without its key or address: an
// address may hold a password.
func (m Model) problems() []string {
	var problems []string
	bad := func(is bool, problem string) {
		if is {
			problems = append(problems, problem)
		}
	}
	u, err := url.Parse(m.BaseURL)
	p := m.Profile
	bad(m.Name == "", "it has no name")
	bad(err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https", "its base URL is no http or https address")
	bad(!p.Prompt.Known(), `its prompt is not "full", "compact" or "tuned"`)
	bad(p.RequestsPerMinute < 0 || p.TokensPerMinute < 0, "what it gives a minute is negative")
	for _, code := range m.Languages {
		l, served := language.Lookup(code)
		bad(!served || l.Code != code, fmt.Sprintf("its language %q is not the code of a target", code))
	}
	bad(p.BlocksPerCall < 0 || p.ContextWindow < 0 || p.Concurrency < 0 || p.ThinkTokens < 0, "a number of its profile is negative")
	bad(p.Temperature < 0 || p.Temperature > 2, "its temperature is not between 0 and 2")
	for _, field := range []string{"model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens"} {
		_, set := p.Extra[field]
		bad(set, field+" is not for its extra fields to set")
	}
	return problems
}
