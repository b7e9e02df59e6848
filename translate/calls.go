package translate

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Call is one request to a model, as it went: for metrics, so it holds no text.
type Call struct {
	Model      string        // as it is configured
	Outcome    Outcome       // how it ended
	Waited     time.Duration // until it could go: the bounds on calls in flight
	Took       time.Duration // from then on
	FirstToken time.Duration // part of Took; 0 if no text came
	Usage      Usage
}

// Outcome says in one word how a call to a model ended: OutcomeOK, OutcomeLeft,
// or the [Class] of its failure. There are few of them, so that they can be labels.
type Outcome string

// The outcomes that are no failure of the model.
const (
	OutcomeOK   Outcome = "ok"
	OutcomeLeft Outcome = "left" // by us: time was up, or an equal call was answered first
)

func outcomeOf(err error) Outcome {
	class := classOf(err)
	switch {
	case err == nil:
		return OutcomeOK
	case class == "":
		return OutcomeLeft
	}
	return Outcome(class)
}

// seen is what the stream of one call tells beside its text.
type seen struct {
	first  time.Duration // to the first text
	finish string        // why the model stopped
	model  string        // as the server names it
}

// recorded sends q and notes how it went, for [Result] and as a span. The span
// follows OpenTelemetry's conventions for generative AI, without what was said.
func (c *client) recorded(ctx context.Context, q chat, waited time.Duration, onText func(string) error) (Usage, error) {
	ctx, span := c.tracer.Start(ctx, "chat "+c.model.Name, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	q.seen = &seen{}
	start := time.Now()
	usage, err := c.stream(ctx, q, onText)
	call := Call{
		Model: c.model.Name, Outcome: outcomeOf(err), Waited: waited, Took: time.Since(start),
		FirstToken: q.seen.first, Usage: usage,
	}
	if q.note != nil {
		q.note(call)
	}
	if span.IsRecording() {
		span.SetAttributes(c.attributes(q, call)...)
		if err != nil {
			span.SetStatus(codes.Error, string(call.Outcome)) // never err, which may hold more than a word
		}
	}
	return usage, err
}

// attributes are those of OpenTelemetry's semantic conventions for GenAI client
// spans, and two of ours.
func (c *client) attributes(q chat, call Call) []attribute.KeyValue {
	list := []attribute.KeyValue{
		attribute.String("gen_ai.operation.name", "chat"),
		// The protocol's, whoever serves it: server.address says who.
		attribute.String("gen_ai.provider.name", "openai"),
		attribute.String("gen_ai.request.model", c.model.Name),
		attribute.Bool("gen_ai.request.stream", true),
		attribute.Int("gen_ai.request.max_tokens", q.maxTokens+c.model.Profile.ThinkTokens),
		attribute.Float64("yeok.queue.seconds", call.Waited.Seconds()),
	}
	if call.Usage.Requests > 0 {
		list = append(list,
			attribute.Int("gen_ai.usage.input_tokens", call.Usage.PromptTokens),
			attribute.Int("gen_ai.usage.output_tokens", call.Usage.CompletionTokens),
			attribute.Int("gen_ai.usage.cache_read.input_tokens", call.Usage.CachedPromptTokens),
			attribute.Float64("yeok.cost_usd", call.Usage.CostUSD))
	}
	if call.FirstToken > 0 {
		list = append(list, attribute.Float64("gen_ai.response.time_to_first_chunk", call.FirstToken.Seconds()))
	}
	if q.seen.model != "" {
		list = append(list, attribute.String("gen_ai.response.model", q.seen.model))
	}
	if q.seen.finish != "" {
		list = append(list, attribute.StringSlice("gen_ai.response.finish_reasons", []string{q.seen.finish}))
	}
	if call.Outcome != OutcomeOK {
		list = append(list, attribute.String("error.type", string(call.Outcome)))
	}
	return append(list, addressOf(c.model.BaseURL)...)
}

func addressOf(baseURL string) []attribute.KeyValue {
	u, err := url.Parse(baseURL)
	if err != nil {
		return nil
	}
	list := []attribute.KeyValue{attribute.String("server.address", u.Hostname())}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		list = append(list, attribute.Int("server.port", port))
	}
	return list
}

// noteCall keeps a call for the result.
func (j *job) noteCall(c Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = append(j.calls, c)
}

// start begins a span of one phase of the job.
func (j *job) start(ctx context.Context, phase string, attributes ...attribute.KeyValue) (context.Context, trace.Span) {
	return j.t.tracer.Start(ctx, phase, trace.WithAttributes(attributes...),
		trace.WithAttributes(attribute.String("yeok.language", j.req.Target.Code)))
}
