package cache_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/cache"
)

// FuzzStore runs a program of operations against a cache and against a plain
// map, and demands that they agree after each of them. Each pair of bytes is
// one operation: what to do, and to which key.
func FuzzStore(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 1, 1, 2, 0, 0, 3, 3, 0, 4, 0, 5, 1, 6, 0})
	f.Add([]byte{0, 1, 0, 1, 4, 0, 0, 1, 1, 1, 4, 0})
	f.Add(bytes.Repeat([]byte{0, 7, 2, 9, 1, 3, 3, 1}, 10))
	f.Add([]byte{8, 0, 0, 1, 0, 2, 9, 0, 0, 1, 2, 1, 9, 0, 0, 2, 10, 0, 0, 1})
	f.Add([]byte{8, 0, 0, 1, 3, 1, 10, 0, 8, 0, 0, 3, 4, 3, 10, 0, 8, 0, 0, 5, 6, 0, 0, 5, 6, 0, 10, 0})
	f.Fuzz(func(t *testing.T, program []byte) {
		program = program[:min(len(program), 80)]
		m := model{t: t, path: filepath.Join(t.TempDir(), "store.db"), want: map[string]string{}}
		m.reopen()
		for i := 0; i+1 < len(program); i += 2 {
			m.step(program[i], program[i+1], i)
		}
		m.reopen()
		m.compare()
		if err := m.c.Close(); err != nil {
			t.Error(err)
		}
	})
}

type model struct {
	t    *testing.T
	path string
	c    *cache.Cache
	want map[string]string
}

func (m *model) step(operation, operand byte, serial int) {
	key := keyOf(operand)
	value := strings.Repeat(fmt.Sprint(serial), int(operand)*8)
	var err error
	switch operation % 11 {
	case 0, 1:
		err = m.c.Put(key, cache.Entry{Value: []byte(value), Tags: []string{tagOf(key)}})
		m.want[key] = value
	case 2:
		entries := map[string]cache.Entry{}
		for _, key := range []string{key, keyOf(operand + 1)} {
			entries[key] = cache.Entry{Value: []byte(value), Tags: []string{tagOf(key)}}
			m.want[key] = value
		}
		err = m.c.PutAll(entries)
	case 3:
		err = m.c.Delete(key)
		delete(m.want, key)
	case 4:
		m.purge(tagOf(key))
	case 5:
		m.reopen()
	case 6:
		err = m.c.Compact()
	case 7:
		m.c.Get(key)
	case 8:
		cache.MakeJournal(m.c)
	case 9:
		cache.MoveJournal(m.c)
	case 10:
		m.crash()
	}
	if err != nil {
		m.t.Fatalf("operation %d on %q: %v", operation%11, key, err)
	}
	m.compare()
}

func keyOf(operand byte) string { return fmt.Sprint("key", operand%16) }
func tagOf(key string) string   { return fmt.Sprint("tag", len(key)) }

func (m *model) purge(tag string) {
	want := 0
	for key := range m.want {
		if tagOf(key) == tag {
			delete(m.want, key)
			want++
		}
	}
	if got, _, err := m.c.Purge([]string{tag}, false); got != want || err != nil {
		m.t.Fatalf("Purge(%s) = %d, %v, want %d", tag, got, err, want)
	}
}

func (m *model) reopen() {
	if m.c != nil {
		if err := m.c.Close(); err != nil {
			m.t.Fatal(err)
		}
	}
	var err error
	if m.c, err = cache.Open(cache.Options{Path: m.path, MemoryBytes: 2000}); err != nil {
		m.t.Fatalf("Open: %v", err)
	}
}

// crash ends the process, as far as the store can tell.
func (m *model) crash() {
	if err := cache.Abandon(m.c); err != nil {
		m.t.Fatal(err)
	}
	m.c = nil
	m.reopen()
}

func (m *model) compare() {
	m.t.Helper()
	got := map[string]string{}
	for i := range byte(16) {
		if value, ok := m.c.Get(keyOf(i)); ok {
			got[keyOf(i)] = string(value)
		}
	}
	if diff := cmp.Diff(m.want, got); diff != "" {
		m.t.Fatalf("the cache and the map differ (-want +got):\n%s", diff)
	}
	stats, err := m.c.Stats()
	if err != nil || stats.Entries != int64(len(m.want)) {
		m.t.Fatalf("Stats: %d entries, %v, want %d", stats.Entries, err, len(m.want))
	}
	if _, size, err := m.c.Purge(nil, true); size != stats.Bytes || err != nil {
		m.t.Fatalf("Stats: %d bytes, Purge counts %d, %v", stats.Bytes, size, err)
	}
}

