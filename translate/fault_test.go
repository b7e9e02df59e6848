package translate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"yeok/internal/llmtest"
	"yeok/translate"
	"yeok/translate/check"
)

// faultTests says what comes of everything that a model and its server can do
// wrong. once is what comes of one fault, ever of the same fault every time.
var faultTests = []struct {
	rule       llmtest.Rule
	once, ever outcome
}{
	// The server turns us away.
	{rule: llmtest.Rule{Fault: llmtest.TooManyRequests}, once: complete(2), ever: failed(translate.ErrBusy, 3)},
	{rule: llmtest.Rule{Fault: llmtest.TooManyRequestsDate}, once: complete(2), ever: failed(translate.ErrBusy, 0)},
	{rule: llmtest.Rule{Fault: llmtest.TooManyRequestsMillis}, once: complete(2), ever: failed(translate.ErrBusy, 3)},
	{rule: llmtest.Rule{Fault: llmtest.Unavailable}, once: complete(2), ever: failed(translate.ErrBusy, 3)},
	{rule: llmtest.Rule{Fault: llmtest.ServerError}, once: complete(2), ever: failed(translate.ErrUnavailable, 3)},
	{rule: llmtest.Rule{Fault: llmtest.BadGateway}, once: complete(2), ever: failed(translate.ErrUnavailable, 3)},
	{rule: llmtest.Rule{Fault: llmtest.InsufficientQuota}, once: failed(translate.ErrRejected, 1), ever: failed(translate.ErrRejected, 1)},
	{rule: llmtest.Rule{Fault: llmtest.Unauthorized}, once: failed(translate.ErrRejected, 1), ever: failed(translate.ErrRejected, 1)},
	{rule: llmtest.Rule{Fault: llmtest.Forbidden}, once: failed(translate.ErrRejected, 1), ever: failed(translate.ErrRejected, 1)},
	{rule: llmtest.Rule{Fault: llmtest.ModelNotFound}, once: failed(translate.ErrRejected, 1), ever: failed(translate.ErrRejected, 1)},
	{rule: llmtest.Rule{Fault: llmtest.BadRequest}, once: failed(translate.ErrRejected, 1), ever: failed(translate.ErrRejected, 1)},
	{rule: llmtest.Rule{Fault: llmtest.ContextLengthExceeded}, once: complete(3), ever: failed(translate.ErrTooLong, 0)},

	// The wire.
	{rule: llmtest.Rule{Fault: llmtest.ConnectionReset}, once: complete(2), ever: failed(translate.ErrUnavailable, 3)},
	{rule: llmtest.Rule{Fault: llmtest.Hang}, once: complete(2), ever: failed(translate.ErrUnavailable, 2)},
	{rule: llmtest.Rule{Fault: llmtest.Stall}, once: complete(0), ever: review(check.Truncated)},
	{rule: llmtest.Rule{Fault: llmtest.CutStream}, once: complete(0), ever: review(check.Truncated)},
	{rule: llmtest.Rule{Fault: llmtest.ResetStream}, once: complete(0), ever: review(check.Truncated)},
	{rule: llmtest.Rule{Fault: llmtest.KeepAlive}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.MalformedJSON}, once: complete(0), ever: review(check.Truncated)},
	{rule: llmtest.Rule{Fault: llmtest.ErrorInTheStream}, once: complete(0), ever: review(check.Truncated)},
	{rule: llmtest.Rule{Fault: llmtest.InvalidUTF8}, once: complete(0), ever: review(check.Script)},
	{rule: llmtest.Rule{Fault: llmtest.UsageMissing}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.EmptyChoices}, once: complete(2), ever: failed(translate.ErrUnavailable, 3)},
	{rule: llmtest.Rule{Fault: llmtest.EmptyContent}, once: complete(2), ever: failed(translate.ErrBadAnswer, 0)},
	{rule: llmtest.Rule{Fault: llmtest.LengthReached}, once: complete(0), ever: review(check.Truncated)},
	{rule: llmtest.Rule{Fault: llmtest.ContentFiltered}, once: complete(0), ever: review(check.Truncated)},
	{rule: llmtest.Rule{Fault: llmtest.HugeAnswer, Block: "P3"}, once: complete(2), ever: failed(translate.ErrBadAnswer, 0)},
	{rule: llmtest.Rule{Fault: llmtest.RepetitionLoop, Block: "P2"}, once: complete(0), ever: review(check.Repetition)},

	// The answer as a whole.
	{rule: llmtest.Rule{Fault: llmtest.Refusal}, once: complete(2), ever: failed(translate.ErrBadAnswer, 0)},
	{rule: llmtest.Rule{Fault: llmtest.Preamble}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.CodeFence}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.Think}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.ThinkUnclosed}, once: complete(2), ever: failed(translate.ErrBadAnswer, 0)},
	{rule: llmtest.Rule{Fault: llmtest.ReversedBlocks}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.MarkerSingle}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.MarkerBold}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.MarkerLenticular}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.MarkerColon}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.MarkersMissing}, once: complete(2), ever: complete(8)}, // one by one no marker is needed
	{rule: llmtest.Rule{Fault: llmtest.ForeignBlock}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.InWrongLanguage}, once: complete(2), ever: review(check.Script)},
	{rule: llmtest.Rule{Fault: llmtest.KoreanEchoed}, once: complete(2), ever: failed(translate.ErrBadAnswer, 0)},
	{rule: llmtest.Rule{Fault: llmtest.TraditionalScript, Language: "zh-Hans"}, once: complete(2), ever: review(check.Script)},
	{rule: llmtest.Rule{Fault: llmtest.InjectionObeyed}, once: complete(2), ever: review(check.Length)},

	// One segment of it.
	{rule: llmtest.Rule{Fault: llmtest.MissingBlock, Block: "P2"}, once: complete(2), ever: failed(translate.ErrBadAnswer, 0)},
	{rule: llmtest.Rule{Fault: llmtest.RepeatedBlock, Block: "P2"}, once: complete(1), ever: complete(1)},
	{rule: llmtest.Rule{Fault: llmtest.DoubledBlock, Block: "P2"}, once: complete(2), ever: review(check.Missing)},
	{rule: llmtest.Rule{Fault: llmtest.CopiedBlock, Block: "P2"}, once: complete(2), ever: complete(2)}, // alone it has nothing to copy
	{rule: llmtest.Rule{Fault: llmtest.MergedBlocks, Block: "P2"}, once: complete(0), ever: complete(0)},
	{rule: llmtest.Rule{Fault: llmtest.EmptyBlock, Block: "P2"}, once: complete(2), ever: failed(translate.ErrBadAnswer, 0)},
	{rule: llmtest.Rule{Fault: llmtest.BlockEchoed, Block: "P2"}, once: complete(2), ever: failed(translate.ErrBadAnswer, 0)},
	{rule: llmtest.Rule{Fault: llmtest.HangulLeft, Block: "P2"}, once: complete(2), ever: review(check.Hangul)},
	{rule: llmtest.Rule{Fault: llmtest.ChangedNumber, Block: "P2"}, once: complete(2), ever: review(check.Number)},
	{rule: llmtest.Rule{Fault: llmtest.DroppedNumber, Block: "P2"}, once: complete(2), ever: review(check.Number)},
	{rule: llmtest.Rule{Fault: llmtest.InventedURL, Block: "P2"}, once: complete(2), ever: review(check.Novelty)},
	{rule: llmtest.Rule{Fault: llmtest.BlockHacked, Block: "P2"}, once: complete(2), ever: review(check.Length)},
	{rule: llmtest.Rule{Fault: llmtest.BlockCut, Block: "P1"}, once: complete(2), ever: review(check.Length)},
}

