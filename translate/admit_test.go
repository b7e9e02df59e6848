package translate

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// waits lets n articles of a tenant wait in a queue, one call each.
func (l *line) waits(c *client, tenant string, n int, batch func() bool) {
	for range n {
		l.asked++
		article := fmt.Sprint(l.asked)
		go func() {
			leave, err := l.queue.enter(l.ctx, c, chat{tenant: tenant, article: article, batch: batch})
			if err != nil {
				return
			}
			l.goes(tenant)
			time.Sleep(time.Second)
			leave()
		}()
		synctest.Wait()
	}
}

func (l *line) admits(tenant string, batch bool) (retryAfter time.Duration, ok bool) {
	l.queue.mu.Lock()
	defer l.queue.mu.Unlock()
	err := l.queue.admit(time.Now(), tenant, batch)
	full, _ := errors.AsType[*QueueError](err)
	if full != nil {
		return full.RetryAfter, false
	}
	return 0, err == nil
}

// TestTenantsTakeTurns: a tenant with many articles does not hold up another.
func TestTenantsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{queue: newQueue(bounds{calls: 1}), ctx: t.Context()}
		c := modelOf(5)
		l.waits(c, "a", 5, nil)
		l.waits(c, "b", 2, nil)
		if got, want := l.went(), "ababaaa"; got != want {
			t.Errorf("calls went %s, want %s", got, want)
		}
	})
}

// TestRefusedInTime: an article is refused when it would wait too long at the pace
// at which the queue moves, a tenant only for its own, and batch work first.
func TestRefusedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{queue: newQueue(bounds{calls: 2, articles: 1000, wait: 10 * time.Second}), ctx: t.Context()}
		c := modelOf(2)
		l.waits(c, "a", 2, nil)
		if _, ok := l.admits("a", false); !ok {
			t.Error("an article is refused while nobody waits")
		}
		l.waits(c, "a", 58, nil)
		if _, ok := l.admits("a", false); !ok {
			t.Error("an article is refused before it is known how fast the queue moves")
		}
		time.Sleep(10*time.Second + time.Millisecond) // 20 have gone, two a second; 38 wait
		synctest.Wait()
		retryAfter, ok := l.admits("a", false)
		if low, high := 8*time.Second, 10*time.Second; ok || retryAfter < low || retryAfter > high {
			t.Errorf("38 wait for half a second each: refused %t, try again in %s, want %s to %s", !ok, retryAfter, low, high)
		}
		if _, ok := l.admits("b", false); !ok {
			t.Error("a tenant that has none waiting is refused for the articles of another")
		}
		l.waits(c, "c", 9, always)
		if _, ok := l.admits("c", false); !ok {
			t.Error("an article that somebody waits for is refused for batch work")
		}
		if _, ok := l.admits("c", true); ok {
			t.Error("batch work is let in where it would wait for ten seconds")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if _, ok := l.admits("a", true); !ok || !l.queue.moving.since.IsZero() {
			t.Error("an empty queue refuses, or remembers how it moved")
		}
		if got := l.queue.refused; got != 2 {
			t.Errorf("%d refusals were counted, want 2", got)
		}
	})
}

// TestStandstill: a queue that has moved before and does not move any more is slow.
func TestStandstill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := moving{since: time.Now()}
		for range remembered + 10 {
			time.Sleep(time.Second)
			m.note(time.Now())
		}
		if got, want := m.mean(time.Now(), 1), time.Second; got != want {
			t.Errorf("mean of a move a second = %s, want %s", got, want)
		}
		time.Sleep(remembered * time.Second)
		if got, want := m.mean(time.Now(), 1), 2*time.Second; got != want {
			t.Errorf("mean after a standstill of as long = %s, want %s", got, want)
		}
	})
}

// TestQueueHasRoom: so many articles wait at most; a tenant with less than its share
// of them is let in all the same, and batch work has half.
func TestQueueHasRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{queue: newQueue(bounds{calls: 1, articles: 8, wait: time.Hour}), ctx: t.Context()}
		c := modelOf(1)
		for waiting := range 9 {
			l.waits(c, "a", 1, nil) // the first one goes
			_, ok := l.admits("a", false)
			_, batch := l.admits("a", true)
			_, other := l.admits("b", false)
			if ok != (waiting < 8) || batch != (waiting < 4) || !other {
				t.Errorf("%d of 8 wait: let in %t, batch work %t, another tenant %t", waiting, ok, batch, other)
			}
		}
		l.went()
	})
}
