package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
)

// scopes are what a key must be good for to make a call; "" is good for every
// key. A method that is not here wants an admin key, so that one that is
// forgotten is shut and not open.
var scopes = map[string]access.Scope{
	yeokv1.TranslationService_CleanArticle_FullMethodName:            access.Clean,
	yeokv1.TranslationService_TranslateArticle_FullMethodName:        access.Translate,
	yeokv1.TranslationService_StreamTranslateArticle_FullMethodName:  access.Translate,
	yeokv1.TranslationService_TranslateText_FullMethodName:           access.Translate,
	yeokv1.TranslationService_GetArticle_FullMethodName:              access.Read,
	yeokv1.TranslationService_GetTranslation_FullMethodName:          access.Read,
	yeokv1.TranslationService_ListLanguages_FullMethodName:           "",
	yeokv1.AdminService_PurgeMemory_FullMethodName:                   access.Admin,
	yeokv1.AdminService_GetMemoryStats_FullMethodName:                access.Admin,
	yeokv1.AdminService_CompactMemory_FullMethodName:                 access.Admin,
	yeokv1.AdminService_ExportMemory_FullMethodName:                  access.Admin,
	yeokv1.AdminService_ImportMemory_FullMethodName:                  access.Admin,
	"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo":      "",
	"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": "",
	unknownPath: "",
}

const (
	// unknownPath stands for what is at no path of the HTTP API: whoever has no
	// key does not learn what there is.
	unknownPath = "/unknown"
	// adminPath stands for the paths of the admin listener.
	adminPath = "/admin"
	// healthService is open to everybody: balancers have no keys.
	healthService = "/grpc.health.v1.Health/"
)

// admit says who makes a call, or refuses him. Every call passes here once, at
// the door that it came in by, before its body is read; where no keys are asked
// for, anybody may do everything.
func (s *Server) admit(fullMethod string, authorization []string) (*access.Caller, error) {
	if strings.HasPrefix(fullMethod, healthService) {
		return s.anybody, nil
	}
	now := time.Now()
	caller, err := s.identify(fullMethod, authorization, now)
	if err == nil {
		err = caller.Spend(now)
	}
	if err != nil {
		s.noteRefusal(err)
		return nil, err
	}
	return caller, nil
}

func (s *Server) noteRefusal(err error) {
	s.metrics.refused.WithLabelValues(reasonOf(statusOf(err))).Inc()
}

// identify says who makes a call, if he may make it at all.
func (s *Server) identify(fullMethod string, authorization []string, now time.Time) (*access.Caller, error) {
	if s.keys == nil {
		return s.anybody, nil
	}
	key, err := access.Bearer(authorization)
	if err != nil {
		return nil, err
	}
	caller, err := s.keys.Identify(key, now)
	if err != nil {
		return nil, err
	}
	scope, known := scopes[fullMethod]
	if !known {
		scope = access.Admin
	}
	return caller, caller.May(scope)
}

// callerKey is where a context holds the caller. Nothing outside of the process can
// put one there.
type callerKey struct{}

func withCaller(ctx context.Context, c *access.Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// callerOf returns who makes the call of ctx; nil before he is admitted.
func callerOf(ctx context.Context) *access.Caller {
	c, _ := ctx.Value(callerKey{}).(*access.Caller)
	return c
}

// tenantOf returns whose memory a call uses. Only an admitted call gets as far
// as to ask.
func tenantOf(ctx context.Context) string { return callerOf(ctx).Tenant }

// callerStream is a stream whose context knows the caller.
type callerStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s callerStream) Context() context.Context { return s.ctx }

// admit is [Server.admit] for a request over HTTP; it answers who is refused,
// and returns nil.
func (g *gateway) admit(w http.ResponseWriter, r *http.Request, fullMethod string) *access.Caller {
	caller, err := g.s.admit(fullMethod, r.Header["Authorization"])
	if err != nil {
		leaveUnread(w, r)
		g.refuseFor(w, r, fullMethod, &refusal{statusOf(err), 0}, err)
		return nil
	}
	if g.s.keys != nil {
		w.Header()["Cache-Control"] = privateHeader // what is not said more strictly later
	}
	return caller
}

// privateHeader keeps shared caches from handing one tenant's answer to another.
var privateHeader = []string{"private"}

// guarded lets only those admin keys pass to an HTTP handler that belong to no
// tenant: metrics and profiles are about all of them.
func (s *Server) guarded(next http.Handler) http.Handler {
	g := &gateway{s: s}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller := g.admit(w, r, adminPath)
		switch {
		case caller == nil:
		case caller.Tenant != "":
			s.noteRefusal(errForeign)
			g.refuseUnread(w, r, adminPath, &refusal{statusOf(errForeign), 0})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// accessStatus is what a caller is told who is not let in; nil if err is about
// something else.
func accessStatus(err error) *status.Status {
	var limit *access.LimitError
	var scope *access.ScopeError
	switch {
	case errors.Is(err, access.ErrMissing):
		return detailed(codes.Unauthenticated, "KEY_MISSING", "a key is needed: send it as Authorization: Bearer")
	case errors.Is(err, access.ErrInvalid):
		return detailed(codes.Unauthenticated, "KEY_INVALID", "the key is not valid")
	case errors.Is(err, access.ErrExpired):
		return detailed(codes.Unauthenticated, "KEY_EXPIRED", "the key has expired")
	case errors.As(err, &scope):
		return detailed(codes.PermissionDenied, "SCOPE_MISSING", fmt.Sprintf("the key is not good for this: it lacks the scope %s", scope.Scope))
	case errors.As(err, &limit):
		allowed := fmt.Sprintf("the key may call %d times a minute", limit.PerMinute)
		return detailed(codes.ResourceExhausted, "CALLER_LIMIT", allowed+"; try again later",
			&errdetails.RetryInfo{RetryDelay: durationpb.New(limit.After)},
			&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{Subject: "key:" + limit.Key, Description: allowed}}})
	}
	return nil
}

// challenge is the WWW-Authenticate of a refusal (RFC 6750, section 3).
func challenge(reason string) string {
	if reason == "KEY_MISSING" {
		return `Bearer realm="yeok"`
	}
	return `Bearer realm="yeok", error="invalid_token"`
}

// reasonOf is the machine's word in a status; "" if there is none.
func reasonOf(s *status.Status) string {
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}
