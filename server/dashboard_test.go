package server_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// dashboard is what of deploy/grafana.json can go wrong.
type dashboard struct {
	Panels []struct {
		ID      int
		Title   string
		Targets []struct{ Expr, LegendFormat string }
	}
}

var (
	metricNames  = regexp.MustCompile(`\b(?:yeok|go|process)_[a-z_]+`)
	selectors    = regexp.MustCompile(`\{([^}]*)\}`)
	matcherNames = regexp.MustCompile(`([a-z]+)[=!]`)
	groupings    = regexp.MustCompile(`by \(([^)]*)\)`)
	legendNames  = regexp.MustCompile(`\{\{([a-z]+)\}\}`)
	rated        = regexp.MustCompile(`(?:rate|increase)\((\w+)`)
)

// TestDashboard holds the dashboard to the metrics that there are: every name, every
// label, and a rate of counters and histograms alone.
func TestDashboard(t *testing.T) {
	content, err := os.ReadFile("../deploy/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(content, &d); err != nil {
		t.Fatal(err)
	}
	o, _ := busy(t)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(o.scrape(t)))
	if err != nil {
		t.Fatal(err)
	}
	used, ids := map[string]bool{}, map[int]bool{}
	for _, p := range d.Panels {
		if ids[p.ID] {
			t.Errorf("panel %q has an id that another one has", p.Title)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			labels := []string{"instance", "le"}
			for _, name := range metricNames.FindAllString(target.Expr, -1) {
				f := familyOf(families, name)
				if f == nil {
					t.Errorf("panel %q: there is no metric %s", p.Title, name)
					continue
				}
				used[f.GetName()] = true
				labels = append(labels, labelsOf(f)...)
				isRated := slices.ContainsFunc(rated.FindAllStringSubmatch(target.Expr, -1), func(m []string) bool { return m[1] == name })
				if isRated != (f.GetType() != dto.MetricType_GAUGE) {
					t.Errorf("panel %q: %s is a %v, in %s", p.Title, name, f.GetType(), target.Expr)
				}
			}
			for _, name := range labelNames(target.Expr, target.LegendFormat) {
				if !slices.Contains(labels, name) {
					t.Errorf("panel %q: none of its metrics has the label %s: %s", p.Title, name, target.Expr)
				}
			}
		}
	}
	for name := range metricTypes {
		if !used[name] {
			t.Errorf("%s is on no panel", name)
		}
	}
}

// familyOf finds a metric by the name of one of its series.
func familyOf(families map[string]*dto.MetricFamily, name string) *dto.MetricFamily {
	if f := families[name]; f != nil {
		return f
	}
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		if f := families[strings.TrimSuffix(name, suffix)]; f != nil && f.GetType() == dto.MetricType_HISTOGRAM {
			return f
		}
	}
	return nil
}

func labelsOf(f *dto.MetricFamily) []string {
	var names []string
	for _, pair := range f.GetMetric()[0].GetLabel() {
		names = append(names, pair.GetName())
	}
	return names
}

// labelNames are the labels that an expression and its legend name.
func labelNames(expr, legend string) []string {
	var names []string
	for _, selector := range selectors.FindAllStringSubmatch(expr, -1) {
		for _, m := range matcherNames.FindAllStringSubmatch(selector[1], -1) {
			names = append(names, m[1])
		}
	}
	for _, by := range groupings.FindAllStringSubmatch(expr, -1) {
		for name := range strings.SplitSeq(by[1], ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	for _, m := range legendNames.FindAllStringSubmatch(legend, -1) {
		names = append(names, m[1])
	}
	return names
}
