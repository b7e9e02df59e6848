package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"
	"unicode/utf8"

	"yeok/translate"
	"yeok/translate/check"
	"yeok/translate/language"
)

// method is a way to get a translation out of a model.
type method string

const (
	throughYeok method = "yeok"
	onePrompt   method = "naive" // what anybody would type, the whole answer taken
)

// outcome is what one method made of one story in one language. It is kept as a
// file, because the model takes minutes for it; what it is worth is judged anew by
// every report.
type outcome struct {
	Story    string
	Language string
	Method   method
	Model    string
	Checks   string // version of the checks that yeok ran with
	Prompts  string // version of its prompts

	State    string            // yeok's word for it
	Failure  string            // why there is no whole translation
	Segments map[string]string // yeok: by segment id
	Text     string            // naive: the answer
	Findings []check.Finding

	Requests, PromptTokens, CompletionTokens int
	Seconds                                  float64
}

// recorder keeps outcomes in a folder.
type recorder struct{ dir string }

func (r recorder) path(story, code string, m method) string {
	return filepath.Join(r.dir, fmt.Sprintf("%s.%s.%s.json", story, code, m))
}

// read is the outcome that was kept; the error matches fs.ErrNotExist if none was.
func (r recorder) read(story, code string, m method) (outcome, error) {
	data, err := os.ReadFile(r.path(story, code, m))
	if err != nil {
		return outcome{}, err
	}
	var o outcome
	if err := json.Unmarshal(data, &o); err != nil {
		return outcome{}, fmt.Errorf("%s: %w", r.path(story, code, m), err)
	}
	return o, nil
}

func (r recorder) write(o outcome) error {
	data, err := json.MarshalIndent(o, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(r.path(o.Story, o.Language, o.Method), data, 0o600)
}

// missing reports whether no such outcome was kept.
func (r recorder) missing(story, code string, m method) bool {
	_, err := os.Stat(r.path(story, code, m))
	return errors.Is(err, fs.ErrNotExist)
}

// sampling is what both methods send along: without a penalty this model loops.
var sampling = map[string]any{"repeat_penalty": 1.1, "repeat_last_n": 128, "cache_prompt": true}

const (
	window = 4096 // tokens of one slot of the local server
	stall  = 10 * time.Minute
	whole  = 40 * time.Minute // a small model beside other work takes its time
)

// translator is yeok as the demo sets it up for its model.
func translator(root string, m translate.Model) (*translate.Translator, error) {
	m.Profile = translate.Profile{
		BlocksPerCall: 1, Prompt: translate.PromptCompact, ContextWindow: window, Concurrency: 2, Extra: sampling,
	}
	return translate.New(translate.Options{
		Models: []translate.Model{m}, Timeout: whole, StallTimeout: stall,
		PromptDir: filepath.Join(root, "demo", "prompts"),
	})
}

// askYeok translates the story as a request through the gateway would.
func askYeok(ctx context.Context, t *translate.Translator, s story, l *language.Language) outcome {
	start := time.Now()
	result, err := t.Translate(ctx, translate.Request{Article: s.article, Target: l, Glossary: s.terms})
	o := outcome{
		Story: s.name, Language: l.Code, Method: throughYeok, Model: result.Model,
		Checks: check.Version, Prompts: result.PromptVersion,
		State:    map[translate.State]string{translate.Complete: "COMPLETE", translate.NeedsReview: "NEEDS_REVIEW", translate.Failed: "FAILED"}[result.State],
		Segments: make(map[string]string), Findings: result.Findings,
		Requests: result.Usage.Requests, PromptTokens: result.Usage.PromptTokens, CompletionTokens: result.Usage.CompletionTokens,
		Seconds: time.Since(start).Seconds(),
	}
	if err != nil {
		o.Failure = err.Error()
	}
	for id, segment := range result.Segments {
		o.Segments[id] = segment.Text
	}
	return o
}

// askNaively sends one prompt with the whole text and takes the answer as it is.
func askNaively(ctx context.Context, m translate.Model, s story, l *language.Language) (outcome, error) {
	text := s.text()
	body := map[string]any{
		"model": m.Name, "temperature": 0,
		// Bounds a loop, nothing else: no translation needs three tokens a character.
		"max_tokens": min(512+3*utf8.RuneCountInString(text), 2500),
		"messages": []map[string]string{{"role": "user",
			"content": fmt.Sprintf("Translate the following Korean news article into %s:\n\n%s", l.Name, text)}},
	}
	for field, value := range sampling {
		body[field] = value
	}
	start := time.Now()
	answer, err := postChat(ctx, m.BaseURL, body)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{
		Story: s.name, Language: l.Code, Method: onePrompt, Model: m.Name, Requests: 1,
		PromptTokens: answer.Usage.PromptTokens, CompletionTokens: answer.Usage.CompletionTokens,
		Seconds: time.Since(start).Seconds(),
	}
	if len(answer.Choices) > 0 {
		o.Text, o.State = answer.Choices[0].Message.Content, answer.Choices[0].FinishReason
	}
	return o, nil
}

// chatAnswer is what is read of an answer that was not streamed.
type chatAnswer struct {
	Choices []struct {
		Message struct {
			Content string `json:"content"`
		} `json:"message"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
	} `json:"usage"`
}

func postChat(ctx context.Context, baseURL string, body map[string]any) (chatAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, whole)
	defer cancel()
	data, err := json.Marshal(body)
	if err != nil {
		return chatAnswer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, baseURL+"/chat/completions", bytes.NewReader(data))
	if err != nil {
		return chatAnswer{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return chatAnswer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 4<<20))
	if err != nil {
		return chatAnswer{}, err
	}
	if response.StatusCode != http.StatusOK {
		return chatAnswer{}, fmt.Errorf("the model's server answered %s", response.Status)
	}
	var answer chatAnswer
	if err := json.Unmarshal(text, &answer); err != nil {
		return chatAnswer{}, fmt.Errorf("the model's server answered no JSON: %w", err)
	}
	return answer, nil
}
