package server

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// budgetMetrics tell what is spent and left, reservations included.
type budgetMetrics struct {
	budgets     *budgets
	spent, left *prometheus.Desc
}

func newBudgetMetrics(b *budgets) budgetMetrics {
	labels := []string{"tenant", "model", "per", "unit"}
	return budgetMetrics{
		budgets: b,
		spent:   desc("yeok_budget_spent", "Spent or reserved in the period, by budget, in tokens or US dollars. An empty tenant or model is all together.", labels...),
		left:    desc("yeok_budget_left", "Left in the period, by budget, in tokens or US dollars.", labels...),
	}
}

// Describe is Prometheus's.
func (m budgetMetrics) Describe(descs chan<- *prometheus.Desc) { descs <- m.spent; descs <- m.left }

// Collect is Prometheus's. Of a budget that each tenant has, it tells those that
// this gateway has worked for.
func (m budgetMetrics) Collect(metrics chan<- prometheus.Metric) {
	m.budgets.mu.Lock()
	seen := slices.Sorted(maps.Keys(m.budgets.tenants))
	m.budgets.mu.Unlock()
	for _, budget := range m.budgets.list {
		tenants := []string{budget.Tenant}
		if budget.Tenant == EachTenant {
			tenants = seen
		}
		for _, tenant := range tenants {
			for _, a := range budget.accounts(tenant, time.Now()) {
				unit := 1.0
				if a.unit == "usd" {
					unit = 1e6
				}
				spent := m.budgets.add(a, 0)
				tell := func(desc *prometheus.Desc, n int64) {
					metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n)/unit,
						tenant, budget.Model, string(budget.Per), a.unit)
				}
				tell(m.spent, spent)
				tell(m.left, max(a.limit-spent, 0))
			}
		}
	}
}
