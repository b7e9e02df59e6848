package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
)

// How strangers misbehave.
const (
	slow     = 40                     // connections that say a byte at a time, to each gateway
	drip     = 200 * time.Millisecond // between two bytes
	cutAfter = 20 * time.Second       // when those who send headers must be cut, at the latest: the limit is 10 s
	again    = 50 * time.Millisecond  // between two rounds of nonsense
	tooLarge = 2 << 20                // bytes; the gateways take 1 MiB
)

// strangers misbehave until they are told to end.
type strangers struct {
	stop context.CancelFunc
	all  sync.WaitGroup

	mu      sync.Mutex
	sent    map[string]int // by kind
	wrong   []string       // what was taken, or answered as a failure of the gateway
	lasting int            // slow connections that were not cut
	cut     int
}

// misbehave begins. A gateway that is down at the moment is no stranger's fault.
func misbehave(ctx context.Context, fleet []*gateway) *strangers {
	ctx, stop := context.WithCancel(ctx)
	s := &strangers{stop: stop, sent: map[string]int{}}
	for _, g := range fleet {
		for range slow {
			s.all.Go(func() { s.dripHeader(ctx, g) })
		}
		s.all.Go(func() { s.repeat(ctx, g) })
	}
	return s
}

// end waits for the strangers, and reports.
func (s *strangers) end(rep *report) {
	s.stop()
	s.all.Wait()
	rep.figure("nonsense sent: "+tally(s.sent), sum(s.sent))
	rep.promise("nonsense that was taken, or broke something", len(s.wrong), 0, s.wrong...)
	rep.figure("slow connections cut", s.cut)
	rep.promise(fmt.Sprintf("slow connections that lived for %s", cutAfter), s.lasting, 0)
}

func (s *strangers) note(kind string, wrong string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[kind]++
	if wrong != "" {
		s.wrong = append(s.wrong, kind+": "+wrong)
	}
}

// dripHeader sends a header a byte at a time, for ever, and begins again when it
// is cut.
func (s *strangers) dripHeader(ctx context.Context, g *gateway) {
	for ctx.Err() == nil {
		address, _ := g.addresses()
		conn, err := net.Dial("tcp", address)
		if err != nil {
			time.Sleep(drip)
			continue
		}
		began := time.Now()
		text := "POST /v1/articles:translate HTTP/1.1\r\nHost: yeok\r\nX-Slow: " + strings.Repeat("a", 1000)
		for i := 0; i < len(text) && ctx.Err() == nil && err == nil; i++ {
			_, err = conn.Write([]byte{text[i]})
			time.Sleep(drip)
		}
		_ = conn.Close() // it is done with
		s.mu.Lock()
		if err != nil {
			s.cut++
		}
		if time.Since(began) > cutAfter {
			s.lasting++
		}
		s.mu.Unlock()
	}
}

// repeat sends one round of nonsense after the other.
func (s *strangers) repeat(ctx context.Context, g *gateway) {
	for ctx.Err() == nil {
		for kind, send := range nonsense() {
			wrong, err := send(ctx, g)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil: // the gateway is down, or cut the connection, which is an answer
				s.note(kind+" (cut)", "")
			default:
				s.note(kind, wrong)
			}
		}
		time.Sleep(again)
	}
}

// nonsense are the kinds of it. Each returns what was wrong with the answer.
func nonsense() map[string]func(context.Context, *gateway) (wrong string, err error) {
	return map[string]func(context.Context, *gateway) (string, error){
		"oversized HTTP":  oversizedHTTP,
		"malformed HTTP":  malformedHTTP,
		"malformed JSON":  malformedJSON,
		"oversized gRPC":  func(ctx context.Context, g *gateway) (string, error) { return rawCall(ctx, g, make([]byte, tooLarge)) },
		"malformed gRPC":  malformedGRPC,
		"malformed HTTP2": malformedHTTP2,
	}
}

func oversizedHTTP(ctx context.Context, g *gateway) (string, error) {
	body := append([]byte(`{"source":{"text":"`), bytes.Repeat([]byte("가"), tooLarge/3)...)
	return refused(ctx, g, append(body, `"}}`...))
}

func malformedJSON(ctx context.Context, g *gateway) (string, error) {
	for _, body := range []string{
		``, `{`, `[]`, `null`, `"x"`, `{"source":{"text":5}}`, `{"source":{"text":"가"},"nobody":1}`, `{"source":{"text":"\ud800"}}`,
		"{\"source\":{\"text\":\"\xff\xfe\"}}", `{"articleId":"../../etc"}`, strings.Repeat(`{"source":`, 20_000),
		`{"targetLanguageCodes":["xx"],"source":{"text":"가"}}`, `{"source":{"article":{"blocks":[{"kind":99}]}}}`, "\x00\x01\x02",
	} {
		if wrong, err := refused(ctx, g, []byte(body)); wrong != "" || err != nil {
			return wrong, err
		}
	}
	return "", nil
}

