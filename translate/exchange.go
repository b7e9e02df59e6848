package translate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/propagation"
)

// Faults of one request, each under the sentinel that Translate answers.
var (
	errStalled  = fmt.Errorf("%w: it fell silent", ErrUnavailable)
	errCut      = fmt.Errorf("%w: its answer broke off", ErrUnavailable)
	errQuota    = fmt.Errorf("%w: its quota is used up", ErrRejected)
	errAuth     = fmt.Errorf("%w: it does not know our key or the model", ErrRejected)
	errRedirect = fmt.Errorf("%w: it answers with a redirect, which is not followed", ErrRejected)
	errHuge     = fmt.Errorf("%w: it is longer than was asked for", ErrBadAnswer)
	errLength   = fmt.Errorf("%w: it reached the token limit", ErrBadAnswer)
	errFiltered = fmt.Errorf("%w: a content filter of the provider stopped it", ErrBadAnswer)
)

// exchange is one HTTP request and what came back, under go-openai's client. It
// adds to the body what go-openai cannot say, and keeps what go-openai loses:
// status, Retry-After, and the kind of an error without its text.
type exchange struct {
	client   *client
	sampling sampling
	messages []byte // of the request, in JSON
	maxBody  int64

	status     int // 0 until there is a response
	retryAfter time.Duration
	body       string // of an error, lower case; to be searched, never shown
}

// Do sends the request. It is go-openai's HTTPDoer.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	if body, err = x.patch(body); err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.ContentLength = int64(len(body))
	propagation.TraceContext{}.Inject(req.Context(), propagation.HeaderCarrier(req.Header))

	resp, err := x.client.http.Do(req)
	if err != nil {
		return nil, err
	}
	x.status = resp.StatusCode
	x.retryAfter = retryAfter(resp.Header, time.Now())
	if resp.StatusCode/100 == 2 {
		resp.Body = &boundedBody{ReadCloser: resp.Body, left: x.maxBody}
		return resp, nil
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // a part is enough to know its kind
	x.body = strings.ToLower(string(text))
	// go-openai would put the text into its error.
	resp.Body = io.NopCloser(strings.NewReader("{}"))
	return resp, nil
}

// patch sets the sampling fields, which go-openai drops when they are 0, and
// those of the model's profile; fields that this server refused before are left
// out.
func (x *exchange) patch(body []byte) ([]byte, error) {
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, err
	}
	fields := make(map[string]any, len(sent))
	for name, value := range sent {
		fields[name] = value
	}
	delete(fields, "messages")
	profile := x.client.model.Profile
	maps.Copy(fields, profile.Extra)
	if !x.client.reasoning {
		// The name that every server knows; OpenAI alone has moved on.
		fields["max_tokens"] = fields["max_completion_tokens"]
		delete(fields, "max_completion_tokens")
		fields["temperature"] = profile.Temperature + x.sampling.temperature
		if x.sampling.penalty > 0 {
			fields["frequency_penalty"] = x.sampling.penalty
			if _, ok := profile.Extra["repeat_penalty"]; ok {
				fields["repeat_penalty"] = 1.1 + x.sampling.penalty/2
			}
		}
	}
	x.client.refused.leaveOut(fields)
	patched, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	// They are most of the body, and an encoder would read and copy them again.
	patched = append(patched[:len(patched)-len("}")], `,"messages":`...)
	return append(append(patched, x.messages...), '}'), nil
}

// messagesOf are the messages of a request in JSON.
func messagesOf(s system, user string) []byte {
	var m []byte
	if s.text == "" { // the templates of some models refuse one
		m = append(m, `[{"role":"user","content":`...)
	} else {
		m = append(append(m, `[{"role":"system","content":`...), s.json...)
		m = append(m, `},{"role":"user","content":`...)
	}
	return append(append(m, jsonOf(user)...), "}]"...)
}

