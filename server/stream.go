package server

import (
	"context"
	"errors"
	"sync"

	yeokv1 "yeok/api/yeok/v1"
)

// sendAll sends the blocks of every language as they come, then each language's
// whole translation, then what it cost.
func (s *Server) sendAll(ctx context.Context, work []*translation, send func(*yeokv1.StreamTranslateArticleResponse) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	events := make(chan *yeokv1.StreamTranslateArticleResponse)
	errs := make(chan error, len(work))
	var running sync.WaitGroup
	for _, w := range work {
		running.Go(func() { errs <- w.tell(ctx, events) })
	}
	go func() {
		running.Wait()
		close(events)
	}()
	usage := &yeokv1.Usage{}
	var failed error
	for event := range events {
		addUsage(usage, event.GetTranslation().GetProvenance().GetUsage())
		if failed == nil {
			if failed = send(event); failed != nil {
				stop()
			}
		}
	}
	close(errs)
	if err := errors.Join(failed, ctx.Err()); err != nil {
		return err
	}
	if err := allFailed(errs, len(work)); err != nil {
		return err
	}
	return send(doneEvent(usage))
}

// sendEstimates sends the article, what each language would cost, and an end that
// has cost nothing.
func (s *Server) sendEstimates(j *job, send func(*yeokv1.StreamTranslateArticleResponse) error) error {
	estimates, err := s.estimates(j)
	if err != nil {
		return err
	}
	events := []*yeokv1.StreamTranslateArticleResponse{articleEvent(j.proto())}
	for _, e := range estimates {
		events = append(events, estimateEvent(e))
	}
	for _, event := range append(events, doneEvent(&yeokv1.Usage{})) {
		if err := send(event); err != nil {
			return err
		}
	}
	return nil
}

// allFailed returns the first failure if there are as many as there were
// languages.
func allFailed(errs <-chan error, languages int) error {
	var first error
	for err := range errs {
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
		languages--
	}
	if languages > 0 {
		return nil
	}
	return first
}

// tell sends the language's blocks as they come and then the whole. It returns
// the failure of a language that failed.
func (w *translation) tell(ctx context.Context, events chan<- *yeokv1.StreamTranslateArticleResponse) error {
	post := func(event *yeokv1.StreamTranslateArticleResponse) bool {
		select {
		case events <- event:
			return true
		case <-ctx.Done():
			return false
		}
	}
	var t *yeokv1.Translation
	err := w.server.safely(ctx, func() (err error) {
		for block := range w.blocks(ctx) {
			if !post(blockEvent(block)) {
				return ctx.Err()
			}
		}
		t, err = w.wait(ctx)
		return err
	})
	if err != nil && ctx.Err() != nil {
		return nil
	}
	if err != nil {
		post(translationEvent(w.failed(err)))
		return err
	}
	post(translationEvent(t))
	return nil
}

func articleEvent(a *yeokv1.Article) *yeokv1.StreamTranslateArticleResponse {
	return &yeokv1.StreamTranslateArticleResponse{Event: &yeokv1.StreamTranslateArticleResponse_Article{Article: a}}
}

func estimateEvent(e *yeokv1.TranslationEstimate) *yeokv1.StreamTranslateArticleResponse {
	return &yeokv1.StreamTranslateArticleResponse{Event: &yeokv1.StreamTranslateArticleResponse_Estimate{Estimate: e}}
}

func blockEvent(b *yeokv1.TranslatedBlock) *yeokv1.StreamTranslateArticleResponse {
	return &yeokv1.StreamTranslateArticleResponse{Event: &yeokv1.StreamTranslateArticleResponse_Block{Block: b}}
}

func translationEvent(t *yeokv1.Translation) *yeokv1.StreamTranslateArticleResponse {
	return &yeokv1.StreamTranslateArticleResponse{Event: &yeokv1.StreamTranslateArticleResponse_Translation{Translation: t}}
}

func doneEvent(usage *yeokv1.Usage) *yeokv1.StreamTranslateArticleResponse {
	return &yeokv1.StreamTranslateArticleResponse{Event: &yeokv1.StreamTranslateArticleResponse_Done{Done: &yeokv1.StreamDone{Usage: usage}}}
}
