package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"yeok/cache"
)

// cacheMetrics reads the cache's own counters when they are asked for.
type cacheMetrics struct {
	cache *cache.Cache
	asked *prometheus.Desc
	flown *prometheus.Desc
}

func newCacheMetrics(c *cache.Cache) *cacheMetrics {
	return &cacheMetrics{
		cache: c,
		asked: desc("yeok_cache_reads_total",
			"Reads of a tier of the memory (memory, file, redis), by outcome: hit, miss, error. An error is a miss to whoever asked; failed writes count as errors too.",
			"tier", "outcome"),
		flown: desc("yeok_leases_total",
			"Flights among gateways that share a store: held a lease, waited for another gateway's, flew without one because the store was away, lost theirs.",
			"outcome"),
	}
}

// Describe implements [prometheus.Collector].
func (m *cacheMetrics) Describe(to chan<- *prometheus.Desc) { to <- m.asked; to <- m.flown }

// Collect implements [prometheus.Collector]. It never asks the store.
func (m *cacheMetrics) Collect(to chan<- prometheus.Metric) {
	count := func(desc *prometheus.Desc, n uint64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), labels...)
	}
	c := m.cache.Counters()
	for tier, t := range map[string]cache.Tier{"memory": c.Memory, m.cache.StoreKind(): c.File} {
		if tier == "" {
			continue
		}
		count(m.asked, t.Hits, tier, "hit")
		count(m.asked, t.Misses, tier, "miss")
		count(m.asked, t.Errors, tier, "error")
	}
	count(m.flown, c.Leases.Held, "held")
	count(m.flown, c.Leases.Waited, "waited")
	count(m.flown, c.Leases.Without, "without")
	count(m.flown, c.Leases.Lost, "lost")
}
