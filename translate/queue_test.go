package translate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// line is a queue with calls of a second each.
type line struct {
	queue *queue
	ctx   context.Context
	asked int

	mu    sync.Mutex
	order []string // in which calls went
}

func modelOf(calls int) *client {
	return &client{model: Model{Profile: Profile{Concurrency: calls}}}
}

func (l *line) goes(who string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.order = append(l.order, who)
}

// call asks for a call in the background, after those that asked before.
func (l *line) call(c *client, article string, batch func() bool) {
	go func() {
		leave, err := l.queue.enter(context.Background(), c, chat{article: article, batch: batch})
		if err != nil {
			return
		}
		l.goes(article)
		time.Sleep(time.Second)
		leave()
	}()
	synctest.Wait()
}

func (l *line) went() string {
	time.Sleep(time.Minute)
	synctest.Wait()
	return strings.Join(l.order, "")
}

func always() bool { return true }

func TestQueueTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, c := &line{queue: newQueue(bounds{calls: 1})}, modelOf(5)
		for _, article := range []string{"a", "a", "a", "a", "b", "b", "c"} {
			l.call(c, article, nil)
		}
		if got, want := l.went(), "aabcaba"; got != want {
			t.Errorf("calls went %s, want %s", got, want)
		}
		if len(l.queue.turns) != 0 || len(l.queue.waiting) != 0 || c.running != 0 || l.queue.free != 1 {
			t.Errorf("an idle queue holds %d articles and %d calls, %d of 1 free", len(l.queue.turns), c.running, l.queue.free)
		}
	})
}

func TestQueueBatchWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, c := &line{queue: newQueue(bounds{calls: 1})}, modelOf(5)
		l.call(c, "x", nil)
		l.call(c, "b", always)
		l.call(c, "b", always)
		for range 9 {
			l.call(c, "i", nil)
		}
		// One in eight, so that batch work does not stand still.
		if got, want := l.went(), "x"+"iiiiiii"+"b"+"ii"+"b"; got != want {
			t.Errorf("calls went %s, want %s", got, want)
		}
	})
}

func TestQueueBatchMovesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, c := &line{queue: newQueue(bounds{calls: 1})}, modelOf(5)
		var waited atomic.Bool
		l.call(c, "x", nil)
		l.call(c, "b", func() bool { return !waited.Load() })
		l.call(c, "i", nil)
		l.call(c, "i", nil)
		waited.Store(true) // somebody asks for what the batch is at
		if got, want := l.went(), "xbii"; got != want {
			t.Errorf("calls went %s, want %s", got, want)
		}
	})
}

func TestQueueBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(bounds{calls: 3})
		first, second := modelOf(2), modelOf(4)
		running, most := map[*client]int{}, map[*client]int{}
		all, peak := 0, 0
		for i := range 20 {
			c := []*client{first, second}[i%2]
			go func() {
				leave, err := q.enter(context.Background(), c, chat{article: fmt.Sprint(i % 5)})
				if err != nil {
					t.Error(err)
					return
				}
				q.mu.Lock()
				running[c]++
				all++
				most[c], peak = max(most[c], running[c]), max(peak, all)
				q.mu.Unlock()
				time.Sleep(time.Second)
				q.mu.Lock()
				running[c]--
				all--
				q.mu.Unlock()
				leave()
			}()
		}
		synctest.Wait()
		time.Sleep(time.Minute)
		synctest.Wait()
		if most[first] != 2 || peak != 3 {
			t.Errorf("%d calls at once to a model that takes 2, %d of 3 over all", most[first], peak)
		}
	})
}

func TestQueueCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, c := newQueue(bounds{calls: 1}), modelOf(1)
		leave, err := q.enter(context.Background(), c, chat{article: "a"})
		if err != nil {
			t.Fatal(err)
		}
		cause := errors.New("gone")
		ctx, cancel := context.WithTimeoutCause(context.Background(), time.Second, cause)
		defer cancel()
		if _, err := q.enter(ctx, c, chat{article: "b"}); !errors.Is(err, cause) {
			t.Errorf("enter = %v, want the cause of its context", err)
		}
		leave()
		leave, err = q.enter(context.Background(), c, chat{article: "c"})
		if err != nil {
			t.Fatalf("enter after a caller left: %v", err)
		}
		leave()
	})
}
