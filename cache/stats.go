package cache

import (
	"fmt"
	"sync/atomic"
)

// Stats says how full a cache is and how its tiers do.
type Stats struct {
	// Entries and Bytes are what is remembered: its number, and the size of
	// its keys and records. What has expired counts until it is removed.
	Entries int64
	Bytes   int64

	// FileBytes is the size of the file, FreeBytes the part of it that new
	// entries fill before the file grows. The file shrinks by Compact alone.
	// Both are zero if the store is no file.
	FileBytes int64
	FreeBytes int64

	// MemoryEntries and MemoryBytes are what the memory tier holds, with its
	// bookkeeping.
	MemoryEntries int64
	MemoryBytes   int64

	Counters
}

// Counters are what the parts of a cache did since [Open].
type Counters struct {
	Memory Tier
	File   Tier // the store under the memory: the file, or the Redis in its place
	Leases LeaseCounters
}

// Tier counts what one tier was asked.
type Tier struct {
	Hits   uint64
	Misses uint64
	// Errors are reads and writes that failed, damaged records included. A
	// read that failed was a miss to its caller.
	Errors uint64
}

type tierCounters struct{ hits, misses, errors atomic.Uint64 }

func (t *tierCounters) load() Tier {
	return Tier{Hits: t.hits.Load(), Misses: t.misses.Load(), Errors: t.errors.Load()}
}

// StoreKind names what is under the memory: "file", "redis", or "" where nothing
// is.
func (c *Cache) StoreKind() string {
	switch c.store.(type) {
	case *journaledStore:
		return "file"
	case *redisStore:
		return "redis"
	}
	return ""
}

// Counters reports the counters alone, without a look into the store.
func (c *Cache) Counters() Counters {
	return Counters{Memory: c.memoryTier.load(), File: c.storeTier.load(), Leases: c.leases.counters()}
}

// Stats reports the state of now. A Redis is counted entry by entry, which takes
// seconds if there are millions: ask it for people, not for graphs.
func (c *Cache) Stats() (Stats, error) {
	if c.closed.Load() {
		return Stats{}, ErrClosed
	}
	s := Stats{Counters: c.Counters()}
	s.MemoryEntries, s.MemoryBytes = c.memory.size()
	if c.store == nil {
		found, bytes := c.memory.tagged(nil)
		s.Entries, s.Bytes = int64(len(found)), bytes
		return s, nil
	}
	if err := c.store.stats(&s); err != nil {
		return Stats{}, fmt.Errorf("cache: %w", err)
	}
	return s, nil
}
