package translate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"yeok/internal/llmtest"
	"yeok/translate"
)

// two is a chain of two models, each at a fake of its own.
func two(t *testing.T, wait time.Duration, first, second llmtest.Fault) (*translate.Translator, [2]*llmtest.Server) {
	t.Helper()
	var llms [2]*llmtest.Server
	var models []translate.Model
	for i, fault := range []llmtest.Fault{first, second} {
		llms[i] = llmtest.New(t, llmtest.Options{RetryAfter: wait})
		if fault != "" {
			llms[i].Fail(llmtest.Rule{Fault: fault})
		}
		models = append(models, translate.Model{Name: []string{"first", "second"}[i], BaseURL: llms[i].URL()})
	}
	tr, err := translate.New(translate.Options{Models: models, MaxRetryWait: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return tr, llms
}

// chainTests say whom each class of failure makes yeok ask, and what it answers.
// The counts are of requests to both models after one article and after another.
var chainTests = []struct {
	first, second llmtest.Fault
	wait          time.Duration // that the servers name
	once, twice   [2]int
	err           error
}{
	// Wait for a short while; the next model rather than for long.
	{first: llmtest.TooManyRequestsMillis, wait: 20 * time.Millisecond, once: [2]int{3, 1}, twice: [2]int{6, 2}},
	{first: llmtest.TooManyRequestsMillis, wait: time.Hour, once: [2]int{1, 1}, twice: [2]int{1, 2}},
	{first: llmtest.TooManyRequestsMillis, wait: 3 * time.Second, once: [2]int{1, 1}, twice: [2]int{1, 2}},
	{first: llmtest.Unavailable, wait: time.Hour, once: [2]int{1, 1}, twice: [2]int{1, 2}},
	// Again, then the next model; after five failures in a row that one at once.
	{first: llmtest.ServerError, once: [2]int{3, 1}, twice: [2]int{5, 2}},
	{first: llmtest.ConnectionReset, once: [2]int{3, 1}, twice: [2]int{5, 2}},
	// The next model at once, and the broken one is not asked again.
	{first: llmtest.InsufficientQuota, once: [2]int{1, 1}, twice: [2]int{1, 2}},
	{first: llmtest.Unauthorized, once: [2]int{1, 1}, twice: [2]int{1, 2}},
	{first: llmtest.Forbidden, once: [2]int{1, 1}, twice: [2]int{1, 2}},
	{first: llmtest.ModelNotFound, once: [2]int{1, 1}, twice: [2]int{1, 2}},
	{first: llmtest.BadRequest, once: [2]int{1, 1}, twice: [2]int{2, 2}}, // another request may do
	// What the model says is bad: it is told so, then the next model is asked.
	{first: llmtest.Refusal, once: [2]int{8, 1}, twice: [2]int{16, 2}},
	{first: llmtest.ChangedNumber, once: [2]int{2, 1}, twice: [2]int{4, 2}},

	// Nobody helps. A failure that passes is told before one that does not.
	{first: llmtest.TooManyRequestsMillis, second: llmtest.TooManyRequestsMillis, wait: time.Hour,
		once: [2]int{1, 1}, twice: [2]int{1, 1}, err: translate.ErrBusy},
	{first: llmtest.TooManyRequestsMillis, second: llmtest.InsufficientQuota, wait: time.Hour,
		once: [2]int{1, 1}, twice: [2]int{1, 1}, err: translate.ErrBusy},
	{first: llmtest.InsufficientQuota, second: llmtest.ServerError,
		once: [2]int{1, 3}, twice: [2]int{1, 5}, err: translate.ErrUnavailable},
	{first: llmtest.Unauthorized, second: llmtest.InsufficientQuota,
		once: [2]int{1, 1}, twice: [2]int{1, 1}, err: translate.ErrRejected},
}

func TestChain(t *testing.T) {
	for _, test := range chainTests {
		t.Run(fmt.Sprintf("%s,%s/%v", test.first, test.second, test.wait), func(t *testing.T) {
			t.Parallel()
			tr, llms := two(t, test.wait, test.first, test.second)
			for i, want := range [][2]int{test.once, test.twice} {
				got, err := tr.Translate(t.Context(), into(t, "en"))
				if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
					t.Errorf("article %d: Translate: %v, want %v", i+1, err, test.err)
				}
				if err == nil && got.State != translate.Complete {
					t.Errorf("article %d: state %v, want Complete: %+v", i+1, got.State, got.Findings)
				}
				if asked := [2]int{llms[0].Stats().Requests, llms[1].Stats().Requests}; asked != want {
					t.Errorf("after article %d the models had %v requests, want %v", i+1, asked, want)
				}
				busy, is := errors.AsType[*translate.BusyError](err)
				if errors.Is(test.err, translate.ErrBusy) && (!is || !busy.Limited || busy.RetryAfter < 50*time.Minute) {
					t.Errorf("article %d: %v, want the hour that the server named", i+1, err)
				}
			}
		})
	}
}

func TestChainByLanguage(t *testing.T) {
	vi, rest := llmtest.New(t, llmtest.Options{}), llmtest.New(t, llmtest.Options{})
	tr := translator(t,
		translate.Model{Name: "of-vietnamese", BaseURL: vi.URL(), Languages: []string{"vi"}},
		translate.Model{Name: "of-chinese", BaseURL: rest.URL(), Languages: []string{"zh-Hans", "vi"}})
	for code, want := range map[string]string{"vi": "of-vietnamese", "zh-Hans": "of-chinese"} {
		if got, err := tr.Translate(t.Context(), into(t, code)); err != nil || got.Model != want {
			t.Errorf("Translate into %s: by %q, %v, want %q", code, got.Model, err, want)
		}
	}
	if _, err := tr.Translate(t.Context(), into(t, "ja")); !errors.Is(err, translate.ErrNoModel) {
		t.Errorf("Translate into ja, which no model serves: %v, want ErrNoModel", err)
	}
	before := tr.Fingerprint(into(t, "vi"))
	alone := translator(t, translate.Model{Name: "of-vietnamese", BaseURL: vi.URL()})
	if got := alone.Fingerprint(into(t, "vi")); got != before {
		t.Error("the key of a translation hangs on models that do not make it")
	}
}

func TestOutageIsNotMultiplied(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.BadGateway}}})
	tr := translator(t, model(llm, translate.Profile{}))
	for range 40 {
		_, err := tr.Translate(t.Context(), into(t, "en"))
		if !errors.Is(err, translate.ErrUnavailable) {
			t.Fatalf("Translate: %v, want ErrUnavailable", err)
		}
	}
	if got := llm.Stats().Requests; got != 5 {
		t.Errorf("40 articles made %d requests to a broken model, want 5", got)
	}
	paused, is := errors.AsType[*translate.PausedError](translateOnce(t, tr))
	if !is || paused.RetryAfter <= 0 {
		t.Errorf("a paused model answers %v, want a PausedError with a time", paused)
	}
	h := tr.Health()[0]
	if h.State != "paused" || h.Cause != translate.Transient || h.Calls != 5 || h.Failures[translate.Transient] != 5 {
		t.Errorf("Health = %+v, want it paused after 5 failed calls", h)
	}
}

