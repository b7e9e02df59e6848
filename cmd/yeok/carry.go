package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"

	"yeok/cache"
)

// cacheExportCmd is `yeok cache export`.
type cacheExportCmd struct {
	storeCmd
	File string `arg:"" optional:"" default:"-" help:"File to write; - or none is standard output."`
}

// Run writes the whole store as one stream. A file gets its name when it is
// whole.
func (c *cacheExportCmd) Run(h *host) (err error) {
	store, err := c.open(h, false)
	if err != nil {
		return stopFirst(err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var done cache.Exported
	write := func(w io.Writer) (err error) {
		done, err = store.Export(w)
		return err
	}
	if c.File == "-" {
		err = write(h.stdout)
	} else {
		err = replaceFile(c.File, write)
	}
	if err != nil {
		return err
	}
	h.say("%d entries exported", done.Entries)
	if done.Damaged > 0 {
		h.say("%d entries could not be read and are not in the export", done.Damaged)
	}
	return nil
}

// stopFirst says what to do about a gateway, which has no door for streams.
func stopFirst(err error) error {
	if errors.Is(err, cache.ErrInUse) {
		return errors.Join(err, errors.New("a running gateway cannot do this for a store in a file"))
	}
	return err
}

// replaceFile writes a file beside and gives it its name when it is whole.
func replaceFile(path string, write func(io.Writer) error) error {
	beside, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*")
	if err != nil {
		return err
	}
	err = write(beside)
	if err == nil {
		err = beside.Sync()
	}
	if err = errors.Join(err, beside.Close()); err == nil {
		err = os.Rename(beside.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(beside.Name()))
	}
	return nil
}

// cacheImportCmd is `yeok cache import`.
type cacheImportCmd struct {
	storeCmd
	File string `arg:"" optional:"" default:"-" help:"File that yeok cache export wrote; - or none is standard input."`
}

// Run adds an export to the store, which is made if it is not there.
func (c *cacheImportCmd) Run(h *host) (err error) {
	from := h.stdin
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // it was only read
		from = file
	}
	in := bufio.NewReader(from)
	if _, err := in.Peek(1); err != nil {
		return cache.ErrNotExport // before a store is made for nothing
	}
	store, err := c.open(h, true)
	if err != nil {
		return stopFirst(err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	done, err := store.Import(in)
	return errors.Join(err, c.print(h,
		row{"added", "added", int64(done.Added), "entries"},
		row{"kept", "there already", int64(done.Kept), "entries"},
		row{"expired", "too old", int64(done.Expired), "entries"}))
}
