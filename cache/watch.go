package cache

import (
	"math"
	"sync/atomic"
	"time"
)

// Seen is what a reader saw under a key: "" also where there was nothing.
type Seen struct{ Key, Value string }

// Watch tells whether entries are still as they were seen. It asks the cache for
// them only after something may have changed them, so that it costs a few loads
// from memory as long as nothing did. It is safe for concurrent use. It must be
// made by [Cache.Watch].
type Watch struct {
	cache    *Cache
	seen     []Seen
	versions []*atomic.Uint64 // of the keys
	checked  atomic.Pointer[check]
}

// check is a look at all entries that found them as they were seen.
type check struct {
	changes uint64 // that had been made by then
	until   int64  // Unix nanoseconds, when the first of them expires or is doubtful
}

// Watch watches what was seen. It takes nobody's word for it: entries that have
// changed by now do not hold.
func (c *Cache) Watch(seen []Seen) *Watch {
	w := &Watch{cache: c, seen: seen}
	for _, s := range seen {
		w.versions = append(w.versions, c.memory.version(s.Key).of)
	}
	return w
}

// Holds reports whether all entries are as they were seen.
func (w *Watch) Holds(now time.Time) bool {
	last := w.checked.Load()
	return last != nil && last.changes == w.changes() && now.UnixNano() < last.until || w.look()
}

// changes counts the changes of the keys, with those of their neighbours in the
// table of versions, and the moments at which news of some may have been missed.
// Counts only grow, so the sum is as before only if each of them is.
func (w *Watch) changes() uint64 {
	sum := w.cache.memory.epoch.Load()
	for _, v := range w.versions {
		sum += v.Load()
	}
	return sum
}

// look asks the cache for every entry, and notes that all are as they were seen
// if that is sure: what a store that does not answer said before is not.
func (w *Watch) look() bool {
	changes, until := w.changes(), int64(math.MaxInt64)
	for _, s := range w.seen {
		if value, _ := w.cache.Get(s.Key); string(value) != s.Value {
			return false
		}
		until = min(until, w.cache.memory.sureUntil(s.Key))
	}
	w.checked.Store(&check{changes, until})
	return true
}
