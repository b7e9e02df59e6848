package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
	"yeok/translate"
)

// observed is a gate of which all is recorded that an operator sees.
type observed struct {
	*gate
	log   *lockedLog
	spans *tracetest.SpanRecorder
}

func observe(t *testing.T, c server.Config, models ...translate.Model) observed {
	t.Helper()
	o := observed{log: &lockedLog{}, spans: tracetest.NewSpanRecorder()}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(o.spans))
	c.Logger = slog.New(slog.NewJSONHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.TracerProvider = provider
	c.Translator = translator(t, translate.Options{Models: models, Logger: c.Logger, TracerProvider: provider})
	o.gate = openWith(t, storePath(t), c)
	return o
}

// lines are the log's lines with that message.
func (o observed) lines(t *testing.T, message string) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for line := range strings.Lines(o.log.String()) {
		fields := map[string]any{}
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("the log has a line that is no JSON: %s", line)
		}
		if fields["msg"] == message {
			lines = append(lines, fields)
		}
	}
	return lines
}

func (o observed) scrape(t *testing.T) string {
	t.Helper()
	w := httptest.NewRecorder()
	o.srv.Admin().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost/metrics", nil))
	return w.Body.String()
}

// metricTypes are the metrics that graphs and alerts hang on.
var metricTypes = map[string]dto.MetricType{
	"yeok_build_info":                dto.MetricType_GAUGE,
	"yeok_budget_left":               dto.MetricType_GAUGE,
	"yeok_budget_spent":              dto.MetricType_GAUGE,
	"yeok_cache_reads_total":         dto.MetricType_COUNTER,
	"yeok_call_seconds":              dto.MetricType_HISTOGRAM,
	"yeok_calls_in_flight":           dto.MetricType_GAUGE,
	"yeok_calls_total":               dto.MetricType_COUNTER,
	"yeok_findings_total":            dto.MetricType_COUNTER,
	"yeok_flights":                   dto.MetricType_GAUGE,
	"yeok_key_refusals_total":        dto.MetricType_COUNTER,
	"yeok_leases_total":              dto.MetricType_COUNTER,
	"yeok_model_call_seconds":        dto.MetricType_HISTOGRAM,
	"yeok_model_calls_in_flight":     dto.MetricType_GAUGE,
	"yeok_model_calls_total":         dto.MetricType_COUNTER,
	"yeok_model_calls_waiting":       dto.MetricType_GAUGE,
	"yeok_model_cost_usd_total":      dto.MetricType_COUNTER,
	"yeok_model_extra_calls_total":   dto.MetricType_COUNTER,
	"yeok_model_failures_total":      dto.MetricType_COUNTER,
	"yeok_model_up":                  dto.MetricType_GAUGE,
	"yeok_model_first_token_seconds": dto.MetricType_HISTOGRAM,
	"yeok_model_queue_seconds":       dto.MetricType_HISTOGRAM,
	"yeok_model_requests_total":      dto.MetricType_COUNTER,
	"yeok_model_tokens_per_second":   dto.MetricType_GAUGE,
	"yeok_model_tokens_total":        dto.MetricType_COUNTER,
	"yeok_queue_articles":            dto.MetricType_GAUGE,
	"yeok_queue_refusals_total":      dto.MetricType_COUNTER,
	"yeok_queue_wait_seconds":        dto.MetricType_GAUGE,
	"yeok_recalls_total":             dto.MetricType_COUNTER,
	"yeok_repairs_total":             dto.MetricType_COUNTER,
	"yeok_spread_total":              dto.MetricType_COUNTER,
	"yeok_store_errors_total":        dto.MetricType_COUNTER,
	"yeok_stored_answers_total":      dto.MetricType_COUNTER,
	"yeok_translations_total":        dto.MetricType_COUNTER,
}

