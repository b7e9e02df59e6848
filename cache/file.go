package cache

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	// lockWait is how long Open waits for another process to let go of the
	// file: a restart may overlap with the end of the process before it.
	lockWait = time.Second

	// compactMinBytes is the size under which a compaction at the start is
	// not worth the time.
	compactMinBytes = 1 << 20

	// copyTxBytes bounds the memory of a compaction.
	copyTxBytes = 4 << 20

	// minBytes is the size of the smallest store: bbolt begins a file with
	// four pages, and no machine has smaller ones than 4 KiB.
	minBytes = 4 * 4 << 10

	compactSuffix = ".compact"
)

// openFile opens the file, or makes it if it is not there or empty.
func openFile(path string, log *slog.Logger) (*boltStore, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // compact renames a file over it, which must not replace the link
	}
	if err := inspect(path, log); err != nil {
		return nil, err
	}
	db, file, err := openLocked(path)
	if err != nil {
		return nil, err
	}
	s := &boltStore{path: path, file: file}
	s.db.Store(db)
	if err := s.prepare(); err != nil {
		if errors.Is(err, ErrDamaged) { // and bbolt may hold its lock for ever
			return nil, errors.Join(err, file.Close())
		}
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// prepare brings a file that this process has locked into its working state.
func (s *boltStore) prepare() error {
	// What a crash in a compaction or a rescue left behind is worthless: the
	// file under the real name is whole. And the mark ends with the first write.
	for _, suffix := range []string{compactSuffix, rescueSuffix, markSuffix} {
		if err := removeIfThere(s.path + suffix); err != nil {
			return err
		}
	}
	if err := guard(func() error { return s.db.Load().Update(createBuckets) }); err != nil && !(unwritable(err) && s.current()) {
		return err // on a full disk there is nothing to change in a current file
	}
	if err := syncFolder(s.path); err != nil {
		return err
	}
	wasteful, err := s.wasteful()
	if wasteful {
		// The store works as it is. If there is no room for a copy, Compact
		// says so to whoever asks for it.
		_ = s.compact()
	}
	return err
}

// current reports whether the content is in the current format.
func (s *boltStore) current() (is bool) {
	err := s.view(func(tx *bbolt.Tx) error {
		meta := tx.Bucket(metaBucket)
		is = meta != nil && string(meta.Get(formatKey)) == currentFormat && tx.Bucket(entriesBucket) != nil
		return nil
	})
	return is && err == nil
}

// createBuckets brings the content into the current format. It also commits
// when there is nothing to do, which is when bbolt counts its free pages.
func createBuckets(tx *bbolt.Tx) error {
	meta, err := tx.CreateBucketIfNotExists(metaBucket)
	if err != nil {
		return err
	}
	entries, err := tx.CreateBucketIfNotExists(entriesBucket)
	if err != nil {
		return err
	}
	if string(meta.Get(formatKey)) == currentFormat {
		return keepJournal(tx)
	}
	if err := meta.Put(formatKey, []byte(currentFormat)); err != nil {
		return err
	}
	t := &tally{bucket: entries}
	err = entries.ForEach(func(key, record []byte) error {
		t.entries++
		t.size += recordSize(key, record)
		return nil
	})
	return errors.Join(err, t.save(tx))
}

// openLocked opens the file for writing and makes sure that it is still the
// one under its name. While this process waited for the lock, its holder may
// have put a compacted file in place and let go of the old one.
func openLocked(path string) (*bbolt.DB, *os.File, error) {
	db, file, err := openBolt(path, bbolt.Options{})
	if err != nil {
		return nil, nil, err
	}
	if err := stillNamed(path, file); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, file, nil
}

// stillNamed reports with [ErrInUse] that the path has become the name of another
// file.
func stillNamed(path string, file *os.File) error {
	locked, err := file.Stat()
	if err != nil {
		return err
	}
	named, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !os.SameFile(locked, named) {
		return ErrInUse
	}
	return nil
}

// openBolt opens a bbolt file with the settings that all of yeok's files have,
// and returns also the file, which bbolt does not show.
//
// The list of free pages is written with every commit. Without it bbolt would
// read the whole file at every start, and again after every failed commit, in
// a goroutine of its own where a bad page ends the process. The price is the
// list's length in every commit, which compaction keeps short.
func openBolt(path string, options bbolt.Options) (*bbolt.DB, *os.File, error) {
	var file *os.File
	options.Timeout = lockWait
	options.FreelistType = bbolt.FreelistMapType
	options.OpenFile = func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
		file, err = os.OpenFile(name, flag, mode)
		return file, err
	}
	var db *bbolt.DB
	err := guard(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &options)
		return err
	})
	switch {
	case errors.Is(err, ErrDamaged):
		_ = file.Close() // bbolt does not when it panics, and the file would stay locked
	case errors.Is(err, berrors.ErrTimeout):
		err = ErrInUse
	case errors.Is(err, berrors.ErrInvalid):
		err = noDatabase(path)
	case errors.Is(err, berrors.ErrVersionMismatch):
		err = ErrNotStore
	case errors.Is(err, berrors.ErrChecksum):
		err = ErrDamaged
	}
	return db, file, err
}

// compact removes what has expired, copies what is alive into a file beside, and
// puts that in the place of the old one by a rename. The copy is on disk before
// the rename, so the name stands for a whole file at every moment.
func (s *boltStore) compact() error {
	s.committing.Lock()
	defer s.committing.Unlock()
	if err := s.sweep(); err != nil {
		return err
	}
	return s.compactLocked()
}

// sweep removes what has expired. The caller holds committing.
func (s *boltStore) sweep() error {
	var expired []change
	err := s.walk(func(key string, record []byte) error {
		if expiredRecord(record) {
			expired = append(expired, change{key: []byte(key)})
		}
		return nil
	})
	if err != nil || len(expired) == 0 {
		return err
	}
	return s.apply(expired)
}

func (s *boltStore) compactLocked() error {
	if err := s.writable(); err != nil {
		return err
	}
	old := s.db.Load()
	if old.IsReadOnly() {
		return ErrReadOnly
	}
	if err := old.View(func(*bbolt.Tx) error { return nil }); err != nil {
		return s.closedOr(err)
	}
	beside := s.path + compactSuffix
	fresh, file, err := copyStore(beside, old)
	if err != nil {
		return errors.Join(s.closedOr(err), removeIfThere(beside))
	}
	if err := os.Rename(beside, s.path); err != nil {
		return errors.Join(err, fresh.Close(), removeIfThere(beside))
	}
	s.db.Store(fresh)
	s.file = file
	return errors.Join(syncFolder(s.path), old.Close())
}

// copyStore makes a file with the live entries of src, whole and on disk. It
// is locked from its first byte on, so that no other process can open it
// between the rename and the end of compact.
func copyStore(path string, src *bbolt.DB) (*bbolt.DB, *os.File, error) {
	if err := removeIfThere(path); err != nil {
		return nil, nil, err
	}
	dst, file, err := openBolt(path, bbolt.Options{NoSync: true})
	if err != nil {
		return nil, nil, err
	}
	if err := guard(func() error { return bbolt.Compact(dst, src, copyTxBytes) }); err != nil {
		return nil, nil, errors.Join(err, dst.Close())
	}
	if err := dst.Update(moveJournal); err != nil {
		return nil, nil, errors.Join(err, dst.Close())
	}
	if err := dst.Sync(); err != nil {
		return nil, nil, errors.Join(err, dst.Close())
	}
	dst.NoSync = false
	return dst, file, nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder makes the name of a file durable.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
