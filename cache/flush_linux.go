package cache

import (
	"errors"
	"io"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// flusher makes what was written into a file durable. In a file that does not grow
// it costs one flush of the disk: the times of the file, which nobody reads, stay
// behind. It is not safe for concurrent use.
//
// Who waits in fdatasync keeps his processor until the runtime takes it from him,
// some 200 µs later; where there is one only, nobody is served meanwhile. So the
// kernel is asked for it by its AIO, and says by an eventfd that it is done, for
// which a goroutine waits as for a connection. Where that cannot be had (a
// container that forbids it, a limit that is reached) fdatasync it is.
type flusher struct {
	file *os.File
	aio  *aio // nil if it cannot be had
}

func newFlusher(file *os.File) *flusher {
	a, err := newAIO(file)
	if err != nil {
		a = nil
	}
	return &flusher{file, a}
}

func (f *flusher) flush() error {
	if f.aio != nil {
		err := f.aio.flush()
		if !errors.Is(err, errNoAIO) {
			return err
		}
		f.close()
	}
	return unix.Fdatasync(int(f.file.Fd()))
}

// close ends the flusher, not the file.
func (f *flusher) close() {
	if f.aio != nil {
		f.aio.close()
		f.aio = nil
	}
}

// errNoAIO is returned when the kernel did not take a request.
var errNoAIO = errors.New("no AIO")

// aio is a queue of the kernel for one request at a time, io_setup(2).
type aio struct {
	queue   uintptr
	done    *os.File // the eventfd
	request [1]*aioRequest
	event   aioEvent
}

// aioRequest is struct iocb.
type aioRequest struct {
	_               uint64    // what the event repeats
	_               [2]uint32 // key and flags of the kernel's
	operation       uint16
	_               int16 // priority
	file            uint32
	_               [4]uint64 // buffer, size, offset, and one that is reserved
	flags, resultFD uint32
}

// aioEvent is struct io_event.
type aioEvent struct {
	_      [2]uint64 // which request it is about
	result int64
	_      int64
}

// Of linux/aio_abi.h.
const (
	aioFdatasync  = 3 // IOCB_CMD_FDSYNC
	aioToResultFD = 1 // IOCB_FLAG_RESFD
)

func newAIO(file *os.File) (*aio, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, err
	}
	a := &aio{done: os.NewFile(uintptr(fd), "flushed")}
	a.request[0] = &aioRequest{operation: aioFdatasync, file: uint32(file.Fd()), flags: aioToResultFD, resultFD: uint32(fd)}
	if _, _, errno := unix.Syscall(unix.SYS_IO_SETUP, 1, uintptr(unsafe.Pointer(&a.queue)), 0); errno != 0 {
		return nil, errors.Join(errno, a.done.Close())
	}
	return a, nil
}

func (a *aio) flush() error {
	taken, _, _ := unix.Syscall(unix.SYS_IO_SUBMIT, a.queue, 1, uintptr(unsafe.Pointer(&a.request)))
	if taken != 1 {
		return errNoAIO
	}
	var times [8]byte
	_, _ = io.ReadFull(a.done, times[:]) // without it the next call waits
	for {
		switch n, _, errno := unix.Syscall6(unix.SYS_IO_GETEVENTS, a.queue, 1, 1, uintptr(unsafe.Pointer(&a.event)), 0, 0); {
		case n == 1:
			return a.verdict()
		case errno != unix.EINTR:
			return errno
		}
	}
}

// verdict is how the request went.
func (a *aio) verdict() error {
	if a.event.result < 0 {
		return unix.Errno(-a.event.result)
	}
	return nil
}

func (a *aio) close() {
	_, _, _ = unix.Syscall(unix.SYS_IO_DESTROY, a.queue, 0, 0) // nothing is left in it
	_ = a.done.Close()
}
