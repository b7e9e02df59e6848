package cache_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"yeok/cache"
)

func TestReopen(t *testing.T) {
	options := cache.Options{Path: filepath.Join(t.TempDir(), "new", "folder", "store.db")}
	c := open(t, options)
	put(t, c, "k", "v", "tag")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = open(t, options)
	if diff := cmp.Diff(map[string]string{"k": "v"}, contents(c, "k")); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
	if stats, err := c.Stats(); err != nil || stats.Entries != 1 || stats.File.Hits != 1 {
		t.Errorf("Stats after a restart = %+v, %v, want 1 entry, 1 hit in the file", stats, err)
	}
	if n, _, err := c.Purge([]string{"tag"}, true); n != 1 || err != nil {
		t.Errorf("Purge(tag) after a restart = %d, %v, want 1", n, err)
	}
}

func TestOpenRefusesASecondUser(t *testing.T) {
	options := cache.Options{Path: filepath.Join(t.TempDir(), "store.db")}
	c := open(t, options)
	for range 2 {
		if _, err := cache.Open(options); !errors.Is(err, cache.ErrInUse) || !strings.Contains(err.Error(), options.Path) {
			t.Errorf("second Open = %v, want ErrInUse that names the file", err)
		}
		// The compacted file must be held too.
		if err := c.Compact(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenFollowsALink(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link.db")
	open(t, cache.Options{Path: filepath.Join(dir, "store.db")}).Close()
	if err := os.Symlink("store.db", link); err != nil {
		t.Skip(err)
	}
	c := open(t, cache.Options{Path: link})
	if err := c.Compact(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("Compact replaced the link by a file: %v, %v", info, err)
	}
}

// filledStore returns the bytes of a store with a few pages of entries.
func filledStore(t testing.TB) []byte {
	t.Helper()
	entries := map[string]cache.Entry{}
	for i := range 300 {
		entries[fmt.Sprintf("key %03d", i)] = cache.Entry{Value: bytes.Repeat([]byte("v"), 300)}
	}
	return storeOf(t, entries)
}

func storeOf(t testing.TB, entries map[string]cache.Entry) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	c := open(t, cache.Options{Path: path})
	if err := c.PutAll(entries); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestOpenLeavesWhatItCannotReadAlone(t *testing.T) {
	whole := filledStore(t)
	page := os.Getpagesize()
	zeroed := bytes.Clone(whole)
	clear(zeroed[4*page:])
	first := firstFormat(t)
	bigValue := storeOf(t, map[string]cache.Entry{"k": {Value: make([]byte, 1<<20)}})
	noMeta := bytes.Clone(whole)
	clear(noMeta[:2*page])
	for _, test := range []struct {
		name    string
		content []byte
		want    error
	}{
		{"text", []byte("dear diary"), cache.ErrNotStore},
		{"long text", bytes.Repeat([]byte("dear diary\n"), 10_000), cache.ErrNotStore},
		{"another database", otherDatabase(t), cache.ErrNotStore},
		{"newer format", newerFormat(t, whole), cache.ErrFormat},
		{"no meta pages", noMeta, cache.ErrDamaged},
		{"zeros", make([]byte, len(whole)), cache.ErrDamaged},
		{"cut in the first page", whole[:page/2], cache.ErrDamaged},
		{"cut in the second page", whole[:page+page/2], cache.ErrDamaged},
		{"cut after the fourth page", whole[:4*page], cache.ErrDamaged},
		{"cut in the middle", whole[:len(whole)/4], cache.ErrDamaged},
		{"cut in the last value", bigValue[:len(bigValue)/2], cache.ErrDamaged},
		{"empty pages", zeroed, cache.ErrDamaged},
		{"first format, one empty page", emptyPage(first, "key 150"), cache.ErrDamaged},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			if err := os.WriteFile(path, test.content, 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				_, err := cache.Open(cache.Options{Path: path})
				if !errors.Is(err, test.want) {
					t.Errorf("Open = %v, want %v", err, test.want)
				}
				if err != nil && !strings.Contains(err.Error(), path) {
					t.Errorf("Open's error does not name the file: %v", err)
				}
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(after, test.content) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
}

// emptyPage clears the page that holds the text.
func emptyPage(store []byte, text string) []byte {
	page := os.Getpagesize()
	damaged := bytes.Clone(store)
	start := bytes.Index(damaged, []byte(text)) / page * page
	clear(damaged[start : start+page])
	return damaged
}

// firstFormat is the store of 300 entries as the first yeok wrote it.
func firstFormat(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "first.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: true})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucket([]byte("yeok"))
		entries, err2 := tx.CreateBucket([]byte("entries"))
		if err := errors.Join(err, err2, meta.Put([]byte("format"), []byte("1"))); err != nil {
			return err
		}
		for i := range 300 {
			key := fmt.Sprintf("key %03d", i)
			record := cache.EncodeRecord(key, cache.Entry{Value: bytes.Repeat([]byte("v"), 300)})
			if err := entries.Put([]byte(key), record); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestOpenBringsUpTheFirstFormat(t *testing.T) {
	options := cache.Options{Path: filepath.Join(t.TempDir(), "store.db")}
	if err := os.WriteFile(options.Path, firstFormat(t), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c := open(t, options)
		stats, err := c.Stats()
		if err != nil || stats.Entries != 300 || stats.Bytes != 300*int64(len("key 000")+1+4+1+300) {
			t.Errorf("Stats = %+v, %v, want 300 entries", stats, err)
		}
		if got := contents(c, "key 000", "key 299"); len(got) != 2 {
			t.Errorf("Get found %d of 2 entries", len(got))
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDamagedPageIsAMiss empties single pages of a store that is open, whichever
// they are. Nothing may end the process, and what is on other pages stays.
func TestDamagedPageIsAMiss(t *testing.T) {
	whole := filledStore(t)
	page := os.Getpagesize()
	for at := 2 * page; at < len(whole); at += page {
		options := cache.Options{Path: filepath.Join(t.TempDir(), "store.db"), MemoryBytes: 1}
		if err := os.WriteFile(options.Path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		c := open(t, options)
		file, err := os.OpenFile(options.Path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = file.WriteAt(make([]byte, page), int64(at))
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		if at/page%2 == 0 {
			cache.MakeJournal(c) // which may fail too
		}
		useDamaged(t, c, at/page)
	}
}

// useDamaged does everything that can be done to a store with a bad page.
func useDamaged(t *testing.T, c *cache.Cache, page int) {
	t.Helper()
	missing := 0
	for i := range 300 {
		key := fmt.Sprintf("key %03d", i)
		got, ok := c.Get(key)
		if !ok {
			missing++
		} else if len(got) != 300 {
			t.Errorf("page %d empty: Get(%s) = %d bytes", page, key, len(got))
		}
	}
	if missing > 15 && missing < 300 {
		t.Errorf("page %d empty: %d entries are gone", page, missing)
	}
	for i := 0; i < 300; i += 25 {
		key := fmt.Sprintf("key %03d", i)
		err := errors.Join(c.Put(key, cache.Entry{Value: make([]byte, 900)}), c.Delete(key))
		if err != nil && !errors.Is(err, cache.ErrDamaged) {
			t.Errorf("page %d empty: Put and Delete = %v, want ErrDamaged", page, err)
		}
	}
	_, _, purgeErr := c.Purge(nil, false)
	_, statsErr := c.Stats()
	for _, err := range []error{purgeErr, statsErr, c.Compact(), c.Close()} {
		if err != nil && !errors.Is(err, cache.ErrDamaged) {
			t.Errorf("page %d empty: %v, want ErrDamaged", page, err)
		}
	}
}

func otherDatabase(t *testing.T) []byte {
	return editedStore(t, nil, func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("somebody else's"))
		return err
	})
}

func newerFormat(t *testing.T, store []byte) []byte {
	return editedStore(t, store, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("yeok")).Put([]byte("format"), []byte("999"))
	})
}

// editedStore changes the content of a database behind yeok's back.
func editedStore(t *testing.T, content []byte, edit func(*bbolt.Tx) error) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "edited.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(edit), db.Close()); err != nil {
		t.Fatal(err)
	}
	content, err = os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestDamagedRecordIsAMiss(t *testing.T) {
	content := editedStore(t, filledStore(t), func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("entries"))
		flipped := bytes.Clone(b.Get([]byte("key 001")))
		flipped[len(flipped)-1] ^= 1
		return errors.Join(
			b.Put([]byte("key 001"), flipped),
			b.Put([]byte("key 002"), make([]byte, len(flipped))),
			b.Put([]byte("key 003"), b.Get([]byte("key 004"))), // whole, but of another key
		)
	})
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, cache.Options{Path: path})
	damaged := []string{"key 001", "key 002", "key 003"}
	if got := contents(c, damaged...); len(got) > 0 {
		t.Errorf("Get of damaged records found %v", got)
	}
	if stats, _ := c.Stats(); stats.File.Errors != 3 {
		t.Errorf("Stats: %d errors, want 3", stats.File.Errors)
	}
	for _, key := range damaged {
		put(t, c, key, "paid again")
	}
	if got := contents(c, damaged...); len(got) != 3 {
		t.Errorf("after Put over damaged records: %v", got)
	}
}

func TestPutKeepsInMemoryWhatTheFileRefuses(t *testing.T) {
	c := open(t, cache.Options{Path: filepath.Join(t.TempDir(), "store.db")})
	put(t, c, "old", "before")
	cache.FillDisk(c)
	entry := cache.Entry{Value: bytes.Repeat([]byte("paid"), 100_000), Tags: []string{"tag"}}
	if err := c.Put("new", entry); err == nil {
		t.Error("Put on a full disk succeeded")
	}
	if err := c.PutAll(map[string]cache.Entry{"a": entry, "b": entry}); err == nil {
		t.Error("PutAll on a full disk succeeded")
	}
	want := map[string]string{"new": string(entry.Value), "old": "before"}
	if diff := cmp.Diff(want, contents(c, "old", "new", "a", "b")); diff != "" {
		t.Errorf("on a full disk (-want +got):\n%s", diff)
	}
	if stats, err := c.Stats(); err != nil || stats.File.Errors != 2 {
		t.Errorf("Stats: %d errors, %v, want 2", stats.File.Errors, err)
	}
	if _, _, err := c.Purge([]string{"tag"}, false); err != nil {
		t.Fatalf("Purge: %v", err)
	}
	if got := contents(c, "new"); len(got) > 0 {
		t.Error("Purge left the entry in memory")
	}
}

// TestDebtsArePaid makes room on a full disk.
func TestDebtsArePaid(t *testing.T) {
	options := cache.Options{Path: filepath.Join(t.TempDir(), "store.db")}
	c := open(t, options)
	empty := cache.FillDisk(c)
	for key, size := range map[string]int{"new": 400_000, "newer": 5_000_000, "deleted": 400_000, "purged": 400_000} {
		entry := cache.Entry{Value: bytes.Repeat([]byte("paid"), size/4), Tags: []string{key}}
		if err := c.Put(key, entry); err == nil {
			t.Fatalf("Put(%s) on a full disk succeeded", key)
		}
	}
	if _, _, err := c.Purge([]string{"purged"}, false); err != nil {
		t.Fatal(err)
	}
	empty()
	if err := c.Delete("deleted"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the debts are paid", func() bool {
		stats, err := c.Stats()
		return err == nil && stats.Entries == 2
	})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	got := contents(open(t, options), "new", "newer", "deleted", "purged")
	if len(got["new"]) != 400_000 || len(got["newer"]) != 5_000_000 || len(got) != 2 {
		t.Errorf("after there was room again: %d entries, want new and newer", len(got))
	}
}

// TestReadsGoOnDuringCompact lets no read fail while the file is replaced.
func TestReadsGoOnDuringCompact(t *testing.T) {
	c := open(t, cache.Options{Path: filepath.Join(t.TempDir(), "store.db"), MemoryBytes: 1})
	put(t, c, "k", "v")
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, ok := c.Get("k"); !ok {
					t.Error("Get missed during Compact")
					return
				}
			}
		})
	}
	for range 50 {
		if err := c.Compact(); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	wg.Wait()
	if !cache.Durable(c) {
		t.Error("commits after Compact do not wait for the disk")
	}
}

