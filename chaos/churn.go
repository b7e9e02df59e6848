package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

const (
	churners    = 6
	churnStruck = 0.05                  // of the requests to the model: it is to be quick
	churnPause  = 20 * time.Millisecond // between two calls of one caller
	churnHits   = 10                    // after each: what leaks some bytes a call needs many calls to be seen

	// churnBytes of memory are full at once, and what is stored is soon forgotten:
	// what grows then has no reason to.
	churnBytes = "1MiB"
	churnKept  = 8 // terms of what is remembered, in the whole run

	// churnCollects has garbage collected by Go's own rule: yeok lets 128 MB of it
	// lie, and among that a leak is not seen.
	churnCollects = "GOGC=100"

	// What may grow in the second half of the run, of what there is: noise, and
	// what the kernel was not given back.
	heapSlack   = 0.10
	memorySlack = 0.20
	idleSlack   = 4 // goroutines and files, of connections that are being closed

	// unsure is how many standard deviations more pairs of rests must rise than
	// fall. Of five rests all must.
	unsure = 2
	enough = 10 // rests for a line through what leaps

	idleWithin = 20 * time.Second
)

// churn runs a gateway for long, under callers who come and go, and looks whether
// it grows. It is measured at rest, between two rounds: what calls in flight need
// says nothing.
func (r *run) churn(rep *report) error {
	model, err := startTruth(churnStruck, r.size.seed, 0)
	if err != nil {
		return err
	}
	defer model.Close()
	kept := r.size.churn / churnKept
	g, err := r.newGateway("churn", model, "--store", filepath.Join(r.dir, "churn", "yeok.db"), "--memory-bytes", churnBytes, "--cache-ttl", kept.String())
	if err != nil {
		return err
	}
	g.env = append(g.env, churnCollects)
	if err := g.start(); err != nil {
		return err
	}
	defer g.stop()
	var made atomic.Int64
	var rests []rest
	for range r.size.rounds {
		r.busy(g, r.size.churn/time.Duration(r.size.rounds), &made)
		at, err := g.rest(r.ctx)
		if err != nil {
			return err
		}
		rests = append(rests, at)
	}
	rep.say("%s of %d callers who translate, edit, ask again, hang up and send nonsense, with %d rests; %.0f %% of the requests to the model struck; %s of memory, all forgotten after %s.",
		r.size.churn, churners, r.size.rounds, 100*churnStruck, churnBytes, kept)
	rep.figure(fmt.Sprintf("calls, and %d times as many for what was just given", churnHits), made.Load())
	judgeRests(rep, rests)
	alive := 0
	if g.alive() {
		alive = 1
	}
	rep.promise("gateways alive at the end", alive, 1)
	return r.ctx.Err()
}

// busy has callers at work for a time.
func (r *run) busy(g *gateway, span time.Duration, made *atomic.Int64) {
	ctx, cancel := context.WithTimeout(r.ctx, span)
	defer cancel()
	var all sync.WaitGroup
	for i := range churners {
		dice := rand.New(rand.NewPCG(r.size.seed+uint64(made.Load()), uint64(i)))
		all.Go(func() {
			for ctx.Err() == nil {
				churnOnce(ctx, g, dice, int(made.Add(1)))
				time.Sleep(churnPause)
			}
		})
	}
	all.Wait()
}

// churnOnce makes one call of some kind. How it ends is of no interest here.
func churnOnce(ctx context.Context, g *gateway, dice *rand.Rand, n int) {
	p := page{n, 1}
	by := calls()[dice.IntN(len(calls()))]
	switch dice.IntN(10) {
	case 0, 1, 2, 3: // somebody's, most likely remembered
		p.number = max(0, n-1-dice.IntN(200))
	case 4: // an edit
		p = page{max(0, n-1-dice.IntN(20)), 2 + dice.IntN(5)}
	case 5, 6: // one who hangs up
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(dice.IntN(30))*time.Millisecond)
		defer cancel()
	case 7: // nonsense
		for _, send := range nonsense() {
			_, _ = send(ctx, g)
			return
		}
	}
	_ = by(ctx, g, p.order(), &answer{})
	for range churnHits {
		_ = overHTTP(ctx, g, p.order(), &answer{})
	}
}
