package cache_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"yeok/cache"
)

type flights = cache.Flights[int, string]

var errUpstream = errors.New("upstream is down")

// slow is work that takes a second and counts how often it is done.
func slow(runs *atomic.Int64) func(context.Context, func(int)) (string, error) {
	return func(ctx context.Context, _ func(int)) (string, error) {
		runs.Add(1)
		select {
		case <-time.After(time.Second):
			return "done", nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func TestFlightsRunOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flights
		var runs, leaders atomic.Int64
		var wg sync.WaitGroup
		began := time.Now()
		for range 1000 {
			wg.Go(func() {
				flight := f.Join(t.Context(), "k", slow(&runs))
				if flight.Started() {
					leaders.Add(1)
				}
				if got, err := flight.Wait(t.Context()); got != "done" || err != nil {
					t.Errorf("Wait = %q, %v, want done", got, err)
				}
			})
		}
		synctest.Wait()
		flight := f.Join(t.Context(), "k", nil)
		if got := flight.Waiters(); got != 1000 {
			t.Errorf("Waiters = %d, want 1000", got)
		}
		wg.Wait()
		if got := flight.Waiters(); got != 0 {
			t.Errorf("Waiters = %d after the end, want 0", got)
		}
		if runs.Load() != 1 || leaders.Load() != 1 {
			t.Errorf("1000 callers: %d runs, %d leaders, want 1, 1", runs.Load(), leaders.Load())
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("1000 callers took %v, want 1s", took)
		}
		if f.Len() != 0 {
			t.Errorf("Len = %d after the end, want 0", f.Len())
		}
	})
}

func TestFlightsKeysAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flights
		var runs atomic.Int64
		a, b := f.Join(t.Context(), "a", slow(&runs)), f.Join(t.Context(), "b", slow(&runs))
		if f.Len() != 2 {
			t.Errorf("Len = %d, want 2", f.Len())
		}
		for _, flight := range []*cache.Flight[int, string]{a, b} {
			if _, err := flight.Wait(t.Context()); err != nil {
				t.Errorf("Wait: %v", err)
			}
		}
		if runs.Load() != 2 {
			t.Errorf("two keys: %d runs, want 2", runs.Load())
		}
	})
}

// TestFlightsOutliveTheirCallers is the table of who leaves when. The work
// must end, once, whoever leaves; and who leaves must not wait.
func TestFlightsOutliveTheirCallers(t *testing.T) {
	for _, test := range []struct {
		name                         string
		leaderLeaves, followerLeaves bool
	}{
		{"nobody leaves", false, false},
		{"the leader leaves", true, false},
		{"the follower leaves", false, true},
		{"both leave", true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var f flights
				var runs atomic.Int64
				var wg sync.WaitGroup
				for _, leaves := range []bool{test.leaderLeaves, test.followerLeaves} {
					wg.Go(func() { callAndMaybeLeave(t, &f, slow(&runs), leaves) })
					synctest.Wait()
				}
				wg.Wait()
				time.Sleep(time.Second)
				if f.Len() != 0 || runs.Load() != 1 {
					t.Errorf("%d runs, %d still in the air, want 1, 0", runs.Load(), f.Len())
				}
			})
		})
	}
}

func callAndMaybeLeave(t *testing.T, f *flights, run func(context.Context, func(int)) (string, error), leaves bool) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if leaves {
		time.AfterFunc(50*time.Millisecond, cancel)
	}
	began := time.Now()
	got, err := f.Join(ctx, "k", run).Wait(ctx)
	took := time.Since(began)
	switch {
	case leaves && (!errors.Is(err, context.Canceled) || took != 50*time.Millisecond):
		t.Errorf("who left got %q, %v after %v, want context.Canceled after 50ms", got, err, took)
	case !leaves && (got != "done" || err != nil || took != time.Second):
		t.Errorf("who stayed got %q, %v after %v, want done after 1s", got, err, took)
	}
}

func TestFlightKeepsTheContextsValues(t *testing.T) {
	type ctxKey struct{}
	var f flights
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), ctxKey{}, "tenant"))
	cancel()
	flight := f.Join(ctx, "k", func(ctx context.Context, _ func(int)) (string, error) {
		return ctx.Value(ctxKey{}).(string), ctx.Err()
	})
	if got, err := flight.Wait(t.Context()); got != "tenant" || err != nil {
		t.Errorf("Wait = %q, %v, want the value of the first caller's context and no error", got, err)
	}
}

func TestFlightErrorIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flights
		flight := f.Join(t.Context(), "k", func(context.Context, func(int)) (string, error) { return "part", errUpstream })
		if got, err := flight.Wait(t.Context()); !errors.Is(err, errUpstream) || got != "part" {
			t.Errorf("Wait = %q, %v, want part, %v", got, err, errUpstream)
		}
		var runs atomic.Int64
		again := f.Join(t.Context(), "k", slow(&runs))
		if got, err := again.Wait(t.Context()); got != "done" || err != nil || !again.Started() {
			t.Errorf("Wait after a failed flight = %q, %v, started %t, want a new flight", got, err, again.Started())
		}
	})
}

func TestFlightPanicIsAnErrorForAll(t *testing.T) {
	for name, run := range map[string]func(context.Context, func(int)) (string, error){
		"panic":  func(context.Context, func(int)) (string, error) { panic("secret detail") },
		"Goexit": func(context.Context, func(int)) (string, error) { runtime.Goexit(); return "", nil },
	} {
		synctest.Test(t, func(t *testing.T) {
			var f flights
			gate := make(chan struct{})
			waiting := func(ctx context.Context, emit func(int)) (string, error) { <-gate; return run(ctx, emit) }
			a, b := f.Join(t.Context(), "k", waiting), f.Join(t.Context(), "k", waiting)
			close(gate)
			for _, flight := range []*cache.Flight[int, string]{a, b} {
				_, err := flight.Wait(t.Context())
				var panicked *cache.PanicError
				if !errors.Is(err, cache.ErrPanic) || !errors.As(err, &panicked) {
					t.Fatalf("%s: Wait = %v, want ErrPanic", name, err)
				}
				if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "goroutine") {
					t.Errorf("%s: the error's text tells too much: %q", name, err)
				}
				if !strings.Contains(string(panicked.Stack), "flight_test.go") {
					t.Errorf("%s: the stack does not show run:\n%s", name, panicked.Stack)
				}
			}
			if f.Len() != 0 {
				t.Errorf("%s: Len = %d, want 0", name, f.Len())
			}
		})
	}
}

func TestFlightTimeout(t *testing.T) {
	for _, timeout := range []time.Duration{0, 30 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			f := flights{Timeout: timeout}
			want := timeout
			if want == 0 {
				want = 10 * time.Minute
			}
			began := time.Now()
			_, err := f.Join(t.Context(), "k", untilCancelled).Wait(t.Context())
			if !errors.Is(err, cache.ErrTimeout) || !errors.Is(err, errUpstream) || time.Since(began) != want {
				t.Errorf("Timeout %v: Wait = %v after %v, want ErrTimeout around %v after %v",
					timeout, err, time.Since(began), errUpstream, want)
			}
		})
	}
}

func untilCancelled(ctx context.Context, _ func(int)) (string, error) {
	<-ctx.Done()
	return "", errUpstream
}

// A result in spite of the deadline is a result: it was paid for.
func TestFlightResultAfterTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flights{Timeout: time.Second}
		flight := f.Join(t.Context(), "k", func(ctx context.Context, _ func(int)) (string, error) {
			<-ctx.Done()
			return "late", nil
		})
		if got, err := flight.Wait(t.Context()); got != "late" || err != nil {
			t.Errorf("Wait = %q, %v, want late", got, err)
		}
	})
}

func TestFlightEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flights
		run := func(_ context.Context, emit func(int)) (string, error) {
			for i := range 5 {
				emit(i)
				time.Sleep(time.Second)
			}
			return "done", nil
		}
		want := []int{0, 1, 2, 3, 4}
		var wg sync.WaitGroup
		for _, after := range []time.Duration{0, 2500 * time.Millisecond, 4500 * time.Millisecond} {
			wg.Go(func() {
				time.Sleep(after)
				flight := f.Join(t.Context(), "k", run)
				if diff := cmp.Diff(want, slices.Collect(flight.Events(t.Context()))); diff != "" {
					t.Errorf("Events of who joined after %v (-want +got):\n%s", after, diff)
				}
				if diff := cmp.Diff(want, slices.Collect(flight.Events(t.Context()))); diff != "" {
					t.Errorf("Events after the end (-want +got):\n%s", diff)
				}
			})
		}
		wg.Wait()
	})
}

func TestFlightEventsEndWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flights
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		flight := f.Join(t.Context(), "k", func(_ context.Context, emit func(int)) (string, error) {
			emit(0)
			time.Sleep(time.Second)
			emit(1)
			time.Sleep(time.Second)
			emit(2)
			return "done", nil
		})
		if diff := cmp.Diff([]int{0, 1}, slices.Collect(flight.Events(ctx))); diff != "" {
			t.Errorf("Events of a caller who left (-want +got):\n%s", diff)
		}
		for event := range flight.Events(t.Context()) {
			if event == 1 {
				break
			}
		}
		if flight.Waiters() != 0 {
			t.Errorf("Waiters = %d after everybody left, want 0", flight.Waiters())
		}
		if got, err := flight.Wait(t.Context()); got != "done" || err != nil {
			t.Errorf("Wait = %q, %v, want done", got, err)
		}
		if late := slices.Collect(flight.Events(ctx)); len(late) > 0 {
			t.Errorf("Events of a caller who had left before: %v, want none", late)
		}
	})
}

func TestFlightEmitAfterTheEndDoesNothing(t *testing.T) {
	var f flights
	var late func(int)
	flight := f.Join(t.Context(), "k", func(_ context.Context, emit func(int)) (string, error) {
		emit(1)
		late = emit
		return "done", nil
	})
	if _, err := flight.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	late(2)
	if diff := cmp.Diff([]int{1}, slices.Collect(flight.Events(t.Context()))); diff != "" {
		t.Errorf("Events (-want +got):\n%s", diff)
	}
}

func TestFlightsClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flights
		var runs atomic.Int64
		flight := f.Join(t.Context(), "k", slow(&runs))
		began := time.Now()
		if err := f.Close(t.Context()); err != nil || time.Since(began) != time.Second {
			t.Errorf("Close = %v after %v, want nil after the flight's second", err, time.Since(began))
		}
		if got, err := flight.Wait(t.Context()); got != "done" || err != nil {
			t.Errorf("Wait = %q, %v, want done", got, err)
		}
		late := f.Join(t.Context(), "k2", slow(&runs))
		if _, err := late.Wait(t.Context()); !errors.Is(err, cache.ErrClosed) || late.Started() || runs.Load() != 1 {
			t.Errorf("Join after Close: %v, started %t, %d runs, want ErrClosed, false, 1", err, late.Started(), runs.Load())
		}
		if events := slices.Collect(late.Events(t.Context())); len(events) > 0 {
			t.Errorf("Events after Close: %v", events)
		}
		if err := f.Close(t.Context()); err != nil {
			t.Errorf("second Close = %v", err)
		}
	})
}

func TestFlightsCloseCancelsAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flights
		flight := f.Join(t.Context(), "k", untilCancelled)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := f.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || f.Len() != 0 {
			t.Errorf("Close = %v with %d left, want its context's error, and none left", err, f.Len())
		}
		if _, err := flight.Wait(t.Context()); !errors.Is(err, cache.ErrClosed) || !errors.Is(err, errUpstream) {
			t.Errorf("Wait = %v, want ErrClosed around %v", err, errUpstream)
		}
	})
}

func TestFlightsCloseLeavesADeafFlightBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flights
		f.Join(t.Context(), "k", func(context.Context, func(int)) (string, error) {
			time.Sleep(time.Hour)
			return "", nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		if err := f.Close(ctx); !errors.Is(err, context.Canceled) || time.Since(began) > time.Minute {
			t.Errorf("Close = %v after %v, want context.Canceled within a minute", err, time.Since(began))
		}
		time.Sleep(time.Hour)
	})
}

// TestFlightsPayOnce is the pattern of the documentation under load: however
// callers come and go around the end of a flight, the key is paid for once.
func TestFlightsPayOnce(t *testing.T) {
	c := open(t, cache.Options{})
	var f flights
	var paid atomic.Int64
	work := func(key string) func(context.Context, func(int)) (string, error) {
		return func(context.Context, func(int)) (string, error) {
			if v, ok := c.Get(key); ok {
				return string(v), nil
			}
			paid.Add(1)
			return "v", c.Put(key, cache.Entry{Value: []byte("v")})
		}
	}
	const keys = 200
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range keys {
				key := fmt.Sprint(i)
				if _, ok := c.Get(key); ok {
					continue
				}
				if _, err := f.Join(t.Context(), key, work(key)).Wait(t.Context()); err != nil {
					t.Errorf("Wait(%s): %v", key, err)
				}
			}
		})
	}
	wg.Wait()
	if paid.Load() != keys {
		t.Errorf("paid %d times for %d keys", paid.Load(), keys)
	}
}
