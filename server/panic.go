package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"yeok/cache"
	"yeok/translate"
)

// panicError is a panic as the log has it: what kind of thing was thrown and where,
// and not what it said, which may be a line of an article or a key.
type panicError struct {
	kind  string
	place string // the stack, without the values of arguments
}

// Error is for the log alone; a caller is told of an internal error.
func (e *panicError) Error() string { return "panic: " + e.kind + "\n" + e.place }

func describePanic(value any, stack []byte) *panicError {
	return &panicError{kindOf(value), withoutArguments(stack)}
}

// kindOf is the type of what was thrown. The runtime's own errors (an index out of
// range, a nil pointer) tell numbers and types only, and are repeated.
func kindOf(value any) string {
	kind := reflect.TypeOf(value)
	if kind != nil && kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if err, ok := value.(runtime.Error); ok && kind.PkgPath() == "runtime" {
		return err.Error()
	}
	return fmt.Sprintf("%T", value)
}

// withoutArguments takes the values out of a stack as runtime/debug writes it: a
// line of a function ends with them in parentheses, a line of its file begins with
// a tab.
func withoutArguments(stack []byte) string {
	var b strings.Builder
	for line := range bytes.Lines(stack) {
		if end := bytes.LastIndexByte(line, '('); end >= 0 && line[0] != '\t' && bytes.HasSuffix(line, []byte(")\n")) {
			line = append(bytes.Clone(line[:end]), '\n')
		}
		b.Write(line)
	}
	return strings.TrimSpace(b.String())
}

// withoutPanic is what the log may have of the cause of a failure.
func withoutPanic(cause error) error {
	if p, ok := errors.AsType[*cache.PanicError](cause); ok {
		return describePanic(p.Value, p.Stack)
	}
	return cause
}

// errPanicked is returned by a flight, or work in the background, in which something
// panicked. It was logged there: the others of its call may have succeeded, and then
// nobody tells of it.
var errPanicked = errors.New("server: panic in the background")

// caught is deferred by a flight. Some of its work runs on goroutines of the
// translator, which hands over what they threw.
func (s *Server) caught(ctx context.Context, err *error) {
	if thrown := recover(); thrown != nil {
		s.tellPanic(ctx, describePanic(thrown, debug.Stack()))
		*err = errPanicked
	}
	if p, ok := errors.AsType[*translate.PanicError](*err); ok {
		s.tellPanic(ctx, describePanic(p.Value, p.Stack))
	}
}

// safely does work on a goroutine of the server's own, where a panic would end the
// process and have Go print what was thrown. Every such goroutine that has an
// article, or an answer, in hand does its work here.
func (s *Server) safely(ctx context.Context, work func() error) (err error) {
	defer s.caught(ctx, &err)
	return work()
}

func (s *Server) tellPanic(ctx context.Context, p *panicError) {
	s.log.ErrorContext(ctx, "panic in the background", "request", requestOf(ctx), "error", p)
}

// requestKey is where the context of a call holds its id.
type requestKey struct{}

// requestOf is the id of the call that ctx belongs to: in a flight, of the one that
// began it.
func requestOf(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// survive keeps net/http from telling what a handler has thrown, with the address
// of the caller.
func (g *gateway) survive(w http.ResponseWriter, r *http.Request) {
	thrown := recover()
	if thrown == nil {
		return
	}
	cause := describePanic(thrown, debug.Stack())
	g.s.nameRequest(w, r)
	g.s.finish(&call{ctx: r.Context(), method: unknownPath, start: time.Now(), id: w.Header().Get("X-Request-Id")}, cause, statusOf(cause))
	// The one way to cut an answer that has begun, so that it does not look whole.
	panic(http.ErrAbortHandler)
}
