package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"yeok/translate"
)

// queueMetrics tell how long the queue for the models is.
type queueMetrics struct {
	translator               *translate.Translator
	articles, wait, refusals *prometheus.Desc
}

func newQueueMetrics(t *translate.Translator) queueMetrics {
	return queueMetrics{
		translator: t,
		articles:   desc("yeok_queue_articles", "Articles that wait for a model."),
		wait:       desc("yeok_queue_wait_seconds", "How long a new article would wait for a model, by how fast the queue has moved of late.", "priority"),
		refusals:   desc("yeok_queue_refusals_total", "Articles that were refused because they would have waited too long.", "priority"),
	}
}

// Describe implements [prometheus.Collector].
func (m queueMetrics) Describe(to chan<- *prometheus.Desc) {
	to <- m.articles
	to <- m.wait
	to <- m.refusals
}

// Collect implements [prometheus.Collector].
func (m queueMetrics) Collect(to chan<- prometheus.Metric) {
	const interactive, batch = "interactive", "batch"
	q := m.translator.Queue()
	tell := func(desc *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, kind, value, labels...)
	}
	tell(m.articles, prometheus.GaugeValue, float64(q.Articles))
	tell(m.wait, prometheus.GaugeValue, q.Wait.Seconds(), interactive)
	tell(m.wait, prometheus.GaugeValue, q.BatchWait.Seconds(), batch)
	tell(m.refusals, prometheus.CounterValue, float64(q.Refused-q.Batches), interactive)
	tell(m.refusals, prometheus.CounterValue, float64(q.Batches), batch)
}
