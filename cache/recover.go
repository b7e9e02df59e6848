package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
)

// recoverFile opens a file as well as it can be, after it could not be opened as
// it should because it is damaged or cannot be written. It returns what the
// operator must know, and no store where memory alone is left.
func recoverFile(path string, cause error) (s *boltStore, trouble error) {
	if !errors.Is(cause, ErrDamaged) {
		s, err := openUnwritable(path)
		if err != nil {
			return nil, fmt.Errorf("%w; nothing will survive this process", cause)
		}
		return s, fmt.Errorf("%w; it is only read from, and nothing that is new will survive this process", cause)
	}
	aside, err := setAside(path)
	if err == nil {
		s, err = openFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; no new one could be begun (%w), and nothing will survive this process", cause, err)
	}
	return s, fmt.Errorf("%w; it was kept as %s, and a new one was begun", cause, aside)
}

// setAside renames a damaged file and its journal, so that nothing is lost that
// somebody may be able to read out of them.
func setAside(path string) (aside string, err error) {
	aside = damagedName(path)
	if err := os.Rename(path, aside); err != nil {
		return "", err
	}
	if err := os.Rename(path+journalSuffix, aside+journalSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return aside, syncFolder(aside)
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
func openUnwritable(path string) (*boltStore, error) {
	if err := inspect(path); err != nil {
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

// Where a page of bbolt has the number that tells its files from others, and
// which one.
const (
	magicOffset = 16
	boltMagic   = 0xED0CDAED
)

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
