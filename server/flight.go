package server

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/translate"
)

// begin files the article and recalls or starts every language of a job. Who asks
// for nothing but what is remembered gets all of it or an error, and changes
// nothing by an error.
func (s *Server) begin(ctx context.Context, j *job) ([]*translation, error) {
	if !j.control.onlyIfCached {
		s.fileArticle(ctx, j)
	}
	work := make([]*translation, len(j.targets))
	var missing []string
	for i, target := range j.targets {
		if work[i] = s.look(ctx, j, target); work[i].recalled == nil {
			missing = append(missing, target.Code)
		}
	}
	if !j.control.onlyIfCached {
		return work, s.start(ctx, work)
	}
	for _, w := range work {
		s.noteRecall(ctx, w)
	}
	if len(missing) > 0 {
		return nil, notRemembered("the article in " + strings.Join(missing, ", "))
	}
	s.fileArticle(ctx, j)
	return work, nil
}

// start joins or begins the flights of what is not remembered. It fails if there is
// nothing to answer because there is no money for any of it.
func (s *Server) start(ctx context.Context, work []*translation) error {
	s.reserveAll(work)
	refused := 0
	for _, w := range work {
		switch {
		case w.refused != nil:
			refused++
		case w.recalled == nil:
			s.join(ctx, w)
		}
		s.noteRecall(ctx, w)
	}
	if refused == len(work) {
		return work[0].refused
	}
	return nil
}

// join joins the flight that makes a translation, or begins it.
func (s *Server) join(ctx context.Context, w *translation) {
	w.batch = s.urgency.of(w.key, w.job.batch)
	w.draft = make(chan *yeokv1.Translation, 1)
	w.flight = s.flights.Join(ctx, w.key, func(ctx context.Context, emit func(*yeokv1.TranslatedBlock)) (*yeokv1.Translation, error) {
		defer s.urgency.forget(w.key)
		defer w.purse.giveBack()
		return s.translate(ctx, w, emit)
	})
	switch {
	case w.purse == nil:
	case !w.flight.Started():
		w.purse.giveBack()
	default: // one that ends before its work begins
		go func() {
			_, _ = w.flight.Wait(context.Background())
			w.purse.giveBack()
		}()
	}
}

// flightKey keeps apart what must not share one payment: a caller who asked to
// pay again gets a flight of his own, one who wants nothing old shares his with
// those who want the same, and one who forbids storing never lends his flight to
// those who count on the store.
func (s *Server) flightKey(control cacheControl, fingerprint string) string {
	if control.noCache {
		return fmt.Sprintf("%s%d/%s", againFlight, s.again.Add(1), fingerprint)
	}
	key := fingerprint
	if control.limited {
		key = fmt.Sprintf("%s%d/%s", youngFlight, int64(control.maxAge/time.Second), key)
	}
	if control.noStore {
		key = unstoredFlight + key
	}
	return key
}

const (
	againFlight    = "again/"
	youngFlight    = "young/"
	unstoredFlight = "unstored/"
)

// sharedFlight says whether other gateways do well to wait for a flight: only if
// they find its result in the store.
func sharedFlight(key string) bool {
	return !strings.HasPrefix(key, againFlight) && !strings.HasPrefix(key, unstoredFlight)
}

