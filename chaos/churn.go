package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	churners    = 6
	churnStruck = 0.05                  // of the requests to the model: it is to be quick
	churnBytes  = "8MiB"                // of memory, so that it is soon full
	churnPause  = 20 * time.Millisecond // between two calls of one caller

	// What may grow: garbage that is not collected yet, and what the kernel
	// was not given back.
	slack     = 1.25
	idleSlack = 4 // goroutines, of connections that are being closed

	idleWithin = 20 * time.Second
)

// churn runs a gateway for long, under callers who come and go, and looks whether
// it grows.
func (r *run) churn(rep *report) error {
	model, err := startTruth(churnStruck, r.size.seed, 0)
	if err != nil {
		return err
	}
	defer model.Close()
	g, err := r.newGateway("churn", model, "--store", filepath.Join(r.dir, "churn", "yeok.db"), "--memory-bytes", churnBytes)
	if err != nil {
		return err
	}
	if err := g.start(); err != nil {
		return err
	}
	defer g.stop()
	warm := r.size.churn / 3
	var calls atomic.Int64
	if _, err := r.busy(g, warm, &calls); err != nil {
		return err
	}
	before, err := g.idle(r.ctx, 0)
	if err != nil {
		return err
	}
	memory, err := r.busy(g, r.size.churn-warm, &calls)
	if err != nil {
		return err
	}
	after, err := g.idle(r.ctx, sum(before)+idleSlack)
	if err != nil {
		return err
	}
	first, last := median(memory[:len(memory)/3]), median(memory[len(memory)-len(memory)/3:])
	rep.say("%s of %d callers who translate, edit, ask again, hang up and send nonsense, after %s of warming up; %.0f %% of the requests to the model struck; %s of memory.",
		r.size.churn-warm, churners, warm, 100*churnStruck, churnBytes)
	rep.figure("calls", calls.Load())
	rep.figure("memory of the process itself, MB: "+curve(memory), fmt.Sprintf("%.0f – %.0f", slices.Min(memory), slices.Max(memory)))
	rep.atMost("last third beside the first, median", last/first, slack)
	rep.figure("goroutines when idle, but for those of connections, before", sum(before))
	rep.atMost("goroutines when idle, after", float64(sum(after)), float64(sum(before)+idleSlack), more(before, after)...)
	alive := 0
	if g.alive() {
		alive = 1
	}
	rep.promise("gateways alive at the end", alive, 1)
	return r.ctx.Err()
}

// busy has callers at work for a time, and returns how much memory the process
// took meanwhile, in MB.
func (r *run) busy(g *gateway, span time.Duration, calls *atomic.Int64) (memory []float64, err error) {
	const samples = 30
	ctx, cancel := context.WithTimeout(r.ctx, span)
	defer cancel()
	var all sync.WaitGroup
	for i := range churners {
		dice := rand.New(rand.NewPCG(r.size.seed, uint64(i)))
		all.Go(func() {
			for ctx.Err() == nil {
				churnOnce(ctx, g, dice, int(calls.Add(1)))
				time.Sleep(churnPause)
			}
		})
	}
	for ctx.Err() == nil && err == nil {
		select {
		case <-ctx.Done():
		case <-time.After(span / samples):
		}
		var mb float64
		mb, err = g.anonymous()
		memory = append(memory, mb)
	}
	cancel()
	all.Wait()
	return memory, err
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
}

// idle waits until the gateway's goroutines are no more than enough, or no fewer,
// and returns what they were made by.
func (g *gateway) idle(ctx context.Context, enough int) (map[string]int, error) {
	web.CloseIdleConnections()
	var least map[string]int
	for end := time.Now().Add(idleWithin); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(time.Second) {
		now, err := g.goroutines(ctx)
		if err != nil {
			return nil, err
		}
		if least == nil || sum(now) < sum(least) {
			least = now
		}
		if enough > 0 && sum(now) <= enough {
			break
		}
	}
	return least, ctx.Err()
}

// goroutines counts the gateway's goroutines by what they were made by. Those of
// open connections are left out: a pool keeps some for a while.
func (g *gateway) goroutines(ctx context.Context) (map[string]int, error) {
	yeok, _ := g.now()
	stacks, err := get(ctx, "http://"+yeok.Admin+"/debug/pprof/goroutine?debug=2")
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for stack := range strings.SplitSeq(stacks, "\n\n") {
		if strings.Contains(stack, "net/http.(*persistConn)") || strings.Contains(stack, "net/http.(*conn)") || strings.Contains(stack, "grpc/internal/transport") {
			continue
		}
		maker := "main"
		if _, after, ok := strings.Cut(stack, "created by "); ok {
			maker, _, _ = strings.Cut(after, " in goroutine")
		}
		counts[maker]++
	}
	return counts, nil
}

// more lists what there is more of now.
func more(before, now map[string]int) (list []string) {
	for maker, n := range now {
		if n > before[maker] {
			list = append(list, fmt.Sprintf("%d by %s, before %d", n, maker, before[maker]))
		}
	}
	return list
}

// anonymous is the process's memory that is not a file's, in MB: its heap and
// stacks.
func (g *gateway) anonymous() (float64, error) {
	yeok, _ := g.now()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", yeok.Pid()))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if kB, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kB), "kB")), 64)
			return n / 1024, err
		}
	}
	return 0, fmt.Errorf("there is no RssAnon in /proc/%d/status", yeok.Pid())
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)/2]
}

// curve is some of the values, in a line.
func curve(values []float64) string {
	const points = 10
	var out []string
	for i := range points {
		out = append(out, fmt.Sprintf("%.0f", values[i*(len(values)-1)/(points-1)]))
	}
	return strings.Join(out, " ")
}
