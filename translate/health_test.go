package translate

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestHealthPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h health
		call := func(err error) bool {
			t.Helper()
			probe, refused := h.admit()
			if refused == nil {
				h.note(err, probe, false)
			}
			return refused == nil
		}
		for range openAfter {
			if !call(errStalled) {
				t.Fatal("paused too early")
			}
		}
		for _, term := range []time.Duration{brokenTerm, 2 * brokenTerm, 4 * brokenTerm, 8 * brokenTerm, longestTerm, longestTerm} {
			time.Sleep(term - time.Second)
			if call(nil) {
				t.Fatalf("asked before %v have passed", term)
			}
			time.Sleep(time.Second)
			if !call(errStalled) {
				t.Fatalf("not asked after %v", term)
			}
		}
		time.Sleep(longestTerm)
		if probe, err := h.admit(); err != nil || !probe {
			t.Fatalf("admit after the term = %v, %v", probe, err)
		}
		if call(nil) {
			t.Error("a second call went while the first one finds out")
		}
		h.note(context.Canceled, true, false) // it has found nothing out
		if first, second := call(nil), call(nil); !first || !second || h.now().State != "ok" {
			t.Errorf("after a good call: %+v", h.now())
		}
		if call(errQuota); call(nil) {
			t.Error("a used-up quota did not pause the model")
		}
		time.Sleep(shutTerm - time.Second)
		if call(nil) {
			t.Error("a used-up quota was asked again as soon as an outage")
		}
	})
}

func TestHealthOfPartAnswers(t *testing.T) {
	var h health
	for range 2 * openAfter {
		probe, err := h.admit()
		if err != nil {
			t.Fatalf("a model that answers in part is paused: %v", err)
		}
		h.note(errCut, probe, true)
	}
}

func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h health
		spend := func() (n int) {
			for h.mayRetry() {
				n++
			}
			return n
		}
		if got := spend(); got != retryFloor {
			t.Errorf("%d retries without a call, want %d", got, retryFloor)
		}
		for range 101 {
			if _, err := h.admit(); err != nil {
				t.Fatal(err)
			}
		}
		if got := spend(); got != 20 {
			t.Errorf("%d retries after 101 calls, want 20", got)
		}
	})
}

func TestQueueKeepsAllowance(t *testing.T) {
	for _, test := range []struct {
		profile Profile
		calls   int           // 500 tokens each
		longest time.Duration // for all of them
	}{
		{Profile{RequestsPerMinute: 60}, 200, 4 * time.Minute},
		{Profile{TokensPerMinute: 30_000}, 200, 4 * time.Minute},
		{Profile{RequestsPerMinute: 1}, 4, 4 * time.Minute},
	} {
		t.Run(fmt.Sprintf("%+v", test.profile), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.profile.Concurrency = 1000
				q, c := newQueue(bounds{calls: 1000}), &client{model: Model{Profile: test.profile}, allowance: newAllowance(test.profile)}
				var went []time.Time
				start := time.Now()
				for i := range test.calls {
					go func() {
						leave, err := q.enter(t.Context(), c, chat{article: fmt.Sprint(i % 7), expected: 500})
						if err != nil {
							t.Error(err)
							return
						}
						q.mu.Lock()
						went = append(went, time.Now())
						q.mu.Unlock()
						leave()
					}()
					synctest.Wait()
				}
				time.Sleep(test.longest)
				synctest.Wait()
				if len(went) != test.calls {
					t.Fatalf("%d of %d calls went in %v", len(went), test.calls, test.longest)
				}
				limit := max(test.profile.RequestsPerMinute, test.profile.TokensPerMinute/500)
				for i := limit; i < len(went); i++ {
					if gap := went[i].Sub(went[i-limit]); gap < time.Minute-time.Millisecond {
						t.Fatalf("%d calls went within %v, at %v", limit+1, gap, went[i].Sub(start))
					}
				}
			})
		})
	}
}

// TestQueueKeepsLargeCalls: small calls do not take what a large one waits for.
func TestQueueKeepsLargeCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Profile{TokensPerMinute: 6000, Concurrency: 10}
		q, c := newQueue(bounds{calls: 10}), &client{model: Model{Profile: p}, allowance: newAllowance(p)}
		order := make(chan string, 10)
		for _, call := range []chat{{article: "x", expected: 600}, {article: "large", expected: 600}, {article: "small", expected: 10}, {article: "small", expected: 10}} {
			go func() {
				leave, err := q.enter(t.Context(), c, call)
				if err != nil {
					t.Error(err)
					return
				}
				order <- call.article
				leave()
			}()
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		close(order)
		var went []string
		for article := range order {
			went = append(went, article)
		}
		if got, want := fmt.Sprint(went), "[x large small small]"; got != want {
			t.Errorf("calls went %s, want %s", got, want)
		}
	})
}

func TestQueueRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, busy, idle := newQueue(bounds{calls: 4}), modelOf(4), modelOf(4)
		busy.health.note(&BusyError{RetryAfter: 3 * time.Second}, false, false)
		start := time.Now()
		leave, err := q.enter(t.Context(), idle, chat{article: "a"})
		if err != nil || time.Since(start) != 0 {
			t.Errorf("a call to another model: %v after %v", err, time.Since(start))
		}
		leave()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := q.enter(ctx, busy, chat{article: "a"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a call with less time than the model rests: %v", err)
		}
		leave, err = q.enter(t.Context(), busy, chat{article: "a"})
		if took := time.Since(start); err != nil || took != 3*time.Second {
			t.Errorf("a call to the busy model went after %v, %v, want 3s", took, err)
		}
		leave()
	})
}
