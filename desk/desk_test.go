package desk_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yeok/desk"
)

func newDesk(t *testing.T, processors int) *desk.Desk {
	t.Helper()
	d, err := desk.New(processors)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// occupy takes all places of a desk on at most two processors until the returned
// function is called.
func occupy(d *desk.Desk) (leave func()) {
	taken, left := make(chan struct{}), make(chan struct{})
	go d.Turn(nil).Do(func() {
		close(taken)
		<-left
	})
	<-taken
	return func() { close(left) }
}

// diary notes the order of pieces, whose goroutines come one after the other.
type diary struct {
	all   sync.WaitGroup
	mu    sync.Mutex
	pages []string
}

func (d *diary) queue(t desk.Turn, name string) {
	d.all.Go(func() {
		t.Do(func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.pages = append(d.pages, name)
		})
	})
	time.Sleep(2 * time.Millisecond) // so that the next one comes after it
}

func (d *diary) read() string {
	d.all.Wait()
	return strings.Join(d.pages, " ")
}

func eachKind(t *testing.T, test func(*testing.T, *desk.Desk)) {
	for _, processors := range []int{1, 2} {
		t.Run(fmt.Sprint(processors), func(t *testing.T) { test(t, newDesk(t, processors)) })
	}
}

// TestArticlesTakeTurns: an article with much to do waits for others between its
// pieces.
func TestArticlesTakeTurns(t *testing.T) {
	eachKind(t, func(t *testing.T, d *desk.Desk) {
		leave := occupy(d)
		var got diary
		long, short := d.Turn(nil), d.Turn(nil)
		for range 3 {
			got.queue(long, "long")
		}
		got.queue(short.While(nil), "short")
		leave()
		if got, want := got.read(), "long short long long"; got != want {
			t.Errorf("pieces went %q, want %q", got, want)
		}
	})
}

// TestBatchWaits: what somebody waits for goes first, but batch work is not left
// standing; and it is what somebody waits for once somebody does.
func TestBatchWaits(t *testing.T) {
	eachKind(t, func(t *testing.T, d *desk.Desk) {
		leave := occupy(d)
		var got diary
		var joined atomic.Bool
		for range 2 {
			got.queue(d.Turn(func() bool { return true }), "batch")
		}
		got.queue(d.Turn(func() bool { return !joined.Load() }), "joined")
		for range 9 {
			got.queue(d.Turn(nil), "urgent")
		}
		joined.Store(true)
		leave()
		want := "joined " + strings.Repeat("urgent ", 6) + "batch " + strings.Repeat("urgent ", 3) + "batch"
		if got := got.read(); got != want {
			t.Errorf("pieces went %q, want %q", got, want)
		}
	})
}

// TestPlaces: one processor less than there are computes.
func TestPlaces(t *testing.T) {
	for processors, want := range map[int]int{1: 1, 2: 1, 3: 2, 5: 4} {
		d := newDesk(t, processors)
		var at, most atomic.Int64
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				d.Turn(nil).Do(func() {
					most.Store(max(most.Load(), at.Add(1)))
					time.Sleep(10 * time.Millisecond)
					at.Add(-1)
				})
			})
		}
		all.Wait()
		if got := int(most.Load()); got != want {
			t.Errorf("%d processors: %d pieces at once, want %d", processors, got, want)
		}
	}
}

// TestNetworkBetweenPieces: on one processor, what has come over the network is
// served while work waits. Without the bell it comes after all of it.
func TestNetworkBetweenPieces(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	d := newDesk(t, 1)
	receiver, sender, err := os.Pipe() // to the runtime it is what a connection is
	if err != nil {
		t.Fatal(err)
	}
	defer receiver.Close()
	defer sender.Close()
	var mu sync.Mutex
	var order []string
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := receiver.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		order = append(order, "network")
	})
	time.Sleep(10 * time.Millisecond) // it waits for the network now
	for i := range 20 {
		all.Go(func() {
			d.Turn(nil).Do(func() {
				mu.Lock()
				defer mu.Unlock()
				if len(order) == 0 {
					if _, err := sender.Write([]byte{0}); err != nil {
						t.Error(err)
					}
				}
				order = append(order, fmt.Sprint(i))
			})
		})
	}
	all.Wait()
	// The scheduler prefers our bell to the network in one of 61 cases.
	if at := slices.Index(order, "network"); at < 0 || at > 2 {
		t.Errorf("order = %q, want the network after the first piece or the second", order)
	}
}