// translate makes one language's translation. It runs once for all callers and
// outlives them; every good segment is stored the moment it is there, so that
// nothing that was paid for is lost to a crash.
func (s *Server) translate(ctx context.Context, w *translation, emit func(*yeokv1.TranslatedBlock)) (t *yeokv1.Translation, err error) {
	ctx, span := s.phase(ctx, "translate", inLanguage(w.target.Code))
	defer func() { endPhase(span, err) }()
	defer s.caught(ctx, &err)
	// Another flight may have landed between the caller's look and this one.
	// With leases that is the rule: another gateway has made it meanwhile.
	if t, _ := s.recall(w.job, w.fingerprint); t != nil {
		for _, b := range t.GetBlocks() {
			emit(w.reused(b.Id, b.Kind, b.Text, b.Html))
		}
		return t, nil
	}
	defer func() { _ = s.awaitFiled(ctx, w.job) }() // whoever waits for the flight asks for himself
	if err := s.failed(w.job.control, w.fingerprint); err != nil {
		return nil, &paidError{error: err}
	}
	req := w.job.request(w.target)
	req.Turn = w.job.turn.While(w.batch)
	req.Turn.Do(w.job.reading.Facts)
	var segments *segments
	req.Turn.Do(func() { segments = s.segmentsOf(req, w.job.control, w.job.came, w.tags("")) })
	defer segments.leave(ctx, &err)
	blocks := blocksByID(w.job.article)
	tell := func(seg translate.Segment, origin yeokv1.Block_Origin) {
		if b, ok := blocks[seg.ID]; ok {
			emit(translatedBlock(w.target, b, seg, origin))
		}
	}
	known, err := segments.settle(ctx, func(seg translate.Segment) { tell(seg, yeokv1.Block_REUSED) })
	if err != nil {
		return nil, err
	}
	if len(known) < len(segments.order) {
		if err := w.job.admission(); err != nil {
			return nil, err
		}
	}
	req.Known, req.Past = known, s.past(w)
	if req.Batch, req.Budget = w.batch, w.purse.budget(); req.Budget == nil {
		req.Budget = s.budgets.of(req.Tenant)
	}
	req.OnSegment = func(seg translate.Segment) {
		segments.store(ctx, seg)
		tell(seg, yeokv1.Block_TRANSLATED)
	}
	result, err := s.translator.Translate(ctx, req)
	span.SetAttributes(attribute.String("yeok.state", stateProto(result.State).String()), attribute.Int("yeok.reused", result.Reused))
	s.metrics.work.made(w.target.Code, result)
	s.noteFailure(w.job.control, w.fingerprint, err)
	if err != nil {
		return nil, &paidError{err, result}
	}
	result.CreateTime = segments.madeOf(result)
	req.Turn.Do(func() {
		segments.storeDoubtful(ctx, result, req.Known)
		t = translationProto(w, result, req.Known)
	})
	w.draft <- t // nobody may take it
	s.storeWhole(ctx, w, t, segments)
	return t, nil
}

// storeWhole stores a finished translation, together with those of its segments that
// are not stored yet.
func (s *Server) storeWhole(ctx context.Context, w *translation, t *yeokv1.Translation, segments *segments) {
	if w.job.control.noStore {
		return
	}
	_, span := s.phase(ctx, "store", inLanguage(w.target.Code))
	defer span.End()
	defer s.notePaidAgain(w.job.tenant, w.job.control)
	value, err := proto.Marshal(t)
	if err != nil {
		s.noteStore(err)
		return
	}
	entries := map[string]cache.Entry{
		wholeKey(w.job.tenant, w.fingerprint): {Value: value, Tags: w.tags(t.GetProvenance().GetModel())},
	}
	filing := w.job.takeFiling()
	defer s.endFiling(w.job, filing)
	s.addFilings(ctx, w, filing, entries)
	last, stored := segments.take()
	maps.Copy(entries, last)
	if err := segments.keep(ctx, entries); err != nil {
		segments.giveBack(last, err)
		return
	}
	filing.done()
	stored()
}

// notePaidAgain ends stored answers that hold what was just replaced.
func (s *Server) notePaidAgain(tenant string, control cacheControl) {
	if control.again() {
		s.noteStore(newEpoch(s.cache, tenantEpochKey(tenant)))
	}
}

// noteStore counts and tells a store that failed. The caller still gets the
// translation: a memory that fails costs money later, not the answer now.
func (s *Server) noteStore(err error) {
	if err != nil {
		s.metrics.storeErrors.Inc()
		s.log.Error("translation was not stored and may have to be paid again", "error", err)
	}
}

// noteAccount counts and tells an account that could not be written. It goes on to
// bound this gateway.
func (s *Server) noteAccount(err error) {
	s.metrics.storeErrors.Inc()
	s.log.Error("spending was not recorded for other gateways, or for after a restart", "error", err)
}
