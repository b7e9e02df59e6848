package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"go.etcd.io/bbolt"
)

// slowWalk is how long a look through all pages takes before the log says so.
const slowWalk = time.Second

// inspect refuses a file that is not a whole store of a known format, without
// changing it. Whoever opens the file for writing takes what it says on trust,
// so all of its pages are looked through here, unless a [mark] says that nobody
// can have changed them since that was done.
func inspect(path string, log *slog.Logger) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return ErrNotStore
	}
	if info.Size() < minBytes {
		return noDatabase(path)
	}
	// Opened to be read, bbolt takes the lock, and looks at nothing but the two
	// meta pages.
	db, file, err := openBolt(path, bbolt.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	err = guard(func() error { return inspectFile(path, file, log) })
	_ = db.Close() // it was only read
	return err
}

func inspectFile(path string, file *os.File, log *slog.Logger) error {
	data, release, err := mapFile(file)
	if err != nil {
		return err
	}
	defer release()
	h, ok := findHead(data)
	if !ok {
		return ErrDamaged
	}
	if err := h.check(len(data)); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	w := newWalker(data, h)
	if err := w.identify(); err != nil || markMatches(path, file, h) {
		return err
	}
	began := time.Now()
	telling := time.AfterFunc(slowWalk, func() {
		log.Info("the store was not closed by this yeok, or was copied: its pages are being looked through", "pages", h.end)
	})
	err = w.whole()
	if !telling.Stop() {
		log.Info("the pages of the store were looked through", "took", time.Since(began))
	}
	return err
}

// identify reports whether the file is a store that this yeok knows. It is no
// matter of damage if it is not.
func (w *walker) identify() error {
	root, err := w.peek(w.root)
	if err == nil {
		err = root.check(nil, nil)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w: the root: %w", ErrDamaged, err)
	case root.flags == branchPage: // it has many buckets
		return ErrNotStore
	case root.count == 0:
		return nil // made, but nothing written yet
	}
	meta, _ := root.find(metaBucket) // the page is sound
	if meta.key == nil {
		return w.nameless(root)
	}
	format, err := w.lookup(metaBucket, formatKey)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case format == nil:
		return fmt.Errorf("%w: no format", ErrDamaged)
	}
	if entries, _ := root.find(entriesBucket); entries.key == nil {
		return fmt.Errorf("%w: no entries", ErrDamaged)
	}
	if string(format) != firstFormat && string(format) != currentFormat {
		return fmt.Errorf("%w: format %q", ErrFormat, format)
	}
	return nil
}

// nameless tells somebody else's file from one of yeok's in which a name broke.
func (w *walker) nameless(root page) error {
	for i := range root.count {
		e, err := root.element(i)
		if err != nil {
			return err // never: the page is sound
		}
		format, _ := w.lookup(e.key, formatKey)
		counts, _ := w.lookup(e.key, countsKey)
		if format != nil && counts != nil {
			return fmt.Errorf("%w: bucket %q", ErrDamaged, e.key)
		}
	}
	return ErrNotStore
}

// whole goes through all pages, and wants each to be used once or free, and the
// entries to be as many as is written. Without a list of free pages, and without
// counts, as in the first format, it wants less.
func (w *walker) whole() error {
	var entries, size int64
	w.found = func(bucket string, key, value []byte) error {
		if bucket == string(entriesBucket) {
			entries++
			size += recordSize(key, value)
		}
		return nil
	}
	if err := w.pages(); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if id := w.lost(); id != 0 && w.list != noList {
		return fmt.Errorf("%w: page %d: it is neither used nor free", ErrDamaged, id)
	}
	counts, err := w.lookup(metaBucket, countsKey)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if n, bytes, ok := parseCounts(counts); ok && (n != entries || bytes != size) {
		return fmt.Errorf("%w: it has %d entries of %d bytes, and should have %d of %d", ErrDamaged, entries, size, n, bytes)
	}
	return nil
}
