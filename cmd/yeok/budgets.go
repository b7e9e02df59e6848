package main

import (
	"errors"
	"fmt"
	"slices"

	"yeok/server"
	"yeok/translate"
)

// budgetEntry is a server.Budget as the file writes it.
type budgetEntry struct {
	Tenant string  `yaml:"tenant"` // "*" is each by itself
	Model  string  `yaml:"model"`
	Per    string  `yaml:"per"`
	Tokens int64   `yaml:"tokens"`
	USD    float64 `yaml:"usd"`
}

// budgets reads the budgets, which may name any of the models.
func (f *file) budgets(models []translate.Model) ([]server.Budget, []error) {
	var budgets []server.Budget
	var mistakes []error
	for i, entry := range f.Budgets {
		b := server.Budget{Tenant: entry.Tenant, Model: entry.Model, Per: server.Period(entry.Per), Tokens: entry.Tokens, USD: entry.USD}
		for _, err := range entry.mistakes(models) {
			mistakes = append(mistakes, fmt.Errorf("budgets[%d].%w (from %s)", i, err, f.path))
		}
		same := func(old server.Budget) bool {
			return old.Tenant == b.Tenant && old.Model == b.Model && old.Per == b.Per
		}
		if slices.ContainsFunc(budgets, same) {
			mistakes = append(mistakes, fmt.Errorf("budgets[%d]: there is one for the same tenant, model and period already (from %s)", i, f.path))
		}
		budgets = append(budgets, b)
	}
	return budgets, mistakes
}

// mistakes also refuses what would bound nothing: a budget that is silently
// without effect is found out by the bill.
func (e budgetEntry) mistakes(models []translate.Model) []error {
	var mistakes []error
	if per := server.Period(e.Per); per != server.Day && per != server.Month {
		mistakes = append(mistakes, fmt.Errorf("per: %q is not day or month", e.Per))
	}
	if e.USD > mostUSD {
		mistakes = append(mistakes, fmt.Errorf("usd: must not be above %d", mostUSD))
	} else if e.Tokens < 0 || !affordable(e.USD) || e.Tokens == 0 && e.USD == 0 {
		mistakes = append(mistakes, errors.New("tokens, usd: one of them must be above 0, and none below"))
	}
	if e.Model != "" && !slices.ContainsFunc(models, func(m translate.Model) bool { return m.Name == e.Model }) {
		mistakes = append(mistakes, fmt.Errorf("model: no model is called %q", e.Model))
	}
	for _, m := range models {
		if e.USD > 0 && (e.Model == "" || e.Model == m.Name) && m.Price == (translate.Price{}) {
			mistakes = append(mistakes, fmt.Errorf("usd: %s has no price, so that nothing would count; give it one, or bound its tokens", m.Name))
			break
		}
	}
	return mistakes
}
