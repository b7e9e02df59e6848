package server_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

// waitFor waits until what holds, for ten seconds at most.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: still not so after 10s", what)
		}
	}
}

// thinking is a model that answers nobody before answer is called.
func thinking(t *testing.T) (llm *llmtest.Server, answer func()) {
	t.Helper()
	thought := make(chan struct{})
	answer = sync.OnceFunc(func() { close(thought) })
	llm = llmtest.New(t, llmtest.Options{Strike: func(llmtest.Request) []llmtest.Rule {
		<-thought
		return nil
	}})
	t.Cleanup(answer) // before the model's own end, which waits for its answers
	return llm, answer
}

// TestTwoRevisionsAtOnce: what two revisions in flight share is paid once, and the
// second one pays for its own block alone.
func TestTwoRevisionsAtOnce(t *testing.T) {
	for _, control := range []string{"", "no-cache"} {
		llm := llmtest.New(t, llmtest.Options{TTFT: 200 * time.Millisecond})
		g := open(t, "", server.Limits{}, modelAt(llm))
		changed := tenBlocks()
		changed[2] = strings.Replace(changed[2], "62%", "64%", 1)
		revisions := [][]string{tenBlocks(), changed, moved(tenBlocks(), 3, 7)}
		answers := make([]*yeokv1.TranslateArticleResponse, len(revisions))
		var callers sync.WaitGroup
		for i, paragraphs := range revisions {
			req := ship(pageOf(plainHead, paragraphs, plainTail))
			req.TargetLanguageCodes = []string{"en"}
			answers[i] = &yeokv1.TranslateArticleResponse{}
			callers.Go(func() {
				if err := callGRPC(t, g, req, answers[i], "cache-control", control); err != nil {
					t.Error(err)
				}
			})
			if i == 0 {
				waitFor(t, "the first revision is under way", func() bool { return llm.Stats().InFlight == 1 })
			}
		}
		callers.Wait()
		if t.Failed() {
			return
		}
		var asked []string
		for _, r := range llm.Requests() {
			asked = append(asked, strings.Join(r.Asked, " "))
		}
		const all = "T P1 P2 P3 P4 P5 P6 P7 P8 P9 P10"
		want := []string{all, "P3"}
		if control == "no-cache" { // everybody pays
			want = []string{all, all, all}
		}
		if strings.Join(asked, ", ") != strings.Join(want, ", ") {
			t.Errorf("%q: three revisions at once asked for %q, want %q", control, asked, want)
		}
		if control == "" {
			checkOrigins(t, answers[0], answers[1], []int{2})
			checkOrigins(t, answers[0], answers[2], nil)
		}
	}
}

// TestTheOtherRevisionFails: who waited for another flight in vain pays himself.
func TestTheOtherRevisionFails(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{TTFT: 100 * time.Millisecond})
	llm.Fail(llmtest.Rule{Fault: llmtest.BadRequest, Request: 1})
	g := open(t, "", server.Limits{}, modelAt(llm))
	first, second := ship(pageOf(plainHead, tenBlocks(), plainTail)), ship(pageOf(plainHead, tenBlocks()[1:], plainTail))
	first.TargetLanguageCodes, second.TargetLanguageCodes = []string{"en"}, []string{"en"}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		_, err := g.grpc.TranslateArticle(ctx, first)
		failed <- err
	}()
	waitFor(t, "the first revision is asked for", func() bool { return llm.Stats().Requests > 0 })
	resp := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, second, resp); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil {
		t.Error("the first revision did not fail")
	}
	if got := resp.GetTranslations()[0].GetState(); got != yeokv1.Translation_COMPLETE {
		t.Errorf("state = %v, want COMPLETE", got)
	}
}
