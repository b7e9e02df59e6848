package cache_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yeok/cache"
)

// stores are the caches that must pass the same suite.
func stores(t testing.TB) map[string]func(t testing.TB) cache.Options {
	file := func(t testing.TB) cache.Options {
		return cache.Options{Path: filepath.Join(t.TempDir(), "store.db")}
	}
	all := map[string]func(t testing.TB) cache.Options{
		"memory": func(testing.TB) cache.Options { return cache.Options{} },
		"file":   file,
		// A memory of one byte keeps nothing, so that every read is the store's.
		"file alone": alone(file),
	}
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Log("REDIS IS NOT TESTED: there is no redis-server here (Debian: apt-get install redis-server)")
		return all
	}
	single, cluster := startRedis(t), startCluster(t)
	all["redis"] = func(testing.TB) cache.Options { return single.options() }
	all["redis alone"] = alone(all["redis"])
	all["redis cluster"] = func(testing.TB) cache.Options { return cluster.options() }
	all["redis untracked"] = func(testing.TB) cache.Options {
		options := single.options()
		options.Redis.NoTracking = true
		return options
	}
	return all
}

func alone(options func(testing.TB) cache.Options) func(testing.TB) cache.Options {
	return func(t testing.TB) cache.Options {
		o := options(t)
		o.MemoryBytes = 1
		return o
	}
}

