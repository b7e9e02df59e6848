package translate

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"yeok/translate/language"
)

// waiting is a call that waits for its turn in the background.
type waiting struct {
	entered     chan struct{} // closed when the call may go
	warm, leave func()        // to be used after that
}

func enter(ws *warmups, p prefix) *waiting {
	w := &waiting{entered: make(chan struct{})}
	go func() {
		w.warm, w.leave = ws.enter(context.Background(), p)
		close(w.entered)
	}()
	return w
}

func isClosed(c chan struct{}) bool {
	synctest.Wait()
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestWarmups(t *testing.T) {
	p := prefix{"model", "fence"}
	tests := []struct {
		name string
		then func(warm, leave func())
		took time.Duration // until the second call may go
	}{
		{"first token", func(warm, _ func()) { time.Sleep(2 * time.Second); warm() }, 2 * time.Second},
		{"failure", func(_, leave func()) { time.Sleep(3 * time.Second); leave() }, 3 * time.Second},
		{"nothing", func(_, _ func()) { time.Sleep(time.Minute) }, maxWarmup},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			ws := &warmups{open: make(map[prefix]*warmup)}
			start := time.Now()
			first := enter(ws, p)
			if !isClosed(first.entered) {
				t.Fatalf("%s: the first call waits", test.name)
			}
			other := enter(ws, prefix{"model", "another article"})
			if !isClosed(other.entered) {
				t.Errorf("%s: a call for another article waits", test.name)
			}
			second := enter(ws, p)
			if isClosed(second.entered) {
				t.Errorf("%s: the second call does not wait", test.name)
			}
			done := make(chan struct{})
			go func() { test.then(first.warm, first.leave); close(done) }()
			<-second.entered
			if took := time.Since(start); took != test.took {
				t.Errorf("%s: the second call waited %v, want %v", test.name, took, test.took)
			}
			<-done
			if test.name != "failure" {
				first.leave()
			}
			second.leave()
			other.leave()
			if len(ws.open) != 0 {
				t.Errorf("%s: %d prefixes are kept after the last call", test.name, len(ws.open))
			}
		})
	}
}

func TestWarmupsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ws := &warmups{open: make(map[prefix]*warmup)}
		_, leave := ws.enter(context.Background(), prefix{})
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		start := time.Now()
		_, leaveSecond := ws.enter(ctx, prefix{})
		if took := time.Since(start); took != time.Second {
			t.Errorf("enter waited %v for a caller who left after 1s", took)
		}
		leaveSecond()
		third := enter(ws, prefix{})
		if isClosed(third.entered) {
			t.Error("a waiting call that left has opened the way for others")
		}
		leave()
		<-third.entered
		third.leave()
	})
}

// TestEnterWaitsForADiscountOnly: a second call for an article waits for the first
// one's first token only where the model's price rewards that.
func TestEnterWaitsForADiscountOnly(t *testing.T) {
	english, _ := language.Lookup("en")
	for price, want := range map[Price]bool{
		{}:                              false,
		{Prompt: 1, CachedPrompt: 1}:    false,
		{Prompt: 1, CachedPrompt: 0.1}:  true,
		{Prompt: 1, CachedPrompt: 1.25}: false,
		{Completion: 4}:                 false,
		{Prompt: 1, Completion: 4}:      true,
	} {
		synctest.Test(t, func(t *testing.T) {
			tr, err := New(Options{Models: []Model{{Name: "m", BaseURL: "http://127.0.0.1:1/v1", Price: price}}})
			if err != nil {
				t.Fatal(err)
			}
			j, q := tr.newJob(Request{Target: english}), chat{prefix: "fence"}
			_, leave := j.enter(t.Context(), tr.clients[0], q)
			entered := make(chan struct{})
			go func() {
				_, leave := j.enter(t.Context(), tr.clients[0], q)
				leave()
				close(entered)
			}()
			if got := !isClosed(entered); got != want {
				t.Errorf("enter with price %+v: the second call waits: %v, want %v", price, got, want)
			}
			leave()
			<-entered
		})
	}
}
