package server

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/article"
	"yeok/cache"
	"yeok/translate"
)

// textJob is a list of strings on its way: taken apart into runs of text, each
// distinct run once.
type textJob struct {
	texts   []text
	request translate.Request
	batch   bool // nobody waits
	control cacheControl
	came    time.Time        // when it was asked for
	epochs  []cache.Seen     // of the memory when the job began
	draft   chan *textResult // gets what the flight makes before it is stored, if this call leads it
}

// text is one string of a request: its runs by block id, and what stands
// between them.
type text struct {
	runs     []string
	skeleton translate.Skeleton
	bare     bool // the string is one run and nothing else
}

// textResult is what a flight of strings brings home. Some strings may be
// missing; then err says why.
type textResult struct {
	translate.Result
	made  time.Time
	stale bool // something was paid for that was remembered and too old
	err   error
}

func (s *Server) newTextJob(ctx context.Context, req *yeokv1.TranslateTextRequest) (*textJob, error) {
	target, err := targetFrom("targetLanguageCode", req.GetTargetLanguageCode())
	if err != nil {
		return nil, err
	}
	if err := s.checkTexts(req); err != nil {
		return nil, err
	}
	terms, _, err := s.termsFrom(req.GetGlossaryEntries())
	if err != nil {
		return nil, err
	}
	split := translate.SplitLines
	if req.GetFormat() == yeokv1.TranslateTextRequest_HTML {
		split = translate.SplitHTML
	}
	tenant := tenantOf(ctx)
	batch := req.GetPriority() == yeokv1.TranslateArticleRequest_BATCH
	j := &textJob{
		control: s.controlOf(ctx),
		came:    time.Now(),
		epochs:  s.epochs(tenant),
		batch:   batch,
		draft:   make(chan *textResult, 1),
		request: translate.Request{Tenant: tenant, Target: target, Glossary: terms, Independent: true},
	}
	ids := map[article.Block]string{}
	for _, source := range req.GetTexts() {
		blocks, skeleton := split(source)
		t := text{skeleton: skeleton, bare: len(blocks) == 1 && blocks[0].Text == source}
		for _, b := range blocks {
			id, known := ids[b]
			if !known {
				id = fmt.Sprintf("s%d", len(ids)+1)
				ids[b] = id
				b.ID = id
				j.request.Article.Blocks = append(j.request.Article.Blocks, b)
			}
			t.runs = append(t.runs, id)
		}
		j.texts = append(j.texts, t)
	}
	j.request.Article.LanguageCode = "ko"
	j.request.Reading = translate.Read(j.request.Article, true)
	j.request.Turn = s.desk.Turn(func() bool { return batch })
	return j, nil
}

func (s *Server) checkTexts(req *yeokv1.TranslateTextRequest) error {
	if len(req.GetTexts()) == 0 {
		return invalid("texts", "TEXT_EMPTY", "is empty")
	}
	if n := len(req.GetTexts()); n > s.limits.Texts {
		return invalid("texts", "TOO_MANY", "holds %d strings; at most %d are taken", n, s.limits.Texts)
	}
	sum := 0
	for i, t := range req.GetTexts() {
		if !utf8.ValidString(t) {
			return invalid(fmt.Sprintf("texts[%d]", i), "NOT_UTF8", "is not valid UTF-8")
		}
		sum += utf8.RuneCountInString(t)
	}
	if sum > s.limits.TextChars {
		return invalid("texts", "TEXT_TOO_LONG", "hold %d characters together; at most %d are taken", sum, s.limits.TextChars)
	}
	return nil
}

// translateTexts recalls or makes the translations. The whole list is one
// flight, so that a plugin that gave up and asks again finds its work.
func (s *Server) translateTexts(ctx context.Context, j *textJob) (*yeokv1.TranslateTextResponse, error) {
	result, paid, err := s.getTexts(ctx, j)
	if err != nil {
		return nil, err
	}
	resp, err := textResponse(j, result)
	if err != nil {
		return nil, err
	}
	if !paid {
		resp.Provenance.CacheStatus = yeokv1.Provenance_HIT
		resp.Provenance.Usage = &yeokv1.Usage{}
	}
	sayCacheStatus(ctx, j.control, result.stale || j.control.noCache, resp.GetProvenance())
	return resp, nil
}

// getTexts returns the translations, and whether this caller pays for what had to
// be made of them.
func (s *Server) getTexts(ctx context.Context, j *textJob) (result *textResult, pays bool, err error) {
	if j.control.onlyIfCached {
		result, err = s.rememberedTexts(ctx, j)
		return result, false, err
	}
	var fingerprint string
	j.request.Turn.Do(func() { fingerprint = s.translator.Fingerprint(j.request) })
	key := s.flightKey(j.control, fingerprint)
	j.request.Batch = s.urgency.of("text/"+key, j.batch)
	j.request.Turn = j.request.Turn.While(j.request.Batch)
	flight := s.texts.Join(ctx, key, func(ctx context.Context, _ func(struct{})) (*textResult, error) {
		defer s.urgency.forget("text/" + key)
		return s.makeTexts(ctx, j, fingerprint)
	})
	var answerWith func(*textResult)
	if flight.Started() {
		answerWith = s.textsAhead(ctx, j)
	}
	result, err = flight.Wait(ctx)
	if answerWith != nil {
		answerWith(result)
	}
	return result, flight.Started(), err
}

