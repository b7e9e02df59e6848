package translate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"yeok/internal/llmtest"
	"yeok/translate"
)

// traced is a translator over llm whose spans are recorded.
func traced(t *testing.T, llm *llmtest.Server, key translate.Secret) (*translate.Translator, *tracetest.SpanRecorder) {
	t.Helper()
	spans := tracetest.NewSpanRecorder()
	m := model(llm, translate.Profile{})
	m.APIKey = key
	tr, err := translate.New(translate.Options{
		Models:         []translate.Model{m},
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return tr, spans
}

func named(spans []sdktrace.ReadOnlySpan, name string) []sdktrace.ReadOnlySpan {
	return slices.DeleteFunc(slices.Clone(spans), func(s sdktrace.ReadOnlySpan) bool { return s.Name() != name })
}

func attributesOf(s sdktrace.ReadOnlySpan) map[string]any {
	values := map[string]any{}
	for _, a := range s.Attributes() {
		values[string(a.Key)] = a.Value.AsInterface()
	}
	return values
}

// TestModelCallSpan holds the span of a call to OpenTelemetry's conventions for
// generative AI, and the model's server to the trace of the call.
func TestModelCallSpan(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	tr, spans := traced(t, llm, "")
	got, err := tr.Translate(context.Background(), into(t, "en"))
	if err != nil {
		t.Fatal(err)
	}
	chats := named(spans.Ended(), "chat "+llmtest.Model)
	if len(chats) != 1 || len(got.Calls) != 1 {
		t.Fatalf("one call made %d spans and %d calls in the result", len(chats), len(got.Calls))
	}
	chat := chats[0]
	if chat.SpanKind() != trace.SpanKindClient || chat.Status().Code != codes.Unset {
		t.Errorf("span has kind %v, status %v", chat.SpanKind(), chat.Status())
	}
	is := attributesOf(chat)
	for name, want := range map[string]any{
		"gen_ai.operation.name":          "chat",
		"gen_ai.provider.name":           "openai",
		"gen_ai.request.model":           llmtest.Model,
		"gen_ai.response.model":          llmtest.Model,
		"gen_ai.usage.input_tokens":      int64(got.Usage.PromptTokens),
		"gen_ai.usage.output_tokens":     int64(got.Usage.CompletionTokens),
		"gen_ai.response.finish_reasons": "[stop]",
		"server.address":                 "127.0.0.1",
	} {
		if fmt.Sprint(is[name]) != fmt.Sprint(want) {
			t.Errorf("%s = %v, want %v", name, is[name], want)
		}
	}
	if _, set := is["error.type"]; set {
		t.Errorf("error.type = %v for a call that went well", is["error.type"])
	}
	sent := llm.Requests()[0].Header.Get("Traceparent")
	if want := chat.SpanContext().TraceID().String() + "-" + chat.SpanContext().SpanID().String(); !strings.Contains(sent, want) {
		t.Errorf("the model got traceparent %q, want %s in it", sent, want)
	}
	call := got.Calls[0]
	if call.Model != llmtest.Model || call.Outcome != translate.OutcomeOK || call.FirstToken <= 0 || call.Took < call.FirstToken || call.Usage != got.Usage {
		t.Errorf("Result.Calls = %+v, usage %+v", got.Calls, got.Usage)
	}
	if check := named(spans.Ended(), "check"); len(check) != 1 || attributesOf(check[0])["yeok.language"] != "en" {
		t.Errorf("spans named check: %v", check)
	}
}

// TestOutcomes says in what word each way of failing ends.
func TestOutcomes(t *testing.T) {
	for fault, want := range map[llmtest.Fault]translate.Outcome{
		llmtest.TooManyRequests:       translate.Outcome(translate.Rate),
		llmtest.ServerError:           translate.Outcome(translate.Transient),
		llmtest.CutStream:             translate.Outcome(translate.Transient),
		llmtest.Unauthorized:          translate.Outcome(translate.Auth),
		llmtest.ContextLengthExceeded: translate.Outcome(translate.Window),
		llmtest.LengthReached:         translate.Outcome(translate.Bad),
	} {
		llm := llmtest.New(t, llmtest.Options{})
		llm.Script(fault)
		tr, spans := traced(t, llm, "")
		got, _ := tr.Translate(context.Background(), into(t, "en"))
		if len(got.Calls) == 0 || got.Calls[0].Outcome != want {
			t.Errorf("%s: Result.Calls = %+v, want %s first", fault, got.Calls, want)
			continue
		}
		chat := named(spans.Ended(), "chat "+llmtest.Model)[0]
		if is := attributesOf(chat); is["error.type"] != string(want) || chat.Status().Code != codes.Error {
			t.Errorf("%s: span has error.type %v, status %v, want %s", fault, is["error.type"], chat.Status(), want)
		}
	}
}

// TestRepairsAreCounted counts what was tried and what it was good for.
func TestRepairsAreCounted(t *testing.T) {
	for times, want := range map[int]translate.Repairs{1: {Tried: 1, Mended: 1}, 0: {Tried: 1}} {
		llm := llmtest.New(t, llmtest.Options{})
		llm.Fail(llmtest.Rule{Fault: llmtest.ChangedNumber, Block: "P2", Times: times})
		tr, spans := traced(t, llm, "")
		got, err := tr.Translate(context.Background(), into(t, "en"))
		if err != nil || got.Repairs != want {
			t.Errorf("a number changed %d times (0: always): Repairs = %+v, %v, want %+v", times, got.Repairs, err, want)
		}
		if repairs := named(spans.Ended(), "repair"); len(repairs) != 1 {
			t.Errorf("%d spans named repair, want 1", len(repairs))
		}
	}
}

// TestSpansHoldNoText looks for the article, its translation and the key in
// everything that a trace says, also when calls fail.
func TestSpansHoldNoText(t *testing.T) {
	const key = "sk-recognisable-0123456789"
	for _, fault := range []llmtest.Fault{"", llmtest.Unauthorized, llmtest.ChangedNumber, llmtest.ErrorInTheStream, llmtest.Refusal} {
		llm := llmtest.New(t, llmtest.Options{})
		llm.Script(fault)
		tr, spans := traced(t, llm, key)
		got, _ := tr.Translate(context.Background(), into(t, "en"))
		secrets := []string{key, "누리조선", "컨테이너선"}
		for _, s := range got.Segments {
			secrets = append(secrets, s.Text)
		}
		for _, s := range spans.Ended() {
			told := fmt.Sprintln(s.Name(), s.Status(), s.Attributes(), s.Events(), s.Links())
			for _, secret := range secrets {
				if strings.Contains(told, secret) {
					t.Errorf("%q: the span %s says %q", fault, s.Name(), secret)
				}
			}
		}
	}
}

// TestTracesPassThrough has a caller's trace go on to the model although nobody
// records it here.
func TestTracesPassThrough(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	tr := translator(t, model(llm, translate.Profile{}))
	remote := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, Remote: true})
	if _, err := tr.Translate(trace.ContextWithRemoteSpanContext(context.Background(), remote), into(t, "en")); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Translate(context.Background(), into(t, "ja")); err != nil {
		t.Fatal(err)
	}
	requests := llm.Requests()
	if got, want := requests[0].Header.Get("Traceparent"), "00-"+remote.TraceID().String()+"-"+remote.SpanID().String()+"-00"; got != want {
		t.Errorf("the model got traceparent %q, want %q", got, want)
	}
	if got := requests[1].Header.Get("Traceparent"); got != "" {
		t.Errorf("without a trace the model got traceparent %q", got)
	}
}

// TestLoads counts who is under way and who waits.
func TestLoads(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	tr := translator(t, model(llm, translate.Profile{Concurrency: 1}))
	want := []translate.Load{{Model: llmtest.Model}}
	if got := tr.Loads(); !slices.Equal(got, want) {
		t.Errorf("Loads at rest = %v, want %v", got, want)
	}
	llm.Fail(llmtest.Rule{Fault: llmtest.Hang})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	for i := range 2 {
		req := into(t, "en")
		req.Article.Title = fmt.Sprintf("누리조선, 컨테이너선 %d척 수주", i+2) // one article's calls would warm the prompt cache in turn
		go func() {
			_, _ = tr.Translate(ctx, req)
			ended <- struct{}{}
		}()
	}
	want[0].Running, want[0].Waiting = 1, 1
	for range 5000 {
		if slices.Equal(tr.Loads(), want) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if got := tr.Loads(); !slices.Equal(got, want) {
		t.Errorf("Loads with two calls for one place = %v, want %v", got, want)
	}
	stop()
	<-ended
	<-ended
	want[0].Running, want[0].Waiting = 0, 0
	if got := tr.Loads(); !slices.Equal(got, want) {
		t.Errorf("Loads at the end = %v, want %v", got, want)
	}
}
