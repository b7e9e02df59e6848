package server

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/article"
	"yeok/translate"
	"yeok/translate/check"
	"yeok/translate/language"
)

// CleaningProto is the API's form of a cleaning. `yeok clean` prints it too.
func CleaningProto(c article.Cleaning) *yeokv1.CleanArticleResponse {
	return &yeokv1.CleanArticleResponse{
		Article:   articleProto("", revisionOf(c.Article), c.Article),
		Removals:  removalsProto(c.Removals),
		KeptRatio: c.KeptRatio,
		Warnings:  c.Warnings,
	}
}

// translationProto is a finished translation as it is stored: under no name and
// for no particular caller.
func translationProto(w *translation, r translate.Result, known map[string]translate.Segment) *yeokv1.Translation {
	blocks := blocksProto(r.Blocks)
	for _, b := range blocks {
		b.Origin = yeokv1.Block_REUSED.Enum()
		_, asked := r.Segments[b.Id]
		if _, old := known[b.Id]; asked && !old {
			b.Origin = yeokv1.Block_TRANSLATED.Enum()
		}
	}
	return &yeokv1.Translation{
		LanguageCode: w.target.Code,
		State:        stateProto(r.State),
		Title:        r.Title,
		Subtitles:    r.Subtitles,
		Blocks:       blocks,
		Findings:     FindingsProto(r.Findings),
		Provenance: &yeokv1.Provenance{
			Model:            r.Model,
			PromptVersion:    r.PromptVersion,
			GlossaryRevision: w.job.glossaryRevision,
			SourceRevisionId: w.job.revision,
			CreateTime:       timeProto(r.CreateTime),
			CacheStatus:      cacheStatusOf(r),
			Usage:            usageProto(r.Usage),
		},
	}
}

func cacheStatusOf(r translate.Result) yeokv1.Provenance_CacheStatus {
	switch {
	case r.Usage.Requests == 0:
		return yeokv1.Provenance_HIT
	case r.Reused > 0:
		return yeokv1.Provenance_PARTIAL
	default:
		return yeokv1.Provenance_MISS
	}
}

func stateProto(s translate.State) yeokv1.Translation_State {
	switch s {
	case translate.Complete:
		return yeokv1.Translation_COMPLETE
	case translate.NeedsReview:
		return yeokv1.Translation_NEEDS_REVIEW
	default:
		return yeokv1.Translation_FAILED
	}
}

func usageProto(u translate.Usage) *yeokv1.Usage {
	return &yeokv1.Usage{
		PromptTokens:       int32(u.PromptTokens),
		CompletionTokens:   int32(u.CompletionTokens),
		CachedPromptTokens: int32(u.CachedPromptTokens),
		Requests:           int32(u.Requests),
		CostUsd:            u.CostUSD,
	}
}

// FindingsProto is the API's form of findings. `yeok check` prints it too.
func FindingsProto(findings []check.Finding) []*yeokv1.Finding {
	out := make([]*yeokv1.Finding, len(findings))
	for i, f := range findings {
		out[i] = &yeokv1.Finding{
			BlockId:    f.SegmentID,
			Check:      yeokv1.Finding_Check(yeokv1.Finding_Check_value[string(f.Check)]),
			Severity:   yeokv1.Finding_Severity(yeokv1.Finding_Severity_value[string(f.Severity)]),
			Message:    f.Message,
			SourceText: f.SourceText,
			TargetText: f.TargetText,
			SourceSpan: spanProto(f.SourceSpan),
			TargetSpan: spanProto(f.TargetSpan),
		}
	}
	return out
}

func spanProto(s check.Span) *yeokv1.TextSpan {
	if s.End <= s.Start {
		return nil
	}
	return &yeokv1.TextSpan{Start: int32(s.Start), End: int32(s.End)}
}

func translatedBlock(target *language.Language, source article.Block, seg translate.Segment, origin yeokv1.Block_Origin) *yeokv1.TranslatedBlock {
	return &yeokv1.TranslatedBlock{
		LanguageCode: target.Code,
		Id:           source.ID,
		Kind:         yeokv1.Block_Kind(source.Kind),
		Text:         seg.Text,
		Html:         optional(seg.HTML),
		Origin:       origin,
	}
}

