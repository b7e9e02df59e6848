package translate

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2025, 7, 21, 5, 30, 0, 0, time.UTC)
	for _, test := range []struct {
		header http.Header
		want   time.Duration
	}{
		{http.Header{}, 0},
		{http.Header{"Retry-After": {"7"}}, 7 * time.Second},
		{http.Header{"Retry-After": {"0.5"}}, 500 * time.Millisecond},
		{http.Header{"Retry-After": {"-3"}}, 0},
		{http.Header{"Retry-After": {"soon"}}, 0},
		{http.Header{"Retry-After": {"NaN"}}, 0},
		{http.Header{"Retry-After": {"1e300"}}, 1e6 * time.Second},
		{http.Header{"Retry-After": {"Mon, 21 Jul 2025 05:30:09 GMT"}}, 9 * time.Second},
		{http.Header{"Retry-After": {"Mon, 21 Jul 2025 05:29:00 GMT"}}, 0},
		{http.Header{"Retry-After-Ms": {"250"}, "Retry-After": {"7"}}, 250 * time.Millisecond},
	} {
		if got := retryAfter(test.header, now); got != test.want {
			t.Errorf("retryAfter(%v) = %v, want %v", test.header, got, test.want)
		}
	}
}

// TestMessages: a request says the same, in the same bytes, as go-openai would.
func TestMessages(t *testing.T) {
	const user = "한 줄\n\"둘\" <b>&\u2028\xff"
	for _, test := range []struct {
		system string
		want   []openai.ChatCompletionMessage
	}{
		{"You <translate>.", []openai.ChatCompletionMessage{{Role: "system", Content: "You <translate>."}, {Role: "user", Content: user}}},
		{"", []openai.ChatCompletionMessage{{Role: "user", Content: user}}},
	} {
		want, err := json.Marshal(test.want)
		if err != nil {
			t.Fatal(err)
		}
		x := &exchange{client: &client{}, messages: messagesOf(newSystem(test.system), user)}
		body, err := x.patch([]byte(`{"model":"m","messages":null,"max_completion_tokens":7}`))
		var sent map[string]json.RawMessage
		if err == nil {
			err = json.Unmarshal(body, &sent)
		}
		if err != nil || string(sent["messages"]) != string(want) || string(sent["max_tokens"]) != "7" {
			t.Errorf("%q: sent %s, error %v, want messages %s", test.system, body, err, want)
		}
	}
}

func TestBoundedBody(t *testing.T) {
	body := &boundedBody{ReadCloser: io.NopCloser(strings.NewReader(strings.Repeat("x", 100))), left: 64}
	got, err := io.ReadAll(body)
	if len(got) != 64 || !errors.Is(err, errHuge) {
		t.Errorf("read %d bytes, error %v, want 64, errHuge", len(got), err)
	}
}

func TestRefusals(t *testing.T) {
	var r refusals
	for _, body := range []string{"unknown field stream_options", "use max_completion_tokens, not max_tokens"} {
		if !r.learn(body) {
			t.Errorf("learn(%q) = false", body)
		}
		if r.learn(body) {
			t.Errorf("learn(%q) = true a second time", body)
		}
	}
	if r.learn("the messages are wrong") {
		t.Error("learn took a field that no request can do without")
	}
	fields := map[string]any{"stream_options": 1, "max_tokens": 7, "temperature": 0}
	r.leaveOut(fields)
	if len(fields) != 2 || fields["max_completion_tokens"] != 7 {
		t.Errorf("leaveOut left %v", fields)
	}
}
