package server

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
)

// serveDirect makes a unary call of a decoded request without the in-memory
// connection, and reports whether it could. The call passes the same edge, under the
// same metadata; what it saves is to write, frame and read request and answer once
// more, and six hand-overs between goroutines: a sixth of what yeok adds to a model's
// time.
func (g *gateway) serveDirect(w http.ResponseWriter, r *http.Request, route *route, message proto.Message) bool {
	method := g.s.unary(message)
	if method == nil || strings.Contains(strings.ToLower(r.Header.Get("Te")), "trailers") {
		return false
	}
	if !g.s.direct.enter() {
		g.refuse(w, r, route.method, &refusal{statusOf(cache.ErrClosed), 0})
		return true
	}
	stream := &directStream{method: route.method}
	resp, err := g.callDirect(r, stream, message, method)
	body := stream.body
	if err == nil && body == nil {
		body, err = route.encode(resp)
	}
	if err != nil {
		g.writeStatus(w, statusOf(err), 0)
		return true
	}
	for key, values := range stream.head {
		if name, ok := outgoingHeader(key); ok {
			w.Header()[name] = values
		}
	}
	w.Header()["Content-Type"] = jsonHeader
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = w.Write(body) // the caller may have left
	return true
}

// callDirect passes the edge.
func (g *gateway) callDirect(r *http.Request, stream *directStream, message proto.Message, method grpc.UnaryHandler) (resp any, err error) {
	defer g.s.direct.leave()
	ctx, err := runtime.AnnotateIncomingContext(r.Context(), g.mux, r, stream.method)
	if err != nil { // of its Grpc-Timeout
		return nil, err
	}
	ctx = peer.NewContext(grpc.NewContextWithServerTransportStream(ctx, stream), &peer.Peer{Addr: memoryAddr{}})
	return edge{g.s, g.s.admitCall}.unary(ctx, message, &grpc.UnaryServerInfo{Server: g.s, FullMethod: stream.method}, method)
}

// unary is the method that takes such a request, nil if there is none that a POST
// may call.
func (s *Server) unary(message proto.Message) grpc.UnaryHandler {
	switch message.(type) {
	case *yeokv1.TranslateArticleRequest:
		return handlerOf(s.TranslateArticle)
	case *yeokv1.TranslateTextRequest:
		return handlerOf(s.TranslateText)
	case *yeokv1.CleanArticleRequest:
		return handlerOf(s.CleanArticle)
	}
	return nil
}

func handlerOf[Req, Resp any](method func(context.Context, Req) (Resp, error)) grpc.UnaryHandler {
	return func(ctx context.Context, req any) (any, error) { return method(ctx, req.(Req)) }
}

// encode is the JSON of an answer to this route, as a method returns it or the edge.
func (r *route) encode(resp any) ([]byte, error) {
	if stored, ok := resp.(wireAnswer); ok {
		return r.json(stored.body)
	}
	return answerJSON.Marshal(resp.(proto.Message))
}

// directStream takes the head of an answer, and the answer itself if it is written
// already.
type directStream struct {
	method string
	body   []byte // nil if it is not

	mu   sync.Mutex
	head metadata.MD
}

// Method is grpc-go's.
func (s *directStream) Method() string { return s.method }

// SetHeader is grpc-go's.
func (s *directStream) SetHeader(md metadata.MD) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head = metadata.Join(s.head, md)
	return nil
}

// SendHeader is grpc-go's; the head goes out with the answer.
func (s *directStream) SendHeader(md metadata.MD) error { return s.SetHeader(md) }

// SetTrailer is grpc-go's; answers have none.
func (*directStream) SetTrailer(metadata.MD) error { return nil }

// directCalls are the calls that the gRPC server does not know of when it stops. The
// zero value is ready.
type directCalls struct {
	mu      sync.Mutex
	stopped bool
	running sync.WaitGroup
}

// enter reports whether a call may still be made; then it must leave.
func (c *directCalls) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return false
	}
	c.running.Add(1)
	return true
}

func (c *directCalls) leave() { c.running.Done() }

// stop refuses new calls.
func (c *directCalls) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
}
