package server

import (
	"context"
	"log/slog"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/translate/language"
)

// TestWrittenAhead: what is written ahead is answered only if it holds, and only to a
// direct call; a panic over it is none of the call's.
func TestWrittenAhead(t *testing.T) {
	s := &Server{log: slog.New(slog.DiscardHandler)}
	article := &yeokv1.Article{Title: "Saebyeok"}
	for name, test := range map[string]struct {
		draft func(over <-chan struct{}) proto.Message
		holds bool
		want  bool
	}{
		"written":       {func(<-chan struct{}) proto.Message { return article }, true, true},
		"does not hold": {func(<-chan struct{}) proto.Message { return article }, false, false},
		"waits":         {nilAfter, true, false},
		"panics":        {func(<-chan struct{}) proto.Message { panic("planted") }, true, false},
	} {
		stream := &directStream{}
		s.writeAhead(grpc.NewContextWithServerTransportStream(t.Context(), stream), test.draft).use(func() bool { return test.holds })
		if got := stream.body != nil; got != test.want {
			t.Errorf("%s: the call has an answer: %t, want %t", name, got, test.want)
		}
	}
	if a := s.writeAhead(context.Background(), nil); a != nil {
		t.Error("an answer is written ahead for a call over gRPC")
	}
}

// TestArticleAhead: an answer is written ahead where the call leads all flights, and
// holds if these bring what it was written from.
func TestArticleAhead(t *testing.T) {
	s := &Server{log: slog.New(slog.DiscardHandler)}
	made := &yeokv1.Translation{Title: "Saebyeok", Provenance: &yeokv1.Provenance{}}
	for name, test := range map[string]struct {
		joins   bool // the flight of another call
		brought *yeokv1.Translation
		want    bool
	}{
		"leads":         {false, made, true},
		"joins":         {true, made, false},
		"another comes": {false, proto.CloneOf(made), false},
	} {
		end := make(chan struct{})
		fly := func(context.Context, func(*yeokv1.TranslatedBlock)) (*yeokv1.Translation, error) {
			<-end
			return nil, nil
		}
		w := &translation{server: s, job: &job{id: "cms-1"}, target: language.Targets()[0], draft: make(chan *yeokv1.Translation)}
		if test.joins {
			s.flights.Join(t.Context(), name, fly)
		}
		w.flight = s.flights.Join(t.Context(), name, fly)
		stream := &directStream{}
		ctx := grpc.NewContextWithServerTransportStream(t.Context(), stream)
		answerWith := s.articleAhead(ctx, w.job, []*translation{w})
		if !test.joins {
			w.draft <- made
		}
		w.made = test.brought
		answerWith(nil)
		if got := stream.body != nil; got != test.want {
			t.Errorf("%s: the call has an answer: %t, want %t", name, got, test.want)
		}
		close(end)
	}
}

func nilAfter(over <-chan struct{}) proto.Message {
	<-over
	return nil
}
