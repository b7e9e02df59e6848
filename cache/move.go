package cache

import (
	"errors"
	"time"

	"go.etcd.io/bbolt"
)

const (
	// movePause is how long writes gather in the journal before they are moved
	// into the file, in one transaction. A crash costs nothing by it.
	movePause = time.Second

	// maxStuck bounds the entries that a damaged page keeps out of the file.
	maxStuck = 1024
)

// makeRoom goes on in the other half. Whoever has the turn waits for it until it is
// moved: the disk cannot follow.
func (s *journaledStore) makeRoom() error {
	s.moving.Lock()
	defer s.moving.Unlock()
	if err := s.moveHalf(s.journal.other()); err != nil {
		return err
	}
	s.journal.now = 1 - s.journal.now
	return nil
}

// move moves into the file what gathers in the journal, until the store is closed.
func (s *journaledStore) move() {
	for {
		select {
		case <-s.due:
		case <-s.stop:
			return
		}
		select {
		case <-time.After(movePause):
		case <-s.stop:
			return
		}
		if s.moveOne() {
			s.remind()
		}
	}
}

// remind says that there is something to move.
func (s *journaledStore) remind() {
	select {
	case s.due <- struct{}{}:
	default: // it is known
	}
}

// moveOne moves one half, while others write the other, and reports whether
// something is left.
func (s *journaledStore) moveOne() (left bool) {
	s.turn.Lock()
	s.moving.Lock()
	defer s.moving.Unlock()
	j := s.journal
	if j == nil || j.closed {
		defer s.turn.Unlock()
		return s.retire() != nil
	}
	if len(j.other().changes) == 0 {
		j.now = 1 - j.now
	} else {
		left = len(j.halves[j.now].changes) > 0
	}
	full := j.other()
	s.turn.Unlock()
	return s.moveHalf(full) != nil || left
}

// moveHalf moves a half that is not written, which is free then. The caller holds
// moving.
func (s *journaledStore) moveHalf(h *half) error {
	if len(h.changes) > 0 {
		state := journalState{id: s.journal.id, moved: h.last}
		if err := s.intoFile(h, state.save); err != nil {
			return err
		}
	}
	*h = half{}
	return nil
}

// moveAll moves everything. The caller has the turn and holds moving.
func (s *journaledStore) moveAll() error {
	if s.journal == nil {
		return nil
	}
	if err := s.moveHalf(s.journal.other()); err != nil { // the older one
		return err
	}
	return s.moveHalf(&s.journal.halves[s.journal.now])
}

// intoFile commits the changes of a half, with what note says of it. If a damaged
// page keeps one out the others get there all the same; that one stays in memory,
// as an entry does that the store refuses.
func (s *journaledStore) intoFile(h *half, note func(*bbolt.Tx) error) error {
	s.file.committing.Lock()
	defer s.file.committing.Unlock()
	s.file.lookOn(h.changes)
	commit := func(changes []change, note func(*bbolt.Tx) error) error {
		return s.file.commit(func(t *tally) error {
			if err := t.setLive(changes); err != nil {
				return err
			}
			return note(t.tx)
		})
	}
	err := commit(h.changes, note)
	stuck := map[string]bool{}
	if errors.Is(err, ErrDamaged) {
		for _, ch := range h.changes {
			if err = commit([]change{ch}, keepJournal); errors.Is(err, ErrDamaged) {
				stuck[string(ch.key)] = true
			} else if err != nil {
				break
			}
		}
		if err == nil || errors.Is(err, ErrDamaged) {
			err = commit(nil, note)
		}
	}
	if err != nil {
		s.failures.Add(1)
		return err
	}
	s.forget(h, stuck)
	return nil
}

// forget drops from memory what was moved, unless it was written again since.
func (s *journaledStore) forget(h *half, stuck map[string]bool) {
	s.failures.Add(uint64(len(stuck)))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ch := range h.changes {
		key := string(ch.key)
		switch {
		case s.pending[key].sequence > h.last:
		case stuck[key] && s.stuck < maxStuck:
			s.stuck++
		default:
			delete(s.pending, key)
		}
	}
}

// retire moves everything and ends the journal. What it cannot move stays in it.
// The caller has the turn and holds moving.
func (s *journaledStore) retire() error {
	j := s.journal
	if j == nil {
		return nil
	}
	j.closed = true
	if err := s.moveHalf(j.other()); err != nil {
		return err
	}
	last := &j.halves[j.now]
	end := func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Delete(journalKey) }
	if err := s.intoFile(last, end); err != nil {
		return err
	}
	s.journal = nil
	_ = j.close() // the store does not know it any more
	return removeIfThere(journalPath(s.file))
}
