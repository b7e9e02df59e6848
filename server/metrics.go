package server

import (
	"path"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	yeokv1 "yeok/api/yeok/v1"
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
	spread      *prometheus.CounterVec
	working     prometheus.Gauge
	hits        map[string]hitMetrics // by full method
}

// hitMetrics are what a stored answer is counted by, looked up once for all.
type hitMetrics struct {
	calls, stored prometheus.Counter
	seconds       prometheus.Observer
}

// hitMetricsOf makes those of every method whose answers are stored.
func (m *metrics) hitMetricsOf(service grpc.ServiceDesc) map[string]hitMetrics {
	hits := map[string]hitMetrics{}
	for _, method := range service.Methods {
		full := "/" + service.ServiceName + "/" + method.MethodName
		if !answerableMethod(full) {
			continue
		}
		hits[full] = hitMetrics{
			calls:   m.calls.WithLabelValues(method.MethodName, codes.OK.String()),
			stored:  m.stored.WithLabelValues(method.MethodName),
			seconds: m.seconds.WithLabelValues(method.MethodName),
		}
	}
	return hits
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
	m.spread = counter("yeok_spread_total", "What the latency target costs beyond one call a language: calls, prompt_tokens, cost_usd.", "kind")
	m.stored = counter("yeok_stored_answers_total", "Calls answered with stored bytes, by method.", "method")
	m.working = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "yeok_calls_in_flight", Help: "Calls being answered now, those with stored bytes apart."})
	m.hits = m.hitMetricsOf(yeokv1.TranslationService_ServiceDesc)
	flights := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "yeok_flights", Help: "Translations being made now."}, inFlight)
	m.registry.MustRegister(m.calls, m.seconds, m.tokens, m.requests, m.results, m.costUSD, m.storeErrors, m.stored, m.refused, m.spread, m.working, flights,
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
func (m *metrics) hit(fullMethod string, took time.Duration) {
	h := m.hits[fullMethod]
	h.calls.Inc()
	h.stored.Inc()
	h.seconds.Observe(took.Seconds())
}

// paid counts what one translation cost, also one that failed.
func (m *metrics) paid(language string, r translate.Result) {
	m.tokens.WithLabelValues("prompt").Add(float64(r.Usage.PromptTokens))
	m.tokens.WithLabelValues("cached_prompt").Add(float64(r.Usage.CachedPromptTokens))
	m.tokens.WithLabelValues("completion").Add(float64(r.Usage.CompletionTokens))
	m.requests.WithLabelValues(language).Add(float64(r.Usage.Requests))
	m.results.WithLabelValues(language, stateProto(r.State).String()).Inc()
	m.costUSD.Add(r.Usage.CostUSD)
	m.spread.WithLabelValues("calls").Add(float64(r.Spread.Calls))
	m.spread.WithLabelValues("prompt_tokens").Add(float64(r.Spread.PromptTokens))
	m.spread.WithLabelValues("cost_usd").Add(r.Spread.CostUSD)
}

// speeds tells how fast the models have been of late.
type speeds struct {
	translator *translate.Translator
	first      *prometheus.Desc
	rate       *prometheus.Desc
}

func speedsOf(t *translate.Translator) speeds {
	return speeds{
		translator: t,
		first:      prometheus.NewDesc("yeok_model_first_token_seconds", "Time from a request to the first token of its answer, of late.", []string{"model"}, nil),
		rate:       prometheus.NewDesc("yeok_model_tokens_per_second", "Tokens a second of one answer, by yeok's estimate, of late.", []string{"model"}, nil),
	}
}

// Describe is Prometheus's.
func (s speeds) Describe(descs chan<- *prometheus.Desc) { descs <- s.first; descs <- s.rate }

// Collect is Prometheus's. A model that two servers offer is told once, as the
// first one is.
func (s speeds) Collect(metrics chan<- prometheus.Metric) {
	seen := map[string]bool{}
	for _, speed := range s.translator.Speeds() {
		if seen[speed.Model] {
			continue
		}
		seen[speed.Model] = true
		metrics <- prometheus.MustNewConstMetric(s.first, prometheus.GaugeValue, speed.FirstToken.Seconds(), speed.Model)
		metrics <- prometheus.MustNewConstMetric(s.rate, prometheus.GaugeValue, speed.TokensPerSecond, speed.Model)
	}
}
