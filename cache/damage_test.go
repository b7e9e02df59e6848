package cache_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yeok/cache"
)

// oldStore is a store with a past: branches above branches, values of several
// pages, sums, and free pages that hold what was replaced and deleted since. Both
// of its meta pages lead to the same entries.
func oldStore(t testing.TB) (content []byte, want map[string]string) {
	t.Helper()
	options := cache.Options{Path: filepath.Join(t.TempDir(), "store.db")}
	c := open(t, options)
	value := func(generation string, i int) string { return strings.Repeat(generation, 100+i%8*i*10) }
	want = map[string]string{}
	for _, generation := range []string{"old", "new"} {
		entries := map[string]cache.Entry{}
		for i := range oldEntries {
			if generation == "new" && i%10 == 0 {
				continue
			}
			entries[oldKey(i)] = cache.Entry{Value: []byte(value(generation, i)), Tags: []string{"tag"}}
			want[oldKey(i)] = value(generation, i)
		}
		if err := c.PutAll(entries); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < oldEntries; i += 10 {
		if err := c.Delete(oldKey(i)); err != nil {
			t.Fatal(err)
		}
		delete(want, oldKey(i))
	}
	if _, err := c.Add("sum", 7, time.Now().Add(1000*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		c = open(t, options)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(options.Path)
	if err != nil {
		t.Fatal(err)
	}
	return content, want
}

const oldEntries = 120

// oldKey is so long that few fit on a page.
func oldKey(i int) string { return fmt.Sprintf("key %03d %s", i, strings.Repeat("k", 500)) }

// Ways in which a page is damaged, for [damage].
const (
	emptied = iota
	replaced
	filled
	turned
	field16
	field32
	field64
	garbled
	meta
	ways
)

// damage damages a page in the way that is asked for, with an operand.
func damage(content []byte, number uint16, way byte, operand uint32) {
	size := os.Getpagesize()
	pages := len(content) / size
	page := content[int(number)%pages*size:][:size]
	at := int(operand>>16) % (size - 8)
	// Where bbolt keeps its numbers, and not in values, which have sums.
	table := at % (16 + 16*32)
	switch way % ways {
	case emptied:
		clear(page)
	case replaced:
		copy(page, content[int(operand)%pages*size:][:size])
	case filled:
		copy(page, bytes.Repeat([]byte{byte(operand)}, size))
	case turned:
		page[at] ^= 1 << (operand % 8)
	case field16:
		binary.NativeEndian.PutUint16(page[table&^1:], uint16(operand))
	case field32:
		binary.NativeEndian.PutUint32(page[table&^3:], spread(operand))
	case field64:
		binary.NativeEndian.PutUint64(page[table&^7:], uint64(spread(operand)))
	case garbled:
		copy(page[at:], "garbage")
	case meta: // with a sum that is right
		page = content[int(number)%2*size:][:size]
		binary.NativeEndian.PutUint64(page[24+8*(operand>>16%6):], uint64(spread(operand)))
		sum := fnv.New64a()
		_, _ = sum.Write(page[16:72])
		binary.NativeEndian.PutUint64(page[72:], sum.Sum64())
	}
}

// spread makes small numbers of most operands and huge ones of some.
func spread(operand uint32) uint32 {
	if operand%4 == 0 {
		return -operand & 0xffff
	}
	return operand & 0xffff >> (operand >> 2 % 16)
}

// FuzzStoreFile damages the file of a store, also where only bbolt would look, cuts
// it, opens it as a service does, and does with it all that can be done. Whatever
// the damage is, an answer is right or missing, nothing comes back that was
// replaced or deleted, and the store works on, or says that it does not.
//
// Each seven bytes of the damage are a page, a way, and an operand.
func FuzzStoreFile(f *testing.F) {
	whole, want := oldStore(f)
	f.Add([]byte{}, uint32(0))
	f.Add([]byte{}, uint32(5000))
	for page := range len(whole) / os.Getpagesize() / 3 { // each use of a whole store costs tens of milliseconds
		way := byte(page % ways)
		f.Add([]byte{byte(page * 3), byte(page * 3 >> 8), way, byte(page) * 3, way, byte(page) * 5, way * 7}, uint32(0))
	}
	f.Fuzz(func(t *testing.T, damages []byte, cut uint32) {
		content := bytes.Clone(whole)
		for ; len(damages) >= 7; damages = damages[7:] {
			damage(content, binary.LittleEndian.Uint16(damages), damages[2], binary.LittleEndian.Uint32(damages[3:]))
		}
		if cut > 0 {
			content = content[:int(cut)%len(content)]
		}
		path := filepath.Join(t.TempDir(), "store.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		useAll(t, cache.Options{Path: path, Recover: true, MemoryBytes: 1}, want)
	})
}

// useAll does everything that can be done to a store, which holds entries of want
// and no others.
func useAll(t *testing.T, options cache.Options, want map[string]string) {
	t.Helper()
	c, err := cache.Open(options)
	if err != nil {
		return // not a store, or of another format
	}
	rightOrMissing(t, c, want)
	_ = c.Put("new", cache.Entry{Value: []byte("v")}) // a damaged page may refuse
	for i := 1; i < oldEntries; i += 40 {
		_ = c.Put(oldKey(i), cache.Entry{Value: []byte(want[oldKey(i)]), Tags: []string{"tag"}})
	}
	_, _ = c.Add("sum", 1, time.Now().Add(time.Hour))
	_ = c.Delete(oldKey(10), "new")
	_, _, _ = c.Purge([]string{"no such tag"}, false)
	_, _ = c.Export(io.Discard, nil)
	_ = c.Compact()
	_, _ = c.Stats()
	rightOrMissing(t, c, want)
	_, _, _ = c.Purge([]string{"tag"}, false)
	if err := c.Close(); err != nil && !errors.Is(err, cache.ErrDamaged) {
		t.Errorf("Close: %v", err)
	}
	if c, err = cache.Open(options); err == nil {
		rightOrMissing(t, c, want)
		_ = c.Close()
	}
}

// rightOrMissing wants every entry to be as it was written last, or not there.
func rightOrMissing(t *testing.T, c *cache.Cache, want map[string]string) (missing int) {
	t.Helper()
	for i := range oldEntries {
		key := oldKey(i)
		got, ok := c.Get(key)
		switch value, there := want[key]; {
		case ok && (!there || string(got) != value):
			t.Errorf("Get(%.7q) = %.20q out of a damaged file, want %.20q", key, got, value)
		case !ok && there:
			missing++
		}
	}
	return missing
}
