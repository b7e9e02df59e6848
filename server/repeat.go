package server

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// repeats lets a connection answer GETs that are asked in the way that an earlier
// one was, before net/http has seen them.
//
// A caller who keeps his connection sends the same header lines with each request;
// but for the path, and the tag of what he has, not a byte of them changes. What
// they mean net/http and the gateway find out once, when they come first: that they
// are in order, ask for nothing strange, and what they say of keys, codings and
// tags. From then on equal bytes mean the same. The key that they bring is checked,
// and counted against its limits, each time.
//
// So this knows no HTTP beyond cutting a request line: whatever is not byte for
// byte what was understood before, or is not stored, goes to net/http untouched.
//
// All of it belongs to the goroutine of the connection at net/http.
type repeats struct {
	idle     time.Duration // how long a connection may rest; 0 is for ever
	extended time.Time     // when it last got new time to rest, but for what net/http gave it

	resting    bool  // at the end of one request, where the next one will begin
	ahead      int64 // bytes that net/http held of the next request when it rested last
	handed     int64 // bytes that it has got since then, and those
	head, body int64 // bytes of the request that it has in hand; -1 if nobody knows

	heard []byte    // header lines of the GET that net/http has in hand; empty if it is no good for this
	known [2]manner // without If-None-Match, and with it
}

// manner is a way to ask: the header lines of a GET, from the end of its first line
// to the blank one, and what they mean.
type manner struct {
	before, after []byte // on both sides of the value of If-None-Match; without one, before is all
	conditional   bool   // there is one
	authorization []string
	packed        bool // gzip is welcome
}

const (
	repeatVerb    = "GET "
	repeatPath    = "/v1/"
	repeatVersion = " HTTP/1.1"
	blankLine     = "\r\n\r\n"
	tagField      = "\r\nif-none-match:"

	// maxManner is the bytes of header lines that are kept at most, of which a
	// connection may have two. Only browsers with many cookies send more.
	maxManner = 2 << 10
)

// turnTo is told by net/http where it is with the connection. At the end of one
// request it may hold the beginning of the next. How much can only be known by
// counting: one byte at most of who waits for answers, since that is what it reads
// while it answers. Of whom more is held it is not known again where a request ends.
func (c *conn) turnTo(state http.ConnState) {
	if state != http.StateIdle {
		return
	}
	ahead := c.handed - c.head - c.body
	known := c.head >= 0 && c.body >= 0 && (ahead == 0 || ahead == 1)
	c.resting, c.ahead = known && ahead == 0, 0
	if known {
		c.ahead = ahead
	}
	c.heard, c.head = c.heard[:0], -1
}

// Read is net/http's. While the connection rests, what it can answer by itself does
// not get there.
func (c *conn) Read(p []byte) (int, error) {
	for c.resting {
		n, err := c.Conn.Read(p)
		if err != nil {
			return n, err
		}
		rest, err := c.answerAll(p[:n])
		if err != nil {
			return 0, err
		}
		if len(rest) > 0 {
			c.hear(rest)
			return copy(p, rest), nil
		}
	}
	n, err := c.Conn.Read(p)
	if c.ahead > 0 {
		c.hear(p[:n])
	} else {
		c.handed += int64(n)
	}
	return n, err
}

// hear looks at what goes to net/http after a rest: where the head of a request ends
// in it, and the header lines for learn, if it is one GET.
func (c *conn) hear(p []byte) {
	c.resting, c.handed, c.head = false, c.ahead+int64(len(p)), headLength(p)
	if c.head >= 0 {
		c.head += c.ahead
	}
	if path, lines := cutLine(p); path != nil && len(lines) <= maxManner && c.head == c.handed {
		c.heard = append(c.heard, lines...)
	}
	c.ahead = 0
}

