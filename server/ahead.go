package server

import (
	"context"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
)

// answerAhead is the answer to a call over HTTP, written while the disk makes
// durable what was paid for. It goes out when that is done, and only if it is the
// answer then.
type answerAhead struct {
	stream  *directStream
	over    chan struct{} // closed when nobody wants it any more
	written chan struct{} // closed when body is there, or is not going to be
	body    []byte
}

// writeAhead begins to write what draft returns, if ctx is that of a direct call;
// else it returns nil. draft waits for what is to be answered, and returns nil when
// over is closed or there is nothing to be written ahead.
func (s *Server) writeAhead(ctx context.Context, draft func(over <-chan struct{}) proto.Message) *answerAhead {
	stream, ok := grpc.ServerTransportStreamFromContext(ctx).(*directStream)
	if !ok {
		return nil
	}
	a := &answerAhead{stream: stream, over: make(chan struct{}), written: make(chan struct{})}
	go func() {
		defer close(a.written)
		_ = s.safely(ctx, func() error {
			message := draft(a.over)
			if message == nil {
				return nil
			}
			body, err := answerJSON.Marshal(message)
			a.body = body
			return err // nobody asks: who answers writes it again, and hears of it
		})
	}()
	return a
}

// use ends it. If it holds, it is what the call is answered with.
func (a *answerAhead) use(holds func() bool) {
	if a == nil {
		return
	}
	close(a.over)
	<-a.written
	if holds() {
		a.stream.body = a.body
	}
}

// articleAhead writes the answer to an article all of whose languages this call pays
// for. What it returns is to be called with the end of the waiting for them.
func (s *Server) articleAhead(ctx context.Context, j *job, work []*translation) (use func(error)) {
	if slices.ContainsFunc(work, func(w *translation) bool { return !w.leads() }) {
		return func(error) {}
	}
	var made []*yeokv1.Translation
	ahead := s.writeAhead(ctx, func(over <-chan struct{}) proto.Message {
		for _, w := range work {
			select {
			case t := <-w.draft:
				made = append(made, t)
			case <-over:
				return nil
			case <-ctx.Done():
				return nil
			}
		}
		resp := &yeokv1.TranslateArticleResponse{Article: j.proto()}
		for i, w := range work {
			resp.Translations = append(resp.Translations, w.named(cloneTranslation(made[i])))
		}
		return resp
	})
	return func(err error) {
		ahead.use(func() bool {
			return err == nil && slices.EqualFunc(work, made, func(w *translation, t *yeokv1.Translation) bool { return w.made == t })
		})
	}
}

// textsAhead writes the answer to strings that this call pays for.
func (s *Server) textsAhead(ctx context.Context, j *textJob) (use func(*textResult)) {
	var made *textResult
	ahead := s.writeAhead(ctx, func(over <-chan struct{}) proto.Message {
		select {
		case made = <-j.draft:
		case <-over:
			return nil
		case <-ctx.Done():
			return nil
		}
		if resp, err := textResponse(j, made); err == nil {
			return resp
		}
		return nil
	})
	return func(result *textResult) {
		ahead.use(func() bool { return result != nil && result == made })
	}
}