func open(t testing.TB, options cache.Options) *cache.Cache {
	t.Helper()
	c, err := cache.Open(options)
	if err != nil {
		t.Fatalf("Open(%+v): %v", options, err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func put(t testing.TB, c *cache.Cache, key, value string, tags ...string) {
	t.Helper()
	if err := c.Put(key, cache.Entry{Value: []byte(value), Tags: tags}); err != nil {
		t.Fatalf("Put(%q): %v", key, err)
	}
}

// contents returns what is under the keys that are there.
func contents(c *cache.Cache, keys ...string) map[string]string {
	got := map[string]string{}
	for _, key := range keys {
		if value, ok := c.Get(key); ok {
			got[key] = string(value)
		}
	}
	return got
}

func TestContract(t *testing.T) {
	suite := map[string]func(*testing.T, *cache.Cache){
		"Get":            testGet,
		"PutAll":         testPutAll,
		"Look":           testLook,
		"Delete":         testDelete,
		"Purge":          testPurge,
		"Purge all":      testPurgeAll,
		"Stats":          testStats,
		"Limits":         testLimits,
		"Copies":         testCopies,
		"Compact":        testCompact,
		"Close":          testClose,
		"Expiry":         testExpiry,
		"TTL":            testTTL,
		"Export":         testExport,
		"Many at a time": testManyAtATime,
	}
	for tier, options := range stores(t) {
		for name, test := range suite {
			t.Run(tier+"/"+name, func(t *testing.T) { test(t, open(t, options(t))) })
		}
	}
}

func testGet(t *testing.T, c *cache.Cache) {
	if value, ok := c.Get("absent"); ok || value != nil {
		t.Errorf("Get(absent) = %q, %t, want nil, false", value, ok)
	}
	put(t, c, "k", "one")
	put(t, c, "k", "two")
	put(t, c, "empty", "")
	want := map[string]string{"k": "two", "empty": ""}
	for range 2 { // the second time from memory
		if diff := cmp.Diff(want, contents(c, "k", "empty")); diff != "" {
			t.Errorf("Get (-want +got):\n%s", diff)
		}
	}
}

func testPutAll(t *testing.T, c *cache.Cache) {
	if err := c.PutAll(nil); err != nil {
		t.Errorf("PutAll(nil) = %v", err)
	}
	err := c.PutAll(map[string]cache.Entry{"a": {Value: []byte("1")}, "b": {Value: []byte("2")}})
	if err != nil {
		t.Fatalf("PutAll: %v", err)
	}
	err = c.PutAll(map[string]cache.Entry{"a": {Value: []byte("changed")}, "": {Value: []byte("no key")}})
	if !errors.Is(err, cache.ErrTooLarge) {
		t.Errorf("PutAll with an empty key = %v, want ErrTooLarge", err)
	}
	want := map[string]string{"a": "1", "b": "2"}
	if diff := cmp.Diff(want, contents(c, "a", "b", "")); diff != "" {
		t.Errorf("after a PutAll that failed (-want +got):\n%s", diff)
	}
}

// testLook finds what Get finds, and leaves no copy in memory of it.
func testLook(t *testing.T, c *cache.Cache) {
	put(t, c, "a", "1")
	before := stats(t, c).MemoryEntries
	for key, want := range map[string]string{"a": "1", "absent": ""} {
		if got, ok := c.Look(key); string(got) != want || ok != (want != "") {
			t.Errorf("Look(%q) = %q, %v; want %q", key, got, ok, want)
		}
	}
	if after := stats(t, c).MemoryEntries; after != before {
		t.Errorf("Look left %d entries in memory, there were %d", after, before)
	}
	put(t, c, "a", "2")
	if got, ok := c.Look("a"); string(got) != "2" || !ok {
		t.Errorf("Look after a change = %q, %v", got, ok)
	}
	if err := c.Delete("a"); err != nil {
		t.Fatal(err)
	}
	if got, ok := c.Look("a"); ok {
		t.Errorf("Look after Delete = %q, want none", got)
	}
}

func testDelete(t *testing.T, c *cache.Cache) {
	put(t, c, "a", "1")
	put(t, c, "b", "2")
	put(t, c, "c", "3")
	contents(c, "a", "b")
	if err := c.Delete("a", "c", "absent", ""); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	if diff := cmp.Diff(map[string]string{"b": "2"}, contents(c, "a", "b", "c")); diff != "" {
		t.Errorf("after Delete (-want +got):\n%s", diff)
	}
}

func testPurge(t *testing.T, c *cache.Cache) {
	put(t, c, "a", "1", "language:en", "tenant:acme")
	put(t, c, "b", "22", "language:en", "tenant:birch")
	put(t, c, "c", "333", "language:ja", "tenant:acme")
	put(t, c, "d", "4444")
	contents(c, "a", "b", "c", "d")
	for _, dryRun := range []bool{true, false} {
		n, size, err := c.Purge([]string{"tenant:acme", "language:en"}, dryRun)
		if err != nil || n != 1 || size < 2 {
			t.Errorf("Purge(acme and en, dryRun %t) = %d, %d, %v, want 1 entry of 2 bytes or more", dryRun, n, size, err)
		}
		want := map[string]string{"a": "1", "b": "22", "c": "333", "d": "4444"}
		if !dryRun {
			delete(want, "a")
		}
		if diff := cmp.Diff(want, contents(c, "a", "b", "c", "d")); diff != "" {
			t.Errorf("after Purge(acme and en, dryRun %t) (-want +got):\n%s", dryRun, diff)
		}
	}
	if n, _, err := c.Purge([]string{"language:vi"}, false); n != 0 || err != nil {
		t.Errorf("Purge(vi) = %d, %v, want 0", n, err)
	}
}

func testPurgeAll(t *testing.T, c *cache.Cache) {
	put(t, c, "a", "1", "language:en")
	put(t, c, "b", "2")
	if n, _, err := c.Purge(nil, false); n != 2 || err != nil {
		t.Errorf("Purge(nothing named) = %d, %v, want 2", n, err)
	}
	if got := contents(c, "a", "b"); len(got) > 0 {
		t.Errorf("after Purge(nothing named): %v", got)
	}
}

func testStats(t *testing.T, c *cache.Cache) {
	for i := range 10 {
		put(t, c, fmt.Sprint(i), "value")
	}
	put(t, c, "0", "longer value")
	if err := c.Delete("9", "9"); err != nil {
		t.Fatal(err)
	}
	contents(c, "1", "1", "absent")
	got, err := c.Stats()
	if err != nil {
		t.Fatalf("Stats: %v", err)
	}
	_, bytes, err := c.Purge(nil, true)
	if err != nil {
		t.Fatal(err)
	}
	if got.Entries != 9 || got.Bytes != bytes {
		t.Errorf("Stats: %d entries of %d bytes, want 9 of %d", got.Entries, got.Bytes, bytes)
	}
	if hits := got.Memory.Hits + got.File.Hits; hits != 2 {
		t.Errorf("Stats: %d hits, want 2: %+v", hits, got)
	}
	contents(c, "absent")
	if again, _ := c.Stats(); again.File.Misses > 1 && again.MemoryEntries > 0 && c.Leases() == nil {
		t.Errorf("Stats: the store was asked %d times for what it does not have: %+v", again.File.Misses, again)
	}
	if got.Memory.Misses == 0 || got.Memory.Errors+got.File.Errors > 0 {
		t.Errorf("Stats: want a miss and no error: %+v", got)
	}
}

func testLimits(t *testing.T, c *cache.Cache) {
	longest := strings.Repeat("k", cache.MaxKeyBytes)
	put(t, c, longest, "v")
	for _, key := range []string{"", longest + "k"} {
		if err := c.Put(key, cache.Entry{}); !errors.Is(err, cache.ErrTooLarge) {
			t.Errorf("Put(key of %d bytes) = %v, want ErrTooLarge", len(key), err)
		}
		if _, ok := c.Get(key); ok {
			t.Errorf("Get(key of %d bytes) found something", len(key))
		}
	}
	err := c.Put("k", cache.Entry{Value: make([]byte, cache.MaxValueBytes+1)})
	if !errors.Is(err, cache.ErrTooLarge) {
		t.Errorf("Put(value too long) = %v, want ErrTooLarge", err)
	}
}

func testCopies(t *testing.T, c *cache.Cache) {
	value, tags := []byte("value"), []string{"tag"}
	if err := c.Put("k", cache.Entry{Value: value, Tags: tags}); err != nil {
		t.Fatal(err)
	}
	value[0], tags[0] = 'X', "other"
	if got, _ := c.Get("k"); string(got) != "value" {
		t.Errorf("Get = %q after the caller changed its slice, want %q", got, "value")
	}
	if n, _, _ := c.Purge([]string{"tag"}, false); n != 1 {
		t.Errorf("Purge(tag) = %d after the caller changed its tags, want 1", n)
	}
}

func testCompact(t *testing.T, c *cache.Cache) {
	want := map[string]string{}
	for i := range 200 {
		key := fmt.Sprint(i)
		put(t, c, key, strings.Repeat("x", 10_000), "kept "+fmt.Sprint(i%4 == 0))
		if i%4 == 0 {
			want[key] = strings.Repeat("x", 10_000)
		}
	}
	full, _ := c.Stats()
	if _, _, err := c.Purge([]string{"kept false"}, false); err != nil {
		t.Fatal(err)
	}
	if err := c.Compact(); err != nil {
		t.Fatalf("Compact: %v", err)
	}
	after, _ := c.Stats()
	if full.FileBytes > 0 && after.FileBytes > full.FileBytes/2 {
		t.Errorf("Compact: %d bytes when full, %d with a quarter of it", full.FileBytes, after.FileBytes)
	}
	if int(after.Entries) != len(want) {
		t.Errorf("Compact: %d entries left, want %d", after.Entries, len(want))
	}
	put(t, c, "new", "after")
	want["new"] = "after"
	if diff := cmp.Diff(want, contents(c, slices.Collect(maps.Keys(want))...)); diff != "" {
		t.Errorf("after Compact (-want +got):\n%s", diff)
	}
}

func testExpiry(t *testing.T, c *cache.Cache) {
	soon := time.Now().Add(80 * time.Millisecond)
	for key, expires := range map[string]time.Time{
		"short": soon, "long": soon.Add(time.Hour), "ever": {}, "over": soon.Add(-time.Hour),
	} {
		if err := c.Put(key, cache.Entry{Value: []byte("v"), Tags: []string{"tag"}, Expires: expires}); err != nil {
			t.Fatal(err)
		}
	}
	all := []string{"short", "long", "ever", "over"}
	contents(c, all...)
	time.Sleep(time.Until(soon) + 5*time.Millisecond)
	want := map[string]string{"long": "v", "ever": "v"}
	if diff := cmp.Diff(want, contents(c, all...)); diff != "" {
		t.Errorf("after the end of some (-want +got):\n%s", diff)
	}
	if n, _, err := c.Purge([]string{"tag"}, true); n != 2 || err != nil {
		t.Errorf("Purge counts %d, %v, want 2", n, err)
	}
	if err := c.Compact(); err != nil {
		t.Fatal(err)
	}
	if stats, err := c.Stats(); stats.Entries != 2 || err != nil {
		t.Errorf("after Compact: %d entries, %v, want 2", stats.Entries, err)
	}
	put(t, c, "short", "again")
	if got, _ := c.Get("short"); string(got) != "again" {
		t.Errorf("Get(short) = %q after it was put again", got)
	}
}

// testTTL opens no cache with a TTL: an entry's own end beats it, and one in
// the past makes an entry that is never found.
func testTTL(t *testing.T, c *cache.Cache) {
	put(t, c, "k", "v")
	if err := c.Put("k", cache.Entry{Value: []byte("v"), Expires: time.Now().Add(-time.Second)}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Millisecond)
	if got, ok := c.Get("k"); ok {
		t.Errorf("Get of an entry that was put too late = %q", got)
	}
}

func testClose(t *testing.T, c *cache.Cache) {
	put(t, c, "k", "v")
	for range 2 {
		if err := c.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	if _, ok := c.Get("k"); ok {
		t.Error("Get after Close found something")
	}
	_, _, purgeErr := c.Purge(nil, true)
	_, statsErr := c.Stats()
	_, exportErr := c.Export(io.Discard, nil)
	_, importErr := c.Import(strings.NewReader(""), nil)
	for name, err := range map[string]error{
		"Export": exportErr, "Import": importErr,
		"Put": c.Put("k", cache.Entry{}), "Delete": c.Delete("k"), "Compact": c.Compact(),
		"Purge": purgeErr, "Stats": statsErr,
	} {
		if !errors.Is(err, cache.ErrClosed) {
			t.Errorf("%s after Close = %v, want ErrClosed", name, err)
		}
	}
	if _, ok := c.Get("k"); ok {
		t.Error("Get after Close and Put found something")
	}
}

// testManyAtATime is for the race detector. It also sees a reader who finds a
// value older than one that was put before it asked.
func testManyAtATime(t *testing.T, c *cache.Cache) {
	const keys, rounds = 4, 30
	var wg sync.WaitGroup
	for k := range keys {
		key := fmt.Sprint(k)
		for range 2 {
			wg.Go(func() {
				for range rounds {
					c.Get(key)
				}
			})
		}
		wg.Go(func() {
			for i := range rounds {
				put(t, c, key, fmt.Sprint(i))
				if got, _ := c.Get(key); string(got) != fmt.Sprint(i) {
					t.Errorf("Get(%s) = %q right after Put(%d)", key, got, i)
				}
			}
			if err := c.Delete(key); err != nil {
				t.Errorf("Delete: %v", err)
			}
			if got, ok := c.Get(key); ok {
				t.Errorf("Get(%s) = %q right after Delete", key, got)
			}
		})
	}
	wg.Go(func() {
		for range 5 {
			if err := c.Compact(); err != nil {
				t.Errorf("Compact: %v", err)
			}
			if _, err := c.Stats(); err != nil {
				t.Errorf("Stats: %v", err)
			}
		}
	})
	wg.Wait()
}

func TestMemoryIsBounded(t *testing.T) {
	const limit = 1 << 20
	for _, path := range []string{"", filepath.Join(t.TempDir(), "store.db")} {
		c := open(t, cache.Options{Path: path, MemoryBytes: limit})
		entries := map[string]cache.Entry{"huge": {Value: make([]byte, 2*limit)}}
		for i := range 1000 {
			entries[fmt.Sprint(i)] = cache.Entry{Value: make([]byte, 4<<10)}
		}
		if err := c.PutAll(entries); err != nil {
			t.Fatal(err)
		}
		for key := range entries {
			c.Get(key)
		}
		got, err := c.Stats()
		if err != nil || got.MemoryBytes > limit || got.MemoryBytes < limit/2 {
			t.Errorf("path %q: %d bytes in memory, %v, want %d at most, and half of it at least", path, got.MemoryBytes, err, limit)
		}
		if path != "" && got.Entries != 1001 {
			t.Errorf("path %q: %d entries, want 1001", path, got.Entries)
		}
	}
}

func stats(t *testing.T, c *cache.Cache) cache.Stats {
	t.Helper()
	s, err := c.Stats()
	if err != nil {
		t.Fatalf("Stats: %v", err)
	}
	return s
}

// What nobody asks for again must leave the file all the same, or a store whose
// entries expire grows for ever.
func TestExpiredEntriesLeaveTheFileUnread(t *testing.T) {
	c := open(t, cache.Options{Path: filepath.Join(t.TempDir(), "yeok.db")})
	put := func(name string, n int, expires time.Time) {
		for i := range n {
			if err := c.Put(fmt.Sprintf("%s%d", name, i), cache.Entry{Value: []byte("v"), Expires: expires}); err != nil {
				t.Fatal(err)
			}
		}
	}
	put("kept", 5, time.Time{})
	put("old", 100, time.Now().Add(-time.Second))
	put("new", 40, time.Now().Add(time.Hour))
	stats, err := c.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(45); stats.Entries != want {
		t.Errorf("%d entries are in the store, of which %d have not expired", stats.Entries, want)
	}
}