// busy is a gate that has seen a bit of everything: misses, repairs, hits of both
// kinds, refusals, and a model that turned it away.
func busy(t *testing.T) (o observed, secrets []string) {
	t.Helper()
	const modelKey = "sk-recognisable-0123456789"
	llm := llmtest.New(t, llmtest.Options{TokensPerSecond: 800})
	llm.Fail(llmtest.Rule{Fault: llmtest.ChangedNumber, Language: "ja", Block: "P1"}, llmtest.Rule{Fault: llmtest.ServerError, Times: 1})
	keys, texts := keyring(t, access.Key{Tenant: "a"})
	m := modelAt(llm)
	m.APIKey = modelKey
	m.Price = translate.Price{Prompt: 1, CachedPrompt: 1, Completion: 2}
	o = observe(t, server.Config{Keys: keys, Version: "1.2.3", Budgets: []server.Budget{{Tenant: server.EachTenant, Per: server.Day, USD: 100}}}, m)
	if err := callGRPC(t, o.gate, &yeokv1.ListLanguagesRequest{}, &yeokv1.ListLanguagesResponse{}); err == nil {
		t.Fatal("a call without a key got in")
	}
	o.gate = o.as(t, texts[0])
	article := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}
	for range 3 {
		for _, door := range doors {
			if err := door.call(t, o.gate, article, &yeokv1.TranslateArticleResponse{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, bad := range []string{`{"새벽전자": 1}`, `{"source": {"text": "새벽전자}`, `{"articleId": "새벽전자가 충북", "source": {"text": "x"}}`, `{"targetLanguageCodes": ["새벽전자"]}`} {
		if _, code, _ := o.send(t, "POST", "/v1/articles:translate", []byte(bad)); code != http.StatusBadRequest {
			t.Errorf("POST %s = %d, want 400", bad, code)
		}
	}
	o.send(t, "GET", "/v1/articles/cms-1/translations/en", nil)
	o.send(t, "GET", "/v1/새벽전자", nil)
	o.send(t, "POST", "/v1/articles:streamTranslate", jsonOf(t, streamRequest), "Accept", "text/event-stream")
	secrets = []string{modelKey, strings.Split(texts[0], "_")[2], "새벽전자", "충북", "Saebyeok", "127.0.0.1:"}
	resp := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, o.gate, article, resp); err != nil {
		t.Fatal(err)
	}
	for _, tr := range resp.GetTranslations() {
		secrets = append(secrets, tr.GetTitle())
		for _, b := range tr.GetBlocks() {
			secrets = append(secrets, b.GetText())
		}
		for _, f := range tr.GetFindings() {
			secrets = append(secrets, f.GetMessage())
		}
	}
	return o, secrets
}

// TestMetrics scrapes a gateway that has been busy: all metrics are there, of
// their type and in good form, and count what happened.
func TestMetrics(t *testing.T) {
	o, _ := busy(t)
	body := o.scrape(t)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]dto.MetricType{}
	for name, family := range families {
		if strings.HasPrefix(name, "yeok_") {
			got[name] = family.GetType()
		}
	}
	if diff := cmp.Diff(metricTypes, got); diff != "" {
		t.Errorf("metrics of a busy gateway (-want +got):\n%s", diff)
	}
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint = %v, %v", problems, err)
	}
	for _, series := range []string{
		`yeok_findings_total{check="NUMBER",language="ja",severity="ERROR"}`,
		`yeok_repairs_total{language="ja",outcome="kept"}`,
		`yeok_model_calls_total{model="` + llmtest.Model + `",outcome="ok"}`,
		`yeok_model_calls_total{model="` + llmtest.Model + `",outcome="transient"}`,
		`yeok_model_cost_usd_total{model="` + llmtest.Model + `"}`,
		`yeok_model_tokens_total{kind="completion",model="` + llmtest.Model + `"}`,
		`yeok_model_first_token_seconds_count{model="` + llmtest.Model + `"}`,
		`yeok_model_queue_seconds_count{model="` + llmtest.Model + `"}`,
		`yeok_recalls_total{language="en",outcome="miss"}`,
		`yeok_recalls_total{language="en",outcome="hit"}`,
		`yeok_cache_reads_total{outcome="hit",tier="memory"}`,
		`yeok_calls_total{code="InvalidArgument",method="TranslateArticle"}`,
		`yeok_calls_total{code="NotFound",method="unknown"}`,
	} {
		if metric(t, o.gate, series) <= 0 {
			t.Errorf("%s counts nothing", series)
		}
	}
	for _, series := range []string{`yeok_calls_in_flight`, `yeok_flights`, `yeok_model_calls_in_flight{model="` + llmtest.Model + `"}`} {
		if got := metric(t, o.gate, series); got != 0 {
			t.Errorf("%s = %v at rest", series, got)
		}
	}
	if !strings.Contains(body, `yeok_cache_reads_total{outcome="miss",tier="file"}`) || !strings.Contains(body, `version="1.2.3"`) {
		t.Error("neither the file nor the version is told of")
	}
}

