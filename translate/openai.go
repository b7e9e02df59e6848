package translate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"

	openai "github.com/sashabaranov/go-openai"
	"go.opentelemetry.io/otel/trace"
)

// chat is one request to a model.
type chat struct {
	system    system
	user      string
	messages  []byte // both in JSON
	maxTokens int    // of the answer itself; thinking comes on top
	sampling  sampling
	prefix    string // names the beginning of user that other calls may share; "" if it is not worth a wait
	tenant    string // whose turn in the queue it takes first
	article   string // whose turn in the queue it takes
	batch     func() bool
	code      string        // of the target
	note      func(Call)    // told of every request; nil: nobody
	seen      *seen         // filled in by one request; nil: nobody looks
	expected  int           // tokens of the answer, estimated
	patience  time.Duration // for a busy model, at most
	tab       *tab          // that it is paid from
}

// sampling is how freely a model may choose its words.
type sampling struct {
	temperature float32 // above that of the profile
	penalty     float32 // on what was said before; 0 is none
}

// client talks to one model. Its methods in this file are the only code that
// knows go-openai.
type client struct {
	model     Model
	http      *http.Client
	tracer    trace.Tracer
	stall     time.Duration
	maxWait   time.Duration
	hedge     bool
	health    health
	allowance allowance // the queue's to take
	queue     *queue    // of all models
	running   int       // calls in flight; the queue's to write
	pace      pace
	reasoning bool // takes max_completion_tokens, and no sampling fields
	refused   refusals
}

// thinkTokens is what a reasoning model gets to think unless its profile says
// otherwise.
const thinkTokens = 8192

func newClient(m Model, hc *http.Client, q *queue, opts Options) *client {
	// go-openai's own rules say which models reason: for those it refuses a
	// temperature before any request is made.
	probe := openai.ChatCompletionRequest{Model: m.Name, Temperature: 0.5}
	reasoning := openai.NewReasoningValidator().Validate(probe) != nil
	if reasoning && m.Profile.ThinkTokens == 0 {
		m.Profile.ThinkTokens = thinkTokens
	}
	return &client{
		model:     m,
		http:      hc,
		tracer:    opts.tracer(),
		stall:     opts.StallTimeout,
		maxWait:   opts.MaxRetryWait,
		hedge:     opts.Hedge,
		allowance: newAllowance(m.Profile),
		queue:     q,
		reasoning: reasoning,
	}
}

// stream sends one request and hands every piece of the answer's text to onText,
// whose error ends the stream and is returned. The usage is filled in as far as
// the answer came, also with an error: what was sent is paid for.
//
// The error is nil only if the model said that it was done.
func (c *client) stream(ctx context.Context, q chat, onText func(string) error) (Usage, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(c.stall, func() { cancel(errStalled) })
	defer idle.Stop()

	x := &exchange{
		client: c, sampling: q.sampling, messages: q.messages,
		maxBody: maxBody(q.maxTokens + c.model.Profile.ThinkTokens),
	}
	cfg := openai.DefaultConfig(string(c.model.APIKey))
	cfg.BaseURL = c.model.BaseURL
	cfg.HTTPClient = x
	// Keep-alive comments count as empty messages, and a long queue sends many;
	// the stall timer is the guard against a server that sends nothing else.
	cfg.EmptyMessagesLimit = 1 << 20

	m := meter{client: c, chat: q, start: time.Now()}
	defer m.tell()
	s, err := openai.NewClientWithConfig(cfg).CreateChatCompletionStream(ctx, c.request(q))
	switch {
	case err != nil && context.Cause(ctx) != nil:
		// We left a server that was at work, and may have to pay for it.
		return m.usage(), context.Cause(ctx)
	case err != nil:
		return Usage{}, x.fault(err)
	}
	defer func() { _ = s.Close() }() // all that it says is known
	parts := parts{stream: s}
	for {
		part, err := parts.next()
		if err != nil {
			return m.usage(), m.verdict(x.ended(ctx, err))
		}
		idle.Reset(c.stall)
		if text := m.read(part); text != "" {
			if err := onText(text); err != nil {
				return m.usage(), err
			}
		}
	}
}

// parts reads a stream as go-openai does, and decodes only the parts that hold more
// than the next piece of text.
type parts struct {
	stream *openai.ChatCompletionStream
	form   form
	model  string // in the form
}

