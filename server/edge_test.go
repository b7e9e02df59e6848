package server

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"yeok/access"
	"yeok/cache"
)

func TestAPanicIsTheLogsAndNotTheCallers(t *testing.T) {
	var log bytes.Buffer
	s := &Server{log: slog.New(slog.NewTextHandler(&log, nil)), metrics: newMetrics("", func() float64 { return 0 }), tracer: tracerOf(nil), anybody: access.Anybody()}
	info := &grpc.UnaryServerInfo{FullMethod: "/yeok.v1.TranslationService/CleanArticle"}
	tests := map[string]grpc.UnaryHandler{
		"in the call": func(context.Context, any) (any, error) { panic("secret words") },
		"in a flight": func(context.Context, any) (any, error) {
			return nil, &cache.PanicError{Value: "secret words", Stack: []byte("where it was")}
		},
	}
	for name, handler := range tests {
		log.Reset()
		_, err := edge{s, s.admitCall}.unary(t.Context(), nil, info, handler)
		if got := status.Convert(err); got.Code() != codes.Internal || got.Message() != "internal error" {
			t.Errorf("%s: the caller is told %v, want INTERNAL and no more", name, err)
		}
		if !strings.Contains(log.String(), "secret words") {
			t.Errorf("%s: the log does not hold the panic: %s", name, log.String())
		}
	}
}
