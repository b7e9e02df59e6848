package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

// recoverFile opens a file as well as it can be, after it could not be opened as
// it should because it is damaged or cannot be written. It returns what the
// operator must know, and no store where memory alone is left.
func recoverFile(path string, cause error, log *slog.Logger) (s *boltStore, trouble error) {
	if !errors.Is(cause, ErrDamaged) {
		s, err := openUnwritable(path, log)
		if err != nil {
			return nil, fmt.Errorf("%w; nothing will survive this process", cause)
		}
		return s, fmt.Errorf("%w; it is only read from, and nothing that is new will survive this process", cause)
	}
	log.Warn("the store is damaged; what can be read of it is being copied into a new one", "error", cause)
	aside, saved, err := begin(path)
	if err == nil {
		s, err = openFile(path, log)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; no new one could be begun (%w), and nothing will survive this process", cause, err)
	}
	return s, fmt.Errorf("%w; it was kept as %s, and a new one was begun with %s", cause, aside, saved)
}

// begin puts a new file in the place of a damaged one, with what can be read of
// that.
func begin(path string) (aside string, saved *rescue, err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	damaged, err := os.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = damaged.Close() }() // it was only read
	if err := errors.Join(lockFile(damaged), stillNamed(path, damaged)); err != nil {
		return "", nil, err
	}
	beside := path + rescueSuffix
	saved, err = salvage(damaged, path+journalSuffix, beside)
	if err != nil { // then an empty one will do
		saved = &rescue{failure: err}
		if err := removeIfThere(beside); err != nil {
			return "", nil, err
		}
	}
	aside, err = setAside(path, beside)
	return aside, saved, err
}

// setAside renames a damaged file and its journal, so that nothing is lost that
// somebody may be able to read out of them, and puts the one beside in its place, if
// there is one.
func setAside(path, beside string) (aside string, err error) {
	aside = damagedName(path)
	// The path names a file at every moment, where the file system knows links.
	if os.Link(path, aside) != nil {
		if err := os.Rename(path, aside); err != nil {
			return "", err
		}
	}
	err = os.Rename(beside, path)
	if errors.Is(err, fs.ErrNotExist) {
		err = removeIfThere(path)
	}
	if err != nil {
		return "", err
	}
	if err := os.Rename(path+journalSuffix, aside+journalSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return aside, errors.Join(removeIfThere(path+markSuffix), syncFolder(aside))
}

func damagedName(path string) string {
	return path + ".damaged-" + time.Now().UTC().Format("20060102T150405.000000Z")
}

// unwritable reports whether an error says that the disk, or this user, does not
// allow writing.
func unwritable(err error) bool {
	for _, cause := range []error{fs.ErrPermission, syscall.EROFS, syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

// openUnwritable opens a file that is only read from: every write fails with
// [ErrReadOnly].
func openUnwritable(path string, log *slog.Logger) (*boltStore, error) {
	if err := inspect(path, log); err != nil {
		return nil, err
	}
	db, _, err := openBolt(path, bbolt.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	s := &boltStore{path: path}
	s.db.Store(db)
	return s, nil
}

// noDatabase is what a file is that no database can be found in.
func noDatabase(path string) error {
	if looksDamaged(path) {
		return ErrDamaged
	}
	return ErrNotStore
}

// looksDamaged reports whether a file that reads like no database is the rest of
// one: it has the mark of a database in one of the first two pages, or nothing
// but zeros there, as file systems leave behind after a crash.
func looksDamaged(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // it was only read
	page := os.Getpagesize()
	head := make([]byte, 2*page)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	zeros := n == len(head)
	for _, b := range head[:n] {
		zeros = zeros && b == 0
	}
	marked := func(at int) bool {
		return n >= at+4 && binary.NativeEndian.Uint32(head[at:]) == boltMagic
	}
	return zeros || marked(magicOffset) || marked(page+magicOffset)
}
