package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Keys are the keys of a file, kept as the file is.
type Keys struct {
	path  string
	seen  stamp
	table atomic.Pointer[map[string]*entry]
}

// entry is one key in use.
type entry struct {
	Key
	caller *Caller
}

// Open reads the keys file at path. A file that is missing or broken is an
// error: a mistyped path is found at the start and not by every caller.
func Open(path string) (*Keys, error) {
	k := &Keys{path: path, seen: stampOf(path)}
	k.table.Store(&map[string]*entry{})
	return k, k.reload()
}

// Watch follows the file until ctx ends, looking once a second. A file that is
// broken changes nothing, one that is missing lets nobody in; both are logged.
// Running calls go on when their key is revoked.
func (k *Keys) Watch(ctx context.Context, log *slog.Logger) {
	follow(ctx, []string{k.path}, k.seen, k.reload, log.With("file", "keys"))
}

// reload reads the file again.
func (k *Keys) reload() error {
	read, err := Load(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		k.table.Store(&map[string]*entry{})
		return fmt.Errorf("%w: nobody may call", err)
	}
	if err != nil {
		return err
	}
	old, table := *k.table.Load(), make(map[string]*entry, len(read))
	for _, key := range read {
		table[key.ID] = newEntry(key, old[key.ID])
	}
	k.table.Store(&table)
	return nil
}

// newEntry takes a key into use. What it has spent already stays spent, unless
// its limit is another now.
func newEntry(k Key, old *entry) *entry {
	c := &Caller{Key: k.ID, Tenant: k.Tenant, scopes: k.Scopes, perMinute: k.RequestsPerMinute}
	burst := k.Burst
	if burst == 0 {
		burst = k.RequestsPerMinute
	}
	switch limit := rate.Limit(float64(k.RequestsPerMinute) / 60); {
	case limit == 0:
	case old != nil && old.caller.limiter != nil && old.caller.limiter.Limit() == limit && old.caller.limiter.Burst() == burst:
		c.limiter = old.caller.limiter
	default:
		c.limiter = rate.NewLimiter(limit, burst)
	}
	return &entry{Key: k, caller: c}
}

// Identify says who calls with a key. It takes as long for a wrong secret as for
// the right one, and about as long for an unknown id.
func (k *Keys) Identify(text string, now time.Time) (*Caller, error) {
	id, ok := idOf(text)
	if !ok {
		return nil, ErrInvalid
	}
	var want Digest
	e := (*k.table.Load())[id]
	if e != nil {
		want = e.Hash
	}
	got := sha256.Sum256([]byte(text))
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 || e == nil || !e.Revoked.IsZero() {
		return nil, ErrInvalid
	}
	if e.expired(now) {
		return nil, ErrExpired
	}
	return e.caller, nil
}

// Identified returns the caller whose key, of this id, was checked just now in
// another part of the process.
func (k *Keys) Identified(id string) (*Caller, error) {
	e := (*k.table.Load())[id]
	if e == nil || !e.Revoked.IsZero() {
		return nil, ErrInvalid
	}
	return e.caller, nil
}
