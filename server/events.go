package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
)

// keepAlive is how long an event stream may be silent. Proxies cut a quiet
// connection after 30 to 60 seconds; a slow model thinks longer than that.
const keepAlive = 15 * time.Second

// writeTimeout ends a stream whose reader has stopped reading. The work goes
// on, and the reader resumes with Last-Event-ID.
const writeTimeout = 30 * time.Second

// wantsEvents says whether the caller asked for Server-Sent Events.
func wantsEvents(r *http.Request) bool {
	for _, accept := range r.Header.Values("Accept") {
		if strings.Contains(accept, "text/event-stream") {
			return true
		}
	}
	return false
}

// received is one result of a stream's Recv.
type received struct {
	event *yeokv1.StreamTranslateArticleResponse
	err   error
}

// serveEvents answers a stream as Server-Sent Events. What fails before the
// first event is answered with its HTTP status; what fails later is the last
// event, `error`.
func (g *gateway) serveEvents(w http.ResponseWriter, r *http.Request, req *yeokv1.StreamTranslateArticleRequest) {
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	for _, control := range r.Header["Cache-Control"] {
		ctx = metadata.AppendToOutgoingContext(ctx, "cache-control", control)
	}
	ctx = carryTrace(ctx, r.Header)
	stream, err := g.s.Client().StreamTranslateArticle(ctx, req)
	if err != nil {
		g.writeStatus(w, statusOf(err), 0)
		return
	}
	first, err := stream.Recv()
	if err != nil {
		g.writeStatus(w, statusOf(err), 0)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx would hold the blocks back
	out := &eventWriter{w: w, control: http.NewResponseController(w), cursor: newCursor(first.GetArticle(), r.Header.Get("Last-Event-ID"))}
	if out.send(first) != nil {
		return
	}
	out.relay(ctx, g.receive(ctx, stream))
}

// receive turns a stream into a channel, so that silence can be noticed.
func (g *gateway) receive(ctx context.Context, stream grpc.ServerStreamingClient[yeokv1.StreamTranslateArticleResponse]) <-chan received {
	results := make(chan received)
	go func() {
		for {
			var event *yeokv1.StreamTranslateArticleResponse
			err := g.s.safely(ctx, func() (err error) {
				event, err = stream.Recv()
				return err
			})
			select {
			case results <- received{event, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return results
}

// eventWriter writes events and remembers, in each event's id, what the reader
// has seen.
type eventWriter struct {
	w       io.Writer
	control *http.ResponseController
	cursor  *cursor
}

// relay sends what comes until the stream or its reader ends.
func (e *eventWriter) relay(ctx context.Context, results <-chan received) {
	for {
		select {
		case got := <-results:
			if errors.Is(got.err, io.EOF) {
				return
			}
			if got.err != nil {
				_ = e.write("error", statusJSON(statusOf(got.err).Proto())) // the last word; nobody may be there
				return
			}
			if e.send(got.event) != nil {
				return
			}
		case <-ctx.Done():
			return
		case <-time.After(keepAlive):
			if e.flush([]byte(": working\n\n")) != nil {
				return
			}
		}
	}
}

// send writes one event, unless the reader has seen it before its connection
// broke.
func (e *eventWriter) send(event *yeokv1.StreamTranslateArticleResponse) error {
	var name string
	var data proto.Message
	switch body := event.GetEvent().(type) {
	case *yeokv1.StreamTranslateArticleResponse_Article:
		name, data = "article", body.Article
	case *yeokv1.StreamTranslateArticleResponse_Block:
		name, data = "block", body.Block
	case *yeokv1.StreamTranslateArticleResponse_Translation:
		name, data = "translation", body.Translation
	case *yeokv1.StreamTranslateArticleResponse_Estimate:
		name, data = "estimate", body.Estimate
	case *yeokv1.StreamTranslateArticleResponse_Done:
		name, data = "done", body.Done
	default:
		return nil
	}
	if e.cursor.seen(event) {
		return nil
	}
	body, err := answerJSON.Marshal(data)
	if err != nil {
		return err
	}
	return e.write(name, body)
}

func (e *eventWriter) write(name string, data []byte) error {
	return e.flush(fmt.Appendf(nil, "event: %s\nid: %s\ndata: %s\n\n", name, e.cursor, data))
}

func (e *eventWriter) flush(p []byte) error {
	// Not every writer knows deadlines (a test's recorder does not).
	_ = e.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := e.w.Write(p); err != nil {
		return err
	}
	return e.control.Flush()
}
