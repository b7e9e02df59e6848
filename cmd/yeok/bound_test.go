package main

import (
	"errors"
	"net"
	"os"
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
