package cache_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"yeok/cache"
)

// journaled opens a store with a journal.
func journaled(t *testing.T, options cache.Options) *cache.Cache {
	t.Helper()
	c := open(t, options)
	cache.MakeJournal(c)
	return c
}

func storeOptions(t *testing.T) cache.Options {
	return cache.Options{Path: filepath.Join(t.TempDir(), "store.db"), MemoryBytes: 1}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// abandon ends a cache as a kill does.
func abandon(t *testing.T, c *cache.Cache) {
	t.Helper()
	if err := cache.Abandon(c); err != nil {
		t.Fatal(err)
	}
}

func TestJournalIsMadeByWriting(t *testing.T) {
	options := storeOptions(t)
	c := open(t, options)
	if exists(options.Path + ".journal") {
		t.Error("a store that is only opened has a journal")
	}
	put(t, c, "k", "v")
	cache.AwaitJournal(c)
	put(t, c, "k2", "v")
	if n := cache.Journaled(c); n != 1 {
		t.Errorf("%d entries in the journal, want 1", n)
	}
	eventually(t, "the journal is moved", func() bool { return cache.Journaled(c) == 0 })
	put(t, c, "k3", "v")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if exists(options.Path + ".journal") {
		t.Error("Close left the journal")
	}
	if got := contents(open(t, options), "k", "k2", "k3"); len(got) != 3 {
		t.Errorf("after Close: %v", got)
	}
}

// TestJournalSurvivesAKill also writes what the store has in an older version, and
// over what the journal has in an older version.
func TestJournalSurvivesAKill(t *testing.T) {
	options := storeOptions(t)
	c := journaled(t, options)
	put(t, c, "a", "moved")
	put(t, c, "b", "older")
	put(t, c, "c", "older")
	put(t, c, "d", "deleted later")
	put(t, c, "e", "purged later", "e")
	cache.MoveJournal(c)
	put(t, c, "b", "newer")
	large := strings.Repeat("newer", cache.JournalHalf/5)
	put(t, c, "c", "in the journal")
	put(t, c, "c", large) // goes past the journal
	if err := c.Delete("d"); err != nil {
		t.Fatal(err)
	}
	if n, _, err := c.Purge([]string{"e"}, false); n != 1 || err != nil {
		t.Fatalf("Purge = %d, %v, want 1", n, err)
	}
	put(t, c, "f", "last", "f")
	want := map[string]string{"a": "moved", "b": "newer", "c": large, "f": "last"}
	keys := []string{"a", "b", "c", "d", "e", "f"}
	if diff := cmp.Diff(want, contents(c, keys...)); diff != "" {
		t.Errorf("before the kill (-want +got):\n%s", diff)
	}
	abandon(t, c)
	for range 2 {
		c = open(t, options)
		if diff := cmp.Diff(want, contents(c, keys...)); diff != "" {
			t.Errorf("after the kill (-want +got):\n%s", diff)
		}
		if n, _, err := c.Purge([]string{"f"}, true); n != 1 || err != nil {
			t.Errorf("Purge(f) after the kill = %d, %v, want 1", n, err)
		}
		if c.Trouble() != nil {
			t.Errorf("Trouble = %v", c.Trouble())
		}
		abandon(t, c)
	}
}

// TestJournalIsMovedInParts: what has gathered goes into the file part by part, and
// a kill in between loses nothing.
func TestJournalIsMovedInParts(t *testing.T) {
	options := storeOptions(t)
	c := journaled(t, options)
	want := map[string]string{}
	var keys []string
	for i := range 2*cache.JournalPart + 5 {
		key := fmt.Sprint(i)
		keys = append(keys, key)
		if i > 0 {
			put(t, c, "0", key) // again and again
			want["0"] = key
		}
		put(t, c, key, "v"+key)
		want[key] = "v" + key
	}
	put(t, c, "0", "last")
	want["0"] = "last"
	before := cache.Journaled(c)
	cache.MoveJournal(c)
	if moved := before - cache.Journaled(c); moved < 1 || moved > cache.JournalPart {
		t.Errorf("%d entries were moved together, want at most %d", moved, cache.JournalPart)
	}
	for range 2 {
		if diff := cmp.Diff(want, contents(c, keys...)); diff != "" {
			t.Errorf("in between (-want +got):\n%s", diff)
		}
		abandon(t, c)
		c = open(t, options)
		if c.Trouble() != nil {
			t.Errorf("Trouble = %v", c.Trouble())
		}
	}
}

// TestJournalTornOnDisk opens a store whose journal was cut in its last frame, at
// some of its bytes; see also TestJournalTornAtEveryByte.
func TestJournalTornOnDisk(t *testing.T) {
	options := storeOptions(t)
	c := journaled(t, options)
	put(t, c, "whole", "v")
	put(t, c, "torn", strings.Repeat("v", 5000))
	abandon(t, c)
	store, err := os.ReadFile(options.Path)
	if err != nil {
		t.Fatal(err)
	}
	journal, err := os.ReadFile(options.Path + ".journal")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{4096, 4097, 4111, 4200, 8192, 9000, 9100} {
		torn := append(bytes.Clone(journal[:at]), make([]byte, len(journal)-at)...)
		options := storeOptions(t)
		if err := errors.Join(os.WriteFile(options.Path, store, 0o600), os.WriteFile(options.Path+".journal", torn, 0o600)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"whole": "v"}, contents(open(t, options), "whole", "torn")); diff != "" {
			t.Errorf("torn at %d (-want +got):\n%s", at, diff)
		}
	}
}

