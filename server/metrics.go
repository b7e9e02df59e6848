package server

import (
	"path"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	yeokv1 "yeok/api/yeok/v1"
)

// metrics are a server's own, in a registry of their own: two servers in one
// process (tests, `yeok translate`) do not mix. No label ever holds a text, a
// key or a caller's address, nor any word that a caller can choose: methods,
// codes, reasons, languages and checks are yeok's, models are the operator's.
type metrics struct {
	registry    *prometheus.Registry
	calls       *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	working     prometheus.Gauge
	stored      *prometheus.CounterVec
	refused     *prometheus.CounterVec
	recalls     *prometheus.CounterVec
	storeErrors prometheus.Counter
	work        workMetrics
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

func newMetrics(version string, inFlight func() float64) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls:    counter("yeok_calls_total", "Calls answered, by method and status code.", "method", "code"),
		seconds: histogram("yeok_call_seconds", "Time to answer a call. Hits are below a millisecond, misses are the model's.",
			[]float64{.0005, .001, .005, .025, .1, .5, 1, 2.5, 5, 10, 30, 60, 180, 600}, "method"),
		working: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "yeok_calls_in_flight", Help: "Calls being answered now, those with stored bytes apart."}),
		stored:  counter("yeok_stored_answers_total", "Calls answered with stored bytes, by method.", "method"),
		refused: counter("yeok_key_refusals_total", "Calls that were not let in, by reason.", "reason"),
		recalls: counter("yeok_recalls_total",
			"Translations of articles asked for behind the stored answers, by language and outcome: hit, joined (somebody else's call makes it), miss, absent (only-if-cached).", "language", "outcome"),
		storeErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "yeok_store_errors_total", Help: "Translations that could not be stored."}),
		work: newWorkMetrics(),
	}
	m.hits = m.hitMetricsOf(yeokv1.TranslationService_ServiceDesc)
	flights := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "yeok_flights", Help: "Translations being made now."}, inFlight)
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "yeok_build_info", Help: "1, with the version that runs.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()}})
	build.Set(1)
	m.registry.MustRegister(m.calls, m.seconds, m.working, m.stored, m.refused, m.recalls, m.storeErrors, flights, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(m.work.all()...)
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

// desc is of a metric that is read when it is asked for.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
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
