package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/translate"
	"yeok/translate/language"
)

// The memory holds seven kinds of record, told apart by the first letters of
// their key:
//
//	whole/TENANT/FINGERPRINT   a finished translation, under no article's name
//	segment/TENANT/FINGERPRINT one segment that passed its checks
//	doubtful/TENANT/FINGERPRINT one that did not, of an answer that was given
//	article/TENANT/ID          the newest revision of an article
//	newest/TENANT/ID           the id of that revision alone
//	revision/TENANT/ID/REV     an earlier revision
//	filed/TENANT/ID/LANGUAGE   which whole belongs to that article and revision
//
// Only a fingerprint decides what may be reused; the others say what a name means
// today, and meant before. (Two epochs, which end the life of stored answers, are
// in answer.go.)
func wholeKey(tenant, fp string) string   { return fingerprintKey("whole", tenant, fp) }
func articleKey(tenant, id string) string { return "article/" + tenant + "/" + id }
func newestKey(tenant, id string) string  { return "newest/" + tenant + "/" + id }
func revisionKey(tenant, id, revision string) string {
	return "revision/" + tenant + "/" + id + "/" + revision
}
func filedKey(tenant, id, language string) string {
	return "filed/" + tenant + "/" + id + "/" + language
}

// filing is the record behind filedKey.
type filing struct {
	Revision string `json:"revision"`
	Whole    string `json:"whole"` // key of the whole translation
}

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
	defer func() { _ = w.job.awaitFiled() }() // whoever waits for the flight asks for himself
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
	if key, e, ok := s.filingOf(w); ok {
		entries[key] = e
	}
	last, stored := segments.take()
	maps.Copy(entries, last)
	if err := segments.keep(ctx, entries); err != nil {
		segments.giveBack(last, err)
		return
	}
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

// fileArticle makes the job's revision the newest of its article. It does so in
// the background, since a model need not wait for a disk; revisions of one article
// are filed in the order in which they came. Whoever relies on it waits with
// awaitFiled.
func (s *Server) fileArticle(ctx context.Context, j *job) {
	if j.control.noStore {
		return
	}
	key := articleKey(j.tenant, j.id)
	own, before := s.filings.take([]string{key})
	if before[key] == nil && s.newest(j.tenant, j.id) == j.revision {
		s.filings.release(own, key)
		return
	}
	j.filed = make(chan struct{})
	s.inMemory.Go(func() {
		defer close(j.filed)
		defer s.filings.release(own, key)
		j.unfiled = s.safely(ctx, func() error {
			if earlier := before[key]; earlier != nil {
				<-earlier.over
			}
			s.putArticle(j)
			return nil
		})
	})
}

// awaitFiled returns when the article is filed. An error says that something panicked
// over it; a store that failed is none, see noteStore.
func (j *job) awaitFiled() error {
	if j.filed == nil {
		return nil
	}
	<-j.filed
	return j.unfiled
}

func (s *Server) putArticle(j *job) {
	if s.newest(j.tenant, j.id) == j.revision {
		return
	}
	tags := []string{tenantMark + j.tenant, articleMark + j.id}
	if old := s.articleAt(articleKey(j.tenant, j.id)); old != nil {
		s.fileRevision(j, old, tags)
	}
	value, err := proto.Marshal(j.proto())
	if err == nil {
		err = s.putAll(map[string]cache.Entry{
			articleKey(j.tenant, j.id): {Value: value, Tags: tags},
			newestKey(j.tenant, j.id):  {Value: []byte(j.revision), Tags: tags},
		})
	}
	s.noteStore(err)
}

// putAll stores entries in one commit. If that fails it puts them one by one,
// since only Put keeps in memory what cannot be written.
func (s *Server) putAll(entries map[string]cache.Entry) error {
	if s.cache.PutAll(entries) == nil {
		return nil
	}
	var errs []error
	for key, e := range entries {
		errs = append(errs, s.cache.Put(key, e))
	}
	return errors.Join(errs...)
}

// newest is the id of an article's newest revision, "" if there is none.
func (s *Server) newest(tenant, id string) string {
	value, _ := s.cache.Get(newestKey(tenant, id))
	return string(value)
}

// fileTranslation makes a whole translation the newest of its article, unless
// the article has moved on to another revision in the meantime.
func (s *Server) fileTranslation(w *translation) {
	if key, e, ok := s.filingOf(w); ok {
		s.noteStore(s.cache.Put(key, e))
	}
}

