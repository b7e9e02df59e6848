package server

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestGatheredWritesKeepTheirOrder writes small and large pieces, gathered and
// not, and reads them back.
func TestGatheredWritesKeepTheirOrder(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := &conn{Conn: near}
	var want []byte
	write := func(size int, fill byte) {
		piece := bytes.Repeat([]byte{fill}, size)
		want = append(want, piece...)
		if n, err := c.Write(piece); n != size || err != nil {
			t.Errorf("Write of %d bytes = %d, %v", size, n, err)
		}
	}
	got := make(chan []byte)
	go func() {
		all, _ := io.ReadAll(far)
		got <- all
	}()
	write(10, 'a')
	c.gather()
	write(20, 'b')
	write(gatherBytes-10, 'c') // does not fit any more
	write(30, 'd')
	c.gather()
	write(40, 'e')
	if err := c.flush(); err != nil {
		t.Error(err)
	}
	write(50, 'f')
	if err := c.flush(); err != nil {
		t.Errorf("flush of nothing = %v", err)
	}
	near.Close()
	if all := <-got; !bytes.Equal(all, want) {
		t.Errorf("%d bytes arrived, want %d in their order", len(all), len(want))
	}
}

// TestInsertedLinesStandBehindTheFirst writes heads and bodies, gathered and not,
// and reads them back.
func TestInsertedLinesStandBehindTheFirst(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := &conn{Conn: near}
	got := make(chan string)
	go func() {
		all, _ := io.ReadAll(far)
		got <- string(all)
	}()
	write := func(text string) {
		if n, err := c.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("Write(%q) = %d, %v", text, n, err)
		}
	}
	c.insert([]byte("Age: 1\r\n"))
	write("HTTP/1.1 304\r\nDate: now\r\n\r\n")
	c.insert([]byte("Age: 2\r\n"))
	c.gather()
	write("HTTP/1.1 200\r\n\r\n")
	write("one\ntwo")
	if err := c.flush(); err != nil {
		t.Error(err)
	}
	write("HTTP/1.1 200\r\n\r\n")
	near.Close()
	const want = "HTTP/1.1 304\r\nAge: 1\r\nDate: now\r\n\r\n" + "HTTP/1.1 200\r\nAge: 2\r\n\r\none\ntwo" + "HTTP/1.1 200\r\n\r\n"
	if all := <-got; all != want {
		t.Errorf("arrived %q, want %q", all, want)
	}
}

// TestRepeatsSurvivePanics has a server that lacks all it needs.
func TestRepeatsSurvivePanics(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	lines := []byte("\r\nHost: localhost\r\n\r\n")
	c := &conn{Conn: near, s: &Server{log: slog.New(slog.DiscardHandler), routes: routesOf()}, repeats: repeats{known: [2]manner{{before: lines}}}}
	if _, err := c.answerAll(append([]byte("GET /v1/articles/cms-1 HTTP/1.1"), lines...)); !errors.Is(err, errPanicked) {
		t.Errorf("answerAll = %v, want errPanicked", err)
	}
}

func TestDates(t *testing.T) {
	var d dates
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.FixedZone("", 9*60*60))
	for range 3 {
		want := "Date: " + at.UTC().Format(http.TimeFormat) + "\r\n\r\n"
		for range 2 {
			if got := string(d.line(at)); got != want {
				t.Errorf("line(%s) = %q, want %q", at, got, want)
			}
		}
		at = at.Add(time.Second)
	}
}