func jsonOf(text string) []byte {
	encoded, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`) // a string always has a JSON form
	}
	return encoded
}

// fault is the error of a request that got no stream.
func (x *exchange) fault(err error) error {
	switch {
	case errors.Is(err, errRedirect):
		return errRedirect
	case errors.Is(err, errAddress):
		return errAddress
	case x.status == 0 && isNetwork(err):
		return fmt.Errorf("%w: it cannot be reached", ErrUnavailable)
	case x.status == 0:
		// Refused by go-openai before it was sent.
		return fmt.Errorf("%w: the model cannot be asked in this way", ErrRejected)
	}
	return x.statusFault()
}

func (x *exchange) statusFault() error {
	switch s := x.status; {
	case s == http.StatusRequestEntityTooLarge,
		s == http.StatusBadRequest && containsAny(x.body, "context_length", "context length", "context size", "context window"):
		return ErrTooLong
	case s == http.StatusBadRequest, s == http.StatusUnprocessableEntity:
		if x.client.refused.learn(x.body) {
			return errFieldRefused
		}
		return fmt.Errorf("%w: HTTP %d", ErrRejected, s)
	case s == http.StatusTooManyRequests && containsAny(x.body, "insufficient_quota", "billing"):
		return errQuota
	case s == http.StatusPaymentRequired:
		return errQuota
	case s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable, s == 529:
		return &BusyError{RetryAfter: x.retryAfter, Limited: s == http.StatusTooManyRequests}
	case s == http.StatusRequestTimeout, s >= 500:
		return fmt.Errorf("%w: HTTP %d", ErrUnavailable, s)
	case s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusNotFound:
		return fmt.Errorf("%w: HTTP %d", errAuth, s)
	default:
		return fmt.Errorf("%w: HTTP %d", ErrRejected, s)
	}
}

// ended is the error of a stream that ended with err; io.EOF stays itself.
func (x *exchange) ended(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return err
	case context.Cause(ctx) != nil:
		return context.Cause(ctx)
	case errors.Is(err, errHuge):
		return errHuge
	default:
		return errCut
	}
}

func isNetwork(err error) bool {
	var op net.Error
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

func containsAny(s string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// retryAfter reads how long a server asks us to stay away: retry-after-ms, or
// Retry-After as seconds or as a date (RFC 9110, 10.2.3). 0 means not said.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		return time.Duration(min(ms, 1e9) * float64(time.Millisecond))
	}
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 1e6) * float64(time.Second))
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(date.Sub(now), 0)
	}
	return 0
}

// maxBody is the most bytes that an answer of so many tokens can have: a stream
// wraps every token into some 300 bytes of JSON. Never over 8 MiB.
func maxBody(tokens int) int64 {
	return min(64<<10+int64(tokens)*1<<10, 8<<20)
}

// boundedBody fails with errHuge instead of reading more than is left.
type boundedBody struct {
	io.ReadCloser
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errHuge
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}

// errFieldRefused says that a field was refused that a request can do without;
// the same request again will do.
var errFieldRefused = fmt.Errorf("%w: it does not know a field of the request", ErrRejected)

// refusals are the optional fields that one server does not take. OpenAI-compatible
// is a wide word; most servers name the field in their error.
type refusals struct {
	mu     sync.Mutex
	fields []string
}

// learn notes the first optional field that an error names, false if it names
// none that was not known yet.
func (r *refusals) learn(body string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, field := range []string{"stream_options", "frequency_penalty", "repeat_penalty", "temperature", "max_tokens"} {
		if strings.Contains(body, field) && !slices.Contains(r.fields, field) {
			r.fields = append(r.fields, field)
			return true
		}
	}
	return false
}

// leaveOut removes the refused fields; max_tokens goes by its new name instead.
func (r *refusals) leaveOut(fields map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, field := range r.fields {
		if limit, ok := fields[field]; ok && field == "max_tokens" {
			fields["max_completion_tokens"] = limit
		}
		delete(fields, field)
	}
}
