// Package cache is yeok's memory: bytes by key, and one paid call per key.
//
// A [Cache] keeps what was paid for. Two tiers stand behind one door: a map in
// memory that is bounded by bytes, over a store that outlives the process, which
// is a file or a Redis that several gateways share. The store is the truth;
// memory holds what was read from it, and what it refused to take. So a tier
// that fails costs time or money, never a wrong answer: to a reader it is a
// miss and a number in [Counters].
//
// [Flights] sees to it that a key that is missing is paid for once, whoever
// asks and however often, and that the work outlives the caller who asked
// first. With [Leases] that holds among all gateways that share a Redis.
//
// Keys, values and tags are opaque here. Nothing in this package knows what an
// article or a language is.
package cache

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

var (
	// ErrInUse is returned by [Open] when another process holds the file.
	ErrInUse = errors.New("another process is using this store (a store belongs to one process at a time): " +
		"stop that process or choose another path")

	// ErrNotStore is returned by [Open] when the file is not a store of yeok.
	// The file is left as it was.
	ErrNotStore = errors.New("the file is not a yeok store: choose another path, or move the file away to start empty")

	// ErrDamaged is returned by [Open] when the file is a store that cannot be
	// read whole, for example because it was cut short. The file is left as
	// it was.
	ErrDamaged = errors.New("the store is damaged: put back a copy of it, or move the file away to start empty")

	// ErrFormat is returned by [Open] when the store was written by a yeok
	// whose format this one does not know. The file is left as it was.
	ErrFormat = errors.New("the store has a format that this yeok does not know: " +
		"use the yeok that wrote it, or move the file away to start empty")

	// ErrClosed is returned by every method that can fail, once Close was
	// called on the [Cache] or the [Flights].
	ErrClosed = errors.New("cache: closed")

	// ErrTooLarge is returned by Put and PutAll when a key is empty or longer
	// than [MaxKeyBytes], or a value longer than [MaxValueBytes].
	ErrTooLarge = errors.New("a key or value is outside of the limits")

	// ErrReadOnly is returned by every method that writes when the file can only
	// be read: see Options.Recover.
	ErrReadOnly = errors.New("the store can only be read")

	// ErrUnavailable is returned by every method that writes or counts when
	// the Redis behind the cache does not answer, or did not a moment ago. To
	// Get that is a miss.
	ErrUnavailable = errors.New("the shared store does not answer")
)

// The limits of one entry. bbolt sets the first; the second keeps one entry
// from filling the memory of a small machine.
const (
	MaxKeyBytes   = 32 << 10
	MaxValueBytes = 256 << 20
)

const defaultMemoryBytes = 64 << 20

// Options says where a [Cache] keeps its entries. The zero value is a cache in
// memory alone.
type Options struct {
	// Path is the file of the store, which is created if it is not there, with
	// its folder. Without a Path and a Redis nothing survives the process, and
	// what does not fit into memory is forgotten.
	Path string

	// Recover lets Open go on where it would return [ErrDamaged], or an error
	// of a disk that is full or cannot be written. A damaged file is renamed
	// and a new one begun with what can be read of it; one that cannot be written is only read; where there
	// is none and the disk is full or read-only, the cache is memory alone.
	// [Cache.Trouble] says which. It
	// is for a service, which must go on; a tool had better say what is wrong.
	Recover bool

	// Log is told when the file takes long to open, and why. It may be nil.
	Log *slog.Logger

	// Redis is the store that several processes share. It excludes Path.
	Redis Redis

	// MemoryBytes bounds the memory tier, keys and bookkeeping included.
	// Zero means 64 MiB.
	MemoryBytes int64

	// TTL is how long an entry lives that does not say when it expires. Zero
	// means for ever.
	TTL time.Duration
}

// Entry is one thing to remember.
type Entry struct {
	// Value is what Get answers. It is copied by Put.
	Value []byte

	// Tags are labels that [Cache.Purge] finds the entry by, such as
	// "language:en". They mean nothing to the cache.
	Tags []string

	// Expires is when the entry is forgotten, to the millisecond. Zero means
	// after Options.TTL.
	Expires time.Time
}

// Cache is the memory of one process. It is safe for concurrent use. It must
// be made by [Open].
type Cache struct {
	memory *memory
	store  store // nil if memory only
	leases *Leases
	ttl    time.Duration
	closed atomic.Bool
	sums   sums

	trouble error // see Trouble
	debts   debts

	memoryTier, storeTier tierCounters
}

// Trouble is what was wrong with the file when it was opened, and what was done
// about it; nil if nothing was. See Options.Recover.
func (c *Cache) Trouble() error { return c.trouble }

// Leases returns what keeps the flights of all processes apart that share this
// cache's store, or nil if no other process can share it.
func (c *Cache) Leases() *Leases { return c.leases }

// Ping reports whether the store answers. A file always does.
func (c *Cache) Ping() error {
	if c.closed.Load() {
		return ErrClosed
	}
	if shared, ok := c.store.(*redisStore); ok {
		if err := shared.ping(); err != nil {
			return fmt.Errorf("cache: %w", err)
		}
	}
	return nil
}

// TTL is how long an entry lives that does not say when it expires; zero is for
// ever.
func (c *Cache) TTL() time.Duration { return c.ttl }