// rememberedTexts puts the translations together if all of them are remembered.
func (s *Server) rememberedTexts(ctx context.Context, j *textJob) (*textResult, error) {
	req := j.request
	var segments *segments
	req.Turn.Do(func() { segments = s.segmentsOf(req, j.control, j.came, nil) })
	req.Known = segments.known()
	if missing := len(segments.order) - len(req.Known); missing > 0 {
		return nil, notRemembered(fmt.Sprintf("the translation of %d of %d strings", missing, len(segments.order)))
	}
	result, err := s.translator.Translate(ctx, req) // asks no model, since all is known
	return &textResult{Result: result, made: segments.madeOf(result)}, err
}

// makeTexts runs once for all callers of the same list.
func (s *Server) makeTexts(ctx context.Context, j *textJob, fingerprint string) (made *textResult, err error) {
	req := j.request
	ctx, span := s.phase(ctx, "translate", inLanguage(req.Target.Code))
	defer func() { endPhase(span, err) }()
	defer s.caught(ctx, &err)
	var segments *segments
	req.Turn.Do(func() {
		segments = s.segmentsOf(req, j.control, j.came, []string{tenantMark + req.Tenant, languageMark + req.Target.Code})
	})
	defer segments.leave(ctx, &err)
	known, err := segments.settle(ctx, func(translate.Segment) {})
	if err != nil {
		return nil, err
	}
	if len(known) < len(segments.order) {
		err := s.failed(j.control, fingerprint)
		if err == nil {
			err = s.translator.Admit(req.Tenant, j.batch)
		}
		if err != nil {
			return segments.textsOr(translate.Result{Segments: known, PromptVersion: s.translator.PromptVersion()}, err)
		}
	}
	req.Known, req.OnSegment, req.Budget = known, func(seg translate.Segment) { segments.store(ctx, seg) }, s.budgets.of(req.Tenant)
	result, err := s.translator.Translate(ctx, req)
	s.metrics.work.made(req.Target.Code, result)
	s.noteFailure(j.control, fingerprint, err)
	segments.storeDoubtful(ctx, result, req.Known)
	s.notePaidAgain(req.Tenant, j.control)
	if made, err = segments.textsOr(result, err); err == nil {
		j.draft <- made // nobody may take it
	}
	return made, err
}

// textsOr is a result of which some strings may be missing, or the failure if all
// are.
func (g *segments) textsOr(result translate.Result, err error) (*textResult, error) {
	if err != nil && len(result.Segments) == 0 {
		return nil, err
	}
	return &textResult{result, g.madeOf(result), g.stale, err}, nil
}

// textResponse puts the runs back into their strings. Only if every string
// failed does the call fail.
func textResponse(j *textJob, r *textResult) (*yeokv1.TranslateTextResponse, error) {
	resp := &yeokv1.TranslateTextResponse{Provenance: &yeokv1.Provenance{
		Model:         r.Model,
		PromptVersion: r.PromptVersion,
		CreateTime:    timeProto(r.made),
		CacheStatus:   cacheStatusOf(r.Result),
		Usage:         usageProto(r.Usage),
	}}
	failed := 0
	for _, t := range j.texts {
		out := t.answer(r)
		if out.GetState() == yeokv1.Translation_FAILED {
			failed++
		}
		resp.Translations = append(resp.Translations, out)
	}
	if failed == len(j.texts) {
		return nil, r.err
	}
	return resp, nil
}

func (t text) answer(r *textResult) *yeokv1.TextTranslation {
	out := &yeokv1.TextTranslation{State: yeokv1.Translation_COMPLETE}
	blocks := make([]article.Block, len(t.runs))
	for i, id := range t.runs {
		seg, ok := r.Segments[id]
		if !ok {
			return &yeokv1.TextTranslation{State: yeokv1.Translation_FAILED, Error: statusOf(errors.Join(r.err, translate.ErrBadAnswer)).Proto()}
		}
		blocks[i] = article.Block{Text: seg.Text, HTML: seg.HTML}
		if doubtful(seg) {
			out.State = yeokv1.Translation_NEEDS_REVIEW
		}
	}
	out.Text = t.skeleton.Join(blocks)
	for _, id := range t.runs {
		out.Findings = append(out.Findings, t.findings(r.Segments[id], out.GetText())...)
	}
	return out
}

// findings are those of one run of a string that is answered with joined. Its block
// id means nothing to the caller, and its spans only where the run is the whole
// string: white space, entities and tags around it or in it move what stands behind.
func (t text) findings(seg translate.Segment, joined string) []*yeokv1.Finding {
	findings := FindingsProto(seg.Findings)
	for _, f := range findings {
		f.BlockId = ""
		if !t.bare {
			f.SourceSpan = nil
		}
		if joined != seg.Text {
			f.TargetSpan = nil
		}
	}
	return findings
}
