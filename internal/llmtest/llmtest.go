// Package llmtest is a model server that fails on demand.
//
// It speaks OpenAI's chat API over real HTTP and answers yeok's prompts with
// prose that passes yeok's checks: the right script and length, no Hangul, every
// number by value. What it answers depends on the request alone, so that a
// test that fails, fails again. On demand it goes wrong in any of the ways in
// which real servers and models go wrong: see [Fault].
//
//	llm := llmtest.New(t, llmtest.Options{})
//	llm.Fail(
//		llmtest.Rule{Fault: llmtest.TooManyRequests, Times: 1},
//		llmtest.Rule{Fault: llmtest.ChangedNumber, Language: "en", Block: "P2", Times: 1},
//	)
//	model := translate.Model{BaseURL: llm.URL(), Name: llmtest.Model}
//	// … translate, then look at what it cost:
//	if got := llm.Stats().Requests; got != 6 { … }
//
// To try what happens when nobody listens, Close it and keep the URL.
package llmtest

import (
	"context"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// Model is the name of the model that is served when Options names none.
const Model = "fake-model"

// keptRequests is how many requests a server remembers for [Server.Requests].
const keptRequests = 1000

// Options says how the server behaves when it works. The zero value answers at
// once, whoever asks, without limits.
type Options struct {
	// Model is the only model served; another name in a request is answered
	// with 404. Empty means [Model], and every name is answered.
	Model string

	// APIKey is demanded as a bearer token. Empty means none is.
	APIKey string

	// TTFT is the time from a request to the first token of its answer,
	// TokensPerSecond the pace from there on. Zero means none and at once.
	TTFT            time.Duration
	TokensPerSecond float64

	// MaxConcurrent is how many requests are served at a time. One more is
	// answered with 429. Zero means no limit.
	MaxConcurrent int

	// ContextWindow is how many tokens of prompt the model can take. Zero
	// means no limit. A longer prompt is refused with 400 and
	// context_length_exceeded, or, if CutPrompt is set, loses its middle
	// without a word, as with Ollama.
	ContextWindow int
	CutPrompt     bool

	// RetryAfter is what a 429 or 503 asks the client to wait. Zero means
	// one second. Retry-After itself is in whole seconds.
	RetryAfter time.Duration

	// Rules are the faults to begin with; see [Server.Fail].
	Rules []Rule

	// Strike says what strikes a request, beside the rules; nil is nothing.
	// It is called concurrently.
	Strike func(Request) []Rule

	// Answered, when set, is told of every request that is answered to the
	// end, and what struck it, before the client can know of the end. It is
	// called concurrently.
	Answered func(Request, []Rule)
}

// Good is a segment as an honest model translates it.
type Good struct{ Source, Text string }

// Server is a fake model server on loopback. Make it with [New] or [Start].
type Server struct {
	options Options
	lexicon *lexicon
	http    *httptest.Server
	close   sync.Once
	end     context.CancelFunc // ends all requests

	mu       sync.Mutex
	rules    []*activeRule
	requests []Request
	prefixes map[uint64]bool // what the prompt cache holds
	stats    Stats
}

// New starts a server that lives as long as the test.
func New(t testing.TB, options Options) *Server {
	t.Helper()
	s, err := Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a server outside of a test, for a benchmark's driver or a
// command. The caller must close it.
func Start(options Options) (*Server, error) {
	l, err := loadLexicon()
	if err != nil {
		return nil, err
	}
	if options.RetryAfter == 0 {
		options.RetryAfter = time.Second
	}
	s := &Server{options: options, lexicon: l, prefixes: make(map[uint64]bool)}
	s.stats.ByLanguage = make(map[string]int)
	s.stats.Faults = make(map[Fault]int)
	s.Fail(options.Rules...)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.serveChat)
	mux.HandleFunc("GET /v1/models", s.serveModels)
	mux.HandleFunc("GET /stats", s.serveStats)
	mux.HandleFunc("GET /last", s.serveLast)
	s.http = httptest.NewUnstartedServer(mux)
	ctx, cancel := context.WithCancel(context.Background())
	s.http.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	s.end = cancel
	s.http.Start()
	return s, nil
}

// URL is the base URL for a client, ending in /v1.
func (s *Server) URL() string { return s.http.URL + "/v1" }

// Close ends the server and every request that hangs in it. Connections to its
// URL are refused from then on. A second Close does nothing.
func (s *Server) Close() {
	s.close.Do(func() {
		s.http.CloseClientConnections()
		s.end() // for who has come again since
		s.http.Close()
	})
}

// Stats is what a server has done so far.
type Stats struct {
	Requests     int            `json:"requests"`   // chat requests, also those that failed
	Completed    int            `json:"completed"`  // answered to the end
	ByLanguage   map[string]int `json:"byLanguage"` // requests by target language
	InFlight     int            `json:"inFlight"`
	PeakInFlight int            `json:"peakInFlight"`
	Overloaded   int            `json:"overloaded"` // refused because of MaxConcurrent

	PromptTokens       int `json:"promptTokens"`
	CachedPromptTokens int `json:"cachedPromptTokens"`
	CompletionTokens   int `json:"completionTokens"` // as far as they were sent
	LongestAnswer      int `json:"longestAnswer"`    // tokens of the longest answer; what a fan-out cannot beat

	Faults map[Fault]int `json:"faults"` // how often each struck
}

// Request is one chat request as it came.
type Request struct {
	Number   int    // from 1
	Language string // code of the target; empty if the prompt names none
	Asked    []string
	Model    string
	System   string
	User     string
	Stream   bool
	Body     []byte
	Header   http.Header
	Good     []Good // what an honest answer says; only where Options.Strike or Answered is set

	tokens int // of the prompt
}

// Stats reports what the server has done so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.stats
	out.ByLanguage = maps.Clone(s.stats.ByLanguage)
	out.Faults = maps.Clone(s.stats.Faults)
	return out
}

// Requests returns the last thousand chat requests, in the order in which they
// came.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// note numbers a request and records it.
func (s *Server) note(r *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Requests++
	s.stats.ByLanguage[r.Language]++
	r.Number = s.stats.Requests
	if len(s.requests) == keptRequests {
		s.requests = s.requests[1:]
	}
	s.requests = append(s.requests, *r)
}

// enter counts a request that is being served. It refuses one too many.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.MaxConcurrent > 0 && s.stats.InFlight >= s.options.MaxConcurrent {
		s.stats.Overloaded++
		return false
	}
	s.stats.InFlight++
	s.stats.PeakInFlight = max(s.stats.PeakInFlight, s.stats.InFlight)
	return true
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.InFlight--
}

func (s *Server) count(update func(*Stats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	update(&s.stats)
}