func TestJournalThatIsDamaged(t *testing.T) {
	options := storeOptions(t)
	c := journaled(t, options)
	for _, key := range []string{"a", "b", "c"} {
		put(t, c, key, "v")
	}
	abandon(t, c)
	path := options.Path + ".journal"
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(content[4096:][:4096])
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Open(options); !errors.Is(err, cache.ErrDamaged) || !strings.Contains(err.Error(), options.Path) {
		t.Errorf("Open = %v, want ErrDamaged that names the file", err)
	}
	options.Recover = true
	c = open(t, options)
	if !errors.Is(c.Trouble(), cache.ErrDamaged) {
		t.Errorf("Trouble = %v, want ErrDamaged", c.Trouble())
	}
	if diff := cmp.Diff(map[string]string{"a": "v", "c": "v"}, contents(c, "a", "b", "c")); diff != "" {
		t.Errorf("what can be read (-want +got):\n%s", diff)
	}
	kept, err := filepath.Glob(path + ".damaged-*")
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v, %v, want a copy", kept, err)
	}
	if copied, err := os.ReadFile(kept[0]); err != nil || !bytes.Equal(copied, content) {
		t.Errorf("the copy differs, %v", err)
	}
}

func TestJournalGoesAsideWithItsStore(t *testing.T) {
	options := storeOptions(t)
	c := journaled(t, options)
	put(t, c, "k", "v")
	abandon(t, c)
	if err := os.Truncate(options.Path, 20_000); err != nil {
		t.Fatal(err)
	}
	options.Recover = true
	c = open(t, options)
	if diff := cmp.Diff(map[string]string{"k": "v"}, contents(c, "k")); diff != "" {
		t.Errorf("what the journal of a damaged store had (-want +got):\n%s", diff)
	}
	if kept, err := filepath.Glob(options.Path + ".damaged-*"); err != nil || len(kept) != 2 {
		t.Errorf("kept aside: %v, %v, want the file and its journal", kept, err)
	}
}

