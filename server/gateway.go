package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
)

// readTimeout is how long a caller may take to send a request's body. The answer
// has no such limit: a translation takes minutes.
const readTimeout = time.Minute

// unreadTimeout is how long a body that nobody reads may go on coming: a caller who
// is cut off in the middle of it would not see the answer.
const unreadTimeout = time.Second

// answerJSON is the JSON of every answer: lowerCamelCase, zeros and empty lists
// written out, so that clients need not guess.
var answerJSON = protojson.MarshalOptions{EmitDefaultValues: true}

// gateway is yeok over HTTP. Calls go to the gRPC server over an in-memory
// connection, so that they pass its interceptors: registering the handlers
// directly would skip them and has no streaming. Those that pay go past both, see
// serveDirect.
type gateway struct {
	s   *Server
	mux *runtime.ServeMux
}

// HTTP returns the handler of the HTTP API.
func (s *Server) HTTP() http.Handler {
	g := &gateway{s: s}
	g.mux = runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{
			MarshalOptions:   answerJSON,
			UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false},
		}),
		runtime.WithIncomingHeaderMatcher(incomingHeader),
		runtime.WithOutgoingHeaderMatcher(outgoingHeader),
		runtime.WithErrorHandler(g.writeGatewayError),
		runtime.WithRoutingErrorHandler(g.writeRoutingError),
		runtime.WithDisablePathLengthFallback(),
	)
	// Registration only fails for a nil connection.
	if err := yeokv1.RegisterTranslationServiceHandler(context.Background(), g.mux, s.conn); err != nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			g.writeStatus(w, statusOf(err), 0)
		})
	}
	root := http.NewServeMux()
	root.HandleFunc("GET /healthz", s.serveHealth)
	root.HandleFunc("GET /readyz", s.serveReady)
	root.HandleFunc("GET /openapi.json", serveOpenAPI)
	root.Handle("/", http.HandlerFunc(g.serve))
	return g.front(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			g.serve(w, r) // a hit is too quick for two muxes
			return
		}
		root.ServeHTTP(w, r)
	}))
}

// front is what every request passes first: a guard against panics, a limit on the
// time for its body, and where nobody is asked for a key, the question of the host.
func (g *gateway) front(next http.Handler) http.Handler {
	if g.s.keys == nil {
		next = g.localOnly(next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer g.survive(w, r)
		if c := connOf(r); c != nil {
			c.expect(r)
		}
		if r.ContentLength != 0 {
			// Whoever reads no body still waits for its end, to keep the
			// connection. Not every writer knows deadlines; without one the
			// read is only bounded in size.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTimeout))
		}
		next.ServeHTTP(w, r)
	})
}

// serve is the way of every API request: let in, bounded, answered from stored bytes if
// it can be, else strictly read, then to the generated gateway or to the event
// stream.
func (g *gateway) serve(w http.ResponseWriter, r *http.Request) {
	if _, named := r.Header["X-Request-Id"]; named {
		g.s.nameRequest(w, r) // the others later, since a hit is rarely logged
	}
	verb, method := r.Method, unknownPath
	if verb == http.MethodHead {
		verb = http.MethodGet
	}
	if !utf8.ValidString(r.URL.Path) { // no name is written so, and no message could hold it
		g.writePathUnknown(w, r)
		return
	}
	route := g.s.routes.of(verb, r.URL.Path)
	if route != nil {
		method = route.method
	}
	caller := g.admit(w, r, method)
	switch {
	case caller == nil:
	case verb == http.MethodGet:
		g.serveTagged(w, r, caller, route)
	case route == nil:
		g.s.nameRequest(w, r)
		g.mux.ServeHTTP(w, r)
	default:
		g.servePosted(w, r, caller, route)
	}
}

// servePosted answers a request that has a body.
func (g *gateway) servePosted(w http.ResponseWriter, r *http.Request, caller *access.Caller, route *route) {
	start := time.Now()
	body, failure := g.readBody(w, r)
	if failure != nil {
		g.refuseUnread(w, r, route.method, failure)
		return
	}
	key := g.s.answers.key(caller.Tenant, route.postDoor, body)
	if answerableMethod(route.method) && !hasControl(r) {
		stored, done := g.s.turns.take(r.Context(), key, time.Now())
		defer done()
		if stored != nil {
			g.serveAnswer(w, r, stored, route.method, start)
			return
		}
	}
	g.s.nameRequest(w, r)
	r = r.WithContext(withCaller(r.Context(), caller)) // a hit can do without
	message := route.input.New().Interface()
	var err error
	g.s.desk.Turn(nil).Do(func() { err = decodeStrictly(body, message) })
	if err != nil {
		g.refuse(w, r, route.method, &refusal{statusOf(err), 0})
		return
	}
	if stream, ok := message.(*yeokv1.StreamTranslateArticleRequest); ok && wantsEvents(r) {
		g.serveEvents(w, r, stream)
		return
	}
	if g.serveDecoded(w, r, key, route, message) {
		return
	}
	if !g.serveDirect(w, r, route, message) {
		r.Body = io.NopCloser(bytes.NewReader(body))
		if cacheControlFrom(r.Header["Cache-Control"]).onlyIfCached {
			w = absentWriter{w}
		}
		g.mux.ServeHTTP(w, r)
	}
	g.convert(r, key, route, message) // for those who wait behind this request
}

