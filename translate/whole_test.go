package translate_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/article"
	"yeok/internal/llmtest"
	"yeok/translate"
	"yeok/translate/check"
)

// alike is an article whose paragraphs no check can tell apart by themselves.
func alike(t *testing.T) translate.Request {
	return translate.Request{Target: target(t, "en"), Article: article.Article{Blocks: []article.Block{
		{ID: "p1", Kind: article.Paragraph, Text: "남쪽 바닷가의 오래된 항구 도시에 새로운 공장이 문을 열었다."},
		{ID: "p2", Kind: article.Paragraph, Text: "북쪽 산자락의 조용한 마을에는 오래된 학교가 문을 닫았다."},
		{ID: "p3", Kind: article.Paragraph, Text: "동쪽 강가의 넓은 들판에는 주민들이 함께 나무를 심었다."},
	}}}
}

// TestTranslateWhole: an error that shows only beside the other segments is
// repaired once, and said when it stays.
func TestTranslateWhole(t *testing.T) {
	copied := llmtest.Rule{Fault: llmtest.CopiedBlock, Block: "P2", Times: 1}
	for name, test := range map[string]struct {
		then     []llmtest.Rule
		state    translate.State
		streamed []string
	}{
		"repaired":           {nil, translate.Complete, []string{"p1", "p2", "p3", "p2"}},
		"no answer":          {[]llmtest.Rule{{Fault: llmtest.MissingBlock, Request: 2}}, translate.NeedsReview, []string{"p1", "p2", "p3"}},
		"not at all better":  {[]llmtest.Rule{{Fault: llmtest.BlockEchoed, Request: 2}}, translate.NeedsReview, []string{"p1", "p2", "p3"}},
		"other, as bad":      {[]llmtest.Rule{{Fault: llmtest.HangulLeft, Request: 2}}, translate.NeedsReview, []string{"p1", "p2", "p3"}},
		"worse, so not used": {[]llmtest.Rule{{Fault: llmtest.BlockHacked, Request: 2}, {Fault: llmtest.InventedURL, Request: 2}}, translate.NeedsReview, []string{"p1", "p2", "p3"}},
	} {
		llm := llmtest.New(t, llmtest.Options{Rules: append([]llmtest.Rule{copied}, test.then...)})
		req := alike(t)
		var streamed []string
		req.OnSegment = func(s translate.Segment) { streamed = append(streamed, s.ID) }
		got, err := translator(t, model(llm, translate.Profile{})).Translate(context.Background(), req)
		if err != nil || got.State != test.state {
			t.Errorf("%s: Translate: %v, state %v, findings %+v, want %v", name, err, got.State, got.Findings, test.state)
		}
		if clean := !check.HasError(got.Segments["p2"].Findings); clean != (test.state == translate.Complete) {
			t.Errorf("%s: the segment has findings %+v", name, got.Segments["p2"].Findings)
		}
		requests := llm.Requests()
		if len(requests) != 2 {
			t.Fatalf("%s: %d requests, want 2", name, len(requests))
		}
		if diff := cmp.Diff([]string{"P2"}, requests[1].Asked); diff != "" {
			t.Errorf("%s: the repair asked for (-want +got):\n%s", name, diff)
		}
		if !strings.Contains(requests[1].User, "- P2: The translation is that of p1") {
			t.Errorf("%s: the repair does not say what is wrong:\n%s", name, requests[1].User)
		}
		if diff := cmp.Diff(test.streamed, streamed); diff != "" {
			t.Errorf("%s: OnSegment (-want +got):\n%s", name, diff)
		}
	}
}

// TestTranslateWholeKnown: segments that were paid for stay as they are, and the
// doubt about them is said.
func TestTranslateWholeKnown(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	req := alike(t)
	text := "A new plant opened in an old port town on the southern coast."
	req.Known = map[string]translate.Segment{"p1": {Text: text}, "p2": {Text: text}}
	got, err := translator(t, model(llm, translate.Profile{})).Translate(context.Background(), req)
	if err != nil || got.State != translate.NeedsReview || !found(got.Findings, check.Repetition) {
		t.Errorf("Translate: %v, state %v, findings %+v, want NeedsReview with REPETITION", err, got.State, got.Findings)
	}
	if n := llm.Stats().Requests; n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
