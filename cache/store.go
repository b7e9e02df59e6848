package cache

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// The file is a bbolt database with two buckets: meta says which format the
// entries are in, entries holds one record a key (see record.go).
var (
	metaBucket    = []byte("yeok")
	entriesBucket = []byte("entries")
	formatKey     = []byte("format")
	formatValue   = []byte("1")
)

// store is the file tier.
type store struct {
	path string
	db   atomic.Pointer[bbolt.DB] // replaced by compact

	mu      sync.Mutex
	waiting *batch // changes that wait for the commit in progress to end

	committing sync.Mutex // held by whoever changes the file or replaces it
	entries    atomic.Int64
	bytes      atomic.Int64
}

// change is one key's new record; a nil record deletes the key.
type change struct {
	key    []byte
	record []byte
}

// batch is a group of changes that one commit makes durable.
type batch struct {
	changes []change
	done    chan struct{} // closed when err is set
	err     error
}

// read returns a copy of the value under the key.
func (s *store) read(key string) (value []byte, found bool, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		record := tx.Bucket(entriesBucket).Get([]byte(key))
		if record == nil {
			return nil
		}
		e, err := decodeRecord(key, record)
		if err != nil {
			return err
		}
		value, found = bytes.Clone(e.Value), true
		if value == nil {
			value = []byte{}
		}
		return nil
	})
	return value, found, err
}

// view runs fn in a read transaction. Compaction may close the database
// between the load and the transaction; then the new one is asked.
func (s *store) view(fn func(*bbolt.Tx) error) error {
	for {
		db := s.db.Load()
		err := guard(func() error { return db.View(fn) })
		if errors.Is(err, berrors.ErrDatabaseNotOpen) && s.db.Load() != db {
			continue
		}
		return closedOr(err)
	}
}

// write makes the changes durable. Whoever comes while a commit is in progress
// shares the next one, so that many writers wait for few disk flushes and a
// lone writer waits for none but its own. (bbolt's own Batch lets a lone
// writer wait for 10 ms.)
func (s *store) write(changes []change) error {
	s.mu.Lock()
	b := s.waiting
	leads := b == nil
	if leads {
		b = &batch{done: make(chan struct{})}
		s.waiting = b
	}
	b.changes = append(b.changes, changes...)
	s.mu.Unlock()
	if !leads {
		<-b.done
		return b.err
	}

	s.committing.Lock()
	s.mu.Lock()
	s.waiting = nil
	s.mu.Unlock()
	b.err = s.apply(b.changes)
	s.committing.Unlock()
	close(b.done)
	return b.err
}

// apply commits the changes in their order. The caller holds committing.
func (s *store) apply(changes []change) error {
	var entries, size int64
	err := guard(func() error {
		return s.db.Load().Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket(entriesBucket)
			for _, ch := range changes {
				if old := b.Get(ch.key); old != nil {
					entries--
					size -= recordSize(ch.key, old)
				}
				if ch.record == nil {
					if err := b.Delete(ch.key); err != nil {
						return err
					}
					continue
				}
				if err := b.Put(ch.key, ch.record); err != nil {
					return err
				}
				entries++
				size += recordSize(ch.key, ch.record)
			}
			return nil
		})
	})
	if err != nil {
		return closedOr(err)
	}
	s.entries.Add(entries)
	s.bytes.Add(size)
	return nil
}

// purge deletes the entries that have all of the tags and returns their keys.
func (s *store) purge(tags []string, dryRun bool) (keys []string, size int64, err error) {
	if !dryRun {
		s.committing.Lock()
		defer s.committing.Unlock()
	}
	err = s.view(func(tx *bbolt.Tx) error {
		return tx.Bucket(entriesBucket).ForEach(func(key, record []byte) error {
			if len(tags) > 0 {
				have, _, err := splitRecord(record)
				if err != nil || !hasAll(have, tags) {
					return nil
				}
			}
			keys = append(keys, string(key))
			size += recordSize(key, record)
			return nil
		})
	})
	if err != nil || dryRun || len(keys) == 0 {
		return keys, size, err
	}
	changes := make([]change, len(keys))
	for i, key := range keys {
		changes[i].key = []byte(key)
	}
	return keys, size, s.apply(changes)
}

func (s *store) stats(out *Stats) error {
	return s.view(func(tx *bbolt.Tx) error {
		info, err := os.Stat(s.path)
		if err != nil {
			return err
		}
		out.Entries = s.entries.Load()
		out.Bytes = s.bytes.Load()
		out.FileBytes = info.Size()
		// bbolt lengthens a file in large steps; what lies behind the last
		// page is as free as a free page.
		out.FreeBytes = int64(tx.DB().Stats().FreeAlloc) + max(0, info.Size()-tx.Size())
		return nil
	})
}

// wasteful reports whether more than half of the pages are free.
func (s *store) wasteful() (wasteful bool, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		wasteful = tx.Size() >= compactMinBytes && 2*int64(tx.DB().Stats().FreeAlloc) > tx.Size()
		return nil
	})
	return wasteful, err
}

// close waits for the commit in progress and for the readers.
func (s *store) close() error {
	s.committing.Lock()
	defer s.committing.Unlock()
	return s.db.Load().Close()
}

// count makes entries and bytes true. They are counted at every start instead
// of kept in the file, so that they cannot drift.
func (s *store) count() error {
	return s.view(func(tx *bbolt.Tx) error {
		return tx.Bucket(entriesBucket).ForEach(func(key, record []byte) error {
			s.entries.Add(1)
			s.bytes.Add(recordSize(key, record))
			return nil
		})
	})
}

func recordSize(key, record []byte) int64 { return int64(len(key) + len(record)) }

func closedOr(err error) error {
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// guard turns what bbolt does when it meets a damaged page, which is to panic,
// and what the kernel does when a page of the mapped file cannot be read,
// which is a fault, into [ErrDamaged].
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	return fn()
}
