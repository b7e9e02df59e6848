package server

import (
	"net/http"
	"time"

	"google.golang.org/protobuf/proto"
)

// serveStored answers a request from stored bytes, and reports whether it could.
// It is for GET, which asks what the memory holds and makes nothing, so that a
// word about memory changes nothing.
func (g *gateway) serveStored(w http.ResponseWriter, r *http.Request, key answerKey, method string, start time.Time) bool {
	a := g.s.answers.find(key, start)
	if a == nil {
		return false
	}
	g.serveAnswer(w, r, a, method, start)
	return true
}

// serveAnswer sends stored bytes. The request has passed what every call passes
// (identity, limits), but neither the in-memory connection nor a decoder.
func (g *gateway) serveAnswer(w http.ResponseWriter, r *http.Request, a *answer, method string, start time.Time) {
	a.serve(w, r, time.Now()) // a body, or who went ahead, may have taken long
	g.s.finishHit(&call{ctx: r.Context(), method: method, start: start, stored: true, id: r.Header.Get("X-Request-Id")})
}

// hasControl tells whether the caller has a word about memory.
func hasControl(r *http.Request) bool {
	values := r.Header["Cache-Control"]
	return len(values) > 0 && cacheControlFrom(values) != (cacheControl{})
}

// serveDecoded is serveStored for a request that was seen in other bytes, or
// over gRPC.
func (g *gateway) serveDecoded(w http.ResponseWriter, r *http.Request, key answerKey, route *route, req proto.Message) bool {
	start := time.Now()
	a := g.convert(r, key, route, req)
	if a == nil {
		return false
	}
	g.serveAnswer(w, r, a, route.method, start)
	return true
}

// convert puts an answer that is stored in the form of gRPC into this door's form
// and stores it so, in its place: whoever comes by the one door hardly ever comes
// by the other. It returns nil if there is none.
func (g *gateway) convert(r *http.Request, key answerKey, route *route, req proto.Message) *answer {
	if !answerableMethod(route.method) || route.verb != http.MethodGet && hasControl(r) {
		return nil
	}
	wire, ok := g.s.answers.messageKey(tenantOf(r.Context()), route.method, req)
	if !ok {
		return nil
	}
	stored := g.s.answers.find(wire, time.Now())
	if stored == nil {
		return nil
	}
	body, err := route.json(stored.body)
	if err != nil {
		return nil
	}
	a := &answer{watch: stored.watch, body: body, made: stored.made}
	if route.verb == http.MethodGet {
		a.tag = tagOf(body)
	}
	g.s.answers.keep(key, a)
	g.s.answers.held.Invalidate(wire)
	return a
}

// json is the JSON of an answer to this route, from its protobuf bytes.
func (r *route) json(wire []byte) ([]byte, error) {
	message := r.output.New().Interface()
	if err := proto.Unmarshal(wire, message); err != nil {
		return nil, err
	}
	if r.bare != nil {
		message = message.ProtoReflect().Get(r.bare).Message().Interface()
	}
	return answerJSON.Marshal(message)
}
