package cache_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yeok/cache"
)

// TestMark has a mark beside a file that was closed, and believes it for as long as
// nobody has touched the file.
func TestMark(t *testing.T) {
	content, want := oldStore(t)
	options := cache.Options{Path: filepath.Join(t.TempDir(), "store.db")}
	if err := os.WriteFile(options.Path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, options)
	if cache.Marked(t, options.Path) {
		t.Error("a store that is open has a mark")
	}
	if missing := rightOrMissing(t, c, want); missing > 0 {
		t.Errorf("%d entries are missing", missing)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if !cache.Marked(t, options.Path) {
		t.Skip("THE MARK IS NOT TESTED: this system does not tell when a file was changed")
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	copyWithMark(t, options.Path, copied)
	if cache.Marked(t, copied) {
		t.Error("the mark of a file was taken for its copy's")
	}
	info, err := os.Stat(options.Path)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // file systems count in ticks
	if err := os.Chtimes(options.Path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if cache.Marked(t, options.Path) {
		t.Error("a file was changed and its time put back, and the mark believed")
	}
}

// copyWithMark copies a file and its mark.
func copyWithMark(t *testing.T, from, to string) {
	t.Helper()
	for _, suffix := range []string{"", ".closed"} {
		content, err := os.ReadFile(from + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+suffix, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDamageIsFound turns each number that bbolt would believe, in every page, into
// others. Where bbolt uses the page, Open must not.
func TestDamageIsFound(t *testing.T) {
	whole, want := oldStore(t)
	size := os.Getpagesize()
	path := filepath.Join(t.TempDir(), "store.db")
	found := 0
	for at := 2 * size; at < len(whole); at += size {
		if binary.NativeEndian.Uint64(whole[at:]) != uint64(at/size) {
			continue // the rest of a value, which has a sum
		}
		for _, field := range []struct{ at, size int }{{0, 8}, {8, 2}, {10, 2}, {12, 4}, {20, 4}, {24, 4}, {28, 4}} {
			content := append([]byte(nil), whole...)
			b := content[at+field.at:][:field.size]
			b[0] ^= 0x41
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := cache.Open(cache.Options{Path: path, MemoryBytes: 1})
			if errors.Is(err, cache.ErrDamaged) {
				found++
				continue
			}
			if err != nil {
				t.Errorf("page %d, field %d: Open = %v", at/size, field.at, err)
				continue
			}
			// Then the page was free, and all must be there.
			if missing := rightOrMissing(t, c, want); missing > 0 {
				t.Errorf("page %d, field %d: %d entries are missing and nobody says so", at/size, field.at, missing)
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if found < 100 {
		t.Errorf("%d damages were found, want more of a file of %d pages", found, len(whole)/size)
	}
}

// TestRescue empties single pages, whichever they are. What is on the others is in
// the new file, and nothing that was replaced or deleted before.
func TestRescue(t *testing.T) {
	whole, want := oldStore(t)
	size := os.Getpagesize()
	for at := 2 * size; at < len(whole); at += size {
		content := append([]byte(nil), whole...)
		clear(content[at : at+size])
		options := cache.Options{Path: filepath.Join(t.TempDir(), "store.db"), MemoryBytes: 1, Recover: true}
		if err := os.WriteFile(options.Path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		c := open(t, options)
		missing := rightOrMissing(t, c, want)
		if missing > 8 || missing > 0 && c.Trouble() != nil && !strings.Contains(c.Trouble().Error(), "records") {
			t.Errorf("page %d empty: %d of %d entries are missing, Trouble() = %v", at/size, missing, len(want), c.Trouble())
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRescueKeepsSums has a budget that goes on where it was.
func TestRescueKeepsSums(t *testing.T) {
	content, want := oldStore(t)
	size := os.Getpagesize()
	for at := 2 * size; at < len(content); at += size { // a leaf of entries
		if binary.NativeEndian.Uint64(content[at:]) == uint64(at/size) && content[at+8] == 2 && strings.HasPrefix(string(content[at+16+16*int(content[at+10]):]), "key ") {
			clear(content[at : at+size])
		}
	}
	options := cache.Options{Path: filepath.Join(t.TempDir(), "store.db"), Recover: true}
	if err := os.WriteFile(options.Path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, options)
	if c.Trouble() == nil || rightOrMissing(t, c, want) != len(want) {
		t.Errorf("Trouble() = %v of a file without its leaves", c.Trouble())
	}
	if got := c.Sum("sum", time.Now().Add(1000*time.Hour)); got != 7 {
		t.Errorf("Sum = %d out of a damaged file, want 7", got)
	}
}
