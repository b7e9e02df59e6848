package cache

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// The file is a bbolt database with two buckets: entries holds one record a key
// (see record.go); meta says which format that is, and how many entries of how
// many bytes there are. The numbers change in the transaction that changes the
// entries, so they cannot drift, and a start need not count.
var (
	metaBucket    = []byte("yeok")
	entriesBucket = []byte("entries")
	formatKey     = []byte("format")
	countsKey     = []byte("counts")
)

// Formats of the file. The first had no counts, no entries that expire, and no
// list of free pages, so that opening it meant reading it whole. It is brought
// up when it is opened.
const (
	firstFormat   = "1"
	currentFormat = "2"
)

// maxExpired bounds the keys that wait for the next commit to remove them.
const maxExpired = 1024

// lookAhead is how many entries are looked at for each that is written and
// expires. What nobody asks for again is found no other way, and a store whose
// entries expire must not grow for ever.
const lookAhead = 8

// boltStore is the store in a file.
type boltStore struct {
	path string
	db   atomic.Pointer[bbolt.DB] // replaced by compact

	mu      sync.Mutex
	waiting *batch   // changes that wait for the commit in progress to end
	expired [][]byte // keys that a reader found too old; the next commit takes them along

	committing sync.Mutex // held by whoever changes the file or replaces it
	looked     []byte     // the entry that is looked at next; nil is the first
	file       *os.File   // of db

	damaged atomic.Bool // a page was met that makes no sense
	stuck   atomic.Bool // in the middle of a commit: bbolt holds its lock for ever
	closed  atomic.Bool // while it is stuck
}

// batch is a group of changes that one commit makes durable.
type batch struct {
	changes []change
	done    chan struct{} // closed when err is set
	err     error
}

// read returns a copy of the entry under the key.
func (s *boltStore) read(key string) (e Entry, found bool, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		record := tx.Bucket(entriesBucket).Get([]byte(key))
		if record == nil {
			return nil
		}
		e, err = decodeRecord(key, record)
		if err != nil {
			return err
		}
		if found = !e.expired(); !found {
			s.noteExpired([]byte(key))
			return nil
		}
		e.Value = append(make([]byte, 0, len(e.Value)), e.Value...) // never nil
		return nil
	})
	return e, found && err == nil, err
}

// noteExpired lets the next commit remove the key. When many wait already it
// does nothing: the next reader will note it again.
func (s *boltStore) noteExpired(key []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.expired) < maxExpired {
		s.expired = append(s.expired, key)
	}
}

func (s *boltStore) takeExpired() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := s.expired
	s.expired = nil
	return keys
}

// view runs fn in a read transaction. Compaction may close the database
// between the load and the transaction; then the new one is asked.
func (s *boltStore) view(fn func(*bbolt.Tx) error) error {
	for !s.closed.Load() {
		db := s.db.Load()
		err := guard(func() error { return db.View(fn) })
		if errors.Is(err, berrors.ErrDatabaseNotOpen) && s.db.Load() != db {
			continue
		}
		return s.closedOr(err)
	}
	return ErrClosed
}

// write makes the changes durable. Whoever comes while a commit is in progress
// shares the next one, so that many writers wait for few disk flushes and a
// lone writer waits for none but its own. (bbolt's own Batch lets a lone
// writer wait for 10 ms.)
func (s *boltStore) write(changes []change) error {
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
func (s *boltStore) apply(changes []change) error {
	s.lookOn(changes)
	return s.commit(func(t *tally) error {
		for _, ch := range changes {
			if err := t.change(ch); err != nil {
				return err
			}
		}
		return nil
	})
}

// lookOn notes what has expired among the next entries, in the order of keys. The
// caller holds committing.
func (s *boltStore) lookOn(changes []change) {
	n := 0
	for _, ch := range changes {
		if len(ch.record) > 0 && ch.record[0] == expiresVersion {
			n += lookAhead
		}
	}
	if n == 0 {
		return
	}
	var next []byte
	err := s.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(entriesBucket).Cursor()
		key, record := c.Seek(s.looked)
		for ; n > 0 && key != nil; n-- {
			if expiredRecord(record) {
				s.noteExpired(bytes.Clone(key))
			}
			key, record = c.Next()
		}
		next = bytes.Clone(key)
		return nil
	})
	if err != nil {
		next = nil // a page that makes no sense: what is behind it is not looked at
	}
	s.looked = next
}

