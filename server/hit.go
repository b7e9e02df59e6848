package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
)

// serveStored answers a request from stored bytes, and reports whether it could.
// It is for GET, which asks what the memory holds and makes nothing, so that a
// word about memory changes nothing.
func (g *gateway) serveStored(w http.ResponseWriter, r *http.Request, key answerKey, method string, start time.Time) bool {
	a := g.s.answers.find(key)
	if a == nil {
		return false
	}
	g.serveAnswer(w, r, a, method, start)
	return true
}

// serveAnswer sends stored bytes. The request has passed what every call passes
// (identity, limits), but neither the in-memory connection nor a decoder.
func (g *gateway) serveAnswer(w http.ResponseWriter, r *http.Request, a *answer, method string, start time.Time) {
	a.serve(w, r)
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
	stored := g.s.answers.find(wire)
	if stored == nil {
		return nil
	}
	body, err := route.json(stored.body)
	if err != nil {
		return nil
	}
	a := &answer{records: stored.records, body: body, made: stored.made}
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

// serve writes an answer, or 304 to a caller who has it already.
func (a *answer) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header["Cache-Status"] = hitStatusHeader
	header["Vary"] = varyHeader
	if !a.made.IsZero() {
		header["Age"] = []string{ageOf(a.made)}
	}
	body, tag := a.body, a.tag
	if acceptsGzip(r.Header) && len(body) >= packFrom {
		body, tag = a.gzip(), packedTag(tag)
		header["Content-Encoding"] = gzipHeader
	}
	if tag != "" {
		header["Etag"] = []string{tag}
		header["Cache-Control"] = keepHeader
		if held := r.Header.Get("If-None-Match"); held != "" && (matches(held, a.tag) || matches(held, packedTag(a.tag))) {
			header.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	header["Content-Type"] = jsonHeader
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		writeAtOnce(w, r, body)
	}
}

// gatherer is a connection that can send several writes as one.
type gatherer interface {
	Gather()
	Release() error
}

// connKey is where the context of a request over HTTP holds its connection.
type connKey struct{}

// WithConn is the ConnContext of the http.Server that serves [Server.HTTP]. It
// lets answers leave in one write where the connection can gather.
func WithConn(ctx context.Context, conn net.Conn) context.Context {
	if g, ok := conn.(gatherer); ok {
		return context.WithValue(ctx, connKey{}, g)
	}
	return ctx
}

// writeAtOnce writes a body with its head. Errors mean that the caller has left.
func writeAtOnce(w http.ResponseWriter, r *http.Request, body []byte) {
	conn, ok := r.Context().Value(connKey{}).(gatherer)
	if !ok || r.ProtoMajor != 1 {
		_, _ = w.Write(body)
		return
	}
	conn.Gather()
	_, _ = w.Write(body)
	_ = conn.Release()
}

// Headers that are the same for every hit, made once.
var (
	hitStatusHeader = []string{hitStatus}
	varyHeader      = []string{"Accept-Encoding"}
	keepHeader      = []string{keepPrivately}
	jsonHeader      = []string{"application/json"}
	gzipHeader      = []string{"gzip"}
)

// keepPrivately: what an article says may concern one tenant alone, so no
// shared cache may keep it; a private one may, and must ask about it.
const keepPrivately = "private, no-cache"

// packFrom is the size in bytes under which gzip saves less than a packet.
const packFrom = 1400

// gzip returns the body in gzip. It is made once for all callers.
func (a *answer) gzip() []byte {
	a.packing.Do(func() {
		var packed bytes.Buffer
		pack := gzip.NewWriter(&packed)
		_, _ = pack.Write(a.body) // a buffer does not fail
		_ = pack.Close()
		a.packed = packed.Bytes()
	})
	return a.packed
}

func acceptsGzip(h http.Header) bool {
	for _, value := range h["Accept-Encoding"] {
		for coding := range strings.SplitSeq(value, ",") {
			name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") && !refused(weight) {
				return true
			}
		}
	}
	return false
}

// refused reads a weight of zero, as in `gzip;q=0` (RFC 9110, section 12.4.2).
func refused(weight string) bool {
	q, ok := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
	if !ok {
		return false
	}
	value, err := strconv.ParseFloat(q, 64)
	return err == nil && value == 0
}

func tagOf(body []byte) string {
	return `"` + hexID(sha256.Sum256(body)) + `"`
}

// packedSuffix tells the tag of a body in gzip from that of the plain one: a
// strong tag stands for the very bytes (RFC 9110, section 8.8.3).
const packedSuffix = `-gzip"`

func packedTag(tag string) string {
	if tag == "" {
		return ""
	}
	return strings.TrimSuffix(tag, `"`) + packedSuffix
}
