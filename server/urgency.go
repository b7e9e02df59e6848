package server

import (
	"sync"
	"sync/atomic"
	"time"
)

// urgency says of each flight whether anybody waits for it. A flight that batch
// work began becomes urgent when somebody joins it who waits.
type urgency struct {
	longest time.Duration // no flight is older

	mu    sync.Mutex
	noted map[string]*note // by the flight's key
	most  int              // notes until the next sweep
}

// note is about one flight.
type note struct {
	urgent atomic.Bool
	at     time.Time // of the last who noted himself
}

// fewNotes are not worth a sweep.
const fewNotes = 64

// of notes who is about to join the flight of that key, and returns what says
// whether it is batch work still.
func (u *urgency) of(key string, batch bool) func() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := u.noted[key]
	if n == nil {
		u.sweep()
		n = &note{}
		u.noted[key] = n
	}
	n.at = time.Now()
	if !batch {
		n.urgent.Store(true)
	}
	return func() bool { return !n.urgent.Load() }
}

// sweep removes notes about flights that are over. Who notes himself when a flight
// is about to end leaves one behind, since nobody forgets it.
func (u *urgency) sweep() {
	if u.noted == nil {
		u.noted, u.most = make(map[string]*note), fewNotes
	}
	if len(u.noted) < u.most {
		return
	}
	for key, n := range u.noted {
		if time.Since(n.at) > u.longest {
			delete(u.noted, key)
		}
	}
	u.most = max(2*len(u.noted), fewNotes)
}

// forget is called when the flight is over.
func (u *urgency) forget(key string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.noted, key)
}
