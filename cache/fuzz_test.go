package cache_test

import (
	"bytes"
	"fmt"
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