// TestTextsAreNeverTold looks for the article, its translations, what the checks
// say of them, keys and addresses in all that an operator sees. (What callers are
// told of keys is in TestKeysAreNeverTold.)
func TestTextsAreNeverTold(t *testing.T) {
	o, secrets := busy(t)
	var spans strings.Builder
	for _, s := range o.spans.Ended() {
		fmt.Fprintln(&spans, s.Name(), s.Status(), s.Attributes(), s.Events(), s.Links())
	}
	// Models are named by the operator, and his log and traces may say where they are.
	log := strings.ReplaceAll(o.log.String(), `\"`, `"`)
	for _, secret := range secrets {
		if len(secret) < 4 { // a title of a few digits is in every number
			continue
		}
		for where, text := range map[string]string{"log": log, "metrics": o.scrape(t), "spans": spans.String()} {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%q stands in the %s: %.200s", secret, where, text[max(0, at-150):])
			}
		}
	}
}

// TestRequestIDs: what a caller names his call comes back and is logged, at both
// doors, whatever becomes of the call; a call without a name gets one, unless its
// answer is stored.
func TestRequestIDs(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	o := observe(t, server.Config{}, modelAt(llm))
	good := jsonOf(t, &yeokv1.TranslateArticleRequest{Source: text(page)})
	seen := map[string]bool{}
	for path, body := range map[string][]byte{
		"/v1/articles:translate":       good,
		"/v1/articles:clean":           []byte("{"),
		"/v1/articles:streamTranslate": jsonOf(t, streamRequest),
		"/v1/nothing":                  []byte("{}"),
	} {
		for range 3 { // the third is answered with stored bytes, where answers are stored
			answer, code, header := o.send(t, "POST", path, body, "X-Request-Id", "call-of/"+path)
			if got := strings.Count(string(answer), `"requestId":"call-of/`+path+`"`); got != 1 && code != http.StatusOK || got != 0 && code == http.StatusOK {
				t.Errorf("%s: an answer with %d names the call %d times: %s", path, code, got, answer)
			}
			if got := header.Values("X-Request-Id"); !slices.Equal(got, []string{"call-of/" + path}) {
				t.Errorf("%s: X-Request-Id = %q, want the caller's", path, got)
			}
			_, _, header = o.send(t, "POST", path, body, "Accept", "text/event-stream")
			got := header.Get("X-Request-Id")
			if got == "" && header.Get("Cache-Status") == "yeok; hit" {
				continue // a stored answer is rarely logged, so it has a name only if it brought one
			}
			if len(got) < 8 || seen[got] {
				t.Errorf("%s: X-Request-Id = %q, not one of its own", path, got)
			}
			seen[got] = true
		}
		if !strings.Contains(o.log.String(), `"request":"call-of/`+path+`"`) {
			t.Errorf("%s: the log does not name the call", path)
		}
	}
	for _, bad := range []string{strings.Repeat("x", 129), "two words", `quo"te`, "기사"} {
		if _, _, header := o.send(t, "GET", "/v1/languages", nil, "X-Request-Id", bad); header.Get("X-Request-Id") == bad || header.Get("X-Request-Id") == "" {
			t.Errorf("X-Request-Id %q is answered with %q, want one of ours", bad, header.Get("X-Request-Id"))
		}
	}
	var header metadata.MD
	for range 4 { // the last one is answered with stored bytes
		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "of-grpc")
		if _, err := o.grpc.TranslateArticle(ctx, &yeokv1.TranslateArticleRequest{Source: text(page)}, grpc.Header(&header)); err != nil {
			t.Fatal(err)
		}
		if got := header.Get("x-request-id"); !slices.Equal(got, []string{"of-grpc"}) {
			t.Errorf("gRPC call with an id, %s: x-request-id = %q", header.Get("cache-status"), got)
		}
	}
	for _, id := range []string{"", "of-grpc"} {
		var header metadata.MD
		ctx := t.Context()
		if id != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "x-request-id", id)
		}
		if _, err := o.grpc.CleanArticle(ctx, &yeokv1.CleanArticleRequest{Source: text(page)}, grpc.Header(&header)); err != nil {
			t.Fatal(err)
		}
		if got := header.Get("x-request-id"); len(got) != 1 || id != "" && got[0] != id || got[0] == "" {
			t.Errorf("gRPC call with the id %q: x-request-id = %q", id, got)
		}
	}
}

