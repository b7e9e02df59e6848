package main

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// edit is a change that a desk makes to an article, and what it should cost.
type edit struct {
	name string
	free bool
	body func(p page) []byte
}

const editedID = "edited"

func edits() []edit {
	changed := func(change func(p *page)) func(page) []byte {
		return func(p page) []byte {
			p.Paragraphs = slices.Clone(p.Paragraphs)
			change(&p)
			return order(editedID, p)
		}
	}
	extra := "한편 회사는 %d일 새 연구소도 연다고 덧붙였다. 연구원 70명이 그곳에서 일한다."
	return []edit{
		{"nothing", true, changed(func(*page) {})},
		{"white space", true, changed(func(p *page) {
			for i := range p.Paragraphs {
				p.Paragraphs[i] = "  " + strings.ReplaceAll(p.Paragraphs[i], " ", "  ") + " \t"
			}
		})},
		{"decomposed Hangul (NFD)", true, changed(func(p *page) {
			for i := range p.Paragraphs {
				p.Paragraphs[i] = norm.NFD.String(p.Paragraphs[i])
			}
		})},
		{"byline", true, changed(func(p *page) { p.Byline = "이바다 기자 sea@example.com" })},
		{"an advertisement", true, changed(func(p *page) { p.Ad = "광고" })},
		{"date line, one minute later", true, changed(func(p *page) { p.Date = "2026-03-02 09:31" })},
		{"date line, next day", true, changed(func(p *page) { p.Date = "2026-03-03 09:30" })},
		{"a paragraph moved", true, changed(func(p *page) { p.Paragraphs[2], p.Paragraphs[6] = p.Paragraphs[6], p.Paragraphs[2] })},
		{"a paragraph deleted", true, changed(func(p *page) { p.Paragraphs = slices.Delete(p.Paragraphs, 4, 5) })},
		{"one paragraph of ten changed", false, changed(func(p *page) {
			p.Paragraphs[5] = strings.Replace(p.Paragraphs[5], "41세", "43세", 1)
		})},
		{"a paragraph inserted", false, changed(func(p *page) {
			p.Paragraphs = slices.Insert(p.Paragraphs, 3, fmt.Sprintf(extra, 27))
		})},
		{"the headline", false, changed(func(p *page) { p.Title = strings.Replace(p.Title, "짓는다", "세운다", 1) })},
	}
}

// tokens measures what an edit of a remembered article costs.
func tokens(b *bench) (report, error) {
	var r report
	m, err := b.startModel(0, 0)
	if err != nil {
		return r, err
	}
	r.say("An article of ten paragraphs in four languages; then the same `articleId` with one thing changed. " +
		"Tokens are the model's own count, as a part of what the whole article cost.")
	rows := [][]string{{"changed", "calls", "completion tokens", "**of a full run**", "prompt tokens", "of a full run"}}
	for i, e := range edits() {
		row, err := b.editOnce(m, e, i)
		if err != nil {
			return r, fmt.Errorf("%s: %w", e.name, err)
		}
		rows = append(rows, row)
	}
	r.table(rows...)
	return r, nil
}

// editOnce translates an article with a yeok that knows nothing, and then the
// edited one.
func (b *bench) editOnce(m *model, e edit, n int) ([]string, error) {
	g, err := b.startYeok(serverCore, m)
	if err != nil {
		return nil, err
	}
	defer g.Stop()
	before, err := m.stats()
	if err != nil {
		return nil, err
	}
	p := article(900+n, 10)
	if _, err := g.translate(b.ctx, order(editedID, p)); err != nil {
		return nil, err
	}
	between, err := m.stats()
	if err != nil {
		return nil, err
	}
	if _, err := g.translate(b.ctx, e.body(p)); err != nil {
		return nil, err
	}
	after, err := m.stats()
	part := func(edited, whole int) string { return fmt.Sprintf("%.3f", float64(edited)/float64(whole)) }
	completion, prompt := after.CompletionTokens-between.CompletionTokens, after.PromptTokens-between.PromptTokens
	name := e.name
	if e.free && completion > 0 {
		name += " (should be free)"
	}
	return []string{name, fmt.Sprint(after.Requests - between.Requests),
		fmt.Sprint(completion), "**" + part(completion, between.CompletionTokens-before.CompletionTokens) + "**",
		fmt.Sprint(prompt), part(prompt, between.PromptTokens-before.PromptTokens)}, err
}
