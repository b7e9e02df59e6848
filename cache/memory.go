package cache

import (
	"hash/maphash"
	"math"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// entryOverhead is what one entry costs in memory beside its bytes, as measured
// on the heap with otter 2.4 and 50,000 entries.
const entryOverhead = 172

// memory is the tier in the process: copies of what the store holds, bounded by
// bytes.
//
// A copy must not outlive the next change of its key, wherever that is made. A
// reader asks the store without a lock, so that one slow answer holds up nobody
// else; when the answer is there it is kept only if the key's version is the
// one of before. Whoever changes a key raises the version first and drops the
// copy then, so in every order of the two either the old answer is not kept or
// it is dropped. A [Watch] takes the version first and looks at the copy then, so
// the version is raised once more when the copy has gone.
type memory struct {
	copies   *otter.Cache[string, held]
	seed     maphash.Seed
	versions [256]atomic.Uint64 // of the keys with that hash

	// epoch counts the moments at which this process may have missed the
	// news of a change. Copies from before such a moment are doubtful.
	epoch atomic.Uint64

	// lifetime is how many nanoseconds a copy is believed in, where no news
	// of changes comes at all. Zero is for ever.
	lifetime atomic.Int64
}

// held is a copy with what tells whether it can be believed.
type held struct {
	Entry
	missing  bool // the store has nothing under the key
	unstored bool // the store refused it, so it is in no other place
	epoch    uint64
	until    int64 // Unix nanoseconds; 0 for ever
}

// copyState says what a copy is worth.
type copyState int

const (
	absent   copyState = iota
	doubtful           // ask the store, and believe the copy if it does not answer
	missing            // there is nothing in the store either
	fresh
)

func newMemory(maxBytes int64) (*memory, error) {
	copies, err := otter.New(&otter.Options[string, held]{
		MaximumWeight: uint64(maxBytes),
		Weigher:       weight,
	})
	return &memory{copies: copies, seed: maphash.MakeSeed()}, err
}

func weight(key string, h held) uint32 {
	return uint32(min(int64(len(key)+recordLen(h.Entry)+entryOverhead), math.MaxUint32))
}

// get returns the copy of the key and what it is worth. What has expired is
// absent.
func (m *memory) get(key string) (Entry, copyState) {
	h, ok := m.copies.GetIfPresent(key)
	switch {
	case !ok:
		return Entry{}, absent
	case h.expired():
		m.removeExpired(key)
		return Entry{}, absent
	case h.epoch != m.epoch.Load(), h.until != 0 && time.Now().UnixNano() > h.until:
		if h.missing {
			return Entry{}, absent
		}
		return h.Entry, doubtful
	case h.missing:
		return Entry{}, missing
	}
	return h.Entry, fresh
}

// sureUntil is when the copy of the key is not to be believed any more, in Unix
// nanoseconds; 0 if it is not now.
func (m *memory) sureUntil(key string) int64 {
	h, ok := m.copies.GetIfPresent(key)
	if !ok || h.epoch != m.epoch.Load() {
		return 0
	}
	until := int64(math.MaxInt64)
	if h.until != 0 {
		until = h.until
	}
	if !h.Expires.IsZero() {
		until = min(until, h.Expires.UnixNano())
	}
	return until
}

func (m *memory) removeExpired(key string) {
	m.copies.ComputeIfPresent(key, func(h held) (held, otter.ComputeOp) {
		if h.expired() {
			return h, otter.InvalidateOp
		}
		return h, otter.CancelOp
	})
}

// version is what keepIf wants back, taken before the store is asked.
type version struct {
	of    *atomic.Uint64
	was   uint64
	epoch uint64
}

func (m *memory) version(key string) version {
	of := &m.versions[maphash.String(m.seed, key)%uint64(len(m.versions))]
	return version{of: of, was: of.Load(), epoch: m.epoch.Load()}
}

func (v version) holds() bool { return v.of.Load() == v.was }

// keepIf keeps a copy of what the store said, unless the key was changed since
// the version was taken.
func (m *memory) keepIf(v version, key string, e Entry) {
	h := held{Entry: Entry{Value: e.Value, Expires: e.Expires}, epoch: v.epoch}
	if lifetime := m.lifetime.Load(); lifetime > 0 {
		h.until = time.Now().UnixNano() + lifetime
	}
	m.copies.Compute(key, func(old held, _ bool) (held, otter.ComputeOp) {
		if !v.holds() {
			return old, otter.CancelOp
		}
		return h, otter.WriteOp
	})
}

// keepMissing notes that the store has nothing under the key, and reports
// whether there is no copy either: what the store refused is not there for a
// better reason. Without news of changes nothing is noted, or a flight that
// waited for another process would not see its result.
func (m *memory) keepMissing(v version, key string) (gone bool) {
	gone = true
	m.copies.Compute(key, func(old held, found bool) (held, otter.ComputeOp) {
		switch {
		case found && old.unstored && !old.expired():
			gone = false
			return old, otter.CancelOp
		case !v.holds():
			return old, otter.CancelOp
		case m.lifetime.Load() > 0:
			return old, otter.InvalidateOp
		}
		return held{missing: true, epoch: v.epoch}, otter.WriteOp
	})
	return gone
}

// put keeps the entry where memory is all there is.
func (m *memory) put(key string, e Entry) {
	m.change(key, func() { m.copies.Set(key, held{Entry: clone(e)}) })
}

// change changes the copy of a key.
func (m *memory) change(key string, do func()) {
	of := m.version(key).of
	of.Add(1)
	do()
	of.Add(1)
}

// refused tells whether the copy is of what the store refused.
func (m *memory) refused(key string) bool {
	h, ok := m.copies.GetIfPresent(key)
	return ok && h.unstored && !h.expired()
}

// keepUnstored keeps what the store refused.
func (m *memory) keepUnstored(key string, e Entry) {
	m.change(key, func() { m.copies.Set(key, held{Entry: clone(e), unstored: true, epoch: m.epoch.Load()}) })
}

// settle notes that the store has something under the key now.
func (m *memory) settle(key string) {
	m.copies.ComputeIfPresent(key, func(h held) (held, otter.ComputeOp) {
		h.unstored = false
		return h, otter.WriteOp
	})
}

// drop forgets the copy, because the key was changed.
func (m *memory) drop(key string) {
	m.change(key, func() { m.copies.Invalidate(key) })
}

// doubt makes every copy doubtful.
func (m *memory) doubt() { m.epoch.Add(1) }

// tagged returns the keys of the copies that have all of the tags. Copies of
// what the store holds have none.
func (m *memory) tagged(tags []string) (keys []string, bytes int64) {
	for key, h := range m.copies.All() {
		if !h.expired() && hasAll(h.Tags, tags) {
			keys = append(keys, key)
			bytes += int64(len(key) + recordLen(h.Entry))
		}
	}
	return keys, bytes
}

func (m *memory) size() (entries, bytes int64) {
	m.copies.CleanUp() // evicts what is over the bound and not evicted yet
	return int64(m.copies.EstimatedSize()), int64(m.copies.WeightedSize())
}

func (m *memory) close() {
	m.doubt() // nothing is to be believed without a look any more
	m.copies.StopAllGoroutines()
	m.copies.InvalidateAll()
}
