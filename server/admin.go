package server

import (
	"context"
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"google.golang.org/grpc"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
)

// Admin returns the handler of an admin listener on loopback: metrics, profiles,
// and the AdminService over gRPC. It asks nobody who he is, and answers only to
// names of this machine. Its http.Server must speak unencrypted HTTP/2 for gRPC.
func (s *Server) Admin() http.Handler {
	web := (&gateway{s: s}).localOnly(s.adminMux())
	return s.adminHandler(web, func(ctx context.Context, _ string) (*access.Caller, error) { return s.anybodyLocal(ctx) })
}

// GuardedAdmin is [Server.Admin] for a listener that other machines can reach: it
// wants a key with the scope admin.
func (s *Server) GuardedAdmin() http.Handler {
	return s.adminHandler(s.guarded(s.adminMux()), s.admitCall)
}

func (s *Server) adminMux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)

	return mux
}

func (s *Server) adminHandler(web http.Handler, admit func(context.Context, string) (*access.Caller, error)) http.Handler {
	edge, g := edge{s, admit}, &gateway{s: s}
	srv := grpc.NewServer(grpc.ForceServerCodecV2(newStrictCodec()),
		grpc.ChainUnaryInterceptor(edge.unary), grpc.ChainStreamInterceptor(edge.stream))
	srv.RegisterService(edge.admitFirst(yeokv1.AdminService_ServiceDesc), NewAdmin(s.cache))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer g.survive(w, r)
		if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			srv.ServeHTTP(w, r)
			return
		}
		web.ServeHTTP(w, r)
	})
}

// admin answers the AdminService.
type admin struct {
	yeokv1.UnimplementedAdminServiceServer

	cache *cache.Cache
}

// NewAdmin looks after a memory, with or without a server that runs on it.
func NewAdmin(c *cache.Cache) yeokv1.AdminServiceServer { return admin{cache: c} }

// PurgeMemory forgets, or counts what would be forgotten.
func (a admin) PurgeMemory(ctx context.Context, req *yeokv1.PurgeMemoryRequest) (*yeokv1.PurgeMemoryResponse, error) {
	tags, err := purgeTags(req)
	if err != nil {
		return nil, err
	}
	tenant, err := reachOf(ctx, req.GetTenant())
	if err != nil {
		return nil, err
	}
	if tenant != req.GetTenant() {
		tags = append(tags, tenantMark+tenant)
	}
	entries, bytes, err := purge(a.cache, tags, req.GetDryRun())
	if err != nil {
		return nil, err
	}
	return &yeokv1.PurgeMemoryResponse{Entries: int64(entries), Bytes: bytes}, nil
}

// purgeTags are the tags that a request's marks stand for. A request without a
// mark is most likely a mistake, and would cost everything that was ever paid.
func purgeTags(req *yeokv1.PurgeMemoryRequest) ([]string, error) {
	var tags []string
	add := func(kind, value string) {
		if value != "" {
			tags = append(tags, kind+value)
		}
	}
	if code := req.GetLanguageCode(); code != "" {
		target, err := targetFrom("languageCode", code)
		if err != nil {
			return nil, err
		}
		add(languageMark, target.Code)
	}
	add(articleMark, req.GetArticleId())
	add(modelMark, req.GetModel())
	add(tenantMark, req.GetTenant())
	add(glossaryMark, req.GetGlossaryRevision())
	switch {
	case req.GetAll() && len(tags) > 0:
		return nil, invalid("all", "MARKS_AND_ALL", "leaves nothing to choose: set it alone")
	case !req.GetAll() && len(tags) == 0:
		return nil, invalid("all", "NOTHING_CHOSEN", "must be set to forget everything; else set articleId, languageCode, model, tenant or glossaryRevision")
	}
	return tags, nil
}

// GetMemoryStats says how full the memory is.
func (a admin) GetMemoryStats(ctx context.Context, _ *yeokv1.GetMemoryStatsRequest) (*yeokv1.GetMemoryStatsResponse, error) {
	if tenant := bound(ctx); tenant != "" {
		entries, bytes, err := a.cache.Purge([]string{tenantMark + tenant}, true) // which only counts
		return &yeokv1.GetMemoryStatsResponse{Entries: int64(entries), Bytes: bytes}, err
	}
	stats, err := a.cache.Stats()
	if err != nil {
		return nil, err
	}
	return &yeokv1.GetMemoryStatsResponse{
		Entries: stats.Entries, Bytes: stats.Bytes, FileBytes: stats.FileBytes, FreeBytes: stats.FreeBytes,
	}, nil
}

// CompactMemory gives free space back.
func (a admin) CompactMemory(ctx context.Context, _ *yeokv1.CompactMemoryRequest) (*yeokv1.CompactMemoryResponse, error) {
	if bound(ctx) != "" {
		return nil, errForeign
	}
	before, err := a.cache.Stats()
	if err != nil {
		return nil, err
	}
	if err := a.cache.Compact(); err != nil {
		return nil, err
	}
	after, err := a.cache.Stats()
	if err != nil {
		return nil, err
	}
	return &yeokv1.CompactMemoryResponse{FileBytesBefore: before.FileBytes, FileBytes: after.FileBytes}, nil
}