// wire is what is woken by the network: to the runtime a pipe is what a connection is.
type wire struct{ receiver, sender *os.File }

func newWire(t *testing.T) wire {
	t.Helper()
	receiver, sender, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(receiver.Close(), sender.Close()); err != nil {
			t.Error(err)
		}
	})
	return wire{receiver, sender}
}

func (w wire) send(t *testing.T) {
	if _, err := w.sender.Write([]byte{0}); err != nil {
		t.Error(err)
	}
}

func (w wire) receive(t *testing.T) {
	if _, err := w.receiver.Read(make([]byte, 1)); err != nil {
		t.Error(err)
	}
}

// compute takes as long as a long piece does.
func compute() {
	for began := time.Now(); time.Since(began) < 300*time.Microsecond; {
	}
}

// TestNetworkAfterLongWork: on one processor, what has come over the network while a
// long piece was done goes before whoever did it goes on, what has come while he
// went on goes before the next piece, and so does what has come while others were
// served.
func TestNetworkAfterLongWork(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const want = "piece first on second third next"
	wrong := 0
	for range 20 {
		d := newDesk(t, 1)
		first, second, third := newWire(t), newWire(t), newWire(t)
		var mu sync.Mutex
		var order []string
		note := func(s string) {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, s)
		}
		var all sync.WaitGroup
		all.Go(func() { first.receive(t); note("first") })
		all.Go(func() { second.receive(t); note("second"); compute(); third.send(t) })
		all.Go(func() { third.receive(t); note("third") })
		time.Sleep(2 * time.Millisecond) // they wait for the network now
		all.Go(func() {
			d.Turn(nil).Do(func() {
				all.Go(func() { d.Turn(nil).Do(func() { note("next") }) })
				runtime.Gosched() // it waits for its turn now
				note("piece")
				compute()
				first.send(t)
			})
			note("on")
			second.send(t)
		})
		all.Wait()
		if got := strings.Join(order, " "); got != want {
			wrong++ // the scheduler prefers our bell to the network in one of 61 cases
			t.Logf("order = %q", got)
		}
	}
	if wrong > 5 {
		t.Errorf("%d of 20 orders were not %q", wrong, want)
	}
}

// TestBusyNetwork: a network that is never quiet does not keep work from being done.
func TestBusyNetwork(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	d := newDesk(t, 1)
	there, back := newWire(t), newWire(t)
	var done atomic.Bool
	var all sync.WaitGroup
	for _, w := range [][2]wire{{there, back}, {back, there}} {
		all.Go(func() {
			for !done.Load() {
				w[0].receive(t)
				compute()
				w[1].send(t)
			}
		})
	}
	there.send(t)
	for range 10 {
		d.Turn(nil).Do(compute)
	}
	done.Store(true)
	all.Wait()
}

// TestPlaceIsFreed: a piece that panics, and a desk that is closed, hold up nobody.
func TestPlaceIsFreed(t *testing.T) {
	for _, processors := range []int{1, 2} {
		d, err := desk.New(processors)
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer func() { _ = recover() }()
			d.Turn(nil).Do(func() { panic("strange article") })
		}()
		done := 0
		d.Turn(nil).Do(func() { done++ })
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		for range 3 {
			d.Turn(nil).Do(func() { done++ })
		}
		desk.Turn{}.Do(func() { done++ })
		if done != 5 {
			t.Errorf("%d processors: %d pieces were done, want 5", processors, done)
		}
	}
}
