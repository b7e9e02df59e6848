package cache

import (
	"errors"
	"sync"
	"time"
)

const (
	// owedPause is the time between two tries to store what the store refused.
	owedPause = 3 * time.Second

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
	moving sync.Mutex // held while entries are handed over, and by who deletes
	stop   chan struct{}
	paying sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	running bool // somebody tries, until nothing is owed
	owed    int  // entries that were refused since the last try
}

// owe notes that an entry is in memory alone.
func (c *Cache) owe() {
	d := &c.debts
	d.mu.Lock()
	defer d.mu.Unlock()
	d.owed++
	if !d.running && !d.closed {
		d.running = true
		d.paying.Go(c.payDebts)
	}
}

// payDebts tries until nothing is owed, or the store is one that never takes
// anything.
func (c *Cache) payDebts() {
	d := &c.debts
	for {
		select {
		case <-d.stop:
			return
		case <-time.After(owedPause):
		}
		d.mu.Lock()
		d.owed = 0
		d.mu.Unlock()
		err := c.handOver()
		if errors.Is(err, ErrReadOnly) {
			return
		}
		d.mu.Lock()
		if err == nil && d.owed == 0 {
			d.running = false
			d.mu.Unlock()
			return
		}
		d.mu.Unlock()
	}
}

// handOver stores what is owed.
func (c *Cache) handOver() error {
	c.debts.moving.Lock()
	defer c.debts.moving.Unlock()
	var batch []change
	size := 0
	deliver := func() error {
		_, err := c.store.add(batch)
		if err != nil {
			c.storeTier.errors.Add(1)
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

// close ends the tries.
func (d *debts) close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	close(d.stop)
	d.paying.Wait()
}
