package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"yeok/translate"
)

// workMetrics tell what is paid for: calls to models, and what comes of them.
type workMetrics struct {
	translations *prometheus.CounterVec
	findings     *prometheus.CounterVec
	repairs      *prometheus.CounterVec
	calls        *prometheus.CounterVec
	requests     *prometheus.CounterVec
	tokens       *prometheus.CounterVec
	costUSD      *prometheus.CounterVec
	spread       *prometheus.CounterVec
	seconds      *prometheus.HistogramVec
	firstToken   *prometheus.HistogramVec
	waited       *prometheus.HistogramVec
}

func newWorkMetrics() workMetrics {
	return workMetrics{
		translations: counter("yeok_translations_total", "Translations made, by target language and state.", "language", "state"),
		findings: counter("yeok_findings_total",
			"Doubts about translations that were made, by check, target language and severity.", "check", "language", "severity"),
		repairs: counter("yeok_repairs_total",
			"Segments translated again because they failed their checks, by target language and outcome: mended, kept (with its findings).", "language", "outcome"),
		calls: counter("yeok_model_calls_total",
			"Calls to models, those that were turned away included, by model and how they ended.", "model", "outcome"),
		requests: counter("yeok_model_requests_total",
			"Calls to models that were answered, at least in part, and so are paid, by model and target language.", "model", "language"),
		tokens: counter("yeok_model_tokens_total",
			"Tokens billed, by model and kind: prompt, cached_prompt (part of prompt), completion.", "model", "kind"),
		costUSD: counter("yeok_model_cost_usd_total", "Paid to models, by the configured prices.", "model"),
		spread: counter("yeok_spread_total",
			"What the latency target costs beyond one call a language: calls, prompt_tokens, cost_usd.", "kind"),
		seconds: histogram("yeok_model_call_seconds", "Time of a call to a model, from when it could go to its end.",
			[]float64{.1, .25, .5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640}, "model"),
		firstToken: histogram("yeok_model_first_token_seconds", "Time from when a call could go to the first text of its answer.",
			[]float64{.05, .1, .25, .5, 1, 2, 4, 8, 16, 32, 64, 128}, "model"),
		waited: histogram("yeok_model_queue_seconds", "Time that a call waited for a free place before it could go.",
			[]float64{.001, .01, .1, .5, 1, 2.5, 5, 10, 30, 60, 180, 600}, "model"),
	}
}

func (m workMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.translations, m.findings, m.repairs, m.calls, m.requests, m.tokens, m.costUSD, m.spread,
		m.seconds, m.firstToken, m.waited}
}

// made counts one translation and what it cost, also one that failed.
func (m workMetrics) made(language string, r translate.Result) {
	m.translations.WithLabelValues(language, stateProto(r.State).String()).Inc()
	for _, f := range r.Findings {
		m.findings.WithLabelValues(string(f.Check), language, string(f.Severity)).Inc()
	}
	m.repairs.WithLabelValues(language, "mended").Add(float64(r.Repairs.Mended))
	m.repairs.WithLabelValues(language, "kept").Add(float64(r.Repairs.Tried - r.Repairs.Mended))
	for _, c := range r.Calls {
		m.called(language, c)
	}
	m.spread.WithLabelValues("calls").Add(float64(r.Spread.Calls))
	m.spread.WithLabelValues("prompt_tokens").Add(float64(r.Spread.PromptTokens))
	m.spread.WithLabelValues("cost_usd").Add(r.Spread.CostUSD)
}

func (m workMetrics) called(language string, c translate.Call) {
	m.calls.WithLabelValues(c.Model, string(c.Outcome)).Inc()
	m.requests.WithLabelValues(c.Model, language).Add(float64(c.Usage.Requests))
	m.tokens.WithLabelValues(c.Model, "prompt").Add(float64(c.Usage.PromptTokens))
	m.tokens.WithLabelValues(c.Model, "cached_prompt").Add(float64(c.Usage.CachedPromptTokens))
	m.tokens.WithLabelValues(c.Model, "completion").Add(float64(c.Usage.CompletionTokens))
	m.costUSD.WithLabelValues(c.Model).Add(c.Usage.CostUSD)
	m.seconds.WithLabelValues(c.Model).Observe(c.Took.Seconds())
	m.waited.WithLabelValues(c.Model).Observe(c.Waited.Seconds())
	if c.FirstToken > 0 {
		m.firstToken.WithLabelValues(c.Model).Observe(c.FirstToken.Seconds())
	}
}

// modelMetrics are what the translator knows of its models now, read when they
// are asked for.
type modelMetrics struct {
	translator *translate.Translator
	rate       *prometheus.Desc
	running    *prometheus.Desc
	waiting    *prometheus.Desc
}

func newModelMetrics(t *translate.Translator) modelMetrics {
	return modelMetrics{
		translator: t,
		rate:       desc("yeok_model_tokens_per_second", "Tokens a second of one answer, by yeok's estimate, of late.", "model"),
		running:    desc("yeok_model_calls_in_flight", "Calls to a model that are under way.", "model"),
		waiting:    desc("yeok_model_calls_waiting", "Calls to a model that wait for a free place.", "model"),
	}
}

// Describe implements [prometheus.Collector].
func (m modelMetrics) Describe(to chan<- *prometheus.Desc) {
	to <- m.rate
	to <- m.running
	to <- m.waiting
}

// Collect implements [prometheus.Collector]. Of a model that two servers offer the
// calls are added up, and the speed is that of the first.
func (m modelMetrics) Collect(to chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, model string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, model)
	}
	told := map[string]bool{}
	for _, speed := range m.translator.Speeds() {
		if !told[speed.Model] {
			told[speed.Model] = true
			gauge(m.rate, speed.TokensPerSecond, speed.Model)
		}
	}
	sums := map[string]translate.Load{}
	for _, load := range m.translator.Loads() {
		sum := sums[load.Model]
		sums[load.Model] = translate.Load{Running: sum.Running + load.Running, Waiting: sum.Waiting + load.Waiting}
	}
	for model, sum := range sums {
		gauge(m.running, float64(sum.Running), model)
		gauge(m.waiting, float64(sum.Waiting), model)
	}
}
