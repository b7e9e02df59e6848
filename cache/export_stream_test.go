package cache_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
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
	if done, err := c.Export(&out); done.Entries != 3 || err != nil {
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
	if done, err := c.Export(&stream); done.Entries != len(want) || err != nil {
		t.Fatalf("Export = %+v, %v, want %d entries", done, err, len(want))
	}
	if _, _, err := c.Purge(nil, false); err != nil {
		t.Fatal(err)
	}
	put(t, c, "key 7", "newer")
	want["key 7"] = "newer"
	done, err := c.Import(&stream)
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
		if _, err := c.Import(bytes.NewReader(content)); !errors.Is(err, cache.ErrNotExport) {
			t.Errorf("Import(%s) = %v, want ErrNotExport", name, err)
		}
	}
	c := open(t, cache.Options{})
	if _, err := c.Import(bytes.NewReader(whole[:len(whole)-6])); err == nil || len(contents(c, "a", "b", "c")) != 3 {
		t.Errorf("Import of a cut export: %v, want what is whole before the cut", err)
	}
}

// FuzzImport gives Import what a stranger might.
func FuzzImport(f *testing.F) {
	f.Add(exportOf(f))
	f.Add([]byte("yeok cache export 1\n\x01k"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		c := open(t, cache.Options{})
		done, err := c.Import(bytes.NewReader(stream))
		if err != nil && !errors.Is(err, cache.ErrNotExport) {
			t.Fatalf("Import = %v, want ErrNotExport or none", err)
		}
		if err != nil {
			return
		}
		var again bytes.Buffer
		if out, err := c.Export(&again); err != nil || out.Entries > done.Added {
			t.Fatalf("Export = %+v, %v after an import of %+v", out, err, done)
		}
	})
}
