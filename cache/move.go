package cache

import (
	"errors"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

const (
	// movePause is how long writes gather in the journal before they are moved
	// into the file. A crash costs nothing by it.
	movePause = time.Second

	// movePart is how many records are moved in one transaction, but those of a
	// frame together. All of a second in one would take a processor for some
	// milliseconds on end; smaller parts would flush more often than they are
	// worth. moveBreath is left to others between two, and in the middle of each.
	movePart   = 32
	moveBreath = 5 * time.Millisecond

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
		for pause := movePause; pause > 0; pause = s.moveSome() {
			select {
			case <-time.After(pause):
			case <-s.stop:
				return
			}
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

// moveSome moves a part of one half, while others write the other, and says when
// there is more to be moved; 0 is when somebody writes again.
func (s *journaledStore) moveSome() (pause time.Duration) {
	s.turn.Lock()
	s.moving.Lock()
	defer s.moving.Unlock()
	j := s.journal
	if j == nil || j.closed {
		defer s.turn.Unlock()
		if s.retire() != nil {
			return movePause
		}
		return 0
	}
	if len(j.other().frames) == 0 {
		j.now = 1 - j.now
	}
	full := j.other()
	if len(j.halves[j.now].frames) > 0 {
		pause = movePause
	}
	s.turn.Unlock()
	if s.moveFrames(full, full.part(), moveBreath) != nil {
		return movePause
	}
	if len(full.frames) > 0 {
		return moveBreath
	}
	return pause
}

// part is how many frames are moved together.
func (h *half) part() (frames int) {
	for records := 0; frames < len(h.frames) && records < movePart; frames++ {
		records += len(h.frames[frames].changes)
	}
	return frames
}

// moveHalf moves a half that is not written, which is free then. The caller holds
// moving.
func (s *journaledStore) moveHalf(h *half) error { return s.moveFrames(h, len(h.frames), 0) }

// moveFrames moves so many frames of such a half, its oldest ones. It takes a breath
// before it writes them.
func (s *journaledStore) moveFrames(h *half, n int, breath time.Duration) error {
	if n > 0 {
		state := journalState{id: s.journal.id, moved: h.frames[n-1].sequence}
		note := func(tx *bbolt.Tx) error {
			time.Sleep(breath)
			return state.save(tx)
		}
		if err := s.intoFile(h.frames[:n], note); err != nil {
			return err
		}
		h.frames = slices.Delete(h.frames, 0, n)
	}
	if len(h.frames) == 0 {
		*h = half{}
	}
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

// intoFile commits what is in frames, with what note says of it. If a damaged
// page keeps one out the others get there all the same; that one stays in memory,
// as an entry does that the store refuses.
func (s *journaledStore) intoFile(frames []journalFrame, note func(*bbolt.Tx) error) error {
	all := changesOf(frames)
	s.file.committing.Lock()
	defer s.file.committing.Unlock()
	s.file.lookOn(all)
	commit := func(changes []change, note func(*bbolt.Tx) error) error {
		return s.file.commit(func(t *tally) error {
			if err := t.setLive(changes); err != nil {
				return err
			}
			return note(t.tx)
		})
	}
	err := commit(all, note)
	stuck := map[string]bool{}
	if errors.Is(err, ErrDamaged) {
		for _, ch := range all {
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
	s.forget(frames, stuck)
	return nil
}

// forget drops from memory what was moved, unless it was written again since.
func (s *journaledStore) forget(moved []journalFrame, stuck map[string]bool) {
	s.failures.Add(uint64(len(stuck)))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range moved {
		for _, ch := range f.changes {
			key := string(ch.key)
			switch {
			case s.pending[key].sequence > f.sequence:
			case stuck[key] && s.stuck < maxStuck:
				s.stuck++
			default:
				delete(s.pending, key)
			}
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
	end := func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Delete(journalKey) }
	if err := s.intoFile(j.halves[j.now].frames, end); err != nil {
		return err
	}
	s.journal = nil
	_ = j.close() // the store does not know it any more
	return removeIfThere(journalPath(s.file))
}