// TestMemoryAgreesWithTheFile lets writers of one key race with each other and
// with readers. Whoever wins must win in both tiers.
func TestMemoryAgreesWithTheFile(t *testing.T) {
	options := cache.Options{Path: filepath.Join(t.TempDir(), "store.db")}
	c := open(t, options)
	for round := range 20 {
		var wg sync.WaitGroup
		for writer := range 4 {
			wg.Go(func() { put(t, c, "k", fmt.Sprint(round, writer)) })
			wg.Go(func() { c.Get("k") })
		}
		wg.Wait()
		inMemory, _ := c.Get("k")
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		c = open(t, options)
		if onDisk, _ := c.Get("k"); !bytes.Equal(inMemory, onDisk) {
			t.Fatalf("round %d: Get = %q before a restart, %q after", round, inMemory, onDisk)
		}
	}
}

func TestOpenCompactsAWastefulFile(t *testing.T) {
	options := cache.Options{Path: filepath.Join(t.TempDir(), "store.db")}
	c := open(t, options)
	entries := map[string]cache.Entry{"kept": {Value: []byte("v")}}
	for i := range 400 {
		entries[fmt.Sprint(i)] = cache.Entry{Value: make([]byte, 10_000), Tags: []string{"old"}}
	}
	if err := c.PutAll(entries); err != nil {
		t.Fatal(err)
	}
	old := slices.DeleteFunc(slices.Collect(maps.Keys(entries)), func(key string) bool { return key == "kept" })
	if err := c.Delete(old...); err != nil {
		t.Fatal(err)
	}
	before, err := c.Stats()
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	leftover := options.Path + ".compact"
	if err := os.WriteFile(leftover, []byte("what a crash left"), 0o600); err != nil {
		t.Fatal(err)
	}
	c = open(t, options)
	after, err := c.Stats()
	if err != nil || after.FileBytes*4 > before.FileBytes {
		t.Errorf("Open: %d bytes before, %d after, %v, want less than a quarter", before.FileBytes, after.FileBytes, err)
	}
	if got := contents(c, "kept"); len(got) != 1 {
		t.Error("the entry that was alive is gone")
	}
	if _, err := os.Stat(leftover); err == nil {
		t.Errorf("Open left %s", leftover)
	}
}