// refusal is a status with an HTTP code that its gRPC code does not imply.
type refusal struct {
	status *status.Status
	http   int // 0 is the one that it implies
}

// readBody reads a JSON body within the limit. Only JSON is taken: a form or
// plain text is what a browser would send from a stranger's page without
// asking, and it would cost the operator money.
func (g *gateway) readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	contentType := r.Header.Get("Content-Type")
	if kind, _, err := mime.ParseMediaType(contentType); err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return nil, &refusal{detailed(codes.InvalidArgument, "CONTENT_TYPE_UNSUPPORTED",
			fmt.Sprintf("send Content-Type: application/json, not %q", clip(contentType))), http.StatusUnsupportedMediaType}
	}
	var body bytes.Buffer
	// The length is the caller's word; more than a page's worth is not
	// believed before it is there.
	body.Grow(int(min(max(r.ContentLength, 0), 64<<10)) + bytes.MinRead)
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, int64(g.s.limits.RequestBytes)))
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // the answer takes as long as it takes
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, &refusal{detailed(codes.ResourceExhausted, "REQUEST_TOO_LARGE",
			fmt.Sprintf("the request is larger than %d bytes", tooLarge.Limit)), http.StatusRequestEntityTooLarge}
	}
	if err != nil {
		return nil, &refusal{detailed(codes.InvalidArgument, "REQUEST_CUT", "the request's body ended early"), 0}
	}
	return body.Bytes(), nil
}

// incomingHeader lets through what a call's answer depends on.
func incomingHeader(key string) (string, bool) {
	switch key {
	case "Cache-Control":
		return "cache-control", true
	case "Traceparent", "Tracestate", "X-Request-Id":
		return strings.ToLower(key), true
	}
	return "", false
}

func outgoingHeader(key string) (string, bool) {
	switch key {
	case "cache-status":
		return "Cache-Status", true
	case "age":
		return "Age", true
	}
	return "", false
}

func (g *gateway) writeGatewayError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error) {
	g.writeStatus(w, statusOf(err), 0)
}

// writeRoutingError answers paths and methods that no RPC has.
func (g *gateway) writeRoutingError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, _ int) {
	allowed := g.s.routes.allowed(r.URL.Path)
	if allowed == "" { // whatever the generated gateway makes of it, such as of an empty name
		g.writePathUnknown(w, r)
		return
	}
	w.Header().Set("Allow", allowed)
	g.refuseUnread(w, r, unknownPath, &refusal{detailed(codes.Unimplemented, "METHOD_NOT_ALLOWED",
		fmt.Sprintf("%s is not allowed here; allowed: %s", r.Method, allowed)), http.StatusMethodNotAllowed})
}

func (g *gateway) writePathUnknown(w http.ResponseWriter, r *http.Request) {
	g.refuseUnread(w, r, unknownPath, &refusal{detailed(codes.NotFound, "PATH_UNKNOWN",
		fmt.Sprintf("there is nothing at %s; see /openapi.json", clip(r.URL.Path))), http.StatusNotFound})
}

// refuse answers a request that does not get as far as the gRPC server, which
// would count and log it.
func (g *gateway) refuse(w http.ResponseWriter, r *http.Request, method string, f *refusal) {
	g.refuseFor(w, r, method, f, f.status.Err())
}

// refuseFor is refuse, with more in the log than the caller is told.
func (g *gateway) refuseFor(w http.ResponseWriter, r *http.Request, method string, f *refusal, cause error) {
	g.s.nameRequest(w, r)
	c := call{ctx: r.Context(), method: method, start: time.Now(), id: w.Header().Get("X-Request-Id")}
	g.s.finish(&c, cause, f.status)
	g.writeStatus(w, withRequestID(f.status, c.id), f.http)
}

// refuseUnread is refuse for a request whose body is not worth reading. net/http
// would read it all the same before it answers, to use the connection again.
func (g *gateway) refuseUnread(w http.ResponseWriter, r *http.Request, method string, f *refusal) {
	leaveUnread(w, r)
	g.refuse(w, r, method, f)
}

func leaveUnread(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 && r.ProtoMajor == 1 {
		w.Header().Set("Connection", "close")
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(unreadTimeout))
	}
}

// writeStatus answers with a google.rpc.Status in JSON. httpCode 0 means the
// one that belongs to the status.
func (g *gateway) writeStatus(w http.ResponseWriter, s *status.Status, httpCode int) {
	if httpCode == 0 {
		httpCode = httpCodeOf(s)
	}
	for _, detail := range s.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			seconds := max(1, int(retry.GetRetryDelay().AsDuration().Seconds()+0.999))
			w.Header().Set("Retry-After", strconv.Itoa(seconds))
		}
	}
	if s.Code() == codes.Unauthenticated {
		w.Header().Set("WWW-Authenticate", challenge(reasonOf(s)))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(httpCode)
	_, _ = w.Write(statusJSON(s.Proto())) // the caller may have left
}

func httpCodeOf(s *status.Status) int {
	if reasonOf(s) == notRememberedReason {
		return http.StatusGatewayTimeout
	}
	return runtime.HTTPStatusFromCode(s.Code())
}

func statusJSON(s *statuspb.Status) []byte {
	body, err := answerJSON.Marshal(s)
	if err != nil {
		return []byte(`{"code":13,"message":"internal error","details":[]}`)
	}
	return body
}
