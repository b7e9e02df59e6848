package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// TestACallerWhoDoesNotReadIsCut writes to a connection whose other end takes
// nothing until the buffers between them are full.
func TestACallerWhoDoesNotReadIsCut(t *testing.T) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := patient{plain, 50 * time.Millisecond}
	defer l.Close()
	caller, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer caller.Close()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	piece := make([]byte, 1<<20)
	for range 64 { // more than the buffers of any system hold
		if _, err = conn.Write(piece); err != nil {
			break
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("64 MB to a caller who reads nothing: %v, want a deadline", err)
	}
}

// TestGatheredWritesKeepTheirOrder writes small and large pieces, gathered and
// not, and reads them back.
func TestGatheredWritesKeepTheirOrder(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	conn := &patientConn{Conn: near, limit: time.Minute}
	var want []byte
	write := func(size int, fill byte) {
		piece := bytes.Repeat([]byte{fill}, size)
		want = append(want, piece...)
		if n, err := conn.Write(piece); n != size || err != nil {
			t.Errorf("Write of %d bytes = %d, %v", size, n, err)
		}
	}
	got := make(chan []byte)
	go func() {
		all, _ := io.ReadAll(far)
		got <- all
	}()
	write(10, 'a')
	conn.Gather()
	write(20, 'b')
	write(gatherBytes-10, 'c') // does not fit any more
	write(30, 'd')
	conn.Gather()
	write(40, 'e')
	if err := conn.Release(); err != nil {
		t.Error(err)
	}
	write(50, 'f')
	if err := conn.Release(); err != nil {
		t.Errorf("Release of nothing = %v", err)
	}
	near.Close()
	if all := <-got; !bytes.Equal(all, want) {
		t.Errorf("%d bytes arrived, want %d in their order", len(all), len(want))
	}
}

// TestSpaceCollections: a small heap is collected when it has grown by a fixed room,
// not whenever it has doubled; GOGC wins.
func TestSpaceCollections(t *testing.T) {
	percent := func() int {
		now := debug.SetGCPercent(100)
		debug.SetGCPercent(now)
		return now
	}
	runtime.GC() // so that it is known what is alive
	stop := spaceCollections(func(string) string { return "" })
	if got := percent(); got <= 100 {
		t.Errorf("with little alive GOGC is %d, want more than 100", got)
	}
	goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(goal)
	if room := goal[0].Value.Uint64() - goal[1].Value.Uint64(); room < garbageRoom*3/4 || room > garbageRoom*5/4 {
		t.Errorf("between two collections there is room for %d bytes, want about %d", room, garbageRoom)
	}
	stop()
	if got := percent(); got != 100 {
		t.Errorf("after stop GOGC is %d, want 100", got)
	}
	spaceCollections(func(string) string { return "50" })()
	if got := percent(); got != 100 {
		t.Errorf("with GOGC set by the operator it is %d, want it left at 100", got)
	}
}

// TestInsertedLinesStandBehindTheFirst writes heads and bodies, gathered and not,
// and reads them back.
func TestInsertedLinesStandBehindTheFirst(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	conn := &patientConn{Conn: near, limit: time.Minute}
	got := make(chan string)
	go func() {
		all, _ := io.ReadAll(far)
		got <- string(all)
	}()
	write := func(text string) {
		if n, err := conn.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("Write(%q) = %d, %v", text, n, err)
		}
	}
	conn.Insert([]byte("Age: 1\r\n"))
	write("HTTP/1.1 304\r\nDate: now\r\n\r\n")
	conn.Insert([]byte("Age: 2\r\n"))
	conn.Gather()
	write("HTTP/1.1 200\r\n\r\n")
	write("one\ntwo")
	if err := conn.Release(); err != nil {
		t.Error(err)
	}
	write("HTTP/1.1 200\r\n\r\n")
	near.Close()
	const want = "HTTP/1.1 304\r\nAge: 1\r\nDate: now\r\n\r\n" + "HTTP/1.1 200\r\nAge: 2\r\n\r\none\ntwo" + "HTTP/1.1 200\r\n\r\n"
	if all := <-got; all != want {
		t.Errorf("arrived %q, want %q", all, want)
	}
}
