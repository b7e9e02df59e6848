package server

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
)

// TestPanicsAreDescribed: the caller is told nothing of a panic, the log what it was
// and where, and nobody what was in it.
func TestPanicsAreDescribed(t *testing.T) {
	const secret = "새벽전자 sk-planted-0123456789"
	var log bytes.Buffer
	s := &Server{log: slog.New(slog.NewTextHandler(&log, nil)), metrics: newMetrics("", func() float64 { return 0 }), tracer: tracerOf(nil), anybody: access.Anybody()}
	info := &grpc.UnaryServerInfo{FullMethod: "/yeok.v1.TranslationService/CleanArticle"}
	throw := func(value any) grpc.UnaryHandler { return func(context.Context, any) (any, error) { panic(value) } }
	for name, test := range map[string]struct {
		handler grpc.UnaryHandler
		want    []string
	}{
		"a string":   {throw(secret), []string{"panic: string", "edge_test.go"}},
		"an error":   {throw(fmt.Errorf("article: %s", secret)), []string{"panic: *errors.errorString", "edge_test.go"}},
		"a request":  {throw(&yeokv1.CleanArticleRequest{Source: &yeokv1.ArticleSource{Url: secret}}), []string{"panic: *yeokv1.CleanArticleRequest"}},
		"a wrapping": {throw(&quoting{secret}), []string{"panic: *server.quoting"}},
		"an index": {func(context.Context, any) (any, error) { return strings.Split(secret, "x")[len(secret)], nil },
			[]string{"index out of range [", "edge_test.go"}},
		"a type": {func(context.Context, any) (any, error) { var v any = secret; return v.(int), nil },
			[]string{"interface {} is string, not int"}},
		"in a flight": {func(context.Context, any) (any, error) {
			return nil, &cache.PanicError{Value: secret, Stack: []byte("yeok/server.f({0xc0001, 0x7b})\n\t/src/f.go:1 +0x1\n")}
		}, []string{`panic: string\nyeok/server.f\n\t/src/f.go:1`}},
	} {
		log.Reset()
		_, err := edge{s, s.admitCall}.unary(withCaller(t.Context(), s.anybody), nil, info, test.handler)
		if got := status.Convert(err); got.Code() != codes.Internal || got.Message() != "internal error" {
			t.Errorf("%s: the caller is told %v, want INTERNAL and no more", name, err)
		}
		for _, want := range append(test.want, "request=", "method=CleanArticle") {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%s: the log does not say %q: %s", name, want, log.String())
			}
		}
		for _, word := range []string{"새벽전자", "sk-planted", "0xc0", "0x7b"} {
			if strings.Contains(log.String(), word) {
				t.Errorf("%s: the log holds %q: %s", name, word, log.String())
			}
		}
	}
}

// quoting says that it is the runtime's error, and is not.
type quoting struct{ error string }

func (q *quoting) Error() string { return q.error }
func (*quoting) RuntimeError()   {}
