package cache

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func flusherOf(t *testing.T, file *os.File, err error) *flusher {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	f := newFlusher(file)
	t.Cleanup(func() {
		f.close()
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// TestFlushHoldsNoProcessor: the kernel takes the request and says when it is done.
func TestFlushHoldsNoProcessor(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "f"))
	f := flusherOf(t, file, err)
	if f.aio == nil {
		t.Skip("NOT TESTED: there is no AIO here")
	}
	for range 3 {
		f.aio.event = aioEvent{result: -1}
		if _, err := file.WriteString("written"); err != nil {
			t.Fatal(err)
		}
		if err := f.flush(); err != nil {
			t.Errorf("flush() = %v", err)
		}
		if f.aio == nil || f.aio.event.result != 0 {
			t.Fatalf("flush() was not done by AIO: %+v", f.aio)
		}
	}
}

// TestFlushWithoutAIO: what the kernel does not take is flushed all the same.
func TestFlushWithoutAIO(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "f"))
	f := flusherOf(t, file, err)
	if f.aio != nil {
		f.aio.request[0].operation = 99
	}
	for range 2 {
		if err := f.flush(); err != nil || f.aio != nil {
			t.Errorf("flush() = %v, AIO left %t", err, f.aio != nil)
		}
	}
}

// TestFlushFails: a file that cannot be flushed is not taken for flushed.
func TestFlushFails(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	f := flusherOf(t, writer, nil)
	if err := f.flush(); !errors.Is(err, unix.EINVAL) {
		t.Errorf("flush() of a pipe = %v, want %v", err, unix.EINVAL)
	}
	a := &aio{event: aioEvent{result: -int64(unix.EIO)}}
	if err := a.verdict(); !errors.Is(err, unix.EIO) {
		t.Errorf("verdict() of a broken disk = %v, want %v", err, unix.EIO)
	}
}
