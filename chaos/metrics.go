package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// metric reads one sample from the gateway's metrics; 0 if it is not there.
func (g *gateway) metric(ctx context.Context, name string) (float64, error) {
	yeok, _ := g.now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+yeok.Admin+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	resp, err := web.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	if !strings.Contains(string(text), "\n"+name) && resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("metrics: %s", resp.Status)
	}
	return 0, nil
}