// outcome is a state, with the error or the finding that goes with it.
type outcome struct {
	state    translate.State
	err      error
	check    check.Name
	requests int // 0 is any number
}

func complete(requests int) outcome {
	return outcome{state: translate.Complete, requests: requests}
}

func review(name check.Name) outcome {
	return outcome{state: translate.NeedsReview, check: name}
}

func failed(err error, requests int) outcome {
	return outcome{state: translate.Failed, err: err, requests: requests}
}

func TestTranslateFaults(t *testing.T) {
	for _, test := range faultTests {
		t.Run(string(test.rule.Fault), func(t *testing.T) {
			t.Parallel()
			once := test.rule
			once.Times = 1
			testFault(t, once, test.once)
			testFault(t, test.rule, test.ever)
		})
	}
}

func testFault(t *testing.T, rule llmtest.Rule, want outcome) {
	t.Helper()
	llm := llmtest.New(t, llmtest.Options{RetryAfter: 20 * time.Millisecond, Rules: []llmtest.Rule{rule}})
	opts := translate.Options{Models: []translate.Model{model(llm, translate.Profile{})}, MaxRetryWait: 5 * time.Second}
	opts.Models[0].APIKey = "sk-secret"
	if rule.Fault == llmtest.Hang || rule.Fault == llmtest.Stall {
		opts.StallTimeout = 500 * time.Millisecond
	}
	tr, err := translate.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	code := rule.Language
	if code == "" {
		code = "en"
	}
	got, err := tr.Translate(context.Background(), into(t, code))
	if !errors.Is(err, want.err) || (err == nil) != (want.err == nil) {
		t.Errorf("%+v: Translate: %v, want %v", rule, err, want.err)
	}
	if err != nil && strings.Contains(err.Error(), "sk-secret") {
		t.Errorf("%+v: error %q shows the key", rule, err)
	}
	if got.State != want.state {
		t.Errorf("%+v: Translate has state %v, findings %+v, want %v", rule, got.State, got.Findings, want.state)
	}
	if want.check != "" && !found(got.Findings, want.check) {
		t.Errorf("%+v: Translate has findings %+v, want one of %s", rule, got.Findings, want.check)
	}
	if n := llm.Stats().Requests; want.requests > 0 && n != want.requests {
		t.Errorf("%+v: %d requests, want %d", rule, n, want.requests)
	}
	if paid := llm.Stats().CompletionTokens; paid > 0 && got.Usage.Requests == 0 {
		t.Errorf("%+v: the server wrote %d tokens, usage is %+v", rule, paid, got.Usage)
	}
	for _, b := range got.Blocks {
		for _, source := range sample().Blocks {
			if b.Text == source.Text {
				t.Errorf("%+v: block %s is the source", rule, b.ID)
			}
		}
	}
}
