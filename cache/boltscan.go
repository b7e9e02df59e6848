package cache

import (
	"bytes"
	"os"

	"go.etcd.io/bbolt"
)

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