// TestJournalIsOldWhenOthersHaveWritten changes the store as a yeok does that knows
// no journal.
func TestJournalIsOldWhenOthersHaveWritten(t *testing.T) {
	options := storeOptions(t)
	c := journaled(t, options)
	put(t, c, "k", "left in the journal")
	abandon(t, c)
	store, err := os.ReadFile(options.Path)
	if err != nil {
		t.Fatal(err)
	}
	store = editedStore(t, store, func(tx *bbolt.Tx) error {
		record := cache.EncodeRecord("k", cache.Entry{Value: []byte("newer")})
		counts := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, 1), uint64(len("k")+len(record)))
		return errors.Join(
			tx.Bucket([]byte("entries")).Put([]byte("k"), record),
			tx.Bucket([]byte("yeok")).Put([]byte("counts"), counts),
		)
	})
	if err := os.WriteFile(options.Path, store, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c = open(t, options)
		if diff := cmp.Diff(map[string]string{"k": "newer"}, contents(c, "k")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if exists(options.Path + ".journal") {
		t.Error("the old journal was left")
	}
}

// TestJournalOnAFullDisk has room in the journal alone.
func TestJournalOnAFullDisk(t *testing.T) {
	options := storeOptions(t)
	c := journaled(t, options)
	makeRoom := cache.FillFile(c)
	value := strings.Repeat("v", 20_000)
	stored := 0
	for c.Put(fmt.Sprint(stored), cache.Entry{Value: []byte(value), Tags: []string{"even odd"[stored%2*5:][:4-stored%2]}}) == nil {
		if stored++; stored > 4*cache.JournalHalf/len(value) {
			t.Fatal("the disk is never full")
		}
	}
	if stored < cache.JournalHalf/len(value) {
		t.Errorf("%d entries of %d bytes fitted into the journal", stored, len(value))
	}
	var keys []string
	for i := range stored {
		keys = append(keys, fmt.Sprint(i))
	}
	if got := contents(c, keys...); len(got) != stored {
		t.Errorf("%d of %d entries can be read", len(got), stored)
	}
	if n, _, err := c.Purge(nil, true); n < stored || err != nil {
		t.Errorf("Purge(dry) = %d, %v, want %d", n, err, stored)
	}
	if stats, err := c.Stats(); err != nil || stats.File.Errors == 0 {
		t.Errorf("Stats = %+v, %v, want errors", stats, err)
	}
	abandon(t, c)
	c = open(t, options)
	if got := contents(c, keys...); len(got) != stored {
		t.Errorf("after a kill %d of %d entries can be read", len(got), stored)
	}
	makeRoom()
	if n, _, err := c.Purge([]string{"even"}, false); n < stored/2 || err != nil {
		t.Errorf("Purge = %d, %v, want half of %d", n, err, stored)
	}
	put(t, c, "new", "v")
}

func TestJournalOfAStoreThatIsOnlyRead(t *testing.T) {
	options := storeOptions(t)
	c := journaled(t, options)
	put(t, c, "k", "v", "tag")
	abandon(t, c)
	c = cache.OpenReadOnly(t, options.Path)
	if diff := cmp.Diff(map[string]string{"k": "v"}, contents(c, "k")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := c.Put("k2", cache.Entry{Value: []byte("v")}); !errors.Is(err, cache.ErrReadOnly) {
		t.Errorf("Put = %v, want ErrReadOnly", err)
	}
	var out bytes.Buffer
	if done, err := c.Export(&out, nil); done.Entries != 1 || err != nil {
		t.Errorf("Export = %+v, %v, want 1 entry", done, err)
	}
	if n, _, err := c.Purge([]string{"tag"}, true); n != 1 || err != nil {
		t.Errorf("Purge(dry) = %d, %v, want 1", n, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if got := contents(open(t, options), "k"); len(got) != 1 {
		t.Errorf("written again: %v", got)
	}
}

// TestJournalIsRacedBy writes several journals full, while others read, purge and
// compact.
func TestJournalIsRacedBy(t *testing.T) {
	options := storeOptions(t)
	c := journaled(t, options)
	const writers, each = 6, 60
	value := func(w, i int) string { return strings.Repeat(fmt.Sprintf("%d-%d ", w, i), 1500) }
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				for _, key := range []string{fmt.Sprintf("own %d", w), fmt.Sprintf("%d-%d", w, i)} {
					put(t, c, key, value(w, i))
					if got, _ := c.Get(key); string(got) != value(w, i) {
						t.Errorf("Get(%q) = %.20q after Put, want %.20q", key, got, value(w, i))
						return
					}
				}
				put(t, c, "purged", "v", "purge me")
			}
		})
	}
	wg.Go(func() {
		for i := range 30 {
			_, _, err := c.Purge([]string{"purge me"}, i%2 == 0)
			_, err2 := c.Stats()
			cache.MoveJournal(c)
			if i%10 == 0 {
				err = errors.Join(err, c.Compact())
			}
			if err := errors.Join(err, err2); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	abandon(t, c)
	c = open(t, options)
	for w := range writers {
		for i := range each {
			if got, _ := c.Get(fmt.Sprintf("%d-%d", w, i)); string(got) != value(w, i) {
				t.Fatalf("Get(%d-%d) = %.20q after a kill", w, i, got)
			}
		}
		if got, _ := c.Get(fmt.Sprintf("own %d", w)); string(got) != value(w, each-1) {
			t.Errorf("Get(own %d) = %.20q after a kill, not the last", w, got)
		}
	}
}