func (p *parts) next() (part openai.ChatCompletionStreamResponse, err error) {
	raw, err := p.stream.RecvRaw()
	if err != nil {
		return part, err
	}
	if text, ok := p.form.text(raw); ok {
		part.Model = p.model
		part.Choices = []openai.ChatCompletionStreamChoice{{Delta: openai.ChatCompletionStreamChoiceDelta{Content: text}}}
		return part, nil
	}
	if err := json.Unmarshal(raw, &part); err != nil {
		return part, err
	}
	p.form.learn(raw, func(raw []byte, text string) bool {
		var probe openai.ChatCompletionStreamResponse
		if json.Unmarshal(raw, &probe) != nil || !onlyText(probe) || probe.Choices[0].Delta.Content != text {
			return false
		}
		p.model = probe.Model
		return true
	})
	return part, nil
}

// onlyText reports whether a part holds nothing that a meter reads but text.
func onlyText(part openai.ChatCompletionStreamResponse) bool {
	return len(part.Choices) == 1 && part.Usage == nil &&
		part.Choices[0].FinishReason == "" && part.Choices[0].Delta.ReasoningContent == ""
}

// request fills go-openai's request. What go-openai cannot say (temperature 0,
// fields of other servers, the old name of the token limit) the exchange puts
// into the body, and the messages, which are long and written already.
func (c *client) request(q chat) openai.ChatCompletionRequest {
	return openai.ChatCompletionRequest{
		Model:               c.model.Name,
		MaxCompletionTokens: q.maxTokens + c.model.Profile.ThinkTokens,
		StreamOptions:       &openai.StreamOptions{IncludeUsage: true},
	}
}

// meter reads the parts of one stream: how it ends and what it costs.
type meter struct {
	client   *client
	chat     chat
	finish   openai.FinishReason // "" until the model says why it stopped
	model    string              // as the server names it
	reported *openai.Usage       // nil until the server says
	written  float64             // tokens, estimated
	start    time.Time
	first    time.Time // of the first text
	text     float64   // tokens of it, estimated; thinking is not text
}

func (m *meter) read(part openai.ChatCompletionStreamResponse) string {
	m.model = cmp.Or(m.model, part.Model)
	if part.Usage != nil {
		m.reported = part.Usage
	}
	if len(part.Choices) == 0 {
		return ""
	}
	choice := part.Choices[0]
	if choice.FinishReason != "" && choice.FinishReason != openai.FinishReasonNull {
		m.finish = choice.FinishReason
	}
	text := tokensOf(choice.Delta.Content)
	if text > 0 && m.first.IsZero() {
		m.first = time.Now()
	}
	m.text += text
	m.written += text + tokensOf(choice.Delta.ReasoningContent)
	return choice.Delta.Content
}

// tell fills in what the call saw.
func (m *meter) tell() {
	if m.chat.seen == nil {
		return
	}
	*m.chat.seen = seen{finish: string(m.finish), model: m.model}
	if !m.first.IsZero() {
		m.chat.seen.first = m.first.Sub(m.start)
	}
}

// verdict turns the end of the stream into the call's error. A stream that just
// ends was cut: go-openai answers io.EOF for both, so only the finish reason
// tells.
func (m *meter) verdict(err error) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	switch m.finish {
	case openai.FinishReasonStop:
		m.client.pace.note(m.first.Sub(m.start), time.Since(m.first), m.text, m.chat.code, m.chat.expected)
		return m.windowHeld()
	case openai.FinishReasonLength:
		return errLength
	case openai.FinishReasonContentFilter:
		return errFiltered
	case "":
		return errCut
	default:
		return fmt.Errorf("%w: it stopped for a reason that no translation has", ErrBadAnswer)
	}
}

// windowHeld is ErrWindow if the server read implausibly little of the prompt.
// Between the tokenizers of section 4.1 of the research and our estimate lies a
// factor of 0.8; a prompt that was cut in half is below 0.6. Small prompts fit
// any window.
func (m *meter) windowHeld() error {
	sent := m.chat.tokens()
	u := m.usage()
	if u.Estimated || u.PromptTokens == 0 || sent < smallestWindow {
		return nil
	}
	// Some servers do not count cached tokens as prompt tokens.
	if float64(u.PromptTokens+u.CachedPromptTokens) < 0.6*float64(sent) {
		return ErrWindow
	}
	return nil
}

func (m *meter) usage() Usage {
	u := Usage{Requests: 1}
	if r := m.reported; r != nil {
		u.PromptTokens, u.CompletionTokens = r.PromptTokens, r.CompletionTokens
		if r.PromptTokensDetails != nil {
			u.CachedPromptTokens = r.PromptTokensDetails.CachedTokens
		}
	} else {
		u.PromptTokens, u.CompletionTokens, u.Estimated = m.chat.tokens(), int(math.Ceil(m.written)), true
	}
	u.CostUSD = m.client.model.Price.of(u)
	return u
}
