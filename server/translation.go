package server

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/translate"
	"yeok/translate/language"
)

// translation is one language of one job, being recalled or made.
type translation struct {
	server      *Server
	job         *job
	target      *language.Language
	fingerprint string              // of the whole answer
	batch       func() bool         // whether nobody waits for it
	recalled    *yeokv1.Translation // set when it was remembered
	outdated    bool                // what is remembered is too old for the caller
	key         string              // of the flight that makes it
	purse       *purse              // of that flight, if this request has reserved ahead for it
	refused     error               // set when there is no money for all that would have to be started
	flight      *cache.Flight[*yeokv1.TranslatedBlock, *yeokv1.Translation]
	draft       chan *yeokv1.Translation // gets what the flight makes before it is stored, if this call leads it
	made        *yeokv1.Translation      // by the flight, as wait has it
}

// anyOutdated tells whether a translation was remembered and too old for the caller.
func anyOutdated(work []*translation) bool {
	return slices.ContainsFunc(work, func(w *translation) bool { return w.outdated })
}

// wait returns the finished translation under this job's name. A caller that
// found the work under way pays nothing, and is told so.
func (w *translation) wait(ctx context.Context) (*yeokv1.Translation, error) {
	if w.refused != nil {
		return nil, w.refused
	}
	t := w.recalled
	if t == nil {
		made, err := w.flight.Wait(ctx)
		if err != nil {
			return nil, err
		}
		w.made = made
		t = cloneTranslation(made)
		if !w.flight.Started() {
			markHit(t)
		}
	}
	w.named(t)
	if err := w.server.awaitFiled(ctx, w.job); err != nil {
		return nil, err // what was made is remembered, and costs nothing the next time
	}
	w.server.fileTranslation(w)
	return t, nil
}

// leads reports whether the translation is made for this call, which pays for it.
func (w *translation) leads() bool { return w.flight != nil && w.flight.Started() }

// named puts a translation under this job's name.
func (w *translation) named(t *yeokv1.Translation) *yeokv1.Translation {
	t.Name = w.job.translationName(w.target)
	t.Provenance.SourceRevisionId = w.job.revision
	return t
}

// paidError is a translation that failed, with what it cost all the same.
type paidError struct {
	error
	result translate.Result
}

func (e *paidError) Unwrap() error { return e.error }

// failed is how a language without a usable result is answered.
func (w *translation) failed(err error) *yeokv1.Translation {
	var paid *paidError
	usage := &yeokv1.Usage{}
	if errors.As(err, &paid) && w.flight.Started() {
		usage = usageProto(paid.result.Usage)
	}
	return &yeokv1.Translation{
		Name:         w.job.translationName(w.target),
		LanguageCode: w.target.Code,
		State:        yeokv1.Translation_FAILED,
		Error:        statusOf(err).Proto(),
		Provenance: &yeokv1.Provenance{
			SourceRevisionId: w.job.revision,
			CacheStatus:      yeokv1.Provenance_MISS,
			CreateTime:       timeProto(time.Now()),
			PromptVersion:    w.server.translator.PromptVersion(),
			Usage:            usage,
		},
	}
}

// awaitAll waits for every language. One that fails is answered as FAILED; only
// if all fail does the call fail, with the first failure.
func (s *Server) awaitAll(ctx context.Context, work []*translation) ([]*yeokv1.Translation, error) {
	out := make([]*yeokv1.Translation, len(work))
	var failures []error
	for i, w := range work {
		t, err := w.wait(ctx)
		if err != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			failures = append(failures, err)
			t = w.failed(err)
		}
		out[i] = t
	}
	if len(failures) == len(work) {
		return nil, failures[0]
	}
	return out, nil
}

// blocks yields the language's checked blocks as they come. To a caller who pays
// nothing, because the translation is remembered or somebody else's, all of them
// are reused.
func (w *translation) blocks(ctx context.Context) iter.Seq[*yeokv1.TranslatedBlock] {
	if w.recalled == nil && w.refused == nil && w.flight.Started() {
		return w.flight.Events(ctx)
	}
	return func(yield func(*yeokv1.TranslatedBlock) bool) {
		if w.refused != nil {
			return
		}
		if w.recalled == nil {
			for b := range w.flight.Events(ctx) {
				if !yield(w.reused(b.Id, b.Kind, b.Text, b.Html)) {
					return
				}
			}
			return
		}
		for _, b := range w.recalled.GetBlocks() {
			if !yield(w.reused(b.Id, b.Kind, b.Text, b.Html)) {
				return
			}
		}
	}
}

// reused is a block that nobody pays for now.
func (w *translation) reused(id string, kind yeokv1.Block_Kind, text string, html *string) *yeokv1.TranslatedBlock {
	return &yeokv1.TranslatedBlock{
		LanguageCode: w.target.Code, Id: id, Kind: kind, Text: text, Html: html, Origin: yeokv1.Block_REUSED,
	}
}