// FuzzRecord holds the decoder against bytes that nobody wrote, and against
// its encoder.
func FuzzRecord(f *testing.F) {
	f.Add("key", []byte("value"), "tag")
	f.Add("", []byte{1, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}, "")
	f.Fuzz(func(t *testing.T, key string, value []byte, tag string) {
		if _, err := cache.DecodeRecord(key, value); err == nil {
			t.Skip("a record by itself")
		}
		want := cache.Entry{Value: value, Tags: []string{tag, tag + tag}}
		record := cache.EncodeRecord(key, want)
		if len(record) != cache.RecordLen(want) {
			t.Errorf("record of %d bytes, recordLen says %d", len(record), cache.RecordLen(want))
		}
		got, err := cache.DecodeRecord(key, record)
		if err != nil || !bytes.Equal(got.Value, want.Value) || !slices.Equal(got.Tags, want.Tags) {
			t.Errorf("DecodeRecord(EncodeRecord(%q, %+v)) = %+v, %v", key, want, got, err)
		}
		if _, err := cache.DecodeRecord(key+"x", record); err == nil {
			t.Errorf("DecodeRecord(%q) took the record of %q", key+"x", key)
		}
		for i := range min(len(record), 64) {
			record[i] ^= 0x10
			if got, err := cache.DecodeRecord(key, record); err == nil {
				t.Errorf("DecodeRecord took a record with byte %d changed: %+v", i, got)
			}
			record[i] ^= 0x10
		}
	})
}

// FuzzStoreFile damages the file of a store as disks and file systems do, a page at
// a time, and cuts it, and opens it as a service does. Whatever the damage is, an
// answer is right or missing, and the store works on, or says that it does not.
//
// Each three bytes of the damage are a page and what becomes of it. Single bits
// are turned in the first two pages alone: of the others bbolt checks the number
// and believes the rest, so that a size that was turned may cost any memory.
func FuzzStoreFile(f *testing.F) {
	whole := filledStore(f)
	size := os.Getpagesize()
	pages := len(whole) / size
	f.Add([]byte{}, uint32(0))
	f.Add([]byte{}, uint32(5000))
	for page := range byte(min(pages, 40)) {
		f.Add([]byte{page, page % 5, page + 1}, uint32(0))
	}
	f.Fuzz(func(t *testing.T, damage []byte, cut uint32) {
		content := bytes.Clone(whole)
		for ; len(damage) >= 3; damage = damage[3:] {
			page := content[int(damage[0])%pages*size:][:size]
			switch damage[1] % 5 {
			case 0:
				clear(page)
			case 1:
				copy(page, content[int(damage[2])%pages*size:][:size])
			case 2:
				copy(page, bytes.Repeat([]byte{damage[2]}, size))
			case 3:
				content[int(damage[0])%2*size+int(damage[2])] ^= 1 << (damage[0] % 8)
			case 4:
				copy(page, "garbage") // in place of its number
			}
		}
		if cut > 0 {
			content = content[:int(cut)%len(content)]
		}
		path := filepath.Join(t.TempDir(), "store.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		options := cache.Options{Path: path, Recover: true, MemoryBytes: 1}
		c, err := cache.Open(options)
		if err != nil {
			return // not a store, or of another format
		}
		compareWithWhole(t, c)
		_ = c.Put("new", cache.Entry{Value: []byte("v")}) // a damaged page may refuse
		_ = c.Delete("key 001")
		_, _, _ = c.Purge([]string{"no such tag"}, false)
		_ = c.Compact()
		compareWithWhole(t, c)
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if c, err = cache.Open(options); err == nil {
			compareWithWhole(t, c)
			_ = c.Close()
		}
	})
}

// compareWithWhole wants entries of filledStore to be right or missing.
func compareWithWhole(t *testing.T, c *cache.Cache) {
	t.Helper()
	want := bytes.Repeat([]byte("v"), 300)
	for i := range 300 {
		key := fmt.Sprintf("key %03d", i)
		if got, ok := c.Get(key); ok && !bytes.Equal(got, want) {
			t.Errorf("Get(%q) = %.20q out of a damaged file", key, got)
		}
	}
}
