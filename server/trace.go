package server

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// A trace has one span for each phase of a call that is not answered with stored
// bytes: the call, clean, recall and translate for each language, store; those
// within translate are package translate's. A flight belongs to the trace of the
// caller who began it. No span holds a text, a key or an error's words.

func tracerOf(provider trace.TracerProvider) trace.Tracer {
	if provider == nil {
		provider = noop.NewTracerProvider()
	}
	return provider.Tracer("yeok/server")
}

// incoming reads a trace's parent from the metadata of a call, where the HTTP
// gateway puts it too.
type incoming struct{ ctx context.Context }

// Get is OpenTelemetry's.
func (i incoming) Get(key string) string {
	if values := metadata.ValueFromIncomingContext(i.ctx, key); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Set is OpenTelemetry's, and not for what comes in.
func (incoming) Set(string, string) {}

// Keys is OpenTelemetry's; the trace context needs none.
func (incoming) Keys() []string { return nil }

// startCall begins the span of a call, by OpenTelemetry's conventions for RPC.
func (s *Server) startCall(c *call) {
	ctx := propagation.TraceContext{}.Extract(c.ctx, incoming{c.ctx})
	c.ctx, c.span = s.tracer.Start(ctx, c.method[1:], trace.WithSpanKind(trace.SpanKindServer))
	if !c.span.IsRecording() {
		return
	}
	c.span.SetAttributes(
		attribute.String("rpc.system.name", "grpc"),
		attribute.String("rpc.method", c.method[1:]),
		attribute.String("yeok.request_id", c.id),
	)
	if caller := callerOf(ctx); caller != nil && caller.Tenant != "" {
		c.span.SetAttributes(attribute.String("yeok.tenant", caller.Tenant))
	}
}

// leave ends what enter began.
func (s *Server) leave(c *call, answer *status.Status) {
	if c.span == nil {
		return
	}
	s.metrics.working.Dec()
	c.span.SetAttributes(attribute.String("rpc.response.status_code", answer.Code().String()))
	switch answer.Code() {
	case codes.OK:
	case codes.Unknown, codes.DeadlineExceeded, codes.Unimplemented, codes.Internal, codes.Unavailable, codes.DataLoss:
		c.span.SetAttributes(attribute.String("error.type", reasonOf(answer)))
		c.span.SetStatus(otelcodes.Error, reasonOf(answer))
	default: // the caller's own fault is none of ours
		c.span.SetAttributes(attribute.String("error.type", reasonOf(answer)))
	}
	c.span.End()
}

// phase begins the span of a phase of a call; endPhase ends it.
func (s *Server) phase(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, trace.Span) {
	return s.tracer.Start(ctx, name, trace.WithAttributes(attributes...))
}

// endPhase ends a phase. A failure is named by the reason that callers see.
func endPhase(span trace.Span, err error) {
	if err != nil && span.IsRecording() {
		reason := reasonOf(statusOf(err))
		span.SetAttributes(attribute.String("error.type", reason))
		span.SetStatus(otelcodes.Error, reason)
	}
	span.End()
}

func inLanguage(code string) attribute.KeyValue { return attribute.String("yeok.language", code) }

// carryTrace hands the parts of a request's head that a stream over HTTP needs on
// to the gRPC server, as the generated gateway does for the other calls.
func carryTrace(ctx context.Context, head map[string][]string) context.Context {
	for _, name := range []string{"Traceparent", "Tracestate", "X-Request-Id"} {
		for _, value := range head[name] {
			ctx = metadata.AppendToOutgoingContext(ctx, name, value)
		}
	}
	return ctx
}
