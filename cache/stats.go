package cache

import "fmt"

// Stats says how full a cache is and how its tiers do. Hits, misses and errors
// count from [Open].
type Stats struct {
	// Entries and Bytes are what is remembered: its number, and the size of
	// its keys and records.
	Entries int64
	Bytes   int64

	// FileBytes is the size of the file, FreeBytes the part of it that new
	// entries fill before the file grows. The file shrinks by Compact alone.
	// Both are zero if the cache is memory only.
	FileBytes int64
	FreeBytes int64

	// MemoryEntries and MemoryBytes are what the memory tier holds, with its
	// bookkeeping.
	MemoryEntries int64
	MemoryBytes   int64

	Memory Tier
	File   Tier
}

// Tier counts what one tier was asked.
type Tier struct {
	Hits   uint64
	Misses uint64
	// Errors are reads and writes that failed, damaged records included. A
	// read that failed was a miss to its caller.
	Errors uint64
}

// Stats reports the state of now.
func (c *Cache) Stats() (Stats, error) {
	if c.closed.Load() {
		return Stats{}, ErrClosed
	}
	c.memory.CleanUp() // evicts what is over the bound and not evicted yet
	s := Stats{
		MemoryEntries: int64(c.memory.EstimatedSize()),
		MemoryBytes:   int64(c.memory.WeightedSize()),
		Memory:        Tier{Hits: c.memoryHits.Load(), Misses: c.memoryMisses.Load()},
		File:          Tier{Hits: c.fileHits.Load(), Misses: c.fileMisses.Load(), Errors: c.fileErrors.Load()},
	}
	if c.store == nil {
		found, bytes := c.inMemory(nil)
		s.Entries, s.Bytes = int64(len(found)), bytes
		return s, nil
	}
	if err := c.store.stats(&s); err != nil {
		return Stats{}, fmt.Errorf("cache: %w", err)
	}
	return s, nil
}