func blocksByID(a article.Article) map[string]article.Block {
	blocks := make(map[string]article.Block, len(a.Blocks))
	for _, b := range a.Blocks {
		blocks[b.ID] = b
	}
	return blocks
}

// cloneTranslation copies a flight's result, which all its callers share, down
// to what a caller's answer changes.
func cloneTranslation(t *yeokv1.Translation) *yeokv1.Translation {
	c := &yeokv1.Translation{}
	proto.Merge(c, t)
	return c
}

// markHit says that nothing was paid by this call.
func markHit(t *yeokv1.Translation) {
	t.Provenance.CacheStatus = yeokv1.Provenance_HIT
	t.Provenance.Usage = &yeokv1.Usage{}
	for _, b := range t.Blocks {
		b.Origin = yeokv1.Block_REUSED.Enum()
	}
}

func addUsage(sum, u *yeokv1.Usage) {
	sum.PromptTokens += u.GetPromptTokens()
	sum.CompletionTokens += u.GetCompletionTokens()
	sum.CachedPromptTokens += u.GetCachedPromptTokens()
	sum.Requests += u.GetRequests()
	sum.CostUsd += u.GetCostUsd()
}

// sayCacheStatus puts the Cache-Status of RFC 9211 on the answer. One header
// speaks for all languages, so it claims a hit only if every language was one; then
// the answer has an Age, too. again says that something remembered was not to be
// used, by the caller's own word.
func sayCacheStatus(ctx context.Context, control cacheControl, again bool, provenances ...*yeokv1.Provenance) {
	hits, misses := 0, 0
	for _, p := range provenances {
		switch p.GetCacheStatus() {
		case yeokv1.Provenance_HIT:
			hits++
		case yeokv1.Provenance_MISS:
			misses++
		}
	}
	value := "yeok; "
	switch {
	case hits == len(provenances):
		sayRemembered(ctx, oldestOf(provenances))
		return
	case again:
		value += "fwd=request"
	case misses == len(provenances):
		value += "fwd=miss"
	default:
		value += "fwd=partial"
	}
	if !control.noStore {
		value += "; stored"
	}
	// A header that cannot be set any more (the caller left) is no loss.
	_ = grpc.SetHeader(ctx, metadata.Pairs("cache-status", value))
}

// sayRemembered says that an answer was remembered, and how old it is if anybody
// knows. Only HTTP has an Age; over gRPC there is createTime.
func sayRemembered(ctx context.Context, made time.Time) {
	header := metadata.Pairs("cache-status", hitStatus)
	if !made.IsZero() && inMemory(ctx) {
		header.Set("age", ageOf(made))
	}
	_ = grpc.SetHeader(ctx, header) // as above
}

// ageOf is the value of an Age header: whole seconds (RFC 9111, section 5.1).
func ageOf(made time.Time) string {
	return strconv.FormatInt(wholeSeconds(time.Since(made)), 10)
}

func wholeSeconds(age time.Duration) int64 { return max(0, int64(age/time.Second)) }

// oldestOf is when the oldest of several translations was made.
func oldestOf(provenances []*yeokv1.Provenance) (oldest time.Time) {
	for i, p := range provenances {
		if made := p.GetCreateTime().AsTime(); i == 0 || made.Before(oldest) {
			oldest = made
		}
	}
	return oldest
}

// hitStatus is the Cache-Status of an answer that is remembered whole.
const hitStatus = "yeok; hit"

var hitHeader = metadata.Pairs("cache-status", hitStatus)

// sayHit tells the caller so, and returns the id that he gave his call.
func sayHit(ctx context.Context) (id string) {
	header := hitHeader
	if id = requestIDFrom(metadata.ValueFromIncomingContext(ctx, "x-request-id")); id != "" {
		header = metadata.Pairs("cache-status", hitStatus, "x-request-id", id)
	}
	_ = grpc.SetHeader(ctx, header) // as above; it is copied
	return id
}

func provenancesOf(translations []*yeokv1.Translation) []*yeokv1.Provenance {
	out := make([]*yeokv1.Provenance, len(translations))
	for i, t := range translations {
		out[i] = t.GetProvenance()
	}
	return out
}
