package main_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"yeok/internal/llmtest"
)

// collector is an OpenTelemetry collector over both protocols.
type collector struct {
	collectorpb.UnimplementedTraceServiceServer

	http, grpc string // base URLs

	mu    sync.Mutex
	spans []string // names
	all   strings.Builder
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	web := httptest.NewServer(c)
	t.Cleanup(web.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := grpc.NewServer()
	collectorpb.RegisterTraceServiceServer(srv, c)
	go func() { _ = srv.Serve(listener) }() // ends with Stop
	t.Cleanup(srv.Stop)
	c.http, c.grpc = web.URL, "http://"+listener.Addr().String()
	return c
}

func (c *collector) Export(_ context.Context, req *collectorpb.ExportTraceServiceRequest) (*collectorpb.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintln(&c.all, req)
	for _, resource := range req.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				c.spans = append(c.spans, span.GetName())
			}
		}
	}
	return &collectorpb.ExportTraceServiceResponse{}, nil
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unpacked
	}
	content, err := io.ReadAll(body)
	req := &collectorpb.ExportTraceServiceRequest{}
	if err != nil || proto.Unmarshal(content, req) != nil || r.URL.Path != "/v1/traces" {
		http.Error(w, "not understood", http.StatusBadRequest)
		return
	}
	_, _ = c.Export(r.Context(), req) // which does not fail
}

// translateText has one article translated over HTTP.
func translateText(t *testing.T, g *gateway) {
	t.Helper()
	resp, err := http.Post("http://"+g.addrs["http"]+"/v1/text:translate", "application/json",
		strings.NewReader(`{"texts":["새벽전자가 공장을 짓는다."],"targetLanguageCode":"en"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("text:translate = %d", resp.StatusCode)
	}
}

// TestTracesAreExported sends them to a collector as OpenTelemetry's variables say,
// the last ones when the gateway ends.
func TestTracesAreExported(t *testing.T) {
	for _, test := range []struct {
		env    func(*collector) []string
		traced bool
	}{
		{func(c *collector) []string { return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.http} }, true},
		{func(c *collector) []string {
			return []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + c.http + "/v1/traces", "OTEL_EXPORTER_OTLP_COMPRESSION=gzip"}
		}, true},
		{func(c *collector) []string {
			return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.grpc, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_TRACES_EXPORTER=otlp"}
		}, true},
		{func(c *collector) []string {
			return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.http, "OTEL_TRACES_SAMPLER=always_off"}
		}, false},
		{func(c *collector) []string {
			return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.http, "OTEL_TRACES_EXPORTER=none"}
		}, false},
		{func(c *collector) []string {
			return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.http, "OTEL_SDK_DISABLED=true"}
		}, false},
		{func(*collector) []string { return nil }, false},
	} {
		llm := llmtest.New(t, llmtest.Options{})
		c := newCollector(t)
		env := test.env(c)
		g := serve(t, call{dir: t.TempDir(), env: slices.Concat(modelEnv(llm), env, []string{"OTEL_RESOURCE_ATTRIBUTES=deployment=desk"})}, "--store=memory")
		translateText(t, g)
		g.signal(t, syscall.SIGTERM)
		if said, code := g.end(t); code != 0 || strings.Contains(said, "spans are lost") {
			t.Errorf("%q: exit %d, said %q", env, code, said)
		}
		c.mu.Lock()
		for _, want := range []string{"yeok.v1.TranslationService/TranslateText", "translate", "chat " + llmtest.Model} {
			if slices.Contains(c.spans, want) != test.traced {
				t.Errorf("%q: the collector got %q, want %q in it: %v", env, c.spans, want, test.traced)
			}
		}
		all := c.all.String()
		for _, want := range []string{`"service.name"`, `"yeok"`, "v9.9.9-test", "desk"} {
			if strings.Contains(all, want) != test.traced {
				t.Errorf("%q: the collector is told of %s: %v", env, want, !test.traced)
			}
		}
		if strings.Contains(all, "새벽전자") {
			t.Errorf("%q: the collector was told the text", env)
		}
		c.mu.Unlock()
	}
}

// TestCollectorAway has calls answered and the gateway end although nobody takes
// its spans: the port is closed, or there is somebody who says nothing.
func TestCollectorAway(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, at := range map[string]string{"closed": "127.0.0.1:1", "silent": silent.Addr().String()} {
		for _, protocol := range []string{"http/protobuf", "grpc"} {
			llm := llmtest.New(t, llmtest.Options{})
			g := serve(t, call{dir: t.TempDir(), env: slices.Concat(modelEnv(llm), []string{
				"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + at, "OTEL_EXPORTER_OTLP_PROTOCOL=" + protocol, "OTEL_BSP_SCHEDULE_DELAY=10",
			})}, "--store=memory")
			translateText(t, g)
			g.signal(t, syscall.SIGTERM)
			if said, code := g.end(t); code != 0 || strings.Count(said, "spans are lost") > 1 {
				t.Errorf("collector %s over %s: exit %d, said %q", name, protocol, code, said)
			}
		}
	}
}

// TestTraceMisuse is told with all other mistakes.
func TestTraceMisuse(t *testing.T) {
	for _, test := range []struct{ env, want string }{
		{"OTEL_TRACES_EXPORTER=zipkin", `OTEL_TRACES_EXPORTER: "zipkin" is not otlp or none`},
		{"OTEL_EXPORTER_OTLP_PROTOCOL=http/json", `OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" is not http/protobuf or grpc`},
	} {
		got := call{dir: t.TempDir(), env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", test.env}}.run(t, "serve", "--drain-timeout=soon")
		if got.code != 2 || !strings.Contains(got.stderr, test.want) || !strings.Contains(got.stderr, "drain-timeout") {
			t.Errorf("yeok serve with %s: exit %d, stderr %q", test.env, got.code, got.stderr)
		}
	}
}
