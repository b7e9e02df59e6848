package server_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
	"yeok/translate"
)

// stuck is a gate whose model is at work on one article and says nothing, with a
// queue for so many. What is asked for before is remembered.
func stuck(t *testing.T, room int, c server.Config, before func(*gate)) *gate {
	t.Helper()
	llm := llmtest.New(t, llmtest.Options{})
	model := modelAt(llm)
	model.Profile.Concurrency = 1
	c.Translator = translator(t, translate.Options{Models: []translate.Model{model}, MaxWaiting: room})
	g := openWith(t, "", c)
	t.Cleanup(llm.Close) // before the gate, which waits for what is under way
	before(g)
	llm.Fail(llmtest.Rule{Fault: llmtest.Hang})
	calls := llm.Stats().Requests
	asks(t, g, 100)
	waitFor(t, "the model is at work", func() bool { return llm.Stats().Requests == calls+1 })
	return g
}

// askFor asks for an article that has no paragraph of those with other numbers.
func askFor(number int) *yeokv1.TranslateArticleRequest {
	page := strings.ReplaceAll(longPage(3), "두 번째", fmt.Sprint(number, "번째"))
	return &yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}}
}

// asks lets somebody ask for an article who does not live to see it.
func asks(t *testing.T, g *gate, number int) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	t.Cleanup(leave)
	go func() { _, _ = g.grpc.TranslateArticle(ctx, askFor(number)) }()
}

func waitsFor(t *testing.T, g *gate, articles float64) {
	t.Helper()
	waitFor(t, "articles wait", func() bool { return metric(t, g, "yeok_queue_articles") == articles })
}

// TestRefusedAtOnce: with the queue full, a new article is refused at once, batch
// work before that; what is remembered, and who joins one that waits, is not.
func TestRefusedAtOnce(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			remembered, words := askFor(1), &yeokv1.TranslateTextRequest{Texts: []string{"새벽"}, TargetLanguageCode: "en"}
			g := stuck(t, 2, server.Config{}, func(g *gate) {
				if err := callGRPC(t, g, remembered, &yeokv1.TranslateArticleResponse{}); err != nil {
					t.Fatal(err)
				}
				if err := callGRPC(t, g, words, &yeokv1.TranslateTextResponse{}); err != nil {
					t.Fatal(err)
				}
			})
			refused := func(what string, number int, priority yeokv1.TranslateArticleRequest_Priority) {
				t.Helper()
				req := askFor(number)
				req.Priority = priority
				err := door.call(t, g, req, &yeokv1.TranslateArticleResponse{})
				if got := reasonOf(err); status.Code(err) != codes.ResourceExhausted || got != "QUEUE_FULL" || retryAfter(err) < time.Second {
					t.Errorf("%s = %v, try again in %s; want ResourceExhausted, QUEUE_FULL, with a time", what, err, retryAfter(err))
				}
			}
			asks(t, g, 2)
			waitsFor(t, g, 1)
			refused("batch work with one waiting", 3, yeokv1.TranslateArticleRequest_BATCH)
			asks(t, g, 4)
			waitsFor(t, g, 2)
			refused("an article with two waiting", 5, yeokv1.TranslateArticleRequest_INTERACTIVE)
			if err := door.call(t, g, remembered, &yeokv1.TranslateArticleResponse{}); err != nil {
				t.Errorf("a remembered article = %v", err)
			}
			if err := door.call(t, g, words, &yeokv1.TranslateTextResponse{}); err != nil {
				t.Errorf("remembered strings = %v", err)
			}
			words.Texts = []string{"노을"}
			if err := door.call(t, g, words, &yeokv1.TranslateTextResponse{}); reasonOf(err) != "QUEUE_FULL" {
				t.Errorf("new strings = %v, want QUEUE_FULL", err)
			}
			asks(t, g, 4) // waits with the one before
			for series, want := range map[string]float64{`{priority="batch"}`: 1, `{priority="interactive"}`: 2} {
				if got := metric(t, g, "yeok_queue_refusals_total"+series); got != want {
					t.Errorf("yeok_queue_refusals_total%s = %v, want %v", series, got, want)
				}
			}
		})
	}
}

// TestTenantsShareTheQueue: one tenant's flood is refused, another's article waits.
func TestTenantsShareTheQueue(t *testing.T) {
	keys, texts := keyring(t, access.Key{Tenant: "flood"}, access.Key{Tenant: "desk"})
	g := stuck(t, 2, server.Config{Keys: keys}, func(g *gate) { *g = *g.as(t, texts[0]) })
	asks(t, g, 2)
	asks(t, g, 3)
	waitsFor(t, g, 2)
	for _, door := range doors {
		if err := door.call(t, g, askFor(4), &yeokv1.TranslateArticleResponse{}); reasonOf(err) != "QUEUE_FULL" {
			t.Errorf("%s: a third article of the flood = %v, want QUEUE_FULL", door.name, err)
		}
	}
	asks(t, g.as(t, texts[1]), 4)
	waitsFor(t, g, 3)
}

func retryAfter(err error) time.Duration {
	for _, detail := range status.Convert(err).Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			return retry.GetRetryDelay().AsDuration()
		}
	}
	return 0
}

func reasonOf(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}
