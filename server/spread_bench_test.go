package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	openai "github.com/sashabaranov/go-openai"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
	"yeok/translate"
)

const (
	hostedFirst = 300 * time.Millisecond
	hostedRate  = 80
)

// BenchmarkSpread is articles in four languages through a model of 300 ms to the
// first token and 80 tokens a second, with a latency target. It reports the time
// of the longest of the calls that were made, as the model alone would take for
// it, over the time that yeok took: 1 is ideal.
func BenchmarkSpread(b *testing.B) {
	for _, articles := range []int{1, 20} {
		for _, target := range []time.Duration{0, 2 * time.Second, 1200 * time.Millisecond} {
			b.Run(fmt.Sprintf("%darticles/%v", articles, target), func(b *testing.B) {
				var ratio, wall, calls float64
				for b.Loop() {
					took, ideal, n := spreadOnce(b, articles, target)
					ratio += ideal.Seconds() / took.Seconds()
					wall += took.Seconds()
					calls += float64(n)
				}
				b.ReportMetric(ratio/float64(b.N), "ideal/wall")
				b.ReportMetric(wall/float64(b.N), "wall-s")
				b.ReportMetric(calls/float64(b.N*articles), "calls/article")
			})
		}
	}
}

func spreadOnce(b *testing.B, articles int, target time.Duration) (took, ideal time.Duration, calls int) {
	b.StopTimer()
	llm := llmtest.New(b, llmtest.Options{TTFT: hostedFirst, TokensPerSecond: hostedRate})
	model := modelAt(llm)
	model.Profile.Concurrency = 1000
	g := openWith(b, "", server.Config{Translator: translator(b, translate.Options{
		Models: []translate.Model{model}, TargetLatency: target, Concurrency: 1000,
	})})
	ask := func(i int) {
		paragraphs := tenBlocks()
		for k := range paragraphs {
			paragraphs[k] += fmt.Sprintf(" %d번째 소식이다.", i+2)
		}
		req := &yeokv1.TranslateArticleRequest{Source: pageOf(plainHead, paragraphs, plainTail)}
		if err := callGRPC(b, g, req, &yeokv1.TranslateArticleResponse{}); err != nil {
			b.Error(err)
		}
	}
	ask(1000) // yeok gets to know the model
	known := len(llm.Requests())
	b.StartTimer()
	start := time.Now()
	var callers sync.WaitGroup
	for i := range articles {
		callers.Go(func() { ask(i) })
	}
	callers.Wait()
	took = time.Since(start)
	b.StopTimer()
	requests := llm.Requests()[known:]
	ideal = hostedFirst + time.Duration(float64(longestAnswer(b, requests))/hostedRate*float64(time.Second))
	b.StartTimer()
	return took, ideal, len(requests)
}

// longestAnswer is the tokens of the longest answer to the requests, told by a
// model that takes no time. (Which answers the same, whoever asks.)
func longestAnswer(b *testing.B, requests []llmtest.Request) int {
	llm := llmtest.New(b, llmtest.Options{})
	longest := 0
	for _, r := range requests {
		body := bytes.Replace(r.Body, []byte(`"stream":true`), []byte(`"stream":false`), 1)
		resp, err := http.Post(llm.URL()+"/chat/completions", "application/json", bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		var answer struct {
			Usage struct {
				CompletionTokens int `json:"completion_tokens"`
			}
		}
		err = json.NewDecoder(resp.Body).Decode(&answer)
		_ = resp.Body.Close() // it was read
		if err != nil {
			b.Fatal(err)
		}
		longest = max(longest, answer.Usage.CompletionTokens)
	}
	return longest
}

// BenchmarkMiss is one article in one language that nobody has asked for, in turn
// with the same request to the model by go-openai alone. The model takes no time.
// It reports the medians in milliseconds, and their difference.
func BenchmarkMiss(b *testing.B) {
	for _, paragraphs := range []int{1, 10} {
		for _, store := range []string{"memory", "file"} {
			b.Run(fmt.Sprintf("%dparagraphs/%s", paragraphs, store), func(b *testing.B) {
				path := ""
				if store == "file" {
					path = b.TempDir() + "/yeok.db"
				}
				llm := llmtest.New(b, llmtest.Options{})
				g := open(b, path, server.Limits{}, modelAt(llm))
				number := 0
				miss := func() time.Duration {
					number++
					texts := tenBlocks()[:paragraphs]
					for k := range texts {
						texts[k] = strings.Replace(texts[k], " ", fmt.Sprintf(" %d번 ", number+1), 1)
					}
					req := &yeokv1.TranslateArticleRequest{Source: pageOf(plainHead, texts, plainTail), TargetLanguageCodes: []string{"en"}}
					start := time.Now()
					if err := callGRPC(b, g, req, &yeokv1.TranslateArticleResponse{}); err != nil {
						b.Fatal(err)
					}
					return time.Since(start)
				}
				for range 20 { // rules and lexicons are read once
					miss()
				}
				config := openai.DefaultConfig("")
				config.BaseURL = llm.URL()
				client := openai.NewClientWithConfig(config)
				var through, direct []time.Duration
				for b.Loop() {
					through = append(through, miss())
					requests := llm.Requests()
					direct = append(direct, askDirectly(b, client, requests[len(requests)-1]))
				}
				slices.Sort(through)
				slices.Sort(direct)
				median := func(times []time.Duration) float64 { return times[len(times)/2].Seconds() * 1000 }
				b.ReportMetric(median(through), "yeok-ms")
				b.ReportMetric(median(direct), "direct-ms")
				b.ReportMetric(median(through)-median(direct), "added-ms")
			})
		}
	}
}

func askDirectly(b *testing.B, client *openai.Client, r llmtest.Request) time.Duration {
	start := time.Now()
	stream, err := client.CreateChatCompletionStream(b.Context(), openai.ChatCompletionRequest{
		Model:         r.Model,
		Messages:      []openai.ChatCompletionMessage{{Role: "system", Content: r.System}, {Role: "user", Content: r.User}},
		StreamOptions: &openai.StreamOptions{IncludeUsage: true},
	})
	if err != nil {
		b.Fatal(err)
	}
	for err == nil {
		_, err = stream.Recv()
	}
	if !errors.Is(err, io.EOF) {
		b.Fatal(err)
	}
	if err := stream.Close(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
