package server

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// call is what one call leaves behind: a metric, a line of the log and a span. An
// answer of stored bytes has no span and rarely a line, since either costs more
// than sending it.
type call struct {
	ctx    context.Context // of the caller, with his span
	method string          // full name of the RPC
	start  time.Time
	stored bool       // answered with stored bytes
	id     string     // X-Request-Id
	span   trace.Span // nil without one
}

// apiPrefix is before the methods that are yeok's own, not of health or reflection.
const apiPrefix = "/yeok."

// enter is called when a call is not answered with stored bytes.
func (s *Server) enter(c *call) {
	s.name(c)
	c.ctx = context.WithValue(c.ctx, requestKey{}, c.id)
	if strings.HasPrefix(c.method, apiPrefix) {
		s.metrics.working.Inc()
		s.startCall(c)
	}
}

// name gives the call the id that it brought, or one of ours, and tells the
// caller. A call over HTTP brings one always: the gateway has named it.
func (s *Server) name(c *call) {
	if c.id != "" {
		return
	}
	c.id = requestIDFrom(metadata.ValueFromIncomingContext(c.ctx, "x-request-id"))
	if c.id == "" {
		c.id = s.requestIDs.next()
	}
	_ = grpc.SetHeader(c.ctx, metadata.Pairs("x-request-id", c.id)) // the caller may have left
}

// finish counts and logs a call that has ended. What went well and is no work of
// yeok's own is logged at most once a second; whatever else happens is logged.
func (s *Server) finish(c *call, cause error, answer *status.Status) {
	took := time.Since(c.start)
	s.metrics.call(c.method, answer.Code(), took)
	if answer.Code() == codes.OK && !strings.HasPrefix(c.method, apiPrefix) {
		s.tellSometimes(c, took)
		return
	}
	s.tell(c, took, cause, answer, 0)
}

// finishHit is finish for an answer of stored bytes.
func (s *Server) finishHit(c *call) {
	took := time.Since(c.start)
	s.metrics.hit(c.method, took)
	s.tellSometimes(c, took)
}

func (s *Server) tellSometimes(c *call, took time.Duration) {
	if unlogged, turn := s.quiet.next(c.start.Add(took)); turn {
		s.tell(c, took, nil, nil, unlogged)
	}
}

// tell logs a call. A key is named by its id.
func (s *Server) tell(c *call, took time.Duration, cause error, answer *status.Status, unlogged int64) {
	level := levelOf(answer.Code())
	if !s.log.Enabled(c.ctx, level) {
		return
	}
	log := s.log.With("method", path.Base(c.method), "took", took, "request", c.id)
	if caller := callerOf(c.ctx); caller != nil && caller.Key != "" {
		log = log.With("key", caller.Key, "tenant", caller.Tenant)
	}
	if span := trace.SpanContextFromContext(c.ctx); span.IsValid() {
		log = log.With("trace", span.TraceID())
	}
	switch {
	case answer.Code() != codes.OK && level == slog.LevelError:
		log.ErrorContext(c.ctx, "call failed", "code", answer.Code(), "error", cause)
	case answer.Code() != codes.OK:
		log.InfoContext(c.ctx, "call refused", "code", answer.Code(), "reason", reasonOf(answer), "error", withoutWords(cause))
	default:
		log.InfoContext(c.ctx, "call", "stored", c.stored, "unlogged", unlogged)
	}
}

func levelOf(code codes.Code) slog.Level {
	switch code {
	case codes.Internal, codes.Unknown, codes.Unavailable:
		return slog.LevelError
	}
	return slog.LevelInfo
}

// plainField is a field's path that can be no text of an article: an unknown
// field is called what the caller likes.
var plainField = regexp.MustCompile(`^[A-Za-z0-9_.\[\]]{1,80}$`)

// withoutWords is a refusal as the log has it. What a caller is told may repeat
// words of his, which are nobody else's business.
func withoutWords(err error) string {
	var field *fieldError
	said, isStatus := status.FromError(err)
	if !isStatus && !errors.As(err, &field) {
		return err.Error() // a leaf's, which has no words of callers
	}
	if !isStatus {
		said = statusOf(err)
	}
	for _, detail := range said.Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok && len(bad.GetFieldViolations()) > 0 {
			if name := bad.GetFieldViolations()[0].GetField(); plainField.MatchString(name) {
				return name + ": " + reasonOf(said)
			}
		}
	}
	return reasonOf(said)
}

// everySecond lets one through a second.
type everySecond struct{ last, since atomic.Int64 }

// next tells whether it is time for one, and how many were not let through since
// the last.
func (e *everySecond) next(now time.Time) (since int64, turn bool) {
	at, last := now.UnixNano(), e.last.Load()
	if at-last < int64(time.Second) || !e.last.CompareAndSwap(last, at) {
		e.since.Add(1)
		return 0, false
	}
	return e.since.Swap(0), true
}

// nameRequest gives a request over HTTP the id that it brought or one of ours,
// tells the caller, and lets it go on to the gRPC server.
func (s *Server) nameRequest(w http.ResponseWriter, r *http.Request) {
	id := r.Header["X-Request-Id"]
	if requestIDFrom(id) == "" {
		id = []string{s.requestIDs.next()}
		r.Header["X-Request-Id"] = id
	}
	w.Header()["X-Request-Id"] = id
}

// withRequestID adds a call's id to an error, for whoever reports it.
func withRequestID(s *status.Status, id string) *status.Status {
	if named, err := s.WithDetails(&errdetails.RequestInfo{RequestId: id}); err == nil {
		return named
	}
	return s // it is no error
}

// maxRequestID bounds what a caller may have in every line of the log.
const maxRequestID = 128

// requestIDFrom is the id that a caller gave his call, "" if it is none that can
// go into a log and a header as it is.
func requestIDFrom(values []string) string {
	if len(values) != 1 || len(values[0]) > maxRequestID {
		return ""
	}
	for _, r := range []byte(values[0]) {
		if r <= ' ' || r > '~' || r == '"' || r == '\\' {
			return ""
		}
	}
	return values[0]
}

// requestIDs makes ids that no other process makes, at the price of a count.
type requestIDs struct {
	process string
	count   atomic.Uint64
}

func (r *requestIDs) next() string {
	id := make([]byte, 0, 32) // stays on the stack
	id = append(append(id, r.process...), '-')
	return string(strconv.AppendUint(id, r.count.Add(1), 36))
}

func newRequestIDs() requestIDs { return requestIDs{process: strings.ToLower(rand.Text()[:10])} }
