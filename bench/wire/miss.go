package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// miss measures what yeok adds to a call of the model, one at a time: the same
// prompt by go-openai straight to the model, and an article through yeok.
func miss(b *bench) (report, error) {
	var r report
	m, err := b.startModel(0, 0)
	if err != nil {
		return r, err
	}
	g, err := b.startYeok(serverCore, m)
	if err != nil {
		return r, err
	}
	r.say("The model answers at once. Direct is the same streamed request by go-openai, read to its end; added is the median of the differences, call by call.")
	rows := [][]string{{"one language", "direct p50 ms", "yeok p50 ms", "**added p50 ms**", "added p99 ms"}}
	for i, kind := range missKinds() {
		direct, through, err := b.missPairs(g, m, kind, 10_000*(i+1))
		if err != nil {
			return r, fmt.Errorf("%s: %w", kind.name, err)
		}
		added := make([]time.Duration, len(direct))
		for i := range direct {
			added[i] = through[i] - direct[i]
		}
		rows = append(rows, []string{kind.name, ms(median(direct)), ms(median(through)),
			"**" + ms(median(added)) + "**", ms(percentile(added, 0.99))})
	}
	r.table(rows...)
	return r, nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", millis(d)) }

// missKind is what is asked of yeok; n numbers what was never asked before.
type missKind struct {
	name, path string
	body       func(n int) []byte
	headers    []string
}

func missKinds() []missKind {
	return []missKind{
		{"one string", "/v1/text:translate", func(n int) []byte {
			body, err := json.Marshal(map[string]any{"texts": []string{article(n, 1).Paragraphs[0]}, "targetLanguageCode": "en"})
			if err != nil {
				return []byte(err.Error()) // strings do not fail
			}
			return body
		}, nil},
		{"article of 2 blocks", translatePath, func(n int) []byte { return order("", article(n, 2), "en") }, nil},
		{"article of 10 blocks", translatePath, func(n int) []byte { return order("", article(n, 10), "en") }, nil},
		{"article of 10 blocks, not stored", translatePath, func(n int) []byte { return order("", article(n, 10), "en") },
			[]string{"Cache-Control", "no-store"}},
	}
}

// missPairs makes calls both ways, one after the other, and the other way round
// every second time. first numbers the first article.
func (b *bench) missPairs(g *gateway, m *model, kind missKind, first int) (direct, through []time.Duration, err error) {
	const warmUp = 5
	client := openai.DefaultConfig("")
	client.BaseURL, client.HTTPClient = m.url, newClient()
	calls := min(b.size.calls, 300)
	for i := range calls + warmUp {
		var viaYeok, straight time.Duration
		ways := []func() error{
			func() error { return timed(&viaYeok, func() error { return g.ask(b.ctx, kind, first+i) }) },
			func() error { return b.straight(openai.NewClientWithConfig(client), m, &straight) },
		}
		if i > 0 && i%2 == 1 {
			ways[0], ways[1] = ways[1], ways[0]
		}
		if err := errors.Join(ways[0](), ways[1]()); err != nil {
			return nil, nil, err
		}
		if i >= warmUp {
			direct, through = append(direct, straight), append(through, viaYeok)
		}
	}
	return direct, through, nil
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