// TestKill kills a process in the middle of writing and compacting. Whatever
// that process had acknowledged must be there.
func TestKill(t *testing.T) {
	if path := os.Getenv("YEOK_CACHE_KILL_TEST"); path != "" {
		writeUntilKilled(t, path)
	}
	path := filepath.Join(t.TempDir(), "store.db")
	for round := range 4 {
		acknowledged := killMidway(t, path, 10+10*round, round%2 == 0)
		c := open(t, cache.Options{Path: path})
		for key, want := range acknowledged {
			if got, ok := c.Get(key); string(got) != want {
				t.Errorf("round %d: Get(%q) = %.20q, %t after a kill, want %.20q", round, key, got, ok, want)
			}
		}
		// A pair changes together, so the kill must not have split the last one.
		a, _ := c.Get("pair a")
		b, _ := c.Get("pair b")
		if !bytes.Equal(a, b) {
			t.Errorf("round %d: a pair was split: %q, %q", round, a, b)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killMidway starts this test as another process, which writes and may compact,
// kills it after so many acknowledgements, and returns them.
func killMidway(t *testing.T, path string, acks int, compacts bool) map[string]string {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestKill$")
	child.Env = append(os.Environ(), "YEOK_CACHE_KILL_TEST="+path, fmt.Sprintf("YEOK_CACHE_KILL_COMPACTS=%t", compacts))
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if key, ok := strings.CutPrefix(lines.Text(), "ack "); ok {
			acknowledged[key] = strings.Repeat(key, 100)
		}
		if len(acknowledged) == acks {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	if len(acknowledged) < acks {
		t.Fatalf("the child acknowledged %d entries of %d", len(acknowledged), acks)
	}
	return acknowledged
}

func writeUntilKilled(t *testing.T, path string) {
	c := open(t, cache.Options{Path: path})
	go func() {
		for os.Getenv("YEOK_CACHE_KILL_COMPACTS") == "true" {
			if err := c.Compact(); err != nil {
				t.Error(err)
			}
		}
	}()
	for i := 0; ; i++ {
		key := fmt.Sprintf("%d-%d", os.Getpid(), i)
		put(t, c, key, strings.Repeat(key, 100))
		fmt.Println("ack " + key)
		pair := cache.Entry{Value: []byte(time.Now().String())}
		if err := c.PutAll(map[string]cache.Entry{"pair a": pair, "pair b": pair}); err != nil {
			t.Fatal(err)
		}
	}
}
