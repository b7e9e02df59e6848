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

	writers group // that wait for the commit in progress to end

	mu      sync.Mutex
	expired [][]byte // keys that a reader found too old; the next commit takes them along

	committing sync.Mutex // held by whoever changes the file or replaces it
	looked     []byte     // the entry that is looked at next; nil is the first
	file       *os.File   // of db

	damaged atomic.Bool // a page was met that makes no sense
	stuck   atomic.Bool // in the middle of a commit: bbolt holds its lock for ever
	closed  atomic.Bool // while it is stuck
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

// write makes the changes durable, in one commit with those of everybody who came
// while the commit before was in progress.
func (s *boltStore) write(changes []change) error {
	return s.writers.write(changes, &s.committing, s.apply)
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