// headLength is the length of a request's head as net/textproto reads it, to the end
// of the blank line; -1 if that is not in p.
func headLength(p []byte) int64 {
	for at := 0; ; at++ {
		end := bytes.IndexByte(p[at:], '\n')
		if end < 0 {
			return -1
		}
		at += end
		for _, blank := range []string{"\n", "\r\n"} {
			if bytes.HasPrefix(p[at+1:], []byte(blank)) {
				return int64(at + 1 + len(blank))
			}
		}
	}
}

// expect is called with each request before it is handled.
func (c *conn) expect(r *http.Request) { c.body = r.ContentLength }

// learn is called with a GET that net/http has in hand, and whose caller was let in:
// from now on the connection answers by itself what is asked in its manner.
func (c *conn) learn(r *http.Request) {
	if len(c.heard) == 0 || !plain(r) {
		return
	}
	m := manner{before: c.heard, authorization: r.Header["Authorization"], packed: acceptsGzip(r.Header)}
	if values := r.Header["If-None-Match"]; len(values) > 0 && !m.split(values) {
		return
	}
	slot := &c.known[0]
	if m.conditional {
		slot = &c.known[1]
	}
	if !bytes.Equal(slot.before, m.before) || !bytes.Equal(slot.after, m.after) {
		m.before, m.after = bytes.Clone(m.before), bytes.Clone(m.after)
		*slot = m
	}
}

// plain tells whether a request has no body, leaves the connection as it is, and
// brings no name that its answer would have to repeat.
func plain(r *http.Request) bool {
	_, named := r.Header["X-Request-Id"]
	leaves := func(value string) bool { return !strings.EqualFold(value, "keep-alive") }
	return r.ContentLength == 0 && !named && !slices.ContainsFunc(r.Header["Connection"], leaves)
}

// split takes the only value of If-None-Match out of the lines, where it must stand
// as net/http understood it.
func (m *manner) split(values []string) bool {
	at := bytes.Index(lowered(m.before), []byte(tagField))
	if at < 0 || len(values) > 1 {
		return false
	}
	at += len(tagField)
	for at < len(m.before) && m.before[at] == ' ' {
		at++
	}
	m.conditional = bytes.HasPrefix(m.before[at:], []byte(values[0]+"\r\n"))
	m.before, m.after = m.before[:at], m.before[at+len(values[0]):]
	return m.conditional
}

// lowered is p in small letters, byte by byte.
func lowered(p []byte) []byte {
	low := bytes.Clone(p)
	for i, b := range low {
		if 'A' <= b && b <= 'Z' {
			low[i] = b + 'a' - 'A'
		}
	}
	return low
}

// answerAll answers the requests at the beginning of p that it can, and returns
// what is left. After an error the connection is of no more use.
func (c *conn) answerAll(p []byte) (rest []byte, err error) {
	if path, _ := cutLine(p); path == nil || len(c.known[0].before)+len(c.known[1].before) == 0 {
		return p, nil
	}
	if !c.use.CompareAndSwap(byOthers, byItself) {
		return nil, net.ErrClosed
	}
	defer func() {
		if thrown := recover(); thrown != nil {
			c.s.tellPanic(context.Background(), describePanic(thrown, debug.Stack()))
			err = errPanicked
		}
		if !c.use.CompareAndSwap(byItself, byOthers) {
			err = errors.Join(err, c.Conn.Close(), net.ErrClosed)
		}
	}()
	now := time.Now()
	c.gather()
	for len(p) > 0 && err == nil {
		rest, err = c.answerOne(p, now)
		if len(rest) == len(p) {
			break
		}
		p = rest
	}
	return p, errors.Join(err, c.flush(), c.extend(now))
}

// extend gives the connection new time to rest in, now and then: setting a deadline
// costs as much as looking at the clock ten times.
func (c *conn) extend(now time.Time) error {
	if c.idle <= 0 || now.Sub(c.extended) < c.idle/8 {
		return nil
	}
	c.extended = now
	return c.SetReadDeadline(now.Add(c.idle))
}

