package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Traces are set up by the variables that OpenTelemetry has for it and by no
// setting of ours, so that what is written about those holds here:
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
// Endpoint, headers, certificates, sampler, queue and batches are read by the SDK
// itself; only whether there are traces at all, and over what, is decided here.

// tellTracesEvery bounds the log of a collector that is away.
const tellTracesEvery = time.Minute

// traced tells whether the variables ask for traces, and over which protocol.
func traced(getenv func(string) string) (protocol string, on bool, err error) {
	endpoint := cmp.Or(getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), getenv("OTEL_EXPORTER_OTLP_ENDPOINT"))
	switch exporter := getenv("OTEL_TRACES_EXPORTER"); {
	case getenv("OTEL_SDK_DISABLED") == "true", exporter == "none", exporter == "" && endpoint == "":
		return "", false, nil
	case exporter != "" && exporter != "otlp":
		return "", false, fmt.Errorf("OTEL_TRACES_EXPORTER: %q is not otlp or none", exporter)
	}
	protocol = cmp.Or(getenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), getenv("OTEL_EXPORTER_OTLP_PROTOCOL"), "http/protobuf")
	if protocol != "http/protobuf" && protocol != "grpc" {
		return "", false, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL: %q is not http/protobuf or grpc", protocol)
	}
	return protocol, true, nil
}

// tracing returns what spans go to, nil if none are asked for. They are sent in
// batches, in the background; when the collector does not keep up they are
// dropped, so that it never holds up a call. Shutdown sends the last ones.
func tracing(ctx context.Context, h *host, log *slog.Logger) (*sdktrace.TracerProvider, error) {
	protocol, on, err := traced(h.getenv)
	if err != nil || !on {
		return nil, err
	}
	client := otlptracehttp.NewClient()
	if protocol == "grpc" {
		client = otlptracegrpc.NewClient()
	}
	exporter, err := otlptrace.New(ctx, client) // does not connect
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_*: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "yeok"), attribute.String("service.version", currentVersion())),
		resource.WithFromEnv(), // last, so that it wins
	)
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	return sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(&collector{SpanExporter: exporter, log: log}),
		sdktrace.WithResource(about),
	), nil
}

// collector is an exporter whose failures go to our log. The SDK would write them
// to standard error in a form of its own, once for every batch.
type collector struct {
	sdktrace.SpanExporter
	log  *slog.Logger
	told atomic.Int64 // when the last failure was logged, in Unix nanoseconds
}

// ExportSpans sends a batch. Nobody can do anything about one that is lost.
func (c *collector) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := c.SpanExporter.ExportSpans(ctx, spans)
	now, told := time.Now().UnixNano(), c.told.Load()
	if err != nil && now-told > int64(tellTracesEvery) && c.told.CompareAndSwap(told, now) {
		c.log.Warn("spans are lost: the collector does not take them", "spans", len(spans), "error", err)
	}
	return nil
}
