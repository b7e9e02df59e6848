package server

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/translate"
	"yeok/translate/language"
)

// TestAWriterThatPanicsLosesNothing: what a writer had in hand is stored when the
// flight leaves, and the flight fails.
func TestAWriterThatPanicsLosesNothing(t *testing.T) {
	var log strings.Builder
	s := &Server{log: slog.New(slog.NewTextHandler(&log, nil))}
	g := &segments{
		server: s, order: []string{"p1", "p2"}, keys: map[string][]string{"p1": {"one"}, "p2": {"two"}},
		hurry: make(chan struct{}),
	}
	g.own, _ = s.claims.take([]string{"one", "two"})
	g.store(t.Context(), translate.Segment{ID: "p1", Text: "first"})
	g.writer.Wait() // which had no memory to write to
	memory, err := cache.Open(cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = memory.Close() })
	s.cache = memory
	g.store(t.Context(), translate.Segment{ID: "p2", Text: "second"})
	err = nil
	if g.leave(t.Context(), &err); !errors.Is(err, errPanicked) || !strings.Contains(log.String(), "segment.go") {
		t.Errorf("leave: %v, want errPanicked; the log says %s", err, &log)
	}
	for key, want := range map[string]string{"one": "first", "two": "second"} {
		if seg, ok := s.segmentAt(segmentKey("", key)); !ok || seg.Text != want {
			t.Errorf("segmentAt(%s) = %v, %v, want %q", key, seg, ok, want)
		}
	}
	if len(s.claims.newest) != 0 {
		t.Errorf("%d claims are left", len(s.claims.newest))
	}
}

// TestAPanicOfALanguageEndsNoStream: one language of a stream that panics on its
// goroutine fails by itself.
func TestAPanicOfALanguageEndsNoStream(t *testing.T) {
	translator, err := translate.New(translate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{log: slog.New(slog.DiscardHandler), translator: translator}
	ctx := context.WithValue(t.Context(), requestKey{}, "call-7")
	w := &translation{server: s, job: &job{id: "cms-1"}, target: language.Targets()[0]} // without what it would wait for
	events := make(chan *yeokv1.StreamTranslateArticleResponse, 1)
	defer func() {
		if thrown := recover(); thrown != nil {
			t.Errorf("tell panics: %v", thrown)
		}
	}()
	if err := w.tell(ctx, events); !errors.Is(err, errPanicked) {
		t.Errorf("tell = %v, want errPanicked", err)
	}
	if got := (<-events).GetTranslation(); got.GetState() != yeokv1.Translation_FAILED || got.GetError().GetMessage() != "internal error" {
		t.Errorf("the language is told as %v, want FAILED with an internal error", got)
	}
}