// filingOf is the record that fileTranslation puts, false if there is none to put.
func (s *Server) filingOf(w *translation) (key string, e cache.Entry, ok bool) {
	j := w.job
	if j.awaitFiled() != nil || j.control.noStore || s.newest(j.tenant, j.id) != j.revision {
		return "", e, false
	}
	key, value := filedKey(j.tenant, j.id, w.target.Code), w.filing()
	if old, ok := s.cache.Get(key); ok && string(old) == value {
		return "", e, false
	}
	return key, cache.Entry{Value: []byte(value), Tags: w.tags("")}, true
}

// filing is the record that files this translation under its article.
func (w *translation) filing() string {
	value, err := json.Marshal(filing{Revision: w.job.revision, Whole: wholeKey(w.job.tenant, w.fingerprint)})
	if err != nil {
		return "" // two strings always have a JSON form
	}
	return string(value)
}

func (s *Server) articleAt(key string) *yeokv1.Article {
	value, ok := s.cache.Look(key)
	if !ok {
		return nil
	}
	a := &yeokv1.Article{}
	if proto.Unmarshal(value, a) != nil {
		return nil
	}
	return a
}

func (s *Server) filedArticle(tenant, id string) (*yeokv1.Article, error) {
	if err := checkArticleID(id); err != nil {
		return nil, err
	}
	if a := s.articleAt(articleKey(tenant, id)); a != nil {
		return a, nil
	}
	return nil, notFound("ARTICLE_NOT_FOUND", "articles/%s is not remembered", id)
}

// knowsArticle is filedArticle for who only wants to know that it is there: its
// newest revision's id says so, unless a store has dropped that record alone.
func (s *Server) knowsArticle(tenant, id string) error {
	err := checkArticleID(id)
	if err == nil && s.newest(tenant, id) == "" {
		_, err = s.filedArticle(tenant, id)
	}
	return err
}

func checkArticleID(id string) error {
	if !articleIDs.MatchString(id) {
		return invalid("article", "ID_INVALID", "%q does not match %s", clip(id), articleIDs)
	}
	return nil
}

// filedTranslation returns an article's newest translation, and the record that
// says that it is.
func (s *Server) filedTranslation(tenant, id string, target *language.Language) (*yeokv1.Translation, cache.Seen, error) {
	if err := s.knowsArticle(tenant, id); err != nil {
		return nil, cache.Seen{}, err
	}
	missing := notFound("TRANSLATION_NOT_FOUND", "articles/%s has no remembered translation into %s", id, target.Code)
	key := filedKey(tenant, id, target.Code)
	f, value, ok := s.filingAt(tenant, key)
	if !ok {
		return nil, cache.Seen{}, missing
	}
	t := s.whole(f.Whole)
	if t == nil {
		return nil, cache.Seen{}, missing
	}
	markHit(t)
	t.Name = "articles/" + id + "/translations/" + target.Code
	t.Provenance.SourceRevisionId = f.Revision
	return t, cache.Seen{Key: key, Value: value}, nil
}

// filingAt reads a filing of a tenant's, and how it is written. One that leads to
// another tenant's translation came with an import, and leads nowhere.
func (s *Server) filingAt(tenant, key string) (f filing, written string, ok bool) {
	value, ok := s.cache.Get(key)
	if !ok || json.Unmarshal(value, &f) != nil || f.Whole != wholeKey(tenant, path.Base(f.Whole)) {
		return filing{}, "", false
	}
	return f, string(value), true
}

func notFound(reason, format string, args ...any) error {
	return detailed(codes.NotFound, reason, fmt.Sprintf(format, args...)).Err()
}

// Marks before the tags under which a purge finds a record.
const (
	tenantMark   = "tenant:"
	articleMark  = "article:"
	languageMark = "language:"
	modelMark    = "model:"
	glossaryMark = "glossary:"
)

func (w *translation) tags(model string) []string {
	tags := []string{tenantMark + w.job.tenant, articleMark + w.job.id, languageMark + w.target.Code}
	if model != "" {
		tags = append(tags, modelMark+model)
	}
	if w.job.glossaryRevision != "" {
		tags = append(tags, glossaryMark+w.job.glossaryRevision)
	}
	return tags
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
