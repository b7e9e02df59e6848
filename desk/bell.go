package desk

import (
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
type bell struct{ rope, clapper *os.File }

func newBell(answered func()) (*bell, error) {
	clapper, rope, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	b := &bell{rope, clapper}
	go b.answer(answered)
	return b, nil
}

func (b *bell) answer(answered func()) {
	defer func() { _ = b.clapper.Close() }() // nothing was written to it
	for one := make([]byte, 1); ; {
		if _, err := io.ReadFull(b.clapper, one); err != nil {
			return
		}
		runtime.Gosched() // behind those who were woken with us
		answered()
	}
}

// ring reports whether it will be answered.
func (b *bell) ring() bool {
	_, err := b.rope.Write([]byte{0})
	return err == nil
}

func (b *bell) close() error { return b.rope.Close() }