func translateOnce(t *testing.T, tr *translate.Translator) error {
	t.Helper()
	_, err := tr.Translate(t.Context(), into(t, "en"))
	return err
}

func TestHedge(t *testing.T) {
	const known = 20 // calls until it is known what is late
	llm := llmtest.New(t, llmtest.Options{})
	tr, err := translate.New(translate.Options{Models: []translate.Model{model(llm, translate.Profile{})}, Hedge: true})
	if err != nil {
		t.Fatal(err)
	}
	for range known {
		if err := translateOnce(t, tr); err != nil {
			t.Fatal(err)
		}
	}
	if got := llm.Stats().Requests; got != known {
		t.Fatalf("%d articles made %d requests before it is known what is late", known, got)
	}
	llm.Fail(llmtest.Rule{Fault: llmtest.Hang, Request: known + 1})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // half of the time that silence is borne
	defer cancel()
	got, err := tr.Translate(ctx, into(t, "en"))
	if err != nil || got.State != translate.Complete {
		t.Errorf("Translate with a hanging first call: %v, state %v", err, got.State)
	}
	if h := tr.Health()[0]; h.Hedges != 1 || llm.Stats().Requests != known+2 {
		t.Errorf("%d hedges, %d requests, want 1 and %d", h.Hedges, llm.Stats().Requests, known+2)
	}
}

func TestSoonestIsTold(t *testing.T) {
	for _, waits := range [][2]time.Duration{{time.Minute, time.Hour}, {time.Hour, time.Minute}} {
		var models []translate.Model
		for i, wait := range waits {
			llm := llmtest.New(t, llmtest.Options{RetryAfter: wait, Rules: []llmtest.Rule{{Fault: llmtest.TooManyRequests}}})
			models = append(models, translate.Model{Name: fmt.Sprint(i), BaseURL: llm.URL()})
		}
		busy, is := errors.AsType[*translate.BusyError](translateOnce(t, translator(t, models...)))
		if !is || busy.RetryAfter > time.Minute {
			t.Errorf("models that are ready in %v: %v, want the sooner one's time", waits, busy)
		}
	}
}
