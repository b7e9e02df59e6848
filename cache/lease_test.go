package cache_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yeok/cache"
)

// gateway is what a process does with a cache: it pays once for a key and
// remembers. Two of them in one process share nothing but the server.
type gateway struct {
	*cache.Cache
	flights
	load time.Duration
	paid func(key string) // told before the load; may be nil
}

func newGateway(t testing.TB, options cache.Options, load time.Duration, paid func(string)) *gateway {
	g := &gateway{Cache: open(t, options), load: load, paid: paid}
	g.flights.Leases = g.Cache.Leases()
	return g
}

// translate is the pattern of [cache.Flights].
func (g *gateway) translate(ctx context.Context, key string) (string, error) {
	if v, ok := g.Get(key); ok {
		return string(v), nil
	}
	return g.Join(ctx, key, func(ctx context.Context, _ func(int)) (string, error) {
		if v, ok := g.Get(key); ok {
			return string(v), nil
		}
		if g.paid != nil {
			g.paid(key)
		}
		select {
		case <-time.After(g.load):
		case <-ctx.Done():
			return "", ctx.Err()
		}
		return "v", g.Put(key, cache.Entry{Value: []byte("v")})
	}).Wait(ctx)
}

func TestLeasesPayOnce(t *testing.T) {
	server := startRedis(t)
	for _, untracked := range []bool{false, true} {
		options := server.options()
		options.Redis.NoTracking = untracked
		var paid atomic.Int64
		count := func(string) { paid.Add(1) }
		const keys = 20
		var wg sync.WaitGroup
		var all []*gateway
		for range 3 {
			g := newGateway(t, options, 50*time.Millisecond, count)
			all = append(all, g)
			for i := range 10 * keys {
				wg.Go(func() {
					if got, err := g.translate(t.Context(), fmt.Sprint(i%keys)); got != "v" || err != nil {
						t.Errorf("translate = %q, %v", got, err)
					}
				})
			}
		}
		wg.Wait()
		var held, without uint64
		for _, g := range all {
			held += g.Counters().Leases.Held
			without += g.Counters().Leases.Without
		}
		if paid.Load() != keys || without > 0 || held < keys {
			t.Errorf("untracked %t: paid %d times for %d keys, %d flights with a lease, %d without", untracked, paid.Load(), keys, held, without)
		}
	}
}

// TestLeaseIsNotForAll lets flights that store nothing fly side by side.
func TestLeaseIsNotForAll(t *testing.T) {
	options := startRedis(t).options()
	a, b := newGateway(t, options, 0, nil), newGateway(t, options, 0, nil)
	a.flights.Shared = func(key string) bool { return key == "shared" }
	b.flights.Shared = a.flights.Shared
	gate, flying := make(chan struct{}), make(chan struct{})
	blocked := a.Join(t.Context(), "alone", func(context.Context, func(int)) (string, error) { close(flying); <-gate; return "", nil })
	<-flying // with what it holds
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := b.Join(ctx, "alone", func(context.Context, func(int)) (string, error) { return "", nil }).Wait(ctx); err != nil {
		t.Errorf("a flight that is not shared waited for another: %v", err)
	}
	close(gate)
	if _, err := blocked.Wait(ctx); err != nil {
		t.Error(err)
	}
}

// TestLeaseAfterAFailure lets the next gateway try when the first one failed.
func TestLeaseAfterAFailure(t *testing.T) {
	options := startRedis(t).options()
	a, b := newGateway(t, options, 0, nil), newGateway(t, options, 0, nil)
	gate := make(chan struct{})
	first := a.Join(t.Context(), "k", func(context.Context, func(int)) (string, error) { <-gate; return "", errUpstream })
	eventually(t, "the first has the lease", func() bool { return a.Counters().Leases.Held == 1 })
	second := make(chan error)
	go func() {
		_, err := b.translate(t.Context(), "k")
		second <- err
	}()
	time.Sleep(100 * time.Millisecond) // for the second to meet the lease
	close(gate)
	if _, err := first.Wait(t.Context()); !errors.Is(err, errUpstream) {
		t.Errorf("the first: %v, want %v", err, errUpstream)
	}
	if err := <-second; err != nil {
		t.Errorf("the second: %v, want none", err)
	}
	if got := b.Counters().Leases; got.Waited != 1 {
		t.Errorf("Counters = %+v, want one that waited", got)
	}
}

