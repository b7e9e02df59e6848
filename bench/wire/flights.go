package main

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// flights measures a crowd that asks for the same article at the same moment.
func flights(b *bench) (report, error) {
	var r report
	r.say("%d callers post the same new article at the same moment over connections that are open; the model thinks for %s. "+
		"Load is one caller's time for such an article. A caller whose gateway dies goes to the next one. "+
		"The last column is the same crowd once more, when the article is remembered. "+
		"The last row is what so many answers cost by themselves: a bare net/http that reads the requests, and from %s after the first on writes the bytes to everybody.",
		b.size.callers, b.size.ttft, b.size.ttft)
	rows := [][]string{{"", "languages", "paid calls", "**extra calls**", "answered", "failed", "load ms", "first answer ms", "last answer ms", "**last − load ms**", "last of a crowd of hits ms"}}
	for _, c := range crowds() {
		row, err := b.crowd(c)
		switch {
		case errors.Is(err, errNotInstalled):
			row = append([]string{c.name, err.Error()}, make([]string, len(rows[0])-2)...)
		case err != nil:
			return r, fmt.Errorf("%s: %w", c.name, err)
		}
		rows = append(rows, row)
	}
	floor, err := b.crowdOfNobody()
	r.table(append(rows, floor)...)
	return r, err
}

// crowdKind is how a crowd asks, and what happens to it.
type crowdKind struct {
	name      string
	gateways  int
	languages []string
	leaves    bool // the first caller leaves while the model thinks
	dies      bool // so does the gateway that makes the call
}

func crowds() []crowdKind {
	all := []string{"en", "ja", "vi", "zh-Hans"}
	return []crowdKind{
		{name: "1 process", gateways: 1, languages: all},
		{name: "1 process, first caller leaves", gateways: 1, languages: all, leaves: true},
		{name: "4 processes, Redis", gateways: 4, languages: all},
		{name: "4 processes, first caller leaves", gateways: 4, languages: all, leaves: true},
		{name: "4 processes, the paying one is killed", gateways: 4, languages: all[:1], dies: true},
	}
}

// crowd is one such measurement.
func (b *bench) crowd(kind crowdKind) ([]string, error) {
	defer b.stopChildren()
	f, err := b.startFleet(kind.gateways)
	if err != nil {
		return nil, err
	}
	load, err := b.load(f.gateways[0], kind.languages)
	if err != nil {
		return nil, err
	}
	before, err := f.paid()
	if err != nil {
		return nil, err
	}
	a, err := b.press(f.addresses(), kind, f.payer)
	if err != nil {
		return nil, err
	}
	after, err := f.paid()
	if err != nil {
		return nil, err
	}
	f = f.alive()
	kind.leaves, kind.dies = false, false
	again, err := b.press(f.addresses(), kind, f.payer)
	paid := after - before
	return []string{kind.name, fmt.Sprint(len(kind.languages)), fmt.Sprint(paid), fmt.Sprintf("**%d**", paid-len(kind.languages)),
		fmt.Sprint(a.answered), fmt.Sprint(a.failed), fmt.Sprintf("%.0f", millis(load)),
		fmt.Sprintf("%.0f", millis(a.first)), fmt.Sprintf("%.0f", millis(a.last)), fmt.Sprintf("**%.0f**", millis(a.last-load)),
		fmt.Sprintf("%.0f", millis(again.last))}, err
}

// fleet is gateways with a model each, so that it shows who paid.
type fleet struct {
	gateways []*gateway
	models   []*model
}

// startFleet starts so many gateways; more than one share a Redis.
func (b *bench) startFleet(n int) (f fleet, err error) {
	var args []string
	if n > 1 {
		if !b.knowsRedis() {
			return f, fmt.Errorf("a Redis store %w in this yeok", errNotInstalled)
		}
		_, port, err := b.startRedis(clientCore)
		if err != nil {
			return f, err
		}
		args = []string{"--store", "redis://127.0.0.1:" + port + "/0"}
	}
	for range n {
		m, err := b.startModel(b.size.ttft, 0)
		if err != nil {
			return f, err
		}
		g, err := b.startYeok(serverCore, m, args...)
		if err != nil {
			return f, err
		}
		f.models, f.gateways = append(f.models, m), append(f.gateways, g)
	}
	return f, nil
}

// knowsRedis tells whether yeok can keep its memory in a Redis.
func (b *bench) knowsRedis() bool {
	help, _ := exec.CommandContext(b.ctx, b.yeok, "serve", "--help").Output() // no help, no Redis
	return strings.Contains(string(help), "redis://")
}

func (f fleet) addresses() (all []string) {
	for _, g := range f.gateways {
		all = append(all, g.http)
	}
	return all
}

// paid is how many calls the models have had.
func (f fleet) paid() (calls int, err error) {
	for _, m := range f.models {
		stats, err := m.stats()
		if err != nil {
			return 0, err
		}
		calls += stats.Requests
	}
	return calls, nil
}

// alive is the fleet without those who have ended.
func (f fleet) alive() fleet {
	f.gateways = slices.DeleteFunc(slices.Clone(f.gateways), func(g *gateway) bool {
		select {
		case <-g.Ended():
			return true
		default:
			return false
		}
	})
	return f
}

// payer waits for the gateway whose model is at work.
func (f fleet) payer() (*gateway, error) {
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(time.Millisecond) {
		for i, m := range f.models {
			stats, err := m.stats()
			if err != nil {
				return nil, err
			}
			if stats.InFlight > 0 {
				return f.gateways[i], nil
			}
		}
	}
	return nil, errors.New("no model was ever at work")
}

// load is what one caller waits for a new article, when everything is warm.
func (b *bench) load(g *gateway, languages []string) (time.Duration, error) {
	var took []time.Duration
	for i := range 4 {
		var one time.Duration
		err := timed(&one, func() error {
			_, err := g.translate(b.ctx, order("", article(500+i, 10), languages...))
			return err
		})
		if err != nil {
			return 0, err
		}
		took = append(took, one)
	}
	return slices.Min(took[1:]), nil
}

// crowdAnswer is what became of a crowd.
type crowdAnswer struct {
	answered, failed int
	first, last      time.Duration
}

// press lets a crowd loose on who listens at the addresses; payer finds who dies of it.
func (b *bench) press(addresses []string, kind crowdKind, payer func() (*gateway, error)) (a crowdAnswer, err error) {
	callers, err := b.callers(addresses)
	if err != nil {
		return a, err
	}
	defer hangUp(callers)
	post := posted(crowdOrder(kind.languages))
	times := make([]time.Duration, len(callers))
	var all sync.WaitGroup
	began := time.Now()
	for i, c := range callers {
		if kind.leaves && i == 0 {
			all.Go(func() { c.leave(post, b.size.ttft/4) })
			time.Sleep(b.size.ttft / 30) // he must be the first
			continue
		}
		all.Go(func() {
			if c.persist(post) == nil {
				times[i] = time.Since(began)
			}
		})
	}
	if kind.dies {
		g, err := payer()
		if err != nil {
			return a, err
		}
		time.Sleep(b.size.ttft / 3) // well into the call
		g.Kill()
	}
	all.Wait() // failures show in times
	if kind.leaves {
		times = times[1:]
	}
	asked := len(times)
	times = slices.DeleteFunc(times, func(d time.Duration) bool { return d == 0 })
	if len(times) == 0 {
		return a, errors.New("nobody was answered")
	}
	return crowdAnswer{len(times), asked - len(times), slices.Min(times), slices.Max(times)}, nil
}
