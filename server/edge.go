package server

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"yeok/cache"
)

// edge is what every call passes, over gRPC and over HTTP alike: the clock, a
// guard against panics, the error table, one metric and one log line.
type edge struct{ s *Server }

func (e edge) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	defer e.watch(ctx, info.FullMethod, time.Now(), &err)
	if err := checkMarked(req); err != nil {
		return nil, err
	}
	if a := e.s.stored("", info.FullMethod, cacheControlOf(ctx), req); a != nil {
		sayHit(ctx)
		e.s.metrics.hit(info.FullMethod)
		return wireAnswer{a}, nil
	}
	return next(ctx, req)
}

func (e edge) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer e.watch(stream.Context(), info.FullMethod, time.Now(), &err)
	return next(srv, checkedStream{stream})
}

// watch ends a call. grpc-go does not recover panics; one strange article must
// not end forty paid calls in flight, so the edge does. Nothing below it does.
func (e edge) watch(ctx context.Context, fullMethod string, start time.Time, err *error) {
	cause := *err
	if p := recover(); p != nil {
		cause = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		*err = cause
	}
	var panicked *cache.PanicError
	if errors.As(cause, &panicked) {
		cause = fmt.Errorf("panic in a flight: %v\n%s", panicked.Value, panicked.Stack)
	}
	answer := statusOf(*err)
	*err = answer.Err()

	method, took := path.Base(fullMethod), time.Since(start)
	e.s.metrics.call(fullMethod, answer.Code(), took)
	switch answer.Code() {
	case codes.OK:
		e.s.log.DebugContext(ctx, "call", "method", method, "took", took)
	case codes.Internal, codes.Unknown, codes.Unavailable:
		e.s.log.ErrorContext(ctx, "call failed", "method", method, "code", answer.Code(), "took", took, "error", cause)
	default:
		e.s.log.InfoContext(ctx, "call refused", "method", method, "code", answer.Code(), "took", took, "error", cause)
	}
}