// Put remembers the entry in place of what was there. When it returns nil the
// entry is in the store; in a file it survives a kill and a power cut. When the
// store cannot be written it says so, and the entry is kept in memory, so that
// this process need not pay for it again while it has room, and stored when the
// store takes writes again.
func (c *Cache) Put(key string, e Entry) error {
	err := c.PutAll(map[string]Entry{key: e})
	if err != nil && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrClosed) {
		c.memory.keepUnstored(key, c.dated(e))
		c.owe()
	}
	return err
}

// PutAll remembers all the entries or, if it returns an error, none of them;
// a crash in the middle leaves none either. While it runs, a reader may see
// some keys new and others still old. In a Redis cluster, whose servers do not
// act together, an error may leave some of them.
func (c *Cache) PutAll(entries map[string]Entry) error {
	if c.closed.Load() {
		return ErrClosed
	}
	for key, e := range entries {
		if err := checkLimits(key, e); err != nil {
			return err
		}
	}
	if c.store == nil {
		for key, e := range entries {
			c.memory.put(key, c.dated(e))
		}
		return nil
	}
	changes := make([]change, 0, len(entries))
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		changes = append(changes, change{key: []byte(key), record: encodeRecord(key, c.dated(entries[key]))})
	}
	return c.write(changes)
}

// dated gives the entry its end.
func (c *Cache) dated(e Entry) Entry {
	if e.Expires.IsZero() && c.ttl > 0 {
		e.Expires = time.Now().Add(c.ttl)
	}
	return e
}

func checkLimits(key string, e Entry) error {
	switch {
	case key == "":
		return fmt.Errorf("cache: %w: the key is empty", ErrTooLarge)
	case len(key) > MaxKeyBytes:
		return fmt.Errorf("cache: %w: a key of %d bytes, limit %d", ErrTooLarge, len(key), MaxKeyBytes)
	case recordLen(e) > MaxValueBytes:
		return fmt.Errorf("cache: %w: a value of %d bytes, limit %d", ErrTooLarge, len(e.Value), MaxValueBytes)
	}
	return nil
}

// Delete forgets the keys, all or, if it returns an error, none. A key that is
// not there is no error.
func (c *Cache) Delete(keys ...string) error {
	if c.closed.Load() {
		return ErrClosed
	}
	if c.store == nil {
		c.forget(keys)
		return nil
	}
	changes := make([]change, 0, len(keys))
	for _, key := range keys {
		changes = append(changes, change{key: []byte(key)})
	}
	c.debts.moving.Lock()
	defer c.debts.moving.Unlock()
	return c.write(changes)
}

// write changes the store and then drops the keys from memory, whose next
// reader finds what the store holds by then.
func (c *Cache) write(changes []change) error {
	if err := c.store.write(changes); err != nil {
		c.storeTier.errors.Add(1)
		return fmt.Errorf("cache: %w", err)
	}
	for _, ch := range changes {
		c.memory.drop(string(ch.key))
	}
	return nil
}

// Purge forgets every entry that has all of the tags; with no tags, every
// entry. It reports how many entries those are and how many bytes their keys
// and records take. A dry run only counts. It looks at every entry, which in a
// store of millions takes seconds; readers do not wait meanwhile.
func (c *Cache) Purge(tags []string, dryRun bool) (entries int, bytes int64, err error) {
	if c.closed.Load() {
		return 0, 0, ErrClosed
	}
	if !dryRun {
		c.debts.moving.Lock()
		defer c.debts.moving.Unlock()
	}
	found, bytes := c.memory.tagged(tags)
	if c.store == nil {
		if !dryRun {
			c.forget(found)
		}
		return len(found), bytes, nil
	}
	entries, bytes, err = c.store.purge(tags, dryRun, c.memory.drop)
	if err != nil {
		c.storeTier.errors.Add(1)
		return 0, 0, fmt.Errorf("cache: %w", err)
	}
	if !dryRun {
		c.forget(found) // an entry that a failed Put left in memory is not in the store
	}
	return entries, bytes, nil
}

func (c *Cache) forget(keys []string) {
	for _, key := range keys {
		c.memory.drop(key)
	}
}

func hasAll(have, want []string) bool {
	return !slices.ContainsFunc(want, func(tag string) bool { return !slices.Contains(have, tag) })
}

// Compact removes what has expired, and rewrites a file without its free pages.
// Reads go on meanwhile; writes wait. A crash in the middle leaves the old file
// in place. A Redis does all that by itself.
func (c *Cache) Compact() error {
	if c.closed.Load() {
		return ErrClosed
	}
	if c.store == nil {
		return nil
	}
	if err := c.store.compact(); err != nil {
		return fmt.Errorf("cache: compact: %w", err)
	}
	return nil
}

// Close ends the cache: waits for what is being written, and lets go of the
// store. Reads find nothing from then on. A second Close does nothing.
func (c *Cache) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	c.debts.close()
	c.memory.close()
	if c.store == nil {
		return nil
	}
	if err := c.store.close(); err != nil {
		return fmt.Errorf("cache: close: %w", err)
	}
	return nil
}

func clone(e Entry) Entry {
	e.Value, e.Tags = slices.Clone(e.Value), slices.Clone(e.Tags)
	return e
}
