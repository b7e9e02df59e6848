package main

import (
	"context"
	"log"
	"log/slog"
	"regexp"
	"strings"
)

// webLog is where net/http tells of connections that went wrong. By itself it
// writes to standard error in a form of its own, with the address of the client,
// which is nobody's business.
func webLog(to *slog.Logger) *log.Logger { return log.New(webLines{to}, "", 0) }

type webLines struct{ log *slog.Logger }

// clientAddress is an address and port as net/http writes them.
var clientAddress = regexp.MustCompile(`(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.%a-z]+\]):\d+`)

// Write takes one line. What strangers can cause at will, such as a handshake that
// fails, is for debugging alone. What was thrown in a panic is not repeated: it may
// be a line of an article. (The handlers tell of theirs by themselves, and where.)
func (w webLines) Write(line []byte) (int, error) {
	text := clientAddress.ReplaceAllString(strings.TrimSpace(string(line)), "a client")
	level := slog.LevelDebug
	if strings.HasPrefix(text, "http: panic") || strings.HasPrefix(text, "http2: panic") {
		level, text = slog.LevelError, "http: panic"
	}
	w.log.Log(context.Background(), level, "connection", "error", text)
	return len(line), nil
}