// TestLog has every miss and every error in a line of its own, and hits in one a
// second.
func TestLog(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	o := observe(t, server.Config{}, modelAt(llm))
	req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}
	start := time.Now()
	for range 2 {
		mustCall(t, o.gate, req) // a miss, and a hit that is stored from then on
	}
	const hits = 20
	for _, door := range doors {
		for range hits {
			if err := door.call(t, o.gate, req, &yeokv1.TranslateArticleResponse{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	llm.Fail(llmtest.Rule{Fault: llmtest.Unauthorized})
	for i := range 3 {
		_ = callGRPC(t, o.gate, &yeokv1.TranslateTextRequest{Texts: []string{fmt.Sprint("가나다라 ", i)}, TargetLanguageCode: "en"}, &yeokv1.TranslateTextResponse{})
	}
	calls := o.lines(t, "call")
	stored := 0
	for _, line := range calls {
		if line["stored"] == true {
			stored++
		}
	}
	// The first over HTTP may not find what is stored for gRPC.
	if others := len(calls) - stored; others != 2 && others != 3 {
		t.Errorf("the log has %d lines of calls that were not stored, want 2 or 3: %v", others, calls)
	}
	if most := int(time.Since(start)/time.Second) + 1; stored < 1 || stored > most {
		t.Errorf("the log has %d lines of %d hits, want 1 to %d", stored, 2*hits, most)
	}
	failed := o.lines(t, "call failed")
	if len(failed) != 3 {
		t.Errorf("the log has %d lines of 3 failures: %v", len(failed), failed)
	}
	for _, line := range slices.Concat(calls, failed) {
		if line["stored"] != true && (line["request"] == "" || line["trace"] == nil || line["method"] == "") {
			t.Errorf("a line lacks its request, trace or method: %v", line)
		}
	}
}

const caller = "0af7651916cd43dd8448eb211c80319c"

// TestTrace follows one call through its phases, at both doors, under the trace
// that the caller began and on to the model.
func TestTrace(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			o := observe(t, server.Config{}, modelAt(llm))
			req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en", "ja"}}
			header := []string{"traceparent", "00-" + caller + "-b7ad6b7169203331-01"}
			if err := door.call(t, o.gate, req, &yeokv1.TranslateArticleResponse{}, header...); err != nil {
				t.Fatal(err)
			}
			call := one(t, o.spans.Ended(), "yeok.v1.TranslationService/TranslateArticle")
			if call.SpanKind() != trace.SpanKindServer || call.Parent().SpanID().String() != "b7ad6b7169203331" {
				t.Errorf("the call's span has kind %v, parent %s", call.SpanKind(), call.Parent().SpanID())
			}
			parents := map[string]string{}
			number := map[string]int{}
			for _, s := range o.spans.Ended() {
				number[s.Name()]++
				if s.SpanContext().TraceID().String() != caller {
					t.Errorf("%s is in the trace %s, not the caller's", s.Name(), s.SpanContext().TraceID())
				}
				for _, parent := range o.spans.Ended() {
					if parent.SpanContext().SpanID() == s.Parent().SpanID() {
						parents[s.Name()] = parent.Name()
					}
				}
			}
			root := call.Name()
			if diff := cmp.Diff(map[string]string{
				"clean": root, "recall": root, "translate": root,
				"chat " + llmtest.Model: "translate", "check": "translate", "store": "translate",
			}, parents); diff != "" {
				t.Errorf("phases and what they are part of (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]int{
				root: 1, "clean": 1, "recall": 2, "translate": 2, "chat " + llmtest.Model: 2, "check": 2, "store": 2,
			}, number); diff != "" {
				t.Errorf("spans by name (-want +got):\n%s", diff)
			}
			if got := llm.Requests()[0].Header.Get("Traceparent"); !strings.Contains(got, caller) {
				t.Errorf("the model got traceparent %q", got)
			}
		})
	}
}

