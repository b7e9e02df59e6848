package server

import (
	"sync/atomic"
	"testing"
	"time"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/translate"
)

// TestDrainWaitsForDirectCalls: the gRPC server does not know of them.
func TestDrainWaitsForDirectCalls(t *testing.T) {
	translator, err := translate.New(translate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	memory, err := cache.Open(cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = memory.Close() }()
	s, err := New(Config{Translator: translator, Cache: memory})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Client().ListLanguages(t.Context(), &yeokv1.ListLanguagesRequest{}); err != nil { // it serves
		t.Fatal(err)
	}
	var left atomic.Bool
	s.direct.enter()
	go func() {
		defer s.direct.leave()
		time.Sleep(20 * time.Millisecond) // for Drain to return too early
		left.Store(true)
	}()
	if err := s.Drain(t.Context()); err != nil || !left.Load() {
		t.Errorf("Drain = %v; the call has left by then: %t", err, left.Load())
	}
}
