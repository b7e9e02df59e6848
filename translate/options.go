package translate

import (
	"log/slog"
	"time"
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

	// PromptDir is a folder whose files replace the built-in prompt templates of
	// the same name; "" means none. See the folder prompts of this package.
	PromptDir string

	// Logger gets one debug line a request and a warning whenever the next model
	// is taken; nil means silent. No text of an article and no key is logged.
	Logger *slog.Logger
}

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
}

// PromptSize chooses between the prompt templates.
type PromptSize string

// The prompt sizes.
const (
	PromptFull    PromptSize = "full"    // rules, worked example, facts, style sheet
	PromptCompact PromptSize = "compact" // a few lines, for small local models
)

// Profile says how a model wants to be asked. The zero value suits a large
// hosted model.
type Profile struct {
	BlocksPerCall int            // segments a call; 0 means the whole article
	Prompt        PromptSize     // "" means PromptFull
	ContextWindow int            // tokens, prompt and answer together; 0 means unknown, not guarded
	Concurrency   int            // calls in flight at once; 0 means 16
	Temperature   float32        // 0 is sent as 0
	ThinkTokens   int            // tokens that the model may think before it answers; 0 means 8,192 for models known to reason, else none
	Extra         map[string]any // sampling fields merged into the request's body, e.g. repeat_penalty
}

// Price is what a model costs, in US dollars a million tokens.
type Price struct {
	Prompt       float64
	CachedPrompt float64
	Completion   float64
}
