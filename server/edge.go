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
	"google.golang.org/grpc/status"

	"yeok/access"
	"yeok/cache"
)

// edge is what every call passes, over gRPC and over HTTP alike: the clock, a
// guard against panics, the question who calls, the error table, one metric and
// one log line.
type edge struct {
	s     *Server
	admit func(ctx context.Context, fullMethod string) (*access.Caller, error)
}

func (e edge) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	start := time.Now()
	caller, refused := e.admit(ctx, info.FullMethod)
	ctx = withCaller(ctx, caller)
	defer e.watch(ctx, info.FullMethod, start, &err)
	if refused != nil {
		return nil, refused
	}
	if err := checkMarked(req); err != nil {
		return nil, err
	}
	if a := e.s.stored(caller.Tenant, info.FullMethod, cacheControlOf(ctx), req); a != nil {
		sayHit(ctx)
		e.s.metrics.hit(info.FullMethod)
		return wireAnswer{a}, nil
	}
	return next(ctx, req)
}

func (e edge) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	start := time.Now()
	caller, refused := e.admit(stream.Context(), info.FullMethod)
	ctx := withCaller(stream.Context(), caller)
	defer e.watch(ctx, info.FullMethod, start, &err)
	if refused != nil {
		return refused
	}
	return next(srv, checkedStream{callerStream{stream, ctx}})
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
	e.s.finish(ctx, fullMethod, start, cause, answer)
}

// finish counts and logs a call that has ended. A key is named by its id.
func (s *Server) finish(ctx context.Context, fullMethod string, start time.Time, cause error, answer *status.Status) {
	took := time.Since(start)
	s.metrics.call(fullMethod, answer.Code(), took)
	log := s.log
	if caller := callerOf(ctx); caller != nil && caller.Key != "" {
		log = log.With("key", caller.Key, "tenant", caller.Tenant)
	}
	log = log.With("method", path.Base(fullMethod), "took", took)
	switch answer.Code() {
	case codes.OK:
		log.DebugContext(ctx, "call")
	case codes.Internal, codes.Unknown, codes.Unavailable:
		log.ErrorContext(ctx, "call failed", "code", answer.Code(), "error", cause)
	default:
		log.InfoContext(ctx, "call refused", "code", answer.Code(), "error", cause)
	}
}
