package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	killStruck = 0.1                   // of the requests to the model
	killThinks = 10 * time.Millisecond // the model

	// A gateway is killed at random after so many answers of a life, or when
	// there were none for long.
	mostAnswers = 6
	longestWait = 20 * time.Second
	atRandom    = 100 * time.Millisecond

	// sample is how many answers of earlier rounds are looked at after each
	// kill; at the end all are.
	sample = 10
)

// mortal is one run of the second scenario.
type mortal struct {
	*run
	model   *truth
	gateway *gateway
	dice    *rand.Rand

	mu       sync.Mutex
	given    []given
	open     []page // asked for and not answered
	next     int
	windows  []window
	unopened []string // starts that failed
	lost     []string
}

// kills kills a gateway under load, again and again, and looks after every start
// whether what it had answered is remembered.
func (r *run) kills(rep *report) (err error) {
	m := &mortal{run: r, dice: rand.New(rand.NewPCG(r.size.seed, 1))}
	if m.model, err = startTruth(killStruck, r.size.seed, killThinks); err != nil {
		return err
	}
	defer m.model.Close()
	if m.gateway, err = r.newGateway("mortal", m.model, "--store", filepath.Join(r.dir, "mortal", "yeok.db")); err != nil {
		return err
	}
	kills := 0
	for ; kills < r.size.kills && r.ctx.Err() == nil; kills++ {
		if !m.start() {
			break
		}
		m.recheck(m.sample())
		m.live()
	}
	if !m.start() {
		return fmt.Errorf("the gateway does not start: %v", m.unopened)
	}
	defer m.gateway.stop()
	m.recheck(m.given)
	m.report(rep, kills)
	return r.ctx.Err()
}

func (m *mortal) start() bool {
	err := m.gateway.start()
	if err != nil {
		m.unopened = append(m.unopened, err.Error())
	}
	return err == nil
}

// sample is what was given in the last life, and some of what was given before.
func (m *mortal) sample() []given {
	last := m.given
	if n := len(m.windows); n > 0 {
		last = slices.DeleteFunc(slices.Clone(m.given), func(g given) bool { return n > 1 && g.at.Before(m.windows[n-2].to) })
	}
	out := slices.Clone(last)
	for range min(sample, len(m.given)) {
		out = append(out, m.given[m.dice.IntN(len(m.given))])
	}
	return out
}

// live has callers ask until the gateway is killed. What was not answered before
// is asked for first.
func (m *mortal) live() {
	var all sync.WaitGroup
	over := make(chan struct{})
	waiting, before := m.open, len(m.given)
	m.open = nil
	for range m.size.callers / 2 {
		all.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					m.ask(&waiting)
				}
			}
		})
	}
	m.await(before + 1 + m.dice.IntN(mostAnswers))
	time.Sleep(time.Duration(m.dice.Int64N(int64(atRandom))))
	killed := time.Now()
	m.gateway.kill()
	close(over)
	m.windows = append(m.windows, window{name: "it was killed before it could store them", gateway: m.gateway.name, from: killed, to: time.Now(), killed: killed})
	all.Wait()
	m.open = append(m.open, waiting...)
}

// await returns when so many answers were given, or none for long.
func (m *mortal) await(enough int) {
	for end := time.Now().Add(longestWait); time.Now().Before(end) && m.ctx.Err() == nil; time.Sleep(time.Millisecond) {
		m.mu.Lock()
		given := len(m.given)
		m.mu.Unlock()
		if given >= enough {
			return
		}
	}
}

// ask has one page translated, by one try.
func (m *mortal) ask(waiting *[]page) {
	m.mu.Lock()
	var p page
	if n := len(*waiting); n > 0 {
		p, *waiting = (*waiting)[n-1], (*waiting)[:n-1]
	} else {
		p = page{m.next, 1}
		m.next++
	}
	m.mu.Unlock()
	got := &answer{}
	err := calls()[p.number%len(calls())](m.ctx, m.gateway, p.order(), got)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.open = append(m.open, p)
		if passes(err) {
			time.Sleep(time.Millisecond) // it is dead
		}
		return
	}
	m.given = append(m.given, given{p, time.Now(), got.TranslateArticleResponse, nil})
}

// recheck asks for what was given once more. Nothing may be paid for it.
func (m *mortal) recheck(all []given) {
	for _, g := range all {
		want := usable(g.resp)
		if len(want) == 0 || m.ctx.Err() != nil {
			continue
		}
		got := &answer{}
		err := overHTTP(m.ctx, m.gateway, g.page.order(languagesOf(want)...), got)
		m.lost = slices.AppendSeq(m.lost, maps.Values(differing(want, got.TranslateArticleResponse, err)))
	}
}

func (m *mortal) report(rep *report, kills int) {
	translations := 0
	var wrong []string
	for _, g := range m.given {
		translations += len(usable(g.resp))
		wrong = append(wrong, m.model.wrongIn(g.resp)...)
	}
	rep.say("A gateway over a file, %d callers, killed at random after 1 to %d answers of a life; %.0f %% of %d requests to the model struck.",
		m.size.callers/2, mostAnswers, 100*killStruck, m.model.Stats().Requests)
	rep.promise("kills", kills, m.size.kills)
	rep.promise("starts at which the store did not open", len(m.unopened), 0, m.unopened...)
	rep.figure("articles answered", len(m.given))
	rep.figure("translations answered, and asked for again after a kill and at the end", translations)
	rep.promise("of these not remembered as they were", len(m.lost), 0, m.lost...)
	rep.promise("COMPLETE, but not what an honest model says", len(wrong), 0, wrong...)
	twice := m.model.paidTwice(m.windows, m.given)
	for why, list := range twice {
		if why != "" {
			rep.figure("segments paid for twice because "+why, len(list))
		}
	}
	rep.promise("segments asked for again though an honest answer was given", len(twice[""]), 0, twice[""]...)
}
