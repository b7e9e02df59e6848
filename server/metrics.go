package server

import (
	"path"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"google.golang.org/grpc/codes"

	"yeok/translate"
)

// metrics are a server's own, in a registry of their own: two servers in one
// process (tests, `yeok translate`) do not mix. No label ever holds a text, a
// key or a caller's address.
type metrics struct {
	registry    *prometheus.Registry
	calls       *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	tokens      *prometheus.CounterVec
	requests    *prometheus.CounterVec
	results     *prometheus.CounterVec
	costUSD     prometheus.Counter
	storeErrors prometheus.Counter
	stored      *prometheus.CounterVec
	refused     *prometheus.CounterVec
}

func newMetrics(inFlight func() float64) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls:    counter("yeok_calls_total", "Calls answered, by method and status code.", "method", "code"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "yeok_call_seconds",
			Help:    "Time to answer a call. Hits are below a millisecond, misses are the model's.",
			Buckets: []float64{.0005, .001, .005, .025, .1, .5, 1, 2.5, 5, 10, 30, 60, 180, 600},
		}, []string{"method"}),
		tokens:   counter("yeok_model_tokens_total", "Tokens billed, by kind: prompt, cached_prompt, completion.", "kind"),
		requests: counter("yeok_model_requests_total", "Requests made to models, by target language.", "language"),
		results:  counter("yeok_translations_total", "Translations made, by target language and state.", "language", "state"),
		costUSD: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "yeok_model_cost_usd_total", Help: "Paid to models, by the configured prices."}),
		storeErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "yeok_store_errors_total", Help: "Translations that could not be stored."}),
	}
	m.refused = counter("yeok_key_refusals_total", "Calls that were not let in, by reason.", "reason")
	m.stored = counter("yeok_stored_answers_total", "Calls answered with stored bytes, by method.", "method")
	flights := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "yeok_flights", Help: "Translations being made now."}, inFlight)
	m.registry.MustRegister(m.calls, m.seconds, m.tokens, m.requests, m.results, m.costUSD, m.storeErrors, m.stored, m.refused, flights,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// call counts one answered call.
func (m *metrics) call(fullMethod string, code codes.Code, took time.Duration) {
	method := path.Base(fullMethod)
	m.calls.WithLabelValues(method, code.String()).Inc()
	m.seconds.WithLabelValues(method).Observe(took.Seconds())
}

// hit counts a call that was answered with stored bytes.
func (m *metrics) hit(fullMethod string) { m.stored.WithLabelValues(path.Base(fullMethod)).Inc() }

// paid counts what one translation cost, also one that failed.
func (m *metrics) paid(language string, r translate.Result) {
	m.tokens.WithLabelValues("prompt").Add(float64(r.Usage.PromptTokens))
	m.tokens.WithLabelValues("cached_prompt").Add(float64(r.Usage.CachedPromptTokens))
	m.tokens.WithLabelValues("completion").Add(float64(r.Usage.CompletionTokens))
	m.requests.WithLabelValues(language).Add(float64(r.Usage.Requests))
	m.results.WithLabelValues(language, stateProto(r.State).String()).Inc()
	m.costUSD.Add(r.Usage.CostUSD)
}
