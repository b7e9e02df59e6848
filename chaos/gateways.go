package main

import (
	"context"
	"errors"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	yeokv1 "yeok/api/yeok/v1"
)

// What goes wrong in front of two gateways.
const (
	struck = 0.3                   // of the requests to the model
	thinks = 30 * time.Millisecond // the model
	away   = 2 * time.Second       // the Redis, and later a gateway

	// patience is how long the gateways wait for the Redis: this machine may be
	// too busy for the usual 250 ms.
	patience = "2s"

	// justAfter a Redis is back, or a machine has its turn again, not everybody
	// knows yet. As long as a gateway misses the Redis it is not back, but for
	// longestAway at most.
	justAfter   = 2 * time.Second
	longestAway = 20 * time.Second

	// handOver is how much longer a gateway may keep to itself what was made
	// while the Redis was away: it tries every three seconds.
	handOver = 4 * time.Second

	// standstill is how long this process may be without a turn. The model runs
	// in it: after as long as the gateways wait for a model they ask again for
	// what is on its way.
	standstill = time.Second
	lookEvery  = 20 * time.Millisecond
)

// given is what a caller ended up with.
type given struct {
	page page
	at   time.Time
	resp *yeokv1.TranslateArticleResponse
	err  error
}

// storm is a run of the first scenario.
type storm struct {
	*run
	model  *truth
	redis  *redis
	fleet  []*gateway
	done   atomic.Int64
	sorrow sync.Once // the Redis
	grief  sync.Once // the gateway

	mu      sync.Mutex
	given   []given
	windows []window
	errs    []error
	unwell  int            // answers that the Redis owed before it was stopped
	bad     sync.WaitGroup // what goes down and comes back
}

// gateways sends articles through two gateways that share a Redis, while the model
// fails, the Redis is restarted, a gateway is killed and strangers misbehave.
func (r *run) gateways(rep *report) error {
	if _, err := exec.LookPath("redis-server"); err != nil {
		rep.say("*** SKIPPED: there is no redis-server here (Debian: apt-get install redis-server)")
		return nil
	}
	s := &storm{run: r}
	defer s.end()
	if err := s.begin(); err != nil {
		return err
	}
	strangers := misbehave(s.ctx, s.fleet)
	ctx, loaded := context.WithCancel(s.ctx)
	s.bad.Go(func() { s.watchMachine(ctx) })
	s.load()
	loaded()
	s.bad.Wait()
	strangers.end(rep)
	s.settle()
	stats := s.model.Stats()
	s.model.heal()
	s.judge(rep, stats.Requests)
	s.recheck(rep)
	return errors.Join(append(s.errs, r.ctx.Err())...)
}

func (s *storm) begin() (err error) {
	if s.model, err = startTruth(struck, s.size.seed, thinks); err != nil {
		return err
	}
	if s.redis, err = s.startRedis(); err != nil {
		return err
	}
	for _, name := range []string{"first", "second"} {
		g, err := s.newGateway(name, s.model, "--store", s.redis.url(), "--store-timeout", patience)
		if err != nil {
			return err
		}
		if err := g.start(); err != nil {
			return err
		}
		s.fleet = append(s.fleet, g)
	}
	return nil
}

func (s *storm) end() {
	for _, g := range s.fleet {
		g.stop()
	}
	if s.redis != nil && s.redis.Process != nil {
		s.redis.Stop()
	}
	if s.model != nil {
		s.model.Close()
	}
}

// load has all articles translated, some by two callers at once, some again after
// an edit.
func (s *storm) load() {
	pages := make(chan page)
	var all sync.WaitGroup
	for range s.size.callers {
		all.Go(func() {
			for p := range pages {
				s.translate(p)
				if p.number%5 == 0 {
					s.translate(page{p.number, 2})
				}
				s.disasters(s.done.Add(1))
			}
		})
	}
	for n := range s.size.articles {
		if s.ctx.Err() != nil {
			break
		}
		pages <- page{n, 1}
	}
	close(pages)
	all.Wait()
}

// translate asks for a page in all languages; every fourth at both gateways at
// once.
func (s *storm) translate(p page) {
	var both sync.WaitGroup
	times := 1
	if p.number%4 == 0 {
		times = 2
	}
	for i := range times {
		both.Go(func() {
			by := calls()[(p.number+i)%len(calls())]
			resp, err := persist(s.ctx, s.fleet, p.number+i, by, p.order())
			s.mu.Lock()
			defer s.mu.Unlock()
			s.given = append(s.given, given{p, time.Now(), resp, err})
		})
	}
	both.Wait()
}

// disasters come after a third and two thirds of the articles.
func (s *storm) disasters(done int64) {
	if n := int64(s.size.articles); done >= n/3 {
		s.sorrow.Do(func() { s.bad.Go(s.restartRedis) })
	}
	if n := int64(s.size.articles); done >= 2*n/3 {
		s.grief.Do(func() { s.bad.Go(s.killGateway) })
	}
}

func (s *storm) restartRedis() {
	s.unwell = s.missing() // while all is well: this machine is too busy for the Redis to answer in time
	from := time.Now()
	s.redis.Stop()
	time.Sleep(away)
	err := s.redis.start()
	s.note(window{name: "the Redis was away", from: from, to: s.redisIsBack().Add(justAfter)}, err)
}

// redisIsBack waits until no gateway has missed the Redis for a while, and returns
// when one did last.
func (s *storm) redisIsBack() time.Time {
	last, end := time.Now(), time.Now().Add(longestAway)
	before := s.missing()
	for now := time.Now(); now.Before(end) && now.Sub(last) < justAfter && s.ctx.Err() == nil; now = time.Now() {
		time.Sleep(10 * lookEvery)
		misses := s.missing()
		if misses > before {
			last = time.Now()
		}
		before = misses
	}
	return last
}

// watchMachine notes when the machine was too busy for anything to be on time.
func (s *storm) watchMachine(ctx context.Context) {
	last := time.Now()
	for ctx.Err() == nil {
		time.Sleep(lookEvery)
		now := time.Now()
		if now.Sub(last) > standstill {
			s.note(window{name: "this machine stood still", machine: true, from: last, to: now.Add(justAfter)}, nil)
		}
		last = now
	}
}

// missing is how often the gateways did not get an answer from the Redis. One that
// is away itself counts for nothing.
func (s *storm) missing() (times int) {
	for _, g := range s.fleet {
		for _, name := range []string{`yeok_leases_total{outcome="without"}`, `yeok_leases_total{outcome="lost"}`, "yeok_store_errors_total", `yeok_cache_reads_total{outcome="error",tier="store"}`} {
			n, _ := g.metric(s.ctx, name)
			times += int(n)
		}
	}
	return times
}

func (s *storm) killGateway() {
	g := s.fleet[1]
	killed := time.Now()
	g.kill()
	s.note(window{name: "the gateway that paid was killed", gateway: g.name, from: killed, to: time.Now(), killed: killed}, nil)
	time.Sleep(away)
	s.note(window{}, g.start())
}

func (s *storm) note(w window, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.name != "" {
		s.windows = append(s.windows, w)
	}
	if err != nil {
		s.errs = append(s.errs, err)
	}
}

// settle waits until the model has nothing more to do, and what was made without
// the Redis has been handed over.
func (s *storm) settle() {
	for quiet := 0; quiet < 5 && s.ctx.Err() == nil; quiet++ {
		time.Sleep(100 * time.Millisecond)
		if s.model.Stats().InFlight > 0 {
			quiet = -1
		}
	}
	for _, w := range s.windows {
		if w.redis() {
			time.Sleep(time.Until(w.to.Add(handOver)))
		}
	}
}
