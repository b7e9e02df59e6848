// Package cache is yeok's memory: bytes by key, and one paid call per key.
//
// A [Cache] keeps what was paid for. Two tiers stand behind one door: a map in
// memory that is bounded by bytes, over one file that survives a crash. The
// file is the truth; memory holds what was read from it, and what it refused to
// take. So a tier that fails costs time or money, never a wrong answer: to a
// reader it is a miss and a number in [Stats].
//
// [Flights] sees to it that a key that is missing is paid for once, whoever
// asks and however often, and that the work outlives the caller who asked
// first.
//
// Keys, values and tags are opaque here. Nothing in this package knows what an
// article or a language is.
package cache

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
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
)

// The limits of one entry. bbolt sets the first; the second keeps one entry
// from filling the memory of a small machine.
const (
	MaxKeyBytes   = 32 << 10
	MaxValueBytes = 256 << 20
)

const (
	defaultMemoryBytes = 64 << 20

	// entryOverhead is what one entry costs in memory beside its bytes, as
	// measured with otter 2.4 and 10,000 entries.
	entryOverhead = 97
)

// Options says where a [Cache] keeps its entries. The zero value is a cache in
// memory alone.
type Options struct {
	// Path is the file of the store, which is created if it is not there, with
	// its folder. Empty means memory only: nothing survives the process, and
	// what does not fit is forgotten.
	Path string

	// MemoryBytes bounds the memory tier, keys and bookkeeping included.
	// Zero means 64 MiB.
	MemoryBytes int64
}

// Entry is one thing to remember.
type Entry struct {
	// Value is what Get answers. It is copied by Put.
	Value []byte

	// Tags are labels that [Cache.Purge] finds the entry by, such as
	// "language:en". They mean nothing to the cache.
	Tags []string
}

// Cache is the memory of one process. It is safe for concurrent use. It must
// be made by [Open].
type Cache struct {
	memory *otter.Cache[string, Entry]
	store  *store // nil if memory only
	closed atomic.Bool

	memoryHits, memoryMisses         atomic.Uint64
	fileHits, fileMisses, fileErrors atomic.Uint64
}

// Open opens the cache, or makes it if the file is not there or empty. It
// never overwrites a file that it does not understand: see [ErrInUse],
// [ErrNotStore], [ErrDamaged] and [ErrFormat]. If more than half of the file
// is free pages, it is compacted first.
func Open(options Options) (*Cache, error) {
	if options.MemoryBytes < 0 {
		return nil, fmt.Errorf("cache: MemoryBytes is %d, must not be negative", options.MemoryBytes)
	}
	if options.MemoryBytes == 0 {
		options.MemoryBytes = defaultMemoryBytes
	}
	memory, err := otter.New(&otter.Options[string, Entry]{
		MaximumWeight: uint64(options.MemoryBytes),
		Weigher:       weight,
	})
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	c := &Cache{memory: memory}
	if options.Path != "" {
		if c.store, err = openStore(options.Path); err != nil {
			return nil, fmt.Errorf("cache: open %s: %w", options.Path, err)
		}
	}
	return c, nil
}

func weight(key string, e Entry) uint32 {
	return uint32(min(int64(len(key)+recordLen(e)+entryOverhead), math.MaxUint32))
}

// Get returns what was put last under the key. The bytes are shared with other
// callers and must not be changed.
func (c *Cache) Get(key string) ([]byte, bool) {
	if c.closed.Load() {
		return nil, false
	}
	if e, ok := c.memory.GetIfPresent(key); ok {
		c.memoryHits.Add(1)
		return e.Value, true
	}
	c.memoryMisses.Add(1)
	if c.store == nil {
		return nil, false
	}
	// The file is read under otter's lock for this key, and a writer drops the
	// key from memory after its commit. So an old value can be read, but it
	// cannot stay: the writer's drop comes after it.
	e, ok := c.memory.ComputeIfAbsent(key, func() (Entry, bool) {
		value, found := c.readFile(key)
		return Entry{Value: value}, !found
	})
	return e.Value, ok
}

func (c *Cache) readFile(key string) ([]byte, bool) {
	value, found, err := c.store.read(key)
	switch {
	case err != nil:
		c.fileErrors.Add(1)
	case !found:
		c.fileMisses.Add(1)
	default:
		c.fileHits.Add(1)
	}
	return value, found && err == nil
}

// Put remembers the entry in place of what was there. When it returns nil the
// entry is on disk and survives a kill and a power cut. When the file cannot
// be written it says so, and the entry is kept in memory, so that this process
// need not pay for it again while it has room.
func (c *Cache) Put(key string, e Entry) error {
	err := c.PutAll(map[string]Entry{key: e})
	if err != nil && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrClosed) {
		c.memory.Set(key, clone(e))
	}
	return err
}

// PutAll remembers all the entries or, if it returns an error, none of them;
// a crash in the middle leaves none either. While it runs, a reader may see
// some keys new and others still old.
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
			c.memory.Set(key, clone(e))
		}
		return nil
	}
	changes := make([]change, 0, len(entries))
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		changes = append(changes, change{key: []byte(key), record: encodeRecord(key, entries[key])})
	}
	return c.write(changes)
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
	return c.write(changes)
}

// write changes the file and then drops the keys from memory, whose next
// reader finds what the file holds by then.
func (c *Cache) write(changes []change) error {
	if err := c.store.write(changes); err != nil {
		c.fileErrors.Add(1)
		return fmt.Errorf("cache: %w", err)
	}
	for _, ch := range changes {
		c.memory.Invalidate(string(ch.key))
	}
	return nil
}

func (c *Cache) forget(keys []string) {
	for _, key := range keys {
		c.memory.Invalidate(key)
	}
}

// Purge forgets every entry that has all of the tags; with no tags, every
// entry. It reports how many entries those are and how many bytes their keys
// and records take. A dry run only counts.
func (c *Cache) Purge(tags []string, dryRun bool) (entries int, bytes int64, err error) {
	if c.closed.Load() {
		return 0, 0, ErrClosed
	}
	found, bytes := c.inMemory(tags)
	if c.store == nil {
		if !dryRun {
			c.forget(found)
		}
		return len(found), bytes, nil
	}
	purged, bytes, err := c.store.purge(tags, dryRun)
	if err != nil {
		c.fileErrors.Add(1)
		return 0, 0, fmt.Errorf("cache: %w", err)
	}
	if !dryRun {
		c.forget(purged)
		c.forget(found) // an entry that a failed Put left in memory is not in the file
	}
	return len(purged), bytes, nil
}

func (c *Cache) inMemory(tags []string) (keys []string, bytes int64) {
	for key, e := range c.memory.All() {
		if hasAll(e.Tags, tags) {
			keys = append(keys, key)
			bytes += int64(len(key) + recordLen(e))
		}
	}
	return keys, bytes
}

func hasAll(have, want []string) bool {
	return !slices.ContainsFunc(want, func(tag string) bool { return !slices.Contains(have, tag) })
}

// Compact rewrites the file without its free pages. Reads go on meanwhile;
// writes wait. A crash in the middle leaves the old file in place.
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
// file. Reads find nothing from then on. A second Close does nothing.
func (c *Cache) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	c.memory.StopAllGoroutines()
	c.memory.InvalidateAll()
	if c.store == nil {
		return nil
	}
	if err := c.store.close(); err != nil {
		return fmt.Errorf("cache: close: %w", err)
	}
	return nil
}

func clone(e Entry) Entry {
	return Entry{Value: slices.Clone(e.Value), Tags: slices.Clone(e.Tags)}
}
