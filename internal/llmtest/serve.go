package llmtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxBody is more than any test sends.
const maxBody = 64 << 20

// chatRequest is what the fake reads of a request; it ignores the rest.
type chatRequest struct {
	Model               string    `json:"model"`
	Messages            []message `json:"messages"`
	Stream              bool      `json:"stream"`
	MaxTokens           int       `json:"max_tokens"`
	MaxCompletionTokens int       `json:"max_completion_tokens"`
	StreamOptions       struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

type message struct {
	Role    string  `json:"role"`
	Content content `json:"content"`
}

// content is a string, or a list of parts of which the fake reads the text.
type content string

func (c *content) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*c = content(text)
		return nil
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	for _, part := range parts {
		*c += content(part.Text)
	}
	return nil
}

// said is all that the role said.
func (r *chatRequest) said(role string) string {
	var texts []string
	for _, m := range r.Messages {
		if m.Role == role {
			texts = append(texts, string(m.Content))
		}
	}
	return strings.Join(texts, "\n")
}

func (s *Server) serveChat(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return // the client left
	}
	var chat chatRequest
	if err := json.Unmarshal(body, &chat); err != nil || len(chat.Messages) == 0 {
		s.refuse(w, BadRequest)
		return
	}
	q := Request{
		Model: chat.Model, Stream: chat.Stream, Body: body, Header: r.Header,
		System: chat.said("system"), User: chat.said("user"),
	}
	q.tokens = countTokens(q.System) + countTokens(q.User)
	p := s.lexicon.readPrompt(q.System, q.User)
	q.Asked = p.asked
	if p.language != nil {
		q.Language = p.language.Code
	}
	if q.Language != "" && (s.options.Strike != nil || s.options.Answered != nil) {
		for _, b := range s.lexicon.answer(p) {
			q.Good = append(q.Good, Good{Source: b.source, Text: b.text})
		}
	}
	s.note(&q)
	if !s.enter() {
		s.refuse(w, TooManyRequests)
		return
	}
	defer s.leave()
	rules := s.strike(&q)
	if s.options.Strike != nil {
		rules = append(rules, s.noteFaults(s.options.Strike(q))...)
	}
	if fault, refused := s.refusal(&q, rules); refused {
		s.refuse(w, fault)
		return
	}
	s.reply(w, r, &chat, &q, rules)
}

// refusal says why the request is refused, if it is.
func (s *Server) refusal(q *Request, rules []Rule) (Fault, bool) {
	for _, rule := range rules {
		if _, refuses := refusals[rule.Fault]; refuses {
			return rule.Fault, true
		}
		if _, spoils := spoilers[rule.Fault]; !spoils {
			return noSuchFault, true
		}
	}
	switch {
	case s.options.APIKey != "" && q.Header.Get("Authorization") != "Bearer "+s.options.APIKey:
		return Unauthorized, true
	case s.options.Model != "" && q.Model != s.options.Model:
		return ModelNotFound, true
	case s.overflows(q) && !s.options.CutPrompt:
		return ContextLengthExceeded, true
	case q.Language == "":
		return noLanguage, true
	}
	return "", false
}

func (s *Server) overflows(q *Request) bool {
	return s.options.ContextWindow > 0 && q.tokens > s.options.ContextWindow
}

// reply answers a request that is not refused.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, chat *chatRequest, q *Request, rules []Rule) {
	user, read := q.User, q.tokens
	if s.overflows(q) {
		read = s.options.ContextWindow
		user = cutMiddle(user, max(0, read-countTokens(q.System)))
	}
	p := s.lexicon.readPrompt(q.System, user)
	if p.language == nil {
		s.refuse(w, noLanguage) // it was cut away
		return
	}
	rep := s.compose(p, chat, rules)
	t := &transmission{
		server: s, w: w, request: r, wire: rep.wire, finish: rep.finish,
		answered: func() {
			if s.options.Answered != nil {
				s.options.Answered(*q, rules)
			}
		},
		model: q.Model, id: fmt.Sprintf("chatcmpl-%d", q.Number),
		usage: usage{
			PromptTokens: read,
			Details:      usageDetails{CachedTokens: s.cachedTokens(q.System + "\x00" + user)},
		},
	}
	t.cutText(rep.text(), rep.limit)
	if chat.Stream {
		t.stream(chat.StreamOptions.IncludeUsage && !rep.wire.noUsage)
	} else {
		t.whole(!rep.wire.noUsage)
	}
}

// compose makes the answer and spoils it as the rules say.
func (s *Server) compose(p prompt, chat *chatRequest, rules []Rule) *reply {
	rep := &reply{
		lexicon:  s.lexicon,
		language: p.language,
		blocks:   s.lexicon.answer(p),
		marker:   doubleBrackets,
		limit:    max(chat.MaxTokens, chat.MaxCompletionTokens),
		finish:   "stop",
		wire:     wire{tokensASec: s.options.TokensPerSecond},
	}
	for _, rule := range rules {
		spoilers[rule.Fault](rep, rule)
	}
	return rep
}

func (s *Server) serveModels(w http.ResponseWriter, _ *http.Request) {
	name := s.options.Model
	if name == "" {
		name = Model
	}
	type model struct {
		ID      string `json:"id"`
		Object  string `json:"object"`
		OwnedBy string `json:"owned_by"`
	}
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": []model{{name, "model", "llmtest"}}})
}

func (s *Server) serveStats(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.Stats())
}

// serveLast answers with the body of the last chat request, so that a
// benchmark's driver can send the very same one without yeok between.
func (s *Server) serveLast(w http.ResponseWriter, _ *http.Request) {
	requests := s.Requests()
	if len(requests) == 0 {
		http.Error(w, "no request yet", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(requests[len(requests)-1].Body) // the caller may have left
}
