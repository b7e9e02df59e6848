package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"yeok/translate"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

// errLiteralKey is returned for a key that stands in the file itself.
var errLiteralKey = errors.New("a key does not belong in this file, which is copied and shared: " +
	"put it in the environment or in a file of its own, and name that in apiKeyEnv or apiKeyFile of the model")

// errLiteralPassword is returned for the store's password in the file itself.
var errLiteralPassword = errors.New("a password does not belong in this file, which is copied and shared: " +
	"put it in YEOK_STORE_PASSWORD, or in a file of its own, and name that in storePasswordFile")

// modelEntry is a translate.Model as the file writes it. Its key stands
// elsewhere.
type modelEntry struct {
	Name       string       `yaml:"name"`
	BaseURL    string       `yaml:"baseUrl"`
	APIKey     yaml.Node    `yaml:"apiKey"` // only to refuse it with an explanation
	APIKeyEnv  string       `yaml:"apiKeyEnv"`
	APIKeyFile string       `yaml:"apiKeyFile"` // relative to the configuration file
	Profile    profileEntry `yaml:"profile"`
	Price      priceEntry   `yaml:"price"`
	Languages  []string     `yaml:"languages"` // none means all
	Private    bool         `yaml:"privateNetwork"`
}

type profileEntry struct {
	BlocksPerCall int            `yaml:"blocksPerCall"`
	Prompt        string         `yaml:"prompt"`
	ContextWindow int            `yaml:"contextWindow"`
	Concurrency   int            `yaml:"concurrency"`
	Temperature   float32        `yaml:"temperature"`
	ThinkTokens   int            `yaml:"thinkTokens"`
	Extra         map[string]any `yaml:"extra"`

	RequestsPerMinute int `yaml:"requestsPerMinute"`
	TokensPerMinute   int `yaml:"tokensPerMinute"`
}

type priceEntry struct {
	Prompt       float64 `yaml:"prompt"`
	CachedPrompt float64 `yaml:"cachedPrompt"`
	Completion   float64 `yaml:"completion"`
}

// termEntry is a glossary.Entry as the file writes it.
type termEntry struct {
	Source         string            `yaml:"source"`
	Targets        map[string]string `yaml:"targets"`
	Strict         bool              `yaml:"strict"`
	DoNotTranslate bool              `yaml:"doNotTranslate"`
	Contexts       []string          `yaml:"contexts"`
	NotAfter       []string          `yaml:"notAfter"`
	ValidFrom      time.Time         `yaml:"validFrom"`
	ValidUntil     time.Time         `yaml:"validUntil"`
}

// complete adds to the settings what stands in the file's lists.
func (c *modelConfig) complete(f *file, getenv func(string) string) []error {
	models, mistakes := f.models(getenv)
	terms, wrong := f.terms()
	c.Glossary = terms
	c.choose(models)
	budgets, bad := f.budgets(slices.Concat(models, c.Models))
	c.Budgets = budgets
	return slices.Concat(mistakes, wrong, bad)
}

// choose decides which models are used, or says what is missing.
func (c *modelConfig) choose(models []translate.Model) {
	named := func(m translate.Model) bool { return m.Name == c.Model }
	i := slices.IndexFunc(models, named)
	own := c.OpenAIAPIKey != "" || !c.OpenAIBaseURL.isOpenAI()
	switch {
	case c.Model == "" && len(models) > 0:
		c.Models = models
	case c.Model == "" && own:
		c.NoModel = "OPENAI_API_KEY or OPENAI_BASE_URL is set, but YEOK_MODEL, the model's name, is not"
	case c.Model == "":
		c.NoModel = "set YEOK_MODEL with OPENAI_API_KEY or OPENAI_BASE_URL, or list models in the configuration file"
	case i >= 0:
		c.Models = models[i : i+1]
	case own:
		c.Models = []translate.Model{{Name: c.Model, BaseURL: string(c.OpenAIBaseURL), APIKey: c.OpenAIAPIKey}}
	default:
		c.NoModel = fmt.Sprintf("%s is not in the configuration file, and neither OPENAI_API_KEY nor OPENAI_BASE_URL is set", c.Model)
	}
}

// isOpenAI tells whether the address is that of OpenAI itself, which answers
// nobody without a key.
func (b baseURL) isOpenAI() bool { return strings.HasPrefix(string(b), "https://api.openai.com/") }

func (f *file) models(getenv func(string) string) ([]translate.Model, []error) {
	var models []translate.Model
	var mistakes []error
	for i, entry := range f.Models {
		model, wrong := entry.model(filepath.Dir(f.path), getenv)
		for _, err := range wrong {
			mistakes = append(mistakes, fmt.Errorf("models[%d].%w (from %s)", i, err, f.path))
		}
		models = append(models, model)
	}
	return models, mistakes
}