// TestLeaseEndsAWait ends a flight that waits for another's lease.
func TestLeaseEndsAWait(t *testing.T) {
	options := startRedis(t).options()
	a, b := newGateway(t, options, time.Minute, nil), newGateway(t, options, 0, nil)
	b.flights.Timeout = 100 * time.Millisecond
	flying, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _, _ = a.translate(flying, "k") }()
	eventually(t, "the first has the lease", func() bool { return a.Counters().Leases.Held == 1 })
	if _, err := b.translate(t.Context(), "k"); !errors.Is(err, cache.ErrTimeout) {
		t.Errorf("a flight that waits too long: %v, want ErrTimeout", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_ = a.flights.Close(ended)
	if err := a.Cache.Close(); err != nil {
		t.Error(err)
	}
	b.flights.Timeout = time.Minute
	if _, err := b.translate(t.Context(), "k"); err != nil {
		t.Errorf("after the holder was closed: %v", err)
	}
}

// TestLeaseLost takes a lease away from its holder, whose end must not touch
// the next one's.
func TestLeaseLost(t *testing.T) {
	server := startRedis(t)
	options := server.options()
	key := options.Redis.Prefix + "l:k"
	a := newGateway(t, options, 1500*time.Millisecond, nil)
	done := make(chan error)
	go func() {
		_, err := a.translate(t.Context(), "k")
		done <- err
	}()
	eventually(t, "the lease is taken", func() bool { return a.Counters().Leases.Held == 1 })
	server.mustDo("SET", key, "another's token")
	if err := <-done; err != nil {
		t.Errorf("who lost the lease: %v, want the result that was paid for", err)
	}
	if got := a.Counters().Leases.Lost; got != 1 {
		t.Errorf("Counters: %d lost, want 1", got)
	}
	if err := a.Cache.Close(); err != nil {
		t.Error(err)
	}
	if got, _ := server.do("GET", key).ToString(); got != "another's token" {
		t.Errorf("the next one's lease is %q", got)
	}
}

// TestLeaseEndsAsAnothers: who has not noticed yet that his lease went to the next one
// does not end it for him.
func TestLeaseEndsAsAnothers(t *testing.T) {
	server := startRedis(t)
	options := server.options()
	key := options.Redis.Prefix + "l:k"
	a := newGateway(t, options, 0, nil)
	gate := make(chan struct{})
	flight := a.Join(t.Context(), "k", func(context.Context, func(int)) (string, error) { <-gate; return "", nil })
	eventually(t, "the lease is taken", func() bool { return a.Counters().Leases.Held == 1 })
	server.mustDo("SET", key, "another's token")
	close(gate)
	if _, err := flight.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if err := a.Cache.Close(); err != nil { // waits for what ends leases
		t.Error(err)
	}
	if got, _ := server.do("GET", key).ToString(); got != "another's token" {
		t.Errorf("the next one's lease is %q", got)
	}
}

func TestFlightsFlyWithoutAServer(t *testing.T) {
	server := startRedis(t)
	g := newGateway(t, server.options(), 0, nil)
	server.kill()
	for i := range 5 {
		if _, err := g.translate(t.Context(), fmt.Sprint(i)); err != nil && !errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("translate: %v, want none but that it is not stored", err)
		}
	}
	if got := g.Counters().Leases; got.Without != 5 {
		t.Errorf("Counters = %+v, want 5 without", got)
	}
}

const (
	gateways       = 4
	callersOfEach  = 250
	gatewayTestEnv = "YEOK_CACHE_GATEWAY_TEST"
)

// TestGateways asks four processes for the same key, 250 callers each. One call
// is paid; when the process that pays is killed, one more.
func TestGateways(t *testing.T) {
	if address := os.Getenv(gatewayTestEnv); address != "" {
		beGateway(t, address)
		return
	}
	server := startRedis(t)
	for _, test := range []struct {
		name     string
		load     time.Duration
		kill     bool
		wantPaid int
	}{
		{"nobody dies", 300 * time.Millisecond, false, 1},
		{"who pays is killed", 3 * time.Second, true, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			paid, answered, slowest := raceGateways(t, server, test.load, test.kill)
			want := gateways
			if test.kill {
				want--
			}
			if paid != test.wantPaid || answered != want {
				t.Errorf("%d calls paid, %d gateways answered all, want %d and %d", paid, answered, test.wantPaid, want)
			}
			t.Logf("%d gateways of %d callers: %d paid, the last answer %v after the start, a load takes %v",
				gateways, callersOfEach, paid, slowest.Round(100*time.Microsecond), test.load)
		})
	}
}

// raceGateways starts the processes and counts what they say.
func raceGateways(t *testing.T, server *redisServer, load time.Duration, kill bool) (paid, answered int, slowest time.Duration) {
	prefix := server.options().Redis.Prefix
	type saying struct {
		from *exec.Cmd
		line string
	}
	said := make(chan saying)
	var all []io.Writer
	var reading sync.WaitGroup
	for range gateways {
		child := exec.Command(os.Args[0], "-test.run=^TestGateways$")
		child.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s", gatewayTestEnv, server.addr, prefix, load))
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		in, err := child.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, in)
		reading.Go(func() {
			for lines := bufio.NewScanner(out); lines.Scan(); {
				said <- saying{child, lines.Text()}
			}
			_ = child.Wait() // it may have been killed
		})
	}
	go func() { reading.Wait(); close(said) }()
	ready := 0
	for s := range said {
		word, rest, _ := strings.Cut(s.line, " ")
		switch word {
		case "ready":
			if ready++; ready == gateways {
				for _, in := range all {
					fmt.Fprintln(in, "go")
				}
			}
		case "paid":
			paid++
			if kill && paid == 1 {
				_ = s.from.Process.Kill()
			}
		case "answered":
			answered++
			took, err := time.ParseDuration(rest)
			if err != nil {
				t.Error(err)
			}
			slowest = max(slowest, took)
		case "FAIL", "---":
			t.Errorf("a gateway says: %s", s.line)
		}
	}
	return paid, answered, slowest
}

// beGateway is one of the processes: it waits for the word, and answers.
func beGateway(t *testing.T, settings string) {
	var address, prefix, load string
	if _, err := fmt.Sscan(settings, &address, &prefix, &load); err != nil {
		t.Fatal(err)
	}
	takes, err := time.ParseDuration(load)
	if err != nil {
		t.Fatal(err)
	}
	g := newGateway(t, cache.Options{Redis: cache.Redis{URL: "redis://" + address, Prefix: prefix}}, takes, func(string) { fmt.Println("paid") })
	g.Get("warm")
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	var failed atomic.Int64
	var wg sync.WaitGroup
	for range callersOfEach {
		wg.Go(func() {
			if got, err := g.translate(t.Context(), "k"); got != "v" || err != nil {
				failed.Add(1)
			}
		})
	}
	wg.Wait()
	if failed.Load() == 0 {
		fmt.Printf("answered %v\n", time.Since(began))
	}
}
