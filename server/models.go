package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"yeok/translate"
)

// readiness is the body of GET /readyz.
type readiness struct {
	Status string       `json:"status"`
	Models []modelState `json:"models"`
}

// modelState is how a model is, for people who look: whatever it says, new calls
// are welcome.
type modelState struct {
	Name              string `json:"name"`
	State             string `json:"state"`
	Cause             string `json:"cause,omitempty"`
	RetryAfterSeconds int    `json:"retryAfterSeconds,omitempty"`
}

func (s *Server) modelStates() []modelState {
	states := []modelState{}
	for _, h := range s.translator.Health() {
		states = append(states, modelState{h.Model, h.State, string(h.Cause), int(h.RetryAfter.Seconds() + 0.999)})
	}
	return states
}

// models tells how the models are.
type models struct {
	translator *translate.Translator
	up         *prometheus.Desc
	extra      *prometheus.Desc
	failures   *prometheus.Desc
}

func modelsOf(t *translate.Translator) models {
	return models{
		translator: t,
		up:         desc("yeok_model_up", "1 while the model is asked, 0 while it is left alone because of its failures or by its own word.", "model"),
		extra:      desc("yeok_model_extra_calls_total", "Calls made once more, by kind: retry after a failure, hedge of a late first token.", "model", "kind"),
		failures:   desc("yeok_model_failures_total", "Calls to models that failed, by class.", "model", "class"),
	}
}

// Describe is Prometheus's.
func (m models) Describe(descs chan<- *prometheus.Desc) {
	descs <- m.up
	descs <- m.extra
	descs <- m.failures
}

// Collect is Prometheus's. A model that two servers offer is told once, as the
// first one is.
func (m models) Collect(metrics chan<- prometheus.Metric) {
	seen := map[string]bool{}
	for _, h := range m.translator.Health() {
		if seen[h.Model] {
			continue
		}
		seen[h.Model] = true
		up := 0.0
		if h.State == "ok" || h.State == "probing" {
			up = 1
		}
		counter := func(desc *prometheus.Desc, n int64, label string) {
			metrics <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), h.Model, label)
		}
		metrics <- prometheus.MustNewConstMetric(m.up, prometheus.GaugeValue, up, h.Model)
		counter(m.extra, h.Retries, "retry")
		counter(m.extra, h.Hedges, "hedge")
		for class, n := range h.Failures {
			counter(m.failures, n, string(class))
		}
	}
}
