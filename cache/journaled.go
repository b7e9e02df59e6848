package cache

import (
	"errors"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
)

// journalPause is the time between two tries to make a journal, where the disk has
// no room for one.
const journalPause = time.Minute

// journaledStore is the store in a file, behind a journal: a commit of the file
// flushes the disk twice and writes a dozen pages, which a caller would wait for;
// a frame of the journal takes one flush. What is in the journal is read from
// memory, is moved into the file soon after, and survives a crash either way.
//
// Only entries that are written go through the journal. Whatever else is done to
// the store is done to the file, once the journal is moved into it. While there is
// no journal, for want of room or because none was needed yet, everything is.
//
// Locks are taken in this order: turn, moving, the file's own, mu.
type journaledStore struct {
	file *boltStore

	turn    sync.Mutex // held by who writes frames, or wants nobody to
	journal *journal   // nil if there is none
	making  bool       // one is being made
	retry   time.Time  // when to make one

	moving sync.Mutex // held by who moves a half into the file

	writers group // that wait for the frame in progress to be durable

	mu      sync.RWMutex
	pending map[string]pendingRecord
	stuck   int // how many have been left in pending, see maxStuck
	closed  bool

	failures *atomic.Uint64 // counts what could not be moved
	due      chan struct{}  // says that there is something to move
	stop     chan struct{}
	working  sync.WaitGroup // what is done in the background
}

// pendingRecord is a record that is not in the file, and the frame that it is in.
type pendingRecord struct {
	record   []byte
	sequence uint64
}

// journaled puts the file behind a journal, after it was given what a crash left
// in the one before. The trouble is about a damaged journal, of which all that can
// be read was used and which is kept under another name, if it is to recover;
// otherwise that is the error.
func journaled(file *boltStore, recovers bool, failures *atomic.Uint64) (s *journaledStore, trouble, err error) {
	s = &journaledStore{
		file: file, pending: make(map[string]pendingRecord), failures: failures,
		due: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	trouble, err = s.replay(recovers)
	if err != nil {
		return nil, nil, err
	}
	s.working.Go(s.move)
	return s, trouble, nil
}

func journalPath(file *boltStore) string { return file.path + journalSuffix }

// replay takes over the journal that is there.
func (s *journaledStore) replay(recovers bool) (trouble, err error) {
	var state journalState
	known := false
	if err := s.file.view(func(tx *bbolt.Tx) error {
		state, known = journalIn(tx)
		known = known && state.transaction == uint64(tx.ID())
		return nil
	}); err != nil {
		return nil, err
	}
	if !known { // made and never used, or of another file that had this name
		return nil, s.file.unlessReadOnly(func() error { return removeIfThere(journalPath(s.file)) })
	}
	j, err := readJournal(journalPath(s.file), state)
	if err != nil && (!recovers || !errors.Is(err, ErrDamaged)) {
		return nil, err
	}
	trouble = err
	s.journal = j
	for _, f := range j.halves[0].frames {
		for _, ch := range f.changes {
			s.pending[string(ch.key)] = pendingRecord{ch.record, f.sequence}
		}
	}
	if trouble != nil {
		trouble = errors.Join(trouble, s.file.unlessReadOnly(func() error { return s.keepDamaged() }))
	}
	_ = s.retire() // what cannot be moved now stays in the journal, and is tried again
	return trouble, nil
}

// keepDamaged leaves a copy of a damaged journal under another name.
func (s *journaledStore) keepDamaged() error {
	content, err := readRegular(journalPath(s.file))
	if err != nil {
		return err
	}
	return os.WriteFile(damagedName(journalPath(s.file)), content, 0o600)
}

func (s *boltStore) unlessReadOnly(fn func() error) error {
	if s.db.Load().IsReadOnly() {
		return nil
	}
	return fn()
}

func (s *journaledStore) read(key string) (e Entry, found bool, err error) {
	s.mu.RLock()
	p, ok := s.pending[key]
	s.mu.RUnlock()
	if !ok { // looked for first: what is moved meanwhile is in the file by then
		return s.file.read(key)
	}
	if e, err = decodeRecord(key, p.record); err != nil || e.expired() {
		return Entry{}, false, err
	}
	return e, true, nil
}

// write makes the changes durable, in one frame with those of everybody who came
// while the frame before was written.
func (s *journaledStore) write(changes []change) error {
	if slices.ContainsFunc(changes, func(ch change) bool { return ch.record == nil }) {
		return s.alone(func() error { return s.file.write(changes) })
	}
	return s.writers.write(changes, &s.turn, s.append)
}

// append writes a frame; or into the file, if the journal is not to be had. The
// caller has the turn.
func (s *journaledStore) append(changes []change) error {
	j := s.journal
	if j == nil {
		s.wantJournal()
		return s.file.write(changes)
	}
	if !j.closed {
		frame := j.frame(changes)
		if len(frame) > journalHalf {
			return s.aloneNow(func() error { return s.file.write(changes) })
		}
		if !j.fits(frame) {
			if err := s.makeRoom(); err != nil {
				return err
			}
		}
		if err := j.append(frame, changes); err == nil {
			s.publish(changes, j.sequence)
			return nil
		}
	}
	s.moving.Lock()
	err := s.retire()
	s.moving.Unlock()
	if err != nil {
		return err
	}
	s.retry = time.Now().Add(journalPause)
	return s.file.write(changes)
}

// publish lets readers have what is durable.
func (s *journaledStore) publish(changes []change, sequence uint64) {
	s.mu.Lock()
	for _, ch := range changes {
		s.pending[string(ch.key)] = pendingRecord{ch.record, sequence}
	}
	s.mu.Unlock()
	s.remind()
}

// wantJournal makes a journal in the background, for the writes after this one.
// The caller has the turn.
func (s *journaledStore) wantJournal() {
	if s.making || time.Now().Before(s.retry) || s.file.db.Load().IsReadOnly() {
		return
	}
	s.retry = time.Now().Add(journalPause)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.making = true
		s.working.Go(s.begin)
	}
}

