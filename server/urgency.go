package server

import (
	"sync"
	"sync/atomic"
)

// urgency says of each flight whether anybody waits for it. A flight that batch
// work began becomes urgent when somebody joins it who waits.
type urgency struct {
	flights sync.Map // of *atomic.Bool, by the flight's key
}

// of notes who is about to join the flight of that key, and returns what says
// whether it is batch work still.
func (u *urgency) of(key string, batch bool) func() bool {
	flag, _ := u.flights.LoadOrStore(key, new(atomic.Bool))
	urgent, ok := flag.(*atomic.Bool)
	if ok && !batch {
		urgent.Store(true)
	}
	return func() bool { return ok && !urgent.Load() }
}

// forget is called when the flight is over. Who notes himself just after that and
// still joins leaves a flag behind, until that key flies again.
func (u *urgency) forget(key string) { u.flights.Delete(key) }
