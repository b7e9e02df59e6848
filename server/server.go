// Package server is the edge of yeok: it turns calls into work and results into
// answers, over gRPC and HTTP.
//
// The one idea to know: this file is the table of contents of the program. A
// call is read and cleaned (job.go), recalled or made (memory.go), and answered;
// errors leave through one table (errors.go) that an interceptor applies. HTTP
// goes through the same interceptors over an in-memory connection (gateway.go).
package server

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/test/bufconn"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/desk"
	"yeok/translate"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

// Server answers yeok's API. Make it with New.
type Server struct {
	yeokv1.UnimplementedTranslationServiceServer

	translator       *translate.Translator
	cache            *cache.Cache
	answers          *answers
	turns            turns
	desk             *desk.Desk
	flights          cache.Flights[*yeokv1.TranslatedBlock, *yeokv1.Translation]
	texts            cache.Flights[struct{}, *textResult]
	claims           claims   // of flights, on segments
	filings          claims   // of calls, on the articles that they file
	failures         failures // that would come again
	urgency          urgency  // of flights
	budgets          budgets
	glossary         []glossary.Entry
	glossaryRevision string
	limits           Limits
	keys             *access.Keys   // nil asks nobody
	hosts            hosts          // where nobody is asked
	anybody          *access.Caller // who calls where nobody is asked
	log              *slog.Logger
	metrics          *metrics
	tracer           trace.Tracer
	quiet            everySecond // log of what costs nothing
	requestIDs       requestIDs
	routes           routes
	dates            dates
	again            atomic.Int64 // numbers the flights of callers who asked to pay again

	grpc      *grpc.Server
	health    *health.Server
	draining  atomic.Bool
	memory    *bufconn.Listener // between gateway and gRPC server, inside the process
	conn      *grpc.ClientConn  // the gateway's end of it
	direct    directCalls       // of the gateway, past both
	inMemory  sync.WaitGroup
	memoryErr error
}

// CleanArticle finds the article in a page.
func (s *Server) CleanArticle(ctx context.Context, req *yeokv1.CleanArticleRequest) (*yeokv1.CleanArticleResponse, error) {
	cleaning, err := s.clean(ctx, s.desk.Turn(nil), req.GetSource())
	if err != nil {
		return nil, err
	}
	return CleaningProto(cleaning), nil
}

// TranslateArticle is the main job.
func (s *Server) TranslateArticle(ctx context.Context, req *yeokv1.TranslateArticleRequest) (*yeokv1.TranslateArticleResponse, error) {
	job, err := s.newJob(ctx, req)
	if err != nil {
		return nil, err
	}
	if req.GetDryRun() {
		estimates, err := s.estimates(job)
		return &yeokv1.TranslateArticleResponse{Article: job.proto(), Estimates: estimates}, err
	}
	work, err := s.begin(ctx, job)
	if err != nil {
		return nil, err
	}
	answerWith := s.articleAhead(ctx, job, work)
	translations, err := s.awaitAll(ctx, work)
	answerWith(err)
	if err != nil {
		return nil, err
	}
	sayCacheStatus(ctx, job.control, anyOutdated(work), provenancesOf(translations)...)
	resp := &yeokv1.TranslateArticleResponse{Article: job.proto(), Translations: translations}
	s.storeArticleAnswer(job, work, req, resp)
	return resp, nil
}

// StreamTranslateArticle is the main job, block by block.
func (s *Server) StreamTranslateArticle(req *yeokv1.StreamTranslateArticleRequest, stream grpc.ServerStreamingServer[yeokv1.StreamTranslateArticleResponse]) error {
	ctx := stream.Context()
	job, err := s.newJob(ctx, req)
	if err != nil {
		return err
	}
	if req.GetDryRun() {
		return s.sendEstimates(job, stream.Send)
	}
	work, err := s.begin(ctx, job)
	if err != nil {
		return err
	}
	if err := stream.Send(articleEvent(job.proto())); err != nil {
		return err
	}
	return s.sendAll(ctx, work, stream.Send)
}

// TranslateText translates single strings.
func (s *Server) TranslateText(ctx context.Context, req *yeokv1.TranslateTextRequest) (*yeokv1.TranslateTextResponse, error) {
	job, err := s.newTextJob(ctx, req)
	if err != nil {
		return nil, err
	}
	resp, err := s.translateTexts(ctx, job)
	if err != nil {
		return nil, err
	}
	s.storeTextAnswer(job, req, resp)
	return resp, nil
}

// GetArticle returns the newest remembered revision of an article.
func (s *Server) GetArticle(ctx context.Context, req *yeokv1.GetArticleRequest) (*yeokv1.GetArticleResponse, error) {
	tenant := tenantOf(ctx)
	records := s.epochs(tenant)
	a, err := s.filedArticle(tenant, req.GetArticle())
	if err != nil {
		return nil, err
	}
	resp := &yeokv1.GetArticleResponse{Article: a}
	sayRemembered(ctx, time.Time{})
	records = append(records, cache.Seen{Key: newestKey(tenant, req.GetArticle()), Value: a.GetRevisionId()})
	s.store(tenant, yeokv1.TranslationService_GetArticle_FullMethodName, req, resp, time.Time{}, records)
	return resp, nil
}

// GetTranslation returns the newest remembered translation of an article.
func (s *Server) GetTranslation(ctx context.Context, req *yeokv1.GetTranslationRequest) (*yeokv1.GetTranslationResponse, error) {
	target, err := targetFrom("languageCode", req.GetLanguageCode())
	if err != nil {
		return nil, err
	}
	tenant := tenantOf(ctx)
	records := s.epochs(tenant)
	t, filing, err := s.filedTranslation(tenant, req.GetArticle(), target)
	if err != nil {
		return nil, err
	}
	resp := &yeokv1.GetTranslationResponse{Translation: t}
	made := t.GetProvenance().GetCreateTime().AsTime()
	sayRemembered(ctx, made)
	s.store(tenant, yeokv1.TranslationService_GetTranslation_FullMethodName, req, resp, made, append(records, filing))
	return resp, nil
}

// ListLanguages names the target languages.
func (s *Server) ListLanguages(context.Context, *yeokv1.ListLanguagesRequest) (*yeokv1.ListLanguagesResponse, error) {
	resp := &yeokv1.ListLanguagesResponse{}
	for _, l := range language.Targets() {
		resp.Languages = append(resp.Languages, &yeokv1.Language{
			LanguageCode: l.Code, DisplayName: l.Name, NativeName: l.NativeName, Aliases: l.Aliases,
		})
	}
	return resp, nil
}
