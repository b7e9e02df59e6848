package desk

import (
	"errors"
	"io"
	"os"
	"runtime"
)

// bell is answered after the network was looked at, and not before.
//
// It is a pipe that a goroutine reads. That one is woken by the look at the network
// itself, together with everybody for whom something has come, and lets these go
// first. Nothing else does it: runtime.Gosched comes back before the network is
// looked at, and the shortest sleep of a processor that has nothing else to do is a
// millisecond.
//
// There are two pipes, since whoever reads what he has written himself does not
// wait: for another look the one rings the other.
type bell struct{ ropes [2]*os.File }

// newBell makes a bell. answered says whether the network is to be looked at again.
func newBell(answered func() (again bool)) (*bell, error) {
	b := &bell{}
	var clappers [2]*os.File
	for i := range b.ropes {
		var err error
		if clappers[i], b.ropes[i], err = os.Pipe(); err != nil {
			if i > 0 {
				_, _ = clappers[0].Close(), b.ropes[0].Close()
			}
			return nil, err
		}
	}
	for i, clapper := range clappers {
		go b.answer(clapper, b.ropes[1-i], answered)
	}
	return b, nil
}

func (b *bell) answer(clapper, other *os.File, answered func() bool) {
	defer func() { _ = clapper.Close() }() // nothing was written to it
	for one := make([]byte, 1); ; {
		if _, err := io.ReadFull(clapper, one); err != nil {
			return
		}
		runtime.Gosched() // behind those who were woken with us
		for answered() && !pull(other) {
			continue // the desk is closed: nobody looks
		}
	}
}

// ring reports whether it will be answered.
func (b *bell) ring() bool { return pull(b.ropes[0]) }

func pull(rope *os.File) bool {
	_, err := rope.Write([]byte{0})
	return err == nil
}

func (b *bell) close() error { return errors.Join(b.ropes[0].Close(), b.ropes[1].Close()) }
