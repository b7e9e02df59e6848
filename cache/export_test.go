package cache

import (
	"io/fs"
	"log/slog"
	"os"
	"testing"
	"time"
)

// The form of a record, for the fuzz test.
var (
	EncodeRecord = encodeRecord
	DecodeRecord = decodeRecord
	RecordLen    = recordLen
)

// FillDisk makes every later growth of the file fail, until there is room again,
// and leaves no journal.
func FillDisk(c *Cache) (makeRoom func()) {
	s := c.store.(*journaledStore)
	s.turn.Lock()
	wanted := !s.retry.IsZero()
	s.retry = time.Now().Add(time.Hour)
	s.turn.Unlock()
	if wanted {
		AwaitJournal(c)
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	s.moving.Lock()
	defer s.moving.Unlock()
	_ = s.retire() // there is room as yet
	s.retry = time.Now().Add(time.Hour)
	return s.file.fill()
}

// FillFile makes every later growth of the file fail, but leaves the journal that
// there is.
func FillFile(c *Cache) (makeRoom func()) { return c.store.(*journaledStore).file.fill() }

func (s *boltStore) fill() (makeRoom func()) {
	db := s.db.Load()
	db.MaxSize = 1
	return func() { db.MaxSize = 0 }
}

// AwaitJournal returns when the journal that a write has asked for is there.
func AwaitJournal(c *Cache) {
	s := c.store.(*journaledStore)
	for there := false; !there; time.Sleep(time.Millisecond) {
		s.turn.Lock()
		there = s.journal != nil
		s.turn.Unlock()
	}
}

// MakeJournal makes a journal, as the first write does in the background.
func MakeJournal(c *Cache) {
	s := c.store.(*journaledStore)
	s.turn.Lock()
	wanted, there := !s.retry.IsZero(), s.journal != nil
	s.retry = time.Now().Add(time.Hour)
	s.turn.Unlock()
	switch {
	case there:
	case wanted:
		AwaitJournal(c)
	default:
		s.begin()
	}
}

// MoveJournal moves a part of the journal, as happens in the background.
func MoveJournal(c *Cache) { c.store.(*journaledStore).moveSome() }

// JournalPart is how many entries are moved together.
const JournalPart = movePart

// JournalHalf is how much fits into one half of a journal.
const JournalHalf = journalHalf

// Journaled reports how many entries are in the journal and not in the file.
func Journaled(c *Cache) int {
	s := c.store.(*journaledStore)
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.pending)
}

// Abandon lets go of the files as a kill does: nothing is moved.
func Abandon(c *Cache) error {
	c.closed.Store(true)
	c.debts.close()
	s := c.store.(*journaledStore)
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	close(s.stop)
	s.working.Wait()
	if s.journal != nil {
		_ = s.journal.close()
	}
	return s.file.close()
}

// OpenReadOnly opens a file as if it could not be written.
func OpenReadOnly(t *testing.T, path string) *Cache {
	t.Helper()
	c, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	file, trouble := recoverFile(path, fs.ErrPermission, slog.New(slog.DiscardHandler))
	if file == nil {
		t.Fatal(trouble)
	}
	if err := c.openJournal(path, file, true); err != nil {
		t.Fatal(err)
	}
	c.trouble = trouble
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Durable reports whether commits wait for the disk.
func Durable(c *Cache) bool { return !c.store.(*journaledStore).file.db.Load().NoSync }

// Marked reports whether the mark beside a file is of that file as it is.
func Marked(t *testing.T, path string) bool {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	data, release, err := mapFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	h, ok := findHead(data)
	return ok && markMatches(path, file, h)
}
