package cache

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	// owedPause is the time between two tries to store what the store refused,
	// when a try fails.
	owedPause = 5 * time.Second

	// owedBatch bounds the bytes that one try hands over at a time.
	owedBatch = 4 << 20
)

// debts see to it that what the store refused, while it was full or away, gets
// there once it takes writes again. What was paid for then lay in the memory of one
// process, for others to pay again.
//
// Only what the store lacks is handed over: whoever wrote under the key in the
// meantime may know better.
type debts struct {
	moving  sync.Mutex  // held while entries are handed over, and by who deletes
	running atomic.Bool // a try is under way
	resting atomic.Int64
	tries   sync.WaitGroup

	mu     sync.Mutex // makes tries and closed agree
	closed bool
}

// payDebts tries, in the background, to store what is owed. It is called when the
// store has shown that it works, and costs next to nothing when nothing is owed.
func (c *Cache) payDebts() {
	d := &c.debts
	if c.memory.owed.Load() == 0 || time.Now().UnixNano() < d.resting.Load() || !d.running.CompareAndSwap(false, true) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.tries.Go(func() {
		defer d.running.Store(false)
		if c.handOver() != nil {
			d.resting.Store(time.Now().Add(owedPause).UnixNano())
		}
	})
}

// handOver stores what is owed.
func (c *Cache) handOver() error {
	c.debts.moving.Lock()
	defer c.debts.moving.Unlock()
	owed := c.memory.owed.Swap(0)
	var batch []change
	size := 0
	deliver := func() error {
		_, err := c.store.add(batch)
		if err != nil {
			c.storeTier.errors.Add(1)
			c.memory.owed.Add(owed)
			return err
		}
		for _, ch := range batch {
			c.memory.settle(string(ch.key))
		}
		batch, size = nil, 0
		return nil
	}
	for key, h := range c.memory.copies.All() {
		if !h.unstored || h.expired() {
			continue
		}
		batch = append(batch, change{key: []byte(key), record: encodeRecord(key, h.Entry)})
		if size += recordLen(h.Entry); size >= owedBatch {
			if err := deliver(); err != nil {
				return err
			}
		}
	}
	if len(batch) == 0 {
		return nil
	}
	return deliver()
}

// close waits for a try that is under way, and lets none begin.
func (d *debts) close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.tries.Wait()
}
