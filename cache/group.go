package cache

import "sync"

// group lets many writers share few flushes of the disk. Whoever comes while one is
// in progress shares the next one, and a lone writer waits for none but its own.
// (bbolt's own Batch lets a lone writer wait for 10 ms.)
type group struct {
	mu      sync.Mutex
	waiting *batch // changes that wait for their turn
}

// batch is changes that are made durable together.
type batch struct {
	changes []change
	done    chan struct{} // closed when err is set
	err     error
}

// write returns when commit has made the changes durable, together with those of
// everybody who came until the turn was had. The turn is held meanwhile.
func (g *group) write(changes []change, turn sync.Locker, commit func([]change) error) error {
	b, leads := g.join(changes)
	if !leads {
		<-b.done
		return b.err
	}
	turn.Lock()
	g.mu.Lock()
	g.waiting = nil
	g.mu.Unlock()
	b.err = commit(b.changes)
	turn.Unlock()
	close(b.done)
	return b.err
}

// join adds changes to the batch that waits. Whoever begins one leads it.
func (g *group) join(changes []change) (b *batch, leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if leads = g.waiting == nil; leads {
		g.waiting = &batch{done: make(chan struct{})}
	}
	g.waiting.changes = append(g.waiting.changes, changes...)
	return g.waiting, leads
}
