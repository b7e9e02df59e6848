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
	"sync"
	"sync/atomic"
	"time"
)

// form is an answer over HTTP in one coding, with all of its head that can be
// made before anybody asks.
type form struct {
	once   sync.Once
	body   []byte
	tag    string   // ETag, "" for none
	length []string // Content-Length
	head   atomic.Pointer[head]
}

// head is the part of an answer's head that net/http need not understand. It is
// the same for a second.
type head struct {
	age    int64 // seconds
	fields http.Header
	lines  []byte // the same, as they are sent
}

func (f *form) fill(body []byte, tag string) {
	f.body, f.tag, f.length = body, tag, []string{strconv.Itoa(len(body))}
}

// form returns the answer as it is, or in gzip. Each is made once for all callers.
func (a *answer) form(packed bool) *form {
	if !packed {
		a.plain.once.Do(func() { a.plain.fill(a.body, a.tag) })
		return &a.plain
	}
	a.packed.once.Do(func() { a.packed.fill(inGzip(a.body), packedTag(a.tag)) })
	return &a.packed
}

// headAt returns the head of a form of an answer that was made then.
func (f *form) headAt(now, made time.Time) *head {
	age := int64(-1)
	if !made.IsZero() {
		age = wholeSeconds(now.Sub(made))
	}
	if h := f.head.Load(); h != nil && h.age == age {
		return h
	}
	h := &head{age: age, fields: http.Header{"Cache-Status": {hitStatus}, "Vary": varyHeader}}
	if age >= 0 {
		h.fields["Age"] = []string{strconv.FormatInt(age, 10)}
	}
	if f.tag != "" {
		h.fields["Etag"], h.fields["Cache-Control"] = []string{f.tag}, []string{keepPrivately}
	}
	var lines bytes.Buffer
	_ = h.fields.Write(&lines) // a buffer does not fail
	h.lines = lines.Bytes()
	f.head.Store(h)
	return h
}

// serve writes an answer, or 304 to a caller who has it already.
func (a *answer) serve(w http.ResponseWriter, r *http.Request, now time.Time) {
	packed := len(a.body) >= packFrom && acceptsGzip(r.Header)
	f, conn := a.form(packed), connOf(r)
	f.headAt(now, a.made).put(w, conn)
	if held := r.Header["If-None-Match"]; f.tag != "" && len(held) > 0 && (matches(held[0], a.tag) || matches(held[0], packedTag(a.tag))) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header := w.Header()
	header["Content-Type"] = jsonHeader
	header["Content-Length"] = f.length
	if packed {
		header["Content-Encoding"] = gzipHeader
	}
	w.WriteHeader(http.StatusOK)
	switch {
	case r.Method == http.MethodHead:
	case conn == nil || len(f.body) < gatherFrom:
		_, _ = w.Write(f.body) // an error means that the caller has left
	default:
		conn.Gather()
		_, _ = w.Write(f.body)
		_ = conn.Release()
	}
}

// put makes h part of an answer's head, at the connection if it can: net/http
// would copy, sort and check each field anew, which is a tenth of what a hit costs.
func (h *head) put(w http.ResponseWriter, conn sender) {
	if conn == nil {
		header := w.Header()
		for name, values := range h.fields {
			header[name] = values
		}
		return
	}
	if _, named := h.fields["Cache-Control"]; named {
		delete(w.Header(), "Cache-Control")
	}
	conn.Insert(h.lines)
}

// sender is a connection that knows how to send an answer in few pieces.
type sender interface {
	// Insert puts lines behind the first line of what is written next.
	Insert(lines []byte)
	// Gather keeps what is written until Release.
	Gather()
	Release() error
}

// gatherFrom is the size in bytes under which net/http itself writes a body with
// its head: it has a buffer of 4 KB for both.
const gatherFrom = 3 << 10

// connKey is where the context of a request over HTTP holds its connection.
type connKey struct{}

// WithConn is the ConnContext of the http.Server that serves [Server.HTTP]. It
// lets answers leave in one write, with a head that is ready, where the
// connection can do so.
func WithConn(ctx context.Context, conn net.Conn) context.Context {
	if s, ok := conn.(sender); ok {
		return context.WithValue(ctx, connKey{}, s)
	}
	return ctx
}

// connOf returns the connection of a request if it can help to send an answer.
func connOf(r *http.Request) sender {
	if r.ProtoMajor != 1 {
		return nil
	}
	s, _ := r.Context().Value(connKey{}).(sender)
	return s
}

// Headers that are the same for every hit, made once.
var (
	varyHeader = []string{"Accept-Encoding"}
	jsonHeader = []string{"application/json"}
	gzipHeader = []string{"gzip"}
)

// keepPrivately: what an article says may concern one tenant alone, so no
// shared cache may keep it; a private one may, and must ask about it.
const keepPrivately = "private, no-cache"

// packFrom is the size in bytes under which gzip saves less than a packet.
const packFrom = 1400

func inGzip(body []byte) []byte {
	var packed bytes.Buffer
	pack := gzip.NewWriter(&packed)
	_, _ = pack.Write(body) // a buffer does not fail
	_ = pack.Close()
	return packed.Bytes()
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
