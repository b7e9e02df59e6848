package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
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
	lines  []byte   // what a head says of the body, as it is sent
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
	f.lines = linesOf(http.Header{"Content-Length": f.length, "Content-Type": jsonHeader})
}

func linesOf(fields http.Header) []byte {
	var lines bytes.Buffer
	_ = fields.Write(&lines) // a buffer does not fail
	return lines.Bytes()
}

// form returns the answer as it is, or in gzip. Each is made once for all callers.
func (a *answer) form(packed bool) *form {
	if !packed {
		a.plain.once.Do(func() { a.plain.fill(a.body, a.tag) })
		return &a.plain
	}
	a.packed.once.Do(func() {
		a.packed.fill(inGzip(a.body), packedTag(a.tag))
		a.packed.lines = append(a.packed.lines, linesOf(http.Header{"Content-Encoding": gzipHeader})...)
	})
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
	h.lines = linesOf(h.fields)
	f.head.Store(h)
	return h
}

// serve writes an answer, or 304 to a caller who has it already.
func (a *answer) serve(w http.ResponseWriter, r *http.Request, now time.Time) {
	packed := len(a.body) >= packFrom && acceptsGzip(r.Header)
	f, conn := a.form(packed), connOf(r)
	f.headAt(now, a.made).put(w, conn)
	if held := r.Header["If-None-Match"]; f.tag != "" && len(held) > 0 && a.matches(held[0]) {
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
		conn.gather()
		_, _ = w.Write(f.body)
		_ = conn.flush()
	}
}

// matches tells whether a caller has the answer already, in whatever coding.
func (a *answer) matches(ifNoneMatch string) bool {
	return matches(ifNoneMatch, a.tag) || matches(ifNoneMatch, packedTag(a.tag))
}

// put makes h part of an answer's head, at the connection if it can: net/http
// would copy, sort and check each field anew, which is a tenth of what a hit costs.
func (h *head) put(w http.ResponseWriter, conn *conn) {
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
	conn.insert(h.lines)
}

// gatherFrom is the size in bytes under which net/http itself writes a body with
// its head: it has a buffer of 4 KB for both.
const gatherFrom = 3 << 10

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
