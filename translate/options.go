package translate

import "log/slog"

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
	Extra         map[string]any // sampling fields merged into the request's body, e.g. repeat_penalty
}

// Price is what a model costs, in US dollars a million tokens.
type Price struct {
	Prompt       float64
	CachedPrompt float64
	Completion   float64
}
