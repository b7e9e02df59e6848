package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Overload: so many calls at once does the model take, and twice as many new
// articles come as it can do.
const (
	slots    = 8
	offered  = 2.0 // of the capacity
	hitsRate = 250 // a second, on each of four connections
)

// overload measures hits while new articles come twice as fast as the model
// can translate them.
func overload(b *bench) (report, error) {
	var r report
	ttft := max(b.size.ttft, 200*time.Millisecond) // else the capacity is the processor's
	m, err := b.startModel(ttft, 0)
	if err != nil {
		return r, err
	}
	g, err := b.startYeokWith(serverCore, m, slots)
	if err != nil {
		return r, err
	}
	if err := g.fill(b.ctx, 1); err != nil {
		return r, err
	}
	capacity := slots / ttft.Seconds()
	span := max(5*b.size.span, time.Second)
	r.say("The model takes %d calls at once and answers each after %s: %.0f new articles a second in one language. "+
		"%.0f a second are sent for %s. Hits are GETs at a steady %d a second.",
		slots, ttft, capacity, offered*capacity, span, 4*hitsRate)
	var calm, busy []result
	var done, failed int64
	for round := range b.size.rounds {
		b.awaitQuiet()
		one, err := b.steadyHits(g, span)
		if err != nil {
			return r, err
		}
		calm = append(calm, one)
		stop := b.flood(g, m, offered*capacity, 100_000*(round+1))
		one, err = b.steadyHits(g, span)
		d, f := stop()
		if err != nil {
			return r, err
		}
		done, failed = done+d, failed+f
		busy = append(busy, one)
	}
	p50 := func(r result) float64 { return micros(r.p50) }
	p99 := func(r result) float64 { return micros(r.p99) }
	row := func(name string, got []result) []string {
		return []string{name, fmt.Sprintf("%.0f", medianOf(got, p50)), fmt.Sprintf("%.0f", medianOf(got, p99)),
			fmt.Sprintf("**%.2f**", medianOf(got, p99)/medianOf(calm, p99))}
	}
	r.table([]string{"hits", "p50 µs", "p99 µs", "**p99 × alone**"}, row("alone", calm), row("beside the flood", busy))
	r.say("Of the flood, %.1f a second were answered (%.2f of the capacity), and %d refused or failed; the rest was still waiting.",
		float64(done)/span.Seconds()/float64(b.size.rounds), float64(done)/span.Seconds()/float64(b.size.rounds)/capacity, failed)
	return r, nil
}

// steadyHits measures hits at a steady pace.
func (b *bench) steadyHits(g *gateway, span time.Duration) (result, error) {
	longer := *b
	longer.size.span = span
	return longer.h2load(g.process, h2load{url: "http://" + g.http + fmt.Sprintf(translationPath, articleID(0)), rps: hitsRate})
}

// flood sends new articles at that rate until stopped. first numbers the first.
func (b *bench) flood(g *gateway, m *model, rate float64, first int) (stop func() (done, failed int64)) {
	ctx, cancel := context.WithCancel(b.ctx)
	var done, failed atomic.Int64
	var all sync.WaitGroup
	all.Go(func() {
		for tick := time.NewTicker(time.Duration(float64(time.Second) / rate)); ; first++ {
			n := first
			all.Go(func() {
				if _, err := g.post(ctx, order("", article(n, 10), "en")); err == nil {
					done.Add(1)
				} else if ctx.Err() == nil {
					failed.Add(1)
				}
			})
			select {
			case <-tick.C:
			case <-ctx.Done():
				tick.Stop()
				return
			}
		}
	})
	return func() (int64, int64) {
		d, f := done.Load(), failed.Load()
		cancel()
		all.Wait()
		b.settle(m)
		return d, f
	}
}

// settle waits until the model has nothing more to do, so that a queue of one
// round is not measured in the next.
func (b *bench) settle(m *model) {
	const look = 200 * time.Millisecond
	for idle := 0; idle < 5 && b.ctx.Err() == nil; idle++ {
		time.Sleep(look)
		if stats, err := m.stats(); err != nil || stats.InFlight > 0 {
			idle = -1
		}
	}
}