// refused posts a body that must be refused as the caller's mistake.
func refused(ctx context.Context, g *gateway, body []byte) (string, error) {
	resp, err := send(ctx, g.address()+"/v1/articles:translate", body)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return "", err
	}
	if resp.StatusCode < 400 || resp.StatusCode >= 500 {
		return fmt.Sprintf("%d for %.100q", resp.StatusCode, body), nil
	}
	return "", nil
}

func malformedHTTP(ctx context.Context, g *gateway) (string, error) {
	address, _ := g.addresses()
	for _, text := range []string{
		"\x16\x03\x01\x02\x00\x01", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST /v1/articles:translate HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST /v1/articles:translate HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
		"POST /v1/articles:translate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX: \x00\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 128<<10) + "\r\n\r\n",
		"GET " + strings.Repeat("/..", 1000) + " HTTP/1.1\r\nHost: x\r\n\r\n", "GET /v1/articles/%ff%00 HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		answer, err := exchange(ctx, address, text)
		if err != nil {
			return "", err
		}
		if strings.HasPrefix(answer, "HTTP/1.1 2") || strings.HasPrefix(answer, "HTTP/1.1 5") && !strings.HasPrefix(answer, "HTTP/1.1 501") && !strings.HasPrefix(answer, "HTTP/1.1 505") {
			return fmt.Sprintf("%.60q for %.100q", answer, text), nil
		}
	}
	return "", nil
}

// exchange sends a text and reads the first of what comes back.
func exchange(ctx context.Context, address, text string) (string, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, text); err != nil {
		return "", nil // cut while it spoke: refused
	}
	answer := make([]byte, 256)
	n, err := conn.Read(answer)
	var slow net.Error
	if err != nil && !errors.Is(err, io.EOF) && !(errors.As(err, &slow) && slow.Timeout()) {
		return "", nil // reset: refused
	}
	return string(answer[:n]), nil
}

// malformedHTTP2 speaks garbage to the door of gRPC.
func malformedHTTP2(ctx context.Context, g *gateway) (string, error) {
	_, address := g.addresses()
	const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	garbage := make([]byte, 200)
	_, _ = rand.Read(garbage) // it never fails
	for _, text := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n", string(garbage), preface + string(garbage),
		preface + "\x00\x00\x00\x04\x00\x00\x00\x00\x00" + "\xff\xff\xff\x00\x00\x00\x00\x00\x01", // a frame of 16 MB
		preface + "\x00\x00\x00\x04\x00\x00\x00\x00\x00" + strings.Repeat("\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x08", 200),
	} {
		if _, err := exchange(ctx, address, text); err != nil {
			return "", err
		}
	}
	return "", nil
}

// malformedGRPC sends what is no message, and a frame that lies about its length.
func malformedGRPC(ctx context.Context, g *gateway) (string, error) {
	garbage := make([]byte, 300)
	_, _ = rand.Read(garbage) // it never fails
	for _, message := range [][]byte{nil, []byte("\x0a\xff\xff\xff\xff\x0f"), append([]byte{0x0a, 0x03, 0x0a, 0x7f}, garbage...), bytes.Repeat([]byte{0x0b}, 10_000)} {
		if wrong, err := rawCall(ctx, g, message); wrong != "" || err != nil {
			return wrong, err
		}
	}
	return lyingFrame(ctx, g)
}

// rawCall sends bytes as the message of a call.
func rawCall(ctx context.Context, g *gateway, message []byte) (string, error) {
	_, conn := g.now()
	ctx, cancel := context.WithTimeout(ctx, oneTry)
	defer cancel()
	var answer []byte
	err := conn.Invoke(ctx, "/yeok.v1.TranslationService/TranslateArticle", &message, &answer, grpc.ForceCodecV2(rawCodec{}))
	switch code := status.Code(err); code {
	case codes.Unavailable, codes.Canceled, codes.DeadlineExceeded:
		return "", err
	case codes.OK, codes.Unknown, codes.Internal:
		return fmt.Sprintf("%v for %.60q", err, message), nil
	default:
		return "", nil
	}
}

// rawCodec takes bytes for messages.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

// lyingFrame says that a message of 4 GB follows.
func lyingFrame(ctx context.Context, g *gateway) (string, error) {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	_, address := g.addresses()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/yeok.v1.TranslationService/TranslateArticle",
		strings.NewReader("\x00\xff\xff\xff\xffshort"))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("TE", "trailers")
	resp, err := (&http.Client{Transport: transport, Timeout: oneTry}).Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return "", err
	}
	code := resp.Trailer.Get("Grpc-Status") + resp.Header.Get("Grpc-Status")
	if code == "" || code == "0" {
		return "a frame of 4 GB is answered with " + resp.Status + " " + code, nil
	}
	return "", nil
}
