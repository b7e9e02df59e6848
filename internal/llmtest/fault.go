package llmtest

import "slices"

// Fault is one way in which a server or a model goes wrong.
type Fault string

// Faults that refuse the request. They are answered before anything else.
const (
	TooManyRequests       Fault = "429"                     // Retry-After in seconds
	TooManyRequestsDate   Fault = "429-date"                // Retry-After as an HTTP date
	TooManyRequestsMillis Fault = "429-ms"                  // retry-after-ms, as OpenAI sends it
	InsufficientQuota     Fault = "insufficient-quota"      // 429 that no wait will cure
	ServerError           Fault = "500"                     //
	BadGateway            Fault = "502"                     // with a body of HTML, as a proxy sends it
	Unavailable           Fault = "503"                     // Retry-After in seconds
	Unauthorized          Fault = "401"                     //
	Forbidden             Fault = "403"                     //
	ModelNotFound         Fault = "404"                     //
	ContextLengthExceeded Fault = "context-length-exceeded" // 400
	BadRequest            Fault = "400"                     // that names no field
)

// Faults of the wire.
const (
	ConnectionReset  Fault = "connection-reset"    // before the headers
	Hang             Fault = "hang"                // no byte until the client leaves
	Stall            Fault = "stall"               // half of the answer, then nothing until the client leaves
	ResetStream      Fault = "reset-stream"        // half of the answer, then a reset
	CutStream        Fault = "cut-stream"          // half of the answer, then the end: no finish_reason, no [DONE]
	SlowDrip         Fault = "slow-drip"           // five tokens a second
	KeepAlive        Fault = "keep-alive"          // a comment before every chunk
	MalformedJSON    Fault = "malformed-json"      // half-way
	InvalidUTF8      Fault = "invalid-utf8"        // inside of a JSON string
	UsageMissing     Fault = "usage-missing"       //
	EmptyChoices     Fault = "empty-choices"       // no choice in any chunk, no finish_reason
	EmptyContent     Fault = "empty-content"       // finish_reason stop after nothing
	LengthReached    Fault = "length"              // finish_reason length, half-way
	ContentFiltered  Fault = "content-filter"      // finish_reason content_filter, half-way
	HugeAnswer       Fault = "huge-answer"         // 10 MB in one block
	RepetitionLoop   Fault = "repetition-loop"     // goes round until max_tokens, finish_reason length
	ErrorInTheStream Fault = "error-in-the-stream" // 200, then an error object in the stream
)

// Faults of the answer as a whole.
const (
	Refusal           Fault = "refusal"            // in the target language, instead of everything
	Preamble          Fault = "preamble"           // "Here is the translation:" before it
	CodeFence         Fault = "code-fence"         // ``` around it
	Think             Fault = "think"              // a <think> block before it
	ThinkUnclosed     Fault = "think-unclosed"     // <think> before it, and no end of it
	ReversedBlocks    Fault = "reversed-blocks"    // all blocks, last one first
	MarkerSingle      Fault = "marker-single"      // [P1]
	MarkerBold        Fault = "marker-bold"        // **[[P1]]**
	MarkerLenticular  Fault = "marker-lenticular"  // 【P1】
	MarkerColon       Fault = "marker-colon"       // [[P1]]:
	MarkersMissing    Fault = "markers-missing"    // the text without any marker
	ForeignBlock      Fault = "foreign-block"      // a [[P99]] that nobody asked for
	InWrongLanguage   Fault = "wrong-language"     // every block
	KoreanEchoed      Fault = "korean-echoed"      // every block
	TraditionalScript Fault = "traditional-script" // every block; changes Chinese alone
	InjectionObeyed   Fault = "injection-obeyed"   // HACKED instead of everything
)

// Faults of one block: that of the rule, or else the last one that can have
// the fault.
const (
	MissingBlock     Fault = "missing-block"      //
	RepeatedBlock    Fault = "repeated-block"     // twice, with the same text
	DoubledBlock     Fault = "doubled-block"      // twice, with another text
	CopiedBlock      Fault = "copied-block"       // has the text of the block before it
	MergedBlocks     Fault = "merged-blocks"      // stands in the block before it, without its marker
	EmptyBlock       Fault = "empty-block"        // its marker, and no text
	BlockEchoed      Fault = "block-echoed"       // in Korean
	HangulLeft       Fault = "hangul-left"        // one Korean word
	ChangedNumber    Fault = "changed-number"     // one digit
	DroppedNumber    Fault = "dropped-number"     // all of its digits
	InventedURL      Fault = "invented-url"       //
	BlockHacked      Fault = "block-hacked"       // HACKED instead of the text
	BlockCut         Fault = "block-cut"          // the first third of its text
	InlineTokensLost Fault = "inline-tokens-lost" // <x1> and its kin are gone
)

// Faults that say the Text of their rule.
const (
	AnswerSays Fault = "answer-says" // it and nothing else
	BlockSays  Fault = "block-says"  // it instead of the block's text
	BlockAdds  Fault = "block-adds"  // it after the block's text
)

// Rule says which requests a fault strikes: those that match all fields that
// are set.
type Rule struct {
	Fault Fault

	// Request is the number of the one request to strike, counted from 1
	// over all requests. Zero means any.
	Request int

	// Language is the code of a target language, such as "zh-Hans". Empty
	// means any.
	Language string

	// Block is a tag such as "P2" that the request must ask for. A fault of
	// one block strikes that block.
	Block string

	// Text is what the faults say that say a text.
	Text string

	// Times is how often the rule strikes. Zero means always.
	Times int
}

type activeRule struct {
	Rule
	struck int
}

// Fail adds rules. Each rule that matches a request strikes it, in the order
// in which they were added. A fault that is not one of this package's is
// answered with 501, so that a test that names one does not pass by accident.
func (s *Server) Fail(rules ...Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rule := range rules {
		s.rules = append(s.rules, &activeRule{Rule: rule})
	}
}

// Script gives the next requests one fault each, in their order. The empty
// fault is none.
func (s *Server) Script(faults ...Fault) {
	s.mu.Lock()
	next := s.stats.Requests + 1
	s.mu.Unlock()
	for i, fault := range faults {
		if fault != "" {
			s.Fail(Rule{Fault: fault, Request: next + i})
		}
	}
}

// Heal forgets all rules.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
}

// strike returns the rules that match the request, and counts them.
func (s *Server) strike(r *Request) []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	var hits []Rule
	for _, rule := range s.rules {
		if !rule.matches(r) {
			continue
		}
		rule.struck++
		s.stats.Faults[rule.Fault]++
		hits = append(hits, rule.Rule)
	}
	return hits
}

// noteFaults counts rules that come from elsewhere.
func (s *Server) noteFaults(rules []Rule) []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rule := range rules {
		s.stats.Faults[rule.Fault]++
	}
	return rules
}

func (r *activeRule) matches(q *Request) bool {
	switch {
	case r.Times > 0 && r.struck >= r.Times,
		r.Request > 0 && r.Request != q.Number,
		r.Language != "" && r.Language != q.Language,
		r.Block != "" && !slices.Contains(q.Asked, r.Block):
		return false
	}
	return true
}

// Faults lists every fault, sorted: for a test that goes through all of them.
func Faults() []Fault {
	return slices.Sorted(func(yield func(Fault) bool) {
		for fault, r := range refusals {
			if r.kind != "llmtest" && !yield(fault) {
				return
			}
		}
		for fault := range spoilers {
			if !yield(fault) {
				return
			}
		}
	})
}