func (e modelEntry) model(dir string, getenv func(string) string) (translate.Model, []error) {
	var base baseURL
	key, keyErr := e.key(dir, getenv)
	mistakes := []error{keyErr}
	if e.Name == "" {
		mistakes = append(mistakes, errors.New("name: is missing"))
	}
	if err := base.UnmarshalText([]byte(e.BaseURL)); err != nil {
		mistakes = append(mistakes, fmt.Errorf("baseUrl: %w", err))
	}
	mistakes = append(mistakes, e.Profile.mistakes()...)
	for _, usd := range []float64{e.Price.Prompt, e.Price.CachedPrompt, e.Price.Completion} {
		if !affordable(usd) {
			mistakes = append(mistakes, fmt.Errorf("price: must be between 0 and %d", mostUSD))
			break
		}
	}
	languages, wrong := e.languages()
	mistakes = append(mistakes, wrong...)
	return translate.Model{
		Name: e.Name, BaseURL: string(base), APIKey: key,
		Profile: translate.Profile{
			BlocksPerCall: e.Profile.BlocksPerCall,
			Prompt:        translate.PromptSize(e.Profile.Prompt),
			ContextWindow: e.Profile.ContextWindow,
			Concurrency:   e.Profile.Concurrency,
			Temperature:   e.Profile.Temperature,
			ThinkTokens:   e.Profile.ThinkTokens,
			Extra:         e.Profile.Extra,

			RequestsPerMinute: e.Profile.RequestsPerMinute,
			TokensPerMinute:   e.Profile.TokensPerMinute,
		},
		Price:          translate.Price(e.Price),
		Languages:      languages,
		PrivateNetwork: e.Private,
	}, slices.DeleteFunc(mistakes, func(err error) bool { return err == nil })
}

// mostUSD is above whatever anybody pays, and small enough to be counted exactly.
const mostUSD = 1_000_000_000

// affordable also refuses what is not a number.
func affordable(usd float64) bool { return usd >= 0 && usd <= mostUSD }

// languages are the codes of the targets that the model serves.
func (e modelEntry) languages() ([]string, []error) {
	var codes []string
	var mistakes []error
	for _, code := range e.Languages {
		target, ok := language.Lookup(code)
		if !ok {
			mistakes = append(mistakes, fmt.Errorf("languages: %s", unserved(code)))
			continue
		}
		codes = append(codes, target.Code)
	}
	return codes, mistakes
}

// key fetches the model's key from where the entry says. No error repeats it.
func (e modelEntry) key(dir string, getenv func(string) string) (translate.Secret, error) {
	switch {
	case !e.APIKey.IsZero():
		return "", fmt.Errorf("apiKey: %w", errLiteralKey)
	case e.APIKeyEnv != "" && e.APIKeyFile != "":
		return "", errors.New("apiKeyEnv: apiKeyFile is set too; one of them is wanted")
	case e.APIKeyEnv != "":
		key := getenv(e.APIKeyEnv)
		if key == "" {
			return "", fmt.Errorf("apiKeyEnv: the variable %s is not set", e.APIKeyEnv)
		}
		return translate.Secret(key), nil
	case e.APIKeyFile != "":
		return readKey(absolute(dir, e.APIKeyFile))
	}
	return "", nil
}

func readKey(path string) (translate.Secret, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("apiKeyFile: %w", err)
	}
	key := strings.TrimSpace(string(content))
	if key == "" {
		return "", fmt.Errorf("apiKeyFile: %s is empty", path)
	}
	return translate.Secret(key), nil
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func (p profileEntry) mistakes() []error {
	var mistakes []error
	if !translate.PromptSize(p.Prompt).Known() {
		mistakes = append(mistakes, fmt.Errorf("profile.prompt: %q is not full, compact or tuned", p.Prompt))
	}
	if min(p.BlocksPerCall, p.ContextWindow, p.Concurrency, p.ThinkTokens, p.RequestsPerMinute, p.TokensPerMinute) < 0 {
		mistakes = append(mistakes, errors.New("profile: blocksPerCall, contextWindow, concurrency, thinkTokens, requestsPerMinute and tokensPerMinute must not be below 0"))
	}
	if !(p.Temperature >= 0 && p.Temperature <= 2) { // as not a number is neither
		mistakes = append(mistakes, errors.New("profile.temperature: must be between 0 and 2"))
	}
	if _, err := json.Marshal(p.Extra); err != nil {
		mistakes = append(mistakes, errors.New("profile.extra: must be what JSON can say: names, texts and finite numbers"))
	}
	return mistakes
}

func (f *file) terms() ([]glossary.Entry, []error) {
	var terms []glossary.Entry
	var mistakes []error
	for i, entry := range f.Glossary {
		targets := map[string]string{}
		for _, code := range slices.Sorted(maps.Keys(entry.Targets)) {
			target, ok := language.Lookup(code)
			if !ok {
				mistakes = append(mistakes, fmt.Errorf("glossary[%d].targets: %s (from %s)", i, unserved(code), f.path))
				continue
			}
			targets[target.Code] = entry.Targets[code]
		}
		terms = append(terms, glossary.Entry{
			Source: entry.Source, Targets: targets, Strict: entry.Strict, DoNotTranslate: entry.DoNotTranslate,
			Contexts: entry.Contexts, NotAfter: entry.NotAfter,
			ValidFrom: entry.ValidFrom, ValidUntil: entry.ValidUntil,
		})
	}
	if _, err := glossary.New(terms); err != nil && len(mistakes) == 0 {
		mistakes = append(mistakes, fmt.Errorf("glossary: %w (from %s)", err, f.path))
	}
	return terms, mistakes
}

// unserved says that a language is no target, and which are.
func unserved(code string) string {
	var codes []string
	for _, l := range language.Targets() {
		codes = append(codes, l.Code)
	}
	return fmt.Sprintf("%q is not served; served are %s", code, strings.Join(codes, ", "))
}
