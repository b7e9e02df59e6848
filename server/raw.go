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

// admitFirst is a service whose unary methods ask who calls before they read the
// request, as streams do by themselves: it may be of megabytes. Interceptors come
// too late for that.
func (e edge) admitFirst(desc grpc.ServiceDesc) *grpc.ServiceDesc {
	codec := newStrictCodec()
	desc.Methods = slices.Clone(desc.Methods)
	for i, m := range desc.Methods {
		method, answer := "/"+desc.ServiceName+"/"+m.MethodName, admittedHandler(m.Handler)
		if answerableMethod(method) {
			answer = e.s.answerFirst(codec, method, m.Handler)
		}
		desc.Methods[i].Handler = func(srv any, ctx context.Context, read func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			start := time.Now()
			caller, refused := e.admit(ctx, method)
			if refused != nil {
				return nil, e.refuse(&call{ctx: ctx, method: method, start: start}, refused)
			}
			return answer(ctx, unaryCall{caller, start, srv, read, interceptor})
		}
	}
	return &desc
}

// unaryCall is a unary call as grpc-go hands it over, unread, of who may make it.
type unaryCall struct {
	caller      *access.Caller
	start       time.Time
	srv         any
	read        func(any) error
	interceptor grpc.UnaryServerInterceptor
}

// answerer answers a call.
type answerer func(ctx context.Context, c unaryCall) (any, error)

func admittedHandler(next grpc.MethodHandler) answerer {
	return func(ctx context.Context, c unaryCall) (any, error) {
		return next(c.srv, withCaller(ctx, c.caller), c.read, c.interceptor)
	}
}

// answerFirst looks for a stored answer before the request is decoded.
func (s *Server) answerFirst(codec strictCodec, method string, next grpc.MethodHandler) answerer {
	return func(ctx context.Context, c unaryCall) (any, error) {
		raw := &rawRequest{}
		if err := c.read(raw); err != nil {
			return nil, err
		}
		answerIt := func() (any, error) {
			decodeRaw := func(v any) error { return codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(raw.wire)}, v) }
			return next(c.srv, withCaller(ctx, c.caller), decodeRaw, c.interceptor)
		}
		if cacheControlOf(ctx) != (cacheControl{}) {
			return answerIt()
		}
		key := s.answers.key(c.caller.Tenant, method, raw.wire)
		stored, done := s.turns.take(ctx, key, c.start)
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
		s.finishHit(&call{ctx: ctx, method: method, start: c.start, stored: true, id: sayHit(ctx)})
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
