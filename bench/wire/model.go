package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"yeok/internal/llmtest"
)

// model is the fake model, a child of its own on the clients' core.
type model struct {
	*process
	url string // ending in /v1
}

// startModel starts a model that thinks for ttft and then says so many tokens a
// second; 0 is at once.
func (b *bench) startModel(ttft time.Duration, tokens float64) (*model, error) {
	cmd := command(b.ctx, clientCore, b.self, "child", "model", "-ttft", ttft.String(), "-tokens", fmt.Sprint(tokens))
	m := &model{}
	var err error
	m.process, err = b.launch(cmd, func(line string) bool {
		m.url = line
		return true
	})
	return m, err
}

// serveModel is the child.
func serveModel(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("model", flag.ContinueOnError)
	ttft := flags.Duration("ttft", 0, "time to the first token")
	tokens := flags.Float64("tokens", 0, "tokens a second; 0 is at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	llm, err := llmtest.Start(llmtest.Options{TTFT: *ttft, TokensPerSecond: *tokens})
	if err != nil {
		return err
	}
	defer llm.Close()
	fmt.Println(llm.URL())
	<-ctx.Done()
	return nil
}

// stats is what the model has done so far.
func (m *model) stats() (stats llmtest.Stats, err error) {
	body, err := m.get("/stats")
	if err != nil {
		return stats, err
	}
	return stats, json.Unmarshal(body, &stats)
}

// last is the body of the last request that the model got.
func (m *model) last() ([]byte, error) { return m.get("/last") }

func (m *model) get(path string) ([]byte, error) {
	resp, err := http.Get(strings.TrimSuffix(m.url, "/v1") + path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}
