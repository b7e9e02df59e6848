package main

import (
	"errors"
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
