package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yeok/article"
	"yeok/eval/injection"
	"yeok/internal/llmtest"
	"yeok/translate"
	"yeok/translate/check"
	"yeok/translate/language"
)

// contentFaults are the faults of the fake model that change what it says, each
// with the block that it strikes.
var contentFaults = [...]llmtest.Rule{
	{Fault: llmtest.Refusal}, {Fault: llmtest.Preamble}, {Fault: llmtest.Think}, {Fault: llmtest.ThinkUnclosed},
	{Fault: llmtest.MarkersMissing}, {Fault: llmtest.ForeignBlock}, {Fault: llmtest.InWrongLanguage},
	{Fault: llmtest.KoreanEchoed}, {Fault: llmtest.TraditionalScript, Language: "zh-Hans"}, {Fault: llmtest.InjectionObeyed},
	{Fault: llmtest.LengthReached}, {Fault: llmtest.InvalidUTF8}, {Fault: llmtest.RepetitionLoop, Block: "P2"},
	{Fault: llmtest.MissingBlock, Block: "P2"}, {Fault: llmtest.DoubledBlock, Block: "P2"}, {Fault: llmtest.CopiedBlock, Block: "P2"},
	{Fault: llmtest.MergedBlocks, Block: "P2"}, {Fault: llmtest.EmptyBlock, Block: "P2"}, {Fault: llmtest.BlockEchoed, Block: "P2"},
	{Fault: llmtest.HangulLeft, Block: "P2"}, {Fault: llmtest.ChangedNumber, Block: "P2"}, {Fault: llmtest.DroppedNumber, Block: "P2"},
	{Fault: llmtest.InventedURL, Block: "P2"}, {Fault: llmtest.BlockHacked, Block: "P2"}, {Fault: llmtest.BlockCut, Block: "P2"},
}

// faultTable says what comes of each fault that changes content, when it strikes
// once and when it strikes every time. What repairs the answer without asking
// again is COMPLETE after one request.
func faultTable(ctx context.Context) (table, error) {
	t := table{name: "faults", header: []string{"fault", "once", "every time"}}
	for _, rule := range contentFaults {
		once := rule
		once.Times = 1
		first, err := becomes(ctx, once)
		if err != nil {
			return table{}, err
		}
		always, err := becomes(ctx, rule)
		if err != nil {
			return table{}, err
		}
		t.row(rule.Fault, first, always)
	}
	return t, nil
}

// becomes is the outcome of the fault: the states that it has in the languages,
// and the checks that name it in any of them.
func becomes(ctx context.Context, rule llmtest.Rule) (string, error) {
	var states, checks []string
	for _, l := range language.Targets() {
		if rule.Language != "" && rule.Language != l.Code {
			continue
		}
		o, err := injection.Translate(ctx, harbour(), l, rule)
		if err != nil {
			return "", err
		}
		states = append(states, stateOf(o))
		for _, f := range o.Result.Findings {
			if f.Severity == check.Error && o.Result.State == translate.NeedsReview {
				checks = append(checks, string(f.Check))
			}
		}
	}
	slices.Sort(states)
	slices.Sort(checks)
	outcome := strings.Join(slices.Compact(states), "; ")
	if len(checks) > 0 {
		outcome += ": " + strings.Join(slices.Compact(checks), ", ")
	}
	return outcome, nil
}

func stateOf(o injection.Outcome) string {
	switch o.Result.State {
	case translate.Complete:
		return fmt.Sprintf("COMPLETE, asked %d×", o.Requests)
	case translate.NeedsReview:
		return "NEEDS_REVIEW"
	default:
		return "FAILED"
	}
}

// harbour is an invented article with figures in the paragraph that suffers.
func harbour() article.Article {
	return article.Article{
		Title:       "누리조선, 1조2000억 규모 컨테이너선 수주",
		PublishTime: time.Date(2025, 7, 21, 5, 30, 0, 0, time.UTC),
		Blocks: []article.Block{
			{ID: "p1", Kind: article.Paragraph, Text: "누리조선은 유럽 선사로부터 컨테이너선을 수주했다고 밝혔다. 배는 남쪽 바닷가의 조선소에서 짓는다."},
			{ID: "p2", Kind: article.Paragraph, Text: "계약 규모는 1조2000억원이며, 회사는 직원 350명을 새로 뽑아 2027년 3월까지 6척을 인도하기로 했다."},
			{ID: "p3", Kind: article.Paragraph, Text: "조선업계에서는 이번 수주가 업황 회복의 신호라는 관측이 나온다."},
		},
	}
}