func one(t *testing.T, spans []sdktrace.ReadOnlySpan, name string) sdktrace.ReadOnlySpan {
	t.Helper()
	for _, s := range spans {
		if s.Name() == name {
			return s
		}
	}
	t.Fatalf("no span is named %s", name)
	return nil
}

// TestStreamsAreTraced: over HTTP, too, where the gateway does not pass heads on by
// itself.
func TestStreamsAreTraced(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	o := observe(t, server.Config{}, modelAt(llm))
	o.send(t, "POST", "/v1/articles:streamTranslate", jsonOf(t, streamRequest), "Accept", "text/event-stream", "Traceparent", "00-"+caller+"-b7ad6b7169203331-01")
	o.drain()
	if s := one(t, o.spans.Ended(), "yeok.v1.TranslationService/StreamTranslateArticle"); s.SpanContext().TraceID().String() != caller {
		t.Errorf("the stream is in the trace %s, not the caller's", s.SpanContext().TraceID())
	}
}

// TestStoredAnswersAreNotTraced: a hit costs what the network costs.
func TestStoredAnswersAreNotTraced(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	o := observe(t, server.Config{}, modelAt(llm))
	article := storedCalls()["TranslateArticle"]
	mustCall(t, o.gate, article.req.(*yeokv1.TranslateArticleRequest))
	for name, call := range storedCalls() {
		for _, door := range doors {
			for range 2 {
				if err := door.call(t, o.gate, call.req, proto.Clone(call.resp)); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			before := len(o.spans.Started())
			if err := door.call(t, o.gate, call.req, proto.Clone(call.resp)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := len(o.spans.Started()) - before; got != 0 {
				t.Errorf("%s over %s: a stored answer began %d spans", name, door.name, got)
			}
		}
	}
}

// TestProfilesAreOnTheAdminListenerOnly asks for them wherever somebody could.
func TestProfilesAreOnTheAdminListenerOnly(t *testing.T) {
	g := open(t, "", server.Limits{})
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/profile?seconds=1", "/debug/pprof/heap", "/debug/pprof/trace", "/debug/pprof/cmdline", "/debug/vars", "/metrics"} {
		for door, handler := range map[string]http.Handler{"the API": g.srv.HTTP(), "http.DefaultServeMux": http.DefaultServeMux} {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost"+path, nil))
			if w.Code != http.StatusNotFound && door == "the API" {
				t.Errorf("GET %s at %s = %d, want 404", path, door, w.Code)
			}
		}
	}
	w := httptest.NewRecorder()
	g.srv.Admin().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost/debug/pprof/", nil))
	if w.Code != http.StatusOK || !bytes.Contains(w.Body.Bytes(), []byte("goroutine")) {
		t.Errorf("GET /debug/pprof/ at the admin listener = %d", w.Code)
	}
}