// commit runs fn in one transaction, which also removes what readers found
// too old. The caller holds committing. After one that bbolt could not take back,
// because it met a damaged page again, there are no more: it never lets go of its
// lock then. What is on other pages can be read on.
func (s *boltStore) commit(fn func(*tally) error) error {
	if err := s.writable(); err != nil {
		return err
	}
	expired := s.takeExpired()
	var last *bbolt.Tx
	err := guard(func() error {
		return s.db.Load().Update(func(tx *bbolt.Tx) error {
			last = tx
			t := newTally(tx)
			for _, key := range expired {
				if !expiredRecord(t.bucket.Get(key)) {
					continue // written again since
				}
				if err := t.set(change{key: key}); err != nil {
					return err
				}
			}
			if err := fn(t); err != nil {
				return err
			}
			return t.save(tx)
		})
	})
	if last != nil && last.DB() != nil { // one that is over has none
		s.stuck.Store(true)
	}
	return s.closedOr(err)
}

// writable reports why nothing can be written any more.
func (s *boltStore) writable() error {
	switch {
	case s.closed.Load():
		return ErrClosed
	case s.stuck.Load():
		return ErrDamaged
	}
	return nil
}

// add makes the changes whose keys are not there.
func (s *boltStore) add(changes []change) (added int, err error) {
	s.committing.Lock()
	defer s.committing.Unlock()
	err = s.commit(func(t *tally) error {
		for _, ch := range changes {
			if old := t.bucket.Get(ch.key); old != nil && !expiredRecord(old) {
				continue
			}
			if err := t.set(ch); err != nil {
				return err
			}
			added++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// tally changes the entries of a transaction and keeps count of them.
type tally struct {
	tx            *bbolt.Tx
	bucket        *bbolt.Bucket
	entries, size int64
}

func newTally(tx *bbolt.Tx) *tally {
	t := &tally{tx: tx, bucket: tx.Bucket(entriesBucket)}
	t.entries, t.size = counts(tx)
	return t
}

func (t *tally) change(ch change) error {
	if ch.addition != nil {
		return t.add(ch.key, ch.addition)
	}
	return t.set(ch)
}

func (t *tally) set(ch change) error {
	if old := t.bucket.Get(ch.key); old != nil {
		t.entries--
		t.size -= recordSize(ch.key, old)
	}
	if ch.record == nil {
		return t.bucket.Delete(ch.key)
	}
	t.entries++
	t.size += recordSize(ch.key, ch.record)
	return t.bucket.Put(ch.key, ch.record)
}

func (t *tally) save(tx *bbolt.Tx) error {
	value := binary.BigEndian.AppendUint64(nil, uint64(t.entries))
	return errors.Join(
		tx.Bucket(metaBucket).Put(countsKey, binary.BigEndian.AppendUint64(value, uint64(t.size))),
		keepJournal(tx),
	)
}

// counts are the number and the size of the entries.
func counts(tx *bbolt.Tx) (entries, size int64) {
	value := tx.Bucket(metaBucket).Get(countsKey)
	if len(value) != 16 {
		return 0, 0
	}
	return int64(binary.BigEndian.Uint64(value)), int64(binary.BigEndian.Uint64(value[8:]))
}

// purge deletes the entries that have all of the tags. If more than half of the
// file is free then, it is compacted: the list of free pages is written with
// every commit, so a long one is a burden.
func (s *boltStore) purge(tags []string, dryRun bool, purged func(string)) (entries int, size int64, err error) {
	if !dryRun {
		s.committing.Lock()
		defer s.committing.Unlock()
	}
	var changes []change
	err = s.walk(func(key string, record []byte) error {
		stale := expiredRecord(record)
		if !stale && !tagged(record, tags) {
			return nil
		}
		if !dryRun {
			changes = append(changes, change{key: []byte(key)})
		}
		if !stale {
			entries++
			size += int64(len(key) + len(record))
		}
		return nil
	})
	if err != nil || dryRun || len(changes) == 0 {
		return entries, size, err
	}
	if err := s.apply(changes); err != nil {
		return 0, 0, err
	}
	for _, ch := range changes {
		purged(string(ch.key))
	}
	if wasteful, err := s.wasteful(); err == nil && wasteful {
		_ = s.compactLocked() // what was asked for is done; the file works as it is
	}
	return entries, size, nil
}

// tagged reports whether the record has all of the tags. One that cannot be
// read has none.
func tagged(record []byte, tags []string) bool {
	if len(tags) == 0 {
		return true
	}
	e, err := splitRecord(record)
	return err == nil && hasAll(e.Tags, tags)
}

// walk calls fn with every record of one moment. Until fn is through, the file can
// neither be mapped anew nor compacted, so fn must be quick.
func (s *boltStore) walk(fn func(key string, record []byte) error) error {
	return s.view(func(tx *bbolt.Tx) error {
		return tx.Bucket(entriesBucket).ForEach(func(key, record []byte) error { return fn(string(key), record) })
	})
}

// pageBytes bounds the copies that each makes at a time, but for one record.
const pageBytes = 1 << 20

// each is walk for an fn that may take its time, since it works on copies: one
// that writes to a slow caller holds up no commit.
func (s *boltStore) each(fn func(key string, record []byte) error) error {
	for after := []byte(nil); ; {
		page, err := s.page(after)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			if err := fn(string(r.key), r.record); err != nil {
				return err
			}
		}
		after = page[len(page)-1].key
	}
}

// page copies the records behind a key, in the order of keys, as many as fit.
func (s *boltStore) page(after []byte) (page []change, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		cursor, size := tx.Bucket(entriesBucket).Cursor(), 0
		key, record := cursor.Seek(after)
		if after != nil && bytes.Equal(key, after) {
			key, record = cursor.Next()
		}
		for ; key != nil && size < pageBytes; key, record = cursor.Next() {
			page = append(page, change{key: bytes.Clone(key), record: bytes.Clone(record)})
			size += len(key) + len(record)
		}
		return nil
	})
	return page, err
}

func (s *boltStore) stats(out *Stats) error {
	return s.view(func(tx *bbolt.Tx) error {
		info, err := os.Stat(s.path)
		if err != nil {
			return err
		}
		out.Entries, out.Bytes = counts(tx)
		out.FileBytes = info.Size()
		// bbolt lengthens a file in large steps; what lies behind the last
		// page is as free as a free page.
		out.FreeBytes = int64(tx.DB().Stats().FreeAlloc) + max(0, info.Size()-tx.Size())
		return nil
	})
}

// wasteful reports whether more than half of the pages are free.
func (s *boltStore) wasteful() (wasteful bool, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		wasteful = tx.Size() >= compactMinBytes && 2*int64(tx.DB().Stats().FreeAlloc) > tx.Size()
		return nil
	})
	return wasteful, err
}

// close waits for the commit in progress and for the readers, and vouches for the
// file unless there was something wrong with it.
func (s *boltStore) close() error {
	s.committing.Lock()
	defer s.committing.Unlock()
	if s.stuck.Load() {
		s.closed.Store(true)
		return s.file.Close() // and the lock ends with it
	}
	db := s.db.Load()
	if !db.IsReadOnly() && !s.damaged.Load() {
		_ = guard(func() error { writeMark(s.path, s.file); return nil }) // a mark is not needed
	}
	return db.Close()
}

func (s *boltStore) closedOr(err error) error {
	switch {
	case errors.Is(err, ErrDamaged):
		s.damaged.Store(true)
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return ErrClosed
	case errors.Is(err, berrors.ErrDatabaseReadOnly):
		return ErrReadOnly
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
