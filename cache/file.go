package cache

import (
	"errors"
	"fmt"
	"io/fs"
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

// openStore opens the file, or makes it if it is not there or empty.
func openStore(path string) (*store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // compact renames a file over it, which must not replace the link
	}
	if err := inspect(path); err != nil {
		return nil, err
	}
	db, err := openLocked(path)
	if err != nil {
		return nil, err
	}
	s := &store{path: path}
	s.db.Store(db)
	if err := s.prepare(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// prepare brings a file that this process has locked into its working state.
func (s *store) prepare() error {
	// What a crash in a compaction left behind is worthless: the file under
	// the real name is whole.
	if err := os.Remove(s.path + compactSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := guard(func() error { return s.db.Load().Update(createBuckets) }); err != nil {
		return err
	}
	if err := syncFolder(s.path); err != nil {
		return err
	}
	if err := s.count(); err != nil {
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

// createBuckets also commits when there is nothing to create, which is when
// bbolt counts its free pages.
func createBuckets(tx *bbolt.Tx) error {
	meta, err := tx.CreateBucketIfNotExists(metaBucket)
	if err != nil {
		return err
	}
	if meta.Get(formatKey) == nil {
		if err := meta.Put(formatKey, formatValue); err != nil {
			return err
		}
	}
	_, err = tx.CreateBucketIfNotExists(entriesBucket)
	return err
}

// inspect refuses a file that is not a whole store of this format, without
// changing it. It reads every page once, because bbolt, which does the same
// when it opens a file for writing, ends the process at the first bad one.
func inspect(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() < minBytes {
		return ErrNotStore
	}
	var file *os.File
	err = guard(func() error {
		db, err := openBolt(path, &bbolt.Options{ReadOnly: true, OpenFile: capture(&file)})
		if err != nil {
			return err
		}
		defer func() { _ = db.Close() }() // it was only read
		return db.View(func(tx *bbolt.Tx) error { return inspectPages(tx, file) })
	})
	if errors.Is(err, ErrDamaged) {
		_ = file.Close() // bbolt does not when it panics, and the file would stay locked
	}
	return err
}

func inspectPages(tx *bbolt.Tx, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return fmt.Errorf("%w: it has %d bytes of %d", ErrDamaged, info.Size(), tx.Size())
	}
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		if name, _ := tx.Cursor().First(); name == nil {
			return nil // made, but nothing written yet
		}
		return ErrNotStore
	}
	if format := meta.Get(formatKey); string(format) != string(formatValue) {
		return fmt.Errorf("%w: format %q", ErrFormat, format)
	}
	entries := tx.Bucket(entriesBucket)
	if entries == nil {
		return ErrDamaged
	}
	return entries.ForEach(func(_, _ []byte) error { return nil })
}

// openLocked opens the file for writing and makes sure that it is still the
// one under its name. While this process waited for the lock, its holder may
// have put a compacted file in place and let go of the old one.
func openLocked(path string) (*bbolt.DB, error) {
	var file *os.File
	db, err := openBolt(path, &bbolt.Options{OpenFile: capture(&file)})
	if err != nil {
		return nil, err
	}
	locked, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	named, err := os.Stat(path)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if !os.SameFile(locked, named) {
		return nil, errors.Join(ErrInUse, db.Close())
	}
	return db, nil
}

// openBolt opens a bbolt file with the settings that all of yeok's files have.
// The list of free pages is not written, because bbolt would write it whole at
// every commit; the price is a scan when the file is opened.
func openBolt(path string, options *bbolt.Options) (*bbolt.DB, error) {
	options.Timeout = lockWait
	options.NoFreelistSync = true
	options.FreelistType = bbolt.FreelistMapType
	var db *bbolt.DB
	err := guard(func() (err error) {
		db, err = bbolt.Open(path, 0o600, options)
		return err
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, ErrInUse
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, ErrNotStore
	case errors.Is(err, berrors.ErrChecksum):
		return nil, ErrDamaged
	}
	return db, err
}

// capture notes the file that bbolt opens and does not show.
func capture(file **os.File) func(string, int, os.FileMode) (*os.File, error) {
	return func(name string, flag int, mode os.FileMode) (*os.File, error) {
		f, err := os.OpenFile(name, flag, mode)
		*file = f
		return f, err
	}
}

// compact copies what is alive into a file beside, and puts that in the place
// of the old one by a rename. The copy is on disk before the rename, so the
// name stands for a whole file at every moment.
func (s *store) compact() error {
	s.committing.Lock()
	defer s.committing.Unlock()
	old := s.db.Load()
	if err := old.View(func(*bbolt.Tx) error { return nil }); err != nil {
		return closedOr(err)
	}
	beside := s.path + compactSuffix
	fresh, err := copyStore(beside, old)
	if err != nil {
		return errors.Join(err, removeIfThere(beside))
	}
	if err := os.Rename(beside, s.path); err != nil {
		return errors.Join(err, fresh.Close(), removeIfThere(beside))
	}
	s.db.Store(fresh)
	return errors.Join(syncFolder(s.path), old.Close())
}

// copyStore makes a file with the live entries of src, whole and on disk. It
// is locked from its first byte on, so that no other process can open it
// between the rename and the end of compact.
func copyStore(path string, src *bbolt.DB) (*bbolt.DB, error) {
	if err := removeIfThere(path); err != nil {
		return nil, err
	}
	dst, err := openBolt(path, &bbolt.Options{NoSync: true})
	if err != nil {
		return nil, err
	}
	if err := guard(func() error { return bbolt.Compact(dst, src, copyTxBytes) }); err != nil {
		return nil, errors.Join(err, dst.Close())
	}
	if err := dst.Sync(); err != nil {
		return nil, errors.Join(err, dst.Close())
	}
	dst.NoSync = false
	return dst, nil
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
