package main

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// fanout measures how near a new article in four languages comes to the time
// that its longest call takes.
func fanout(b *bench) (report, error) {
	var r report
	r.say("The model thinks for %s and then says %.0f tokens a second to everybody at once. "+
		"Ideal is its time for the longest single answer, as if all calls began at the first moment and yeok took no time.",
		b.size.ttft, b.size.tokens)
	rows := [][]string{{"articles at once", "calls", "peak in flight", "prompt tokens", "completion tokens", "ideal s", "wall s", "**ideal ÷ wall**", "spread"}}
	for _, articles := range []int{1, b.size.crowd} {
		row, err := b.fanOutRounds(articles)
		if err != nil {
			return r, err
		}
		rows = append(rows, row)
	}
	r.table(rows...)
	return r, nil
}

// fanned is one round of a fan-out.
type fanned struct {
	calls, peak, prompt, completion int
	ideal, wall                     time.Duration
}

func (f fanned) ratio() float64 { return f.ideal.Seconds() / f.wall.Seconds() }

func (b *bench) fanOutRounds(articles int) ([]string, error) {
	var rounds []fanned
	for range b.size.rounds {
		f, err := b.fanOut(articles)
		if err != nil {
			return nil, err
		}
		rounds = append(rounds, f)
	}
	slices.SortFunc(rounds, func(a, b fanned) int { return int(a.wall - b.wall) })
	middle := rounds[len(rounds)/2]
	return []string{
		fmt.Sprint(articles), fmt.Sprint(middle.calls), fmt.Sprint(middle.peak), fmt.Sprint(middle.prompt), fmt.Sprint(middle.completion),
		fmt.Sprintf("%.2f", middle.ideal.Seconds()), fmt.Sprintf("%.2f", middle.wall.Seconds()),
		fmt.Sprintf("**%.3f**", middle.ratio()),
		fmt.Sprintf("%.3f–%.3f", rounds[len(rounds)-1].ratio(), rounds[0].ratio()),
	}, nil
}

// fanOut has a new yeok translate so many articles at once.
func (b *bench) fanOut(articles int) (f fanned, err error) {
	defer b.stopChildren()
	m, err := b.startModel(b.size.ttft, b.size.tokens)
	if err != nil {
		return f, err
	}
	const anyNumber = "4000" // of calls at once: whoever sets fewer wants articles to wait
	g, err := b.startYeok(serverCore, m, "--max-model-calls", anyNumber)
	if err != nil {
		return f, err
	}
	var group errgroup.Group
	began := time.Now()
	for i := range articles {
		group.Go(func() error {
			_, err := g.translate(b.ctx, order(articleID(i), article(i, 10)))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return f, err
	}
	f.wall = time.Since(began)
	stats, err := m.stats()
	f.calls, f.peak, f.prompt, f.completion = stats.Requests, stats.PeakInFlight, stats.PromptTokens, stats.CompletionTokens
	f.ideal = b.size.ttft + time.Duration(float64(stats.LongestAnswer)/b.size.tokens*float64(time.Second))
	return f, err
}