// begin makes a journal. Without one the store works too, so nobody is told of a
// disk that has no room for it.
func (s *journaledStore) begin() {
	j, err := makeJournal(journalPath(s.file))
	s.turn.Lock()
	defer s.turn.Unlock()
	if s.making = false; err != nil {
		return
	}
	s.file.committing.Lock()
	defer s.file.committing.Unlock()
	err = s.file.commit(func(t *tally) error { return journalState{id: j.id}.save(t.tx) })
	if err != nil {
		_, _ = j.close(), removeIfThere(journalPath(s.file))
		return
	}
	s.journal = j
}

// alone does something to the file when the journal is empty, and lets nobody write
// meanwhile.
func (s *journaledStore) alone(do func() error) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.aloneNow(do)
}

// aloneNow is alone for who has the turn.
func (s *journaledStore) aloneNow(do func() error) error {
	s.moving.Lock()
	defer s.moving.Unlock()
	if err := s.moveAll(); err != nil {
		return err
	}
	return do()
}

// settled is alone where what cannot be moved is no hindrance.
func (s *journaledStore) settled(do func() error) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.moving.Lock()
	defer s.moving.Unlock()
	_ = s.moveAll() // it is counted, and tried again
	return do()
}

func (s *journaledStore) increase(key string, n int64, expires time.Time) (int64, bool, error) {
	return s.file.increase(key, n, expires)
}

func (s *journaledStore) add(changes []change) (added int, err error) {
	err = s.alone(func() error {
		added, err = s.file.add(changes)
		return err
	})
	return added, err
}

// purge works also where the journal cannot be moved because the disk is full: what
// it removes from the file first makes room.
func (s *journaledStore) purge(tags []string, dryRun bool, purged func(string)) (entries int, size int64, err error) {
	if dryRun {
		_ = s.settled(func() error { return nil }) // it returns what is returned here
		return s.purgeAll(tags, dryRun, purged)
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	s.moving.Lock()
	defer s.moving.Unlock()
	if s.moveAll() != nil {
		if entries, size, err = s.file.purge(tags, dryRun, purged); err != nil {
			return 0, 0, err
		}
		if err = s.moveAll(); err != nil {
			return 0, 0, err
		}
	}
	more, bytes, err := s.purgeAll(tags, dryRun, purged)
	if err != nil {
		return 0, 0, err
	}
	return entries + more, size + bytes, nil
}

// purgeAll purges the file, and what cannot be moved into it.
func (s *journaledStore) purgeAll(tags []string, dryRun bool, purged func(string)) (entries int, size int64, err error) {
	entries, size, err = s.file.purge(tags, dryRun, purged)
	if err != nil {
		return 0, 0, err
	}
	left, bytes := s.purgePending(tags, dryRun, purged)
	return entries + left, size + bytes, nil
}

// purgePending purges what cannot be moved.
func (s *journaledStore) purgePending(tags []string, dryRun bool, purged func(string)) (entries int, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, p := range s.pending {
		if !tagged(p.record, tags) {
			continue
		}
		entries++
		size += recordSize([]byte(key), p.record)
		if !dryRun {
			delete(s.pending, key)
			purged(key)
		}
	}
	return entries, size
}

func (s *journaledStore) each(fn func(key string, record []byte) error) error {
	var left map[string]pendingRecord
	_ = s.settled(func() error { // it returns what is returned here
		s.mu.RLock()
		defer s.mu.RUnlock()
		left = maps.Clone(s.pending)
		return nil
	})
	err := s.file.each(func(key string, record []byte) error {
		if _, ok := left[key]; ok {
			return nil
		}
		return fn(key, record)
	})
	for key, p := range left {
		if err == nil {
			err = fn(key, p.record)
		}
	}
	return err
}

func (s *journaledStore) stats(out *Stats) error {
	return s.settled(func() error { return s.file.stats(out) })
}

func (s *journaledStore) compact() error { return s.settled(s.file.compact) }

// close moves what is in the journal, so that the file alone is the store. What
// cannot be moved stays in the journal for the next who opens it.
func (s *journaledStore) close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if !again {
		close(s.stop)
	}
	s.working.Wait()
	s.turn.Lock()
	defer s.turn.Unlock()
	s.moving.Lock()
	defer s.moving.Unlock()
	if err := s.retire(); err != nil {
		_ = s.journal.close() // it is durable
		s.journal = nil
	}
	return s.file.close()
}
