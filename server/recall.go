package server

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/translate/language"
)

// look recalls one language of a job if it is remembered.
func (s *Server) look(ctx context.Context, j *job, target *language.Language) *translation {
	w := &translation{server: s, job: j, target: target}
	_, span := s.phase(ctx, "recall", inLanguage(target.Code))
	defer span.End()
	j.turn.Do(func() {
		w.fingerprint = s.translator.Fingerprint(j.request(target))
		w.recalled, w.outdated = s.recall(j, w.fingerprint)
	})
	if w.recalled == nil && !j.control.onlyIfCached {
		w.key = s.flightKey(j.control, w.fingerprint)
	}
	span.SetAttributes(attribute.Bool("yeok.hit", w.recalled != nil))
	return w
}

// noteRecall counts what became of a translation that was asked for. Who joins
// another's flight finds its spans in the other's trace.
func (s *Server) noteRecall(ctx context.Context, w *translation) {
	outcome := "joined"
	switch {
	case w.recalled != nil:
		outcome = "hit"
	case w.refused != nil:
		outcome = "miss"
	case w.flight == nil: // nothing but what is remembered was asked for
		outcome = "absent"
	case w.flight.Started():
		outcome = "miss"
	default:
		trace.SpanFromContext(ctx).AddEvent("joined", trace.WithAttributes(inLanguage(w.target.Code)))
	}
	s.metrics.recalls.WithLabelValues(w.target.Code, outcome).Inc()
}

// recall returns a remembered translation as a hit, or nil; outdated if there is
// one that the caller would rather have paid for again.
func (s *Server) recall(j *job, fingerprint string) (t *yeokv1.Translation, outdated bool) {
	if j.control.noCache {
		return nil, true
	}
	t = s.whole(wholeKey(j.tenant, fingerprint))
	switch {
	case t == nil:
		return nil, false
	case j.control.tooOld(t.GetProvenance().GetCreateTime().AsTime(), j.came):
		return nil, true
	}
	markHit(t)
	return t, false
}

// whole reads a stored translation. What cannot be read is not there.
func (s *Server) whole(key string) *yeokv1.Translation {
	value, ok := s.cache.Look(key)
	if !ok {
		return nil
	}
	t := &yeokv1.Translation{}
	if err := proto.Unmarshal(value, t); err != nil || t.GetProvenance() == nil {
		return nil
	}
	return t
}
