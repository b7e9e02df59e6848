package server

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
)

// rawRequest is a request in the bytes that came: strictCodec leaves it so. They
// are enough to tell whether the answer is stored.
type rawRequest struct{ wire []byte }

// storedFirst is the service whose answerable methods look for a stored answer
// before the request is decoded.
func (s *Server) storedFirst(edge edge) *grpc.ServiceDesc {
	codec, desc := newStrictCodec(), yeokv1.TranslationService_ServiceDesc
	desc.Methods = slices.Clone(desc.Methods)
	for i, m := range desc.Methods {
		if method := "/" + desc.ServiceName + "/" + m.MethodName; answerableMethod(method) {
			desc.Methods[i].Handler = s.answerFirst(edge, codec, method, m.Handler)
		}
	}
	return &desc
}

func (s *Server) answerFirst(edge edge, codec strictCodec, method string, next grpc.MethodHandler) grpc.MethodHandler {
	return func(srv any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
		start, raw := time.Now(), &rawRequest{}
		if err := decode(raw); err != nil {
			return nil, err
		}
		caller, refused := edge.admit(ctx, method)
		answerIt := func() (any, error) {
			decodeRaw := func(v any) error { return codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(raw.wire)}, v) }
			return next(srv, withAdmission(ctx, admission{caller, refused}), decodeRaw, interceptor)
		}
		if refused != nil || cacheControlOf(ctx) != (cacheControl{}) {
			return answerIt()
		}
		key := s.answers.key(caller.Tenant, method, raw.wire)
		stored, done := s.turns.take(ctx, key)
		defer done()
		if stored == nil {
			resp, err := answerIt()
			if a, ok := resp.(wireAnswer); ok {
				// It was found by what the request means; encoders order
				// bytes differently.
				s.answers.keep(key, a.answer)
			}
			return resp, err
		}
		s.finishHit(&call{ctx: ctx, method: method, start: start, stored: true, id: sayHit(ctx)})
		return wireAnswer{stored}, nil
	}
}

// answerableMethod tells whether answers of an RPC are stored.
func answerableMethod(fullMethod string) bool {
	switch fullMethod {
	case yeokv1.TranslationService_TranslateArticle_FullMethodName, yeokv1.TranslationService_TranslateText_FullMethodName,
		yeokv1.TranslationService_GetArticle_FullMethodName, yeokv1.TranslationService_GetTranslation_FullMethodName:
		return true
	}
	return false
}

// admission is what the door said of a call. It is asked once for each call,
// because being let in counts against a limit.
type admission struct {
	caller  *access.Caller
	refused error
}

// admissionKey is where a context holds an admission. Nothing outside of the
// process can put one there.
type admissionKey struct{}

func withAdmission(ctx context.Context, a admission) context.Context {
	return context.WithValue(ctx, admissionKey{}, a)
}
