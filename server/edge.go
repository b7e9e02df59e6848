package server

import (
	"context"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"

	"yeok/access"
)

// edge is what every call passes, over gRPC and over HTTP alike: the clock, a
// guard against panics, the question who calls, the error table, one metric,
// one log line and one span (call.go).
type edge struct {
	s     *Server
	admit func(ctx context.Context, fullMethod string) (*access.Caller, error)
}

func (e edge) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	c := call{method: info.FullMethod, start: time.Now()}
	caller, refused := e.admit(ctx, info.FullMethod)
	c.ctx = withCaller(ctx, caller)
	defer e.watch(&c, &err)
	if refused != nil {
		return nil, refused
	}
	if err := checkMarked(req); err != nil {
		return nil, err
	}
	if a := e.s.stored(caller.Tenant, info.FullMethod, cacheControlOf(ctx), req); a != nil {
		c.stored, c.id = true, sayHit(ctx)
		return wireAnswer{a}, nil
	}
	e.s.enter(&c)
	return next(c.ctx, req)
}

func (e edge) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	c := call{method: info.FullMethod, start: time.Now()}
	caller, refused := e.admit(stream.Context(), info.FullMethod)
	c.ctx = withCaller(stream.Context(), caller)
	defer e.watch(&c, &err)
	if refused != nil {
		return refused
	}
	e.s.enter(&c)
	return next(srv, checkedStream{callerStream{stream, c.ctx}})
}

// refuse ends a call whose request is not read.
func (e edge) refuse(c *call, refused error) (err error) {
	defer e.watch(c, &err)
	return refused
}

// watch ends a call. grpc-go does not recover panics; one strange article must
// not end forty paid calls in flight, so the edge does. Nothing below it does.
func (e edge) watch(c *call, err *error) {
	cause := *err
	if thrown := recover(); thrown != nil {
		cause = describePanic(thrown, debug.Stack())
		*err = cause
	}
	cause = withoutPanic(cause)
	answer := statusOf(*err)
	if c.stored {
		e.s.finishHit(c)
		return
	}
	e.s.name(c)
	*err = withRequestID(answer, c.id).Err()
	e.s.leave(c, answer)
	e.s.finish(c, cause, answer)
}
