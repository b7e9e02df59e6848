package llmtest

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"time"
)

// transmission sends one answer.
type transmission struct {
	server  *Server
	w       http.ResponseWriter
	request *http.Request
	wire    wire
	finish  string
	model   string
	id      string
	usage   usage
	parts   []string // of the text, a chunk each

	answered func() // called before the last bytes of a whole answer go out
}

type usage struct {
	PromptTokens     int          `json:"prompt_tokens"`
	CompletionTokens int          `json:"completion_tokens"`
	TotalTokens      int          `json:"total_tokens"`
	Details          usageDetails `json:"prompt_tokens_details"`
}

type usageDetails struct {
	CachedTokens int `json:"cached_tokens"`
}

// completion is a chunk of a stream, or a whole answer.
type completion struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"`
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *usage   `json:"usage,omitempty"`
}

type choice struct {
	Index        int     `json:"index"`
	Delta        *speech `json:"delta,omitempty"`
	Message      *speech `json:"message,omitempty"`
	FinishReason *string `json:"finish_reason"`
}

type speech struct {
	Role    string `json:"role,omitempty"`
	Content string `json:"content"`
}

// created is when every answer was made: answers are the same each time.
const created = 1_700_000_000

// badBytes stands for bytes that are no UTF-8 until the JSON is made.
const badBytes = "\uE000"

// cutText takes the part of the text that is sent.
func (t *transmission) cutText(text string, limit int) {
	if t.wire.invalidUTF8 {
		runes := []rune(text)
		text = string(runes[:len(runes)/2]) + badBytes + string(runes[len(runes)/2:])
	}
	if t.wire.chunkBytes > 0 {
		t.parts = pieces(text, t.wire.chunkBytes)
	} else {
		t.parts = tokens(text)
	}
	if limit > 0 && len(t.parts) > limit {
		t.parts = t.parts[:limit]
		t.finish = "length"
	}
	if t.wire.ending != whole {
		t.parts = t.parts[:len(t.parts)/2]
	}
	t.usage.CompletionTokens = len(t.parts)
	t.usage.TotalTokens = t.usage.PromptTokens + t.usage.CompletionTokens
}

// begin does what comes before the first byte.
func (t *transmission) begin() bool {
	t.server.count(func(s *Stats) {
		s.PromptTokens += t.usage.PromptTokens
		s.CachedPromptTokens += t.usage.Details.CachedTokens
	})
	switch {
	case t.wire.reset:
		t.drop()
		return false
	case t.wire.hang:
		t.forever()
		return false
	}
	return t.until(time.Now().Add(t.server.options.TTFT))
}

func (t *transmission) completed() { t.server.count(func(s *Stats) { s.Completed++ }) }

func (t *transmission) sent(tokens int) {
	t.server.count(func(s *Stats) {
		s.CompletionTokens += tokens
		s.LongestAnswer = max(s.LongestAnswer, tokens)
	})
}

// stream sends the answer as server-sent events.
func (t *transmission) stream(withUsage bool) {
	if !t.begin() {
		return
	}
	t.w.Header().Set("Content-Type", "text/event-stream")
	t.event(t.chunk("", "assistant", nil))
	if !t.sendParts() || !t.streamEnding() {
		return
	}
	t.answered()
	t.event(t.chunk("", "", &t.finish))
	if withUsage {
		last := t.chunk("", "", nil)
		last.Choices, last.Usage = []choice{}, &t.usage
		t.event(last)
	}
	t.raw("data: [DONE]\n\n")
	t.completed()
}

// sendParts sends the text at its pace, counted from the first token, so that
// it does not drift.
func (t *transmission) sendParts() bool {
	began := time.Now()
	count := 0
	defer func() { t.sent(count) }()
	for i, part := range t.parts {
		if t.wire.keepAlive {
			t.raw(": keep-alive\n\n")
		}
		t.event(t.chunk(part, "", nil))
		count++
		if t.wire.tokensASec == 0 {
			if t.request.Context().Err() != nil {
				return false
			}
			continue
		}
		t.flush()
		pause := time.Duration(float64(i+1) / t.wire.tokensASec * float64(time.Second))
		if !t.until(began.Add(pause)) {
			return false
		}
	}
	return true
}

// streamEnding ends a stream that does not end well. It reports whether the
// stream goes on.
func (t *transmission) streamEnding() bool {
	switch t.wire.ending {
	case cut:
	case reset:
		t.flush()
		t.drop()
	case stalled:
		t.flush()
		t.forever()
	case malformed:
		t.raw("data: {\"id\":\"chatcmpl-\",\"choices\":[{\"delta\":{\"content\":\n\n")
	case errorObject:
		t.event(refusals[ServerError].body())
	default:
		return true
	}
	return false
}

// whole sends the answer in one piece.
func (t *transmission) whole(withUsage bool) {
	if !t.begin() || !t.until(time.Now().Add(t.duration())) {
		return
	}
	c := t.chunk(strings.Join(t.parts, ""), "assistant", &t.finish)
	c.Object = "chat.completion"
	for i := range c.Choices {
		c.Choices[i].Message, c.Choices[i].Delta = c.Choices[i].Delta, nil
	}
	if withUsage {
		c.Usage = &t.usage
	}
	body := t.encode(c)
	t.w.Header().Set("Content-Type", "application/json")
	t.sent(len(t.parts))
	switch t.wire.ending {
	case cut, reset, stalled:
		t.raw(string(body[:len(body)/2]))
		t.flush()
		if t.wire.ending == stalled {
			t.forever()
		}
		t.drop()
	case malformed:
		t.raw(string(body[:len(body)/2]))
	case errorObject:
		t.raw(string(t.encode(refusals[ServerError].body())))
	default:
		t.answered()
		t.raw(string(body))
		t.completed()
	}
}

func (t *transmission) duration() time.Duration {
	if t.wire.tokensASec == 0 {
		return 0
	}
	return time.Duration(float64(len(t.parts)) / t.wire.tokensASec * float64(time.Second))
}

func (t *transmission) chunk(text, role string, finish *string) completion {
	c := completion{ID: t.id, Object: "chat.completion.chunk", Created: created, Model: t.model, Choices: []choice{}}
	if !t.wire.noChoices {
		c.Choices = []choice{{Delta: &speech{Role: role, Content: text}, FinishReason: finish}}
	}
	return c
}

func (t *transmission) event(v any) { t.raw("data: " + string(t.encode(v)) + "\n\n") }

func (t *transmission) encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		return []byte(err.Error()) // no type of ours can fail
	}
	return bytes.ReplaceAll(data, []byte(badBytes), []byte("\xff\xfe"))
}

// raw writes. An error means that the client left, which the waits notice.
func (t *transmission) raw(text string) { _, _ = t.w.Write([]byte(text)) }

func (t *transmission) flush() { _ = http.NewResponseController(t.w).Flush() }

// until waits; it reports false if the client left before the time was over, or
// the server closed, which looks the same from here.
func (t *transmission) until(when time.Time) bool {
	timer := time.NewTimer(time.Until(when))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.request.Context().Done():
		return false
	}
}

// forever waits until the client leaves or the server closes.
func (t *transmission) forever() { <-t.request.Context().Done() }

// drop ends the connection with a reset, as a crash of the server does.
func (t *transmission) drop() {
	conn, _, err := http.NewResponseController(t.w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
