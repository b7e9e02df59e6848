package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// miss measures what yeok adds to a call of the model, one at a time: the same
// prompt by go-openai straight to the model, and an article through yeok.
func miss(b *bench) (report, error) {
	var r report
	r.say("One language. Direct is the same streamed request by go-openai, read to its end; added is the median of the differences, call by call. " +
		"A model that answers at once hides nothing; beside one that speaks at a pace, yeok checks each block while the next one comes.")
	rows := [][]string{{"", "tokens a second", "calls", "direct p50 ms", "yeok p50 ms", "**added p50 ms**", "added p99 ms", "yeok CPU ms a call"}}
	for i, kind := range missKinds() {
		row, err := b.missRow(kind, 10_000*(i+1))
		if err != nil {
			return r, fmt.Errorf("%s: %w", kind.name, err)
		}
		rows = append(rows, row)
	}
	r.table(rows...)
	return r, nil
}

// missRow measures one kind with a model and a yeok of its own. first numbers
// the first article.
func (b *bench) missRow(kind missKind, first int) ([]string, error) {
	defer b.stopChildren()
	m, err := b.startModel(0, kind.pace)
	if err != nil {
		return nil, err
	}
	g, err := b.startYeok(serverCore, m)
	if err != nil {
		return nil, err
	}
	calls, pace := min(b.size.calls, 300), "at once"
	if kind.pace > 0 {
		calls, pace = min(b.size.calls, 300)/10, fmt.Sprintf("%.0f", kind.pace)
	}
	b.awaitQuiet()
	p, err := b.missPairs(g, m, kind, first, calls)
	if err != nil {
		return nil, err
	}
	added := make([]time.Duration, len(p.direct))
	for i := range p.direct {
		added[i] = p.through[i] - p.direct[i]
	}
	return []string{kind.name, pace, fmt.Sprint(calls), ms(median(p.direct)), ms(median(p.through)),
		"**" + ms(median(added)) + "**", ms(percentile(added, 0.99)), ms(p.cpu / time.Duration(calls))}, nil
}

// missPairs are the times of calls both ways, and what yeok computed.
type missPairs struct {
	direct, through []time.Duration
	cpu             time.Duration
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", millis(d)) }

// missKind is what is asked of yeok; n numbers what was never asked before.
type missKind struct {
	name, path string
	pace       float64 // of the model, tokens a second; 0 is at once
	body       func(n int) []byte
	headers    []string
}

func missKinds() []missKind {
	text := func(n int) []byte {
		body, err := json.Marshal(map[string]any{"texts": []string{article(n, 1).Paragraphs[0]}, "targetLanguageCode": "en"})
		if err != nil {
			return []byte(err.Error()) // strings do not fail
		}
		return body
	}
	page := func(blocks int) func(int) []byte {
		return func(n int) []byte { return order("", article(n, blocks), "en") }
	}
	return []missKind{
		{"one string", "/v1/text:translate", 0, text, nil},
		{"article of 2 blocks", translatePath, 0, page(2), nil},
		{"article of 10 blocks", translatePath, 0, page(10), nil},
		{"the same, not stored", translatePath, 0, page(10), []string{"Cache-Control", "no-store"}},
		{"article of 10 blocks", translatePath, 1000, page(10), nil},
	}
}

// missPairs makes calls both ways, one after the other, and the other way round
// every second time. The first few are not counted.
func (b *bench) missPairs(g *gateway, m *model, kind missKind, first, calls int) (p missPairs, err error) {
	const warmUp = 5
	defer b.profile(g, fmt.Sprintf("miss %s %d", kind.name, first))()
	config := openai.DefaultConfig("")
	config.BaseURL, config.HTTPClient = m.url, newClient()
	client := openai.NewClientWithConfig(config)
	var before time.Duration
	for i := range calls + warmUp {
		if i == warmUp {
			if before, err = g.cpu(); err != nil {
				return p, err
			}
		}
		var viaYeok, straight time.Duration
		ways := []func() error{
			func() error { return timed(&viaYeok, func() error { return g.ask(b.ctx, kind, first+i) }) },
			func() error { return b.straight(client, m, &straight) },
		}
		if i%2 == 1 {
			slices.Reverse(ways)
		}
		if err := errors.Join(ways[0](), ways[1]()); err != nil {
			return p, err
		}
		if i >= warmUp {
			p.direct, p.through = append(p.direct, straight), append(p.through, viaYeok)
		}
	}
	after, err := g.cpu()
	p.cpu = after - before
	return p, err
}

func timed(into *time.Duration, do func() error) error {
	began := time.Now()
	err := do()
	*into = time.Since(began)
	return err
}

// ask makes one request of that kind.
func (g *gateway) ask(ctx context.Context, kind missKind, n int) error {
	_, err := send(ctx, g.client, "http://"+g.http+kind.path, kind.body(n), kind.headers...)
	return err
}

// straight sends the last prompt that yeok made once more, without yeok.
func (b *bench) straight(client *openai.Client, m *model, took *time.Duration) error {
	body, err := m.last()
	if err != nil {
		return err
	}
	var req openai.ChatCompletionRequest
	if err := json.Unmarshal(body, &req); err != nil {
		return err
	}
	return timed(took, func() error {
		stream, err := client.CreateChatCompletionStream(b.ctx, req)
		if err != nil {
			return err
		}
		defer func() { _ = stream.Close() }() // all of it was read
		for {
			if _, err := stream.Recv(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	})
}
