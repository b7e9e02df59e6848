package main

import (
	"log/slog"
	"strings"
	"testing"
)

// TestWebLog leaves out who it was.
func TestWebLog(t *testing.T) {
	for line, want := range map[string]string{
		"http: TLS handshake error from 192.0.2.7:51234: EOF":                  `level=DEBUG msg=connection error="http: TLS handshake error from a client: EOF"`,
		"http: TLS handshake error from [2001:db8::7%eth0]:51234: EOF":         `level=DEBUG msg=connection error="http: TLS handshake error from a client: EOF"`,
		"http: panic serving 192.0.2.7:51234: a line\ngoroutine 7":             `level=ERROR msg=connection error="http: panic"`,
		"http2: panic serving 192.0.2.7:51234: a line\ngoroutine 7":            `level=ERROR msg=connection error="http: panic"`,
		"http: superfluous response.WriteHeader call from main.f (main.go:12)": `level=DEBUG msg=connection error="http: superfluous response.WriteHeader call from main.f (main.go:12)"`,
	} {
		var said strings.Builder
		to := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
		webLog(to).Print(line)
		if _, got, _ := strings.Cut(strings.TrimSpace(said.String()), " "); got != want {
			t.Errorf("webLog of %q:\n got %s\nwant %s", line, got, want)
		}
	}
}
