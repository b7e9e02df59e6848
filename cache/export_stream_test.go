package cache_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yeok/cache"
)

// exportOf is the export of a cache of three entries, one of them long.
func exportOf(t testing.TB) []byte {
	t.Helper()
	c := open(t, cache.Options{})
	put(t, c, "a", "1", "language:en")
	put(t, c, "b", strings.Repeat("long", 10_000))
	err := c.PutAll(map[string]cache.Entry{
		"c": {Value: []byte{}, Expires: time.Now().Add(time.Hour)},
		"d": {Value: []byte("over"), Expires: time.Now().Add(-time.Hour)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if done, err := c.Export(&out, nil); done.Entries != 3 || err != nil {
		t.Fatalf("Export = %+v, %v, want 3 entries", done, err)
	}
	return out.Bytes()
}

// testExport carries the entries of a store into another one and back.
func testExport(t *testing.T, c *cache.Cache) {
	want := map[string]string{}
	for i := range 2500 {
		key := fmt.Sprint("key ", i)
		want[key] = strings.Repeat(key, 10)
	}
	entries := map[string]cache.Entry{}
	for key, value := range want {
		entries[key] = cache.Entry{Value: []byte(value), Tags: []string{"tag"}, Expires: time.Now().Add(time.Hour)}
	}
	if err := c.PutAll(entries); err != nil {
		t.Fatal(err)
	}
	var stream bytes.Buffer
	if done, err := c.Export(&stream, nil); done.Entries != len(want) || err != nil {
		t.Fatalf("Export = %+v, %v, want %d entries", done, err, len(want))
	}
	if _, _, err := c.Purge(nil, false); err != nil {
		t.Fatal(err)
	}
	put(t, c, "key 7", "newer")
	want["key 7"] = "newer"
	done, err := c.Import(&stream, nil)
	if diff := cmp.Diff(cache.Imported{Added: len(want) - 1, Kept: 1}, done); diff != "" || err != nil {
		t.Errorf("Import: %v (-want +got):\n%s", err, diff)
	}
	keys := slices.Collect(maps.Keys(want))
	if diff := cmp.Diff(want, contents(c, keys...)); diff != "" {
		t.Errorf("after Import (-want +got):\n%s", diff)
	}
	if n, _, err := c.Purge([]string{"tag"}, true); n != len(want)-1 || err != nil {
		t.Errorf("Purge(tag) counts %d, %v: tags were not carried over", n, err)
	}
}

func TestImportRefusesGarbage(t *testing.T) {
	whole := exportOf(t)
	flipped := func(at int) []byte {
		b := bytes.Clone(whole)
		b[at] ^= 1
		return b
	}
	for name, content := range map[string][]byte{
		"nothing":            {},
		"text":               []byte("dear diary"),
		"a store":            filledStore(t),
		"cut in an entry":    whole[:len(whole)/2],
		"cut before its end": whole[:len(whole)-6],
		"cut in its sum":     whole[:len(whole)-1],
		"flipped value":      flipped(len(whole) / 2),
		"flipped sum":        flipped(len(whole) - 1),
		"more behind":        append(bytes.Clone(whole), 0),
		"a huge length":      append([]byte("yeok cache export 1\n"), 1, 'k', 255, 255, 255, 255, 255, 1),
		"a length too long":  append([]byte("yeok cache export 1\n"), bytes.Repeat([]byte{255}, 12)...),
	} {
		c := open(t, cache.Options{})
		if _, err := c.Import(bytes.NewReader(content), nil); !errors.Is(err, cache.ErrNotExport) {
			t.Errorf("Import(%s) = %v, want ErrNotExport", name, err)
		}
	}
	c := open(t, cache.Options{})
	if _, err := c.Import(bytes.NewReader(whole[:len(whole)-6]), nil); err == nil || len(contents(c, "a", "b", "c")) != 3 {
		t.Errorf("Import of a cut export: %v, want what is whole before the cut", err)
	}
}

// FuzzImport gives Import what a stranger might.
func FuzzImport(f *testing.F) {
	f.Add(exportOf(f))
	f.Add([]byte("yeok cache export 1\n\x01k"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		c := open(t, cache.Options{})
		done, err := c.Import(bytes.NewReader(stream), nil)
		if err != nil && !errors.Is(err, cache.ErrNotExport) {
			t.Fatalf("Import = %v, want ErrNotExport or none", err)
		}
		if err != nil {
			return
		}
		var again bytes.Buffer
		if out, err := c.Export(&again, nil); err != nil || out.Entries > done.Added {
			t.Fatalf("Export = %+v, %v after an import of %+v", out, err, done)
		}
	})
}

// lookingOn is a writer that has something done between its writes.
type lookingOn struct {
	bytes.Buffer
	between func()
}

func (w *lookingOn) Write(p []byte) (int, error) {
	w.between()
	return w.Buffer.Write(p)
}

// TestExportHoldsUpNobody has a file written to, grown and compacted by whoever
// reads its export.
func TestExportHoldsUpNobody(t *testing.T) {
	c := open(t, cache.Options{Path: filepath.Join(t.TempDir(), "store.db")})
	long := strings.Repeat("long", 100_000)
	for i := range 20 {
		put(t, c, fmt.Sprint("before ", i), long)
	}
	writes := 0
	w := &lookingOn{between: func() {
		writes++
		put(t, c, fmt.Sprint("meanwhile ", writes), long)
		if err := c.Compact(); err != nil {
			t.Errorf("Compact in an export: %v", err)
		}
	}}
	done, err := c.Export(w, func(key string, _ []string) bool { return strings.HasPrefix(key, "before") })
	if err != nil || done.Entries != 20 || writes < 20 {
		t.Fatalf("Export = %+v, %v, in %d writes, want the 20 entries of before", done, err, writes)
	}
	to := open(t, cache.Options{})
	if done, err := to.Import(&w.Buffer, nil); err != nil || done.Added != 20 {
		t.Errorf("Import = %+v, %v, want 20 added", done, err)
	}
}

func TestExportAndImportChoose(t *testing.T) {
	from, to := open(t, cache.Options{}), open(t, cache.Options{})
	put(t, from, "a", "1", "tenant:x")
	put(t, from, "b", "2", "tenant:y")
	put(t, from, "c", "3")
	x := func(_ string, tags []string) bool { return slices.Contains(tags, "tenant:x") }
	var all, some bytes.Buffer
	if done, err := from.Export(&some, x); done.Entries != 1 || err != nil {
		t.Errorf("Export of one = %+v, %v", done, err)
	}
	if done, err := from.Export(&all, nil); done.Entries != 3 || err != nil {
		t.Errorf("Export of all = %+v, %v", done, err)
	}
	if done, err := to.Import(&all, x); done != (cache.Imported{Added: 1, Left: 2}) || err != nil {
		t.Errorf("Import of one = %+v, %v", done, err)
	}
	if diff := cmp.Diff(map[string]string{"a": "1"}, contents(to, "a", "b", "c")); diff != "" {
		t.Errorf("after Import of one (-want +got):\n%s", diff)
	}
}

// TestImportKeepsWhatIsOwed: what a full disk did not take is newer than any copy.
func TestImportKeepsWhatIsOwed(t *testing.T) {
	older := open(t, cache.Options{})
	put(t, older, "k", "older")
	var export bytes.Buffer
	if _, err := older.Export(&export, nil); err != nil {
		t.Fatal(err)
	}
	c := open(t, cache.Options{Path: filepath.Join(t.TempDir(), "store.db")})
	makeRoom := cache.FillDisk(c)
	newer := strings.Repeat("newer", 100_000)
	if err := c.Put("k", cache.Entry{Value: []byte(newer)}); err == nil {
		t.Fatal("Put on a full disk succeeded")
	}
	makeRoom()
	if done, err := c.Import(&export, nil); done != (cache.Imported{Kept: 1}) || err != nil {
		t.Errorf("Import = %+v, %v, want 1 kept", done, err)
	}
	if got := contents(c, "k")["k"]; got != newer {
		t.Errorf("Import left %.20q…, want what was put last", got)
	}
}