// answerOne gathers the answer to the request at the beginning of p and returns what
// is behind that; all of p if it is not for the connection to answer.
func (c *conn) answerOne(p []byte, now time.Time) (rest []byte, err error) {
	path, lines := cutLine(p)
	if path == nil {
		return p, nil
	}
	for i := range c.known {
		how := &c.known[i]
		tag, rest, ok := how.cut(lines)
		if !ok {
			continue
		}
		a, method := c.s.storedAt(string(path), how.authorization, now)
		if a == nil {
			return p, nil
		}
		err := c.send(a, tag, how, now)
		c.s.finishHit(&call{ctx: context.Background(), method: method, start: now, stored: true})
		return rest, err
	}
	return p, nil
}

// cutLine cuts the line off that a GET begins with, but for the end of it. A path in
// which anything would have to be decoded is none for this.
func cutLine(p []byte) (path, lines []byte) {
	if !bytes.HasPrefix(p, []byte(repeatVerb+repeatPath)) {
		return nil, nil
	}
	end := len(repeatVerb)
	for end < len(p) && plainInPath(p[end]) {
		end++
	}
	lines, ok := bytes.CutPrefix(p[end:], []byte(repeatVersion))
	if !ok {
		return nil, nil
	}
	return p[len(repeatVerb):end], lines
}

// plainInPath tells the unreserved characters (RFC 3986, section 2.3), and slashes.
func plainInPath(b byte) bool {
	return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || strings.IndexByte("-._~/", b) >= 0
}

// cut cuts header lines in this manner off.
func (m *manner) cut(lines []byte) (tag, rest []byte, ok bool) {
	if len(m.before) == 0 {
		return nil, nil, false
	}
	rest, ok = bytes.CutPrefix(lines, m.before)
	if !ok || !m.conditional {
		return nil, rest, ok
	}
	end := 0
	for end < len(rest) && ' ' < rest[end] && rest[end] <= '~' {
		end++
	}
	tag = rest[:end]
	rest, ok = bytes.CutPrefix(rest[end:], m.after)
	return tag, rest, ok
}

// storedAt returns the stored answer to a GET, and the RPC that it is of, if the
// caller is let in; nil leaves all to net/http's side, which tells and counts why.
func (s *Server) storedAt(path string, authorization []string, now time.Time) (a *answer, method string) {
	route := s.routes.of(http.MethodGet, path)
	if route == nil {
		return nil, ""
	}
	caller, err := s.identify(route.method, authorization, now)
	if err != nil {
		return nil, ""
	}
	a = s.answers.find(s.answers.key(caller.Tenant, http.MethodGet, []byte(path)), now)
	if a == nil || caller.Spend(now) != nil {
		return nil, ""
	}
	return a, route.method
}

// send writes what serve would have net/http write.
func (c *conn) send(a *answer, tag []byte, how *manner, now time.Time) error {
	f := a.form(how.packed && len(a.body) >= packFrom)
	pieces := [...][]byte{statusOK, f.headAt(now, a.made).lines, f.lines, c.s.dates.line(now), f.body}
	if string(tag) == f.tag || a.matches(string(tag)) {
		pieces[0], pieces[2], pieces[4] = statusNotModified, nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, piece := range pieces {
		if _, err := c.write(piece); err != nil {
			return err
		}
	}
	return nil
}

var (
	statusOK          = []byte("HTTP/1.1 200 OK\r\n")
	statusNotModified = []byte("HTTP/1.1 304 Not Modified\r\n")
)

// dates writes the last line of a head, once a second.
type dates struct{ last atomic.Pointer[date] }

type date struct {
	second int64
	line   []byte
}

// line is the Date of now, and the blank line.
func (d *dates) line(now time.Time) []byte {
	second := now.Unix()
	if last := d.last.Load(); last != nil && last.second == second {
		return last.line
	}
	next := &date{second, []byte("Date: " + now.UTC().Format(http.TimeFormat) + blankLine)}
	d.last.Store(next)
	return next.line
}
