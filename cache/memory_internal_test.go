package cache

import (
	"path/filepath"
	"testing"
	"time"
)

// TestMemoryKeepsNoOldValue: who read the store before a change must not put what he
// read into memory after it.
func TestMemoryKeepsNoOldValue(t *testing.T) {
	m, err := newMemory(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	before := m.version("k")
	m.drop("k")
	m.keepIf(before, "k", Entry{Value: []byte("old")})
	if e, state := m.get("k"); state != absent {
		t.Errorf("get = %q, %d, want nothing", e.Value, state)
	}
	m.keepMissing(before, "k")
	if _, state := m.get("k"); state != absent {
		t.Errorf("get after keepMissing = %d, want nothing", state)
	}
	m.keepIf(m.version("k"), "k", Entry{Value: []byte("new")})
	if e, state := m.get("k"); state != fresh || string(e.Value) != "new" {
		t.Errorf("get = %q, %d, want new", e.Value, state)
	}
}

// TestDoubtfulAbsence: that nothing was there is not believed of a store that may have
// changed; or a store that is down would answer with an empty value.
func TestDoubtfulAbsence(t *testing.T) {
	m, err := newMemory(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	m.keepMissing(m.version("none"), "none")
	m.keepIf(m.version("k"), "k", Entry{Value: []byte("v")})
	if _, state := m.get("none"); state != missing {
		t.Errorf("get = %d, want missing", state)
	}
	m.doubt()
	if _, state := m.get("none"); state != absent {
		t.Errorf("get in doubt = %d, want absent", state)
	}
	if e, state := m.get("k"); state != doubtful || string(e.Value) != "v" {
		t.Errorf("get in doubt = %q, %d, want v, doubtful", e.Value, state)
	}
}

// TestExpiredAndWrittenAgain: a reader that finds an entry too old does not take away
// what is written under its key before the next commit.
func TestExpiredAndWrittenAgain(t *testing.T) {
	c, err := Open(Options{Path: filepath.Join(t.TempDir(), "store.db"), MemoryBytes: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Put("k", Entry{Value: []byte("new")}); err != nil {
		t.Fatal(err)
	}
	c.store.(*journaledStore).file.noteExpired([]byte("k"))
	if err := c.Put("other", Entry{Value: []byte("v")}); err != nil {
		t.Fatal(err)
	}
	if got, ok := c.Get("k"); !ok || string(got) != "new" {
		t.Errorf("Get = %q, %v, want new", got, ok)
	}
}

// TestAddOverExpired: an entry whose time is over stands in nobody's way.
func TestAddOverExpired(t *testing.T) {
	c, err := Open(Options{Path: filepath.Join(t.TempDir(), "store.db"), MemoryBytes: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	over := encodeRecord("k", Entry{Value: []byte("old"), Expires: time.Now().Add(-time.Second)})
	if err := c.store.write([]change{{key: []byte("k"), record: over}}); err != nil {
		t.Fatal(err)
	}
	added, err := c.store.add([]change{{key: []byte("k"), record: encodeRecord("k", Entry{Value: []byte("new")})}})
	if added != 1 || err != nil {
		t.Errorf("add = %d, %v, want 1", added, err)
	}
	if got, ok := c.Get("k"); !ok || string(got) != "new" {
		t.Errorf("Get = %q, %v, want new", got, ok)
	}
}

// TestEntrysOwnEnd: the TTL is for entries that do not say when they end.
func TestEntrysOwnEnd(t *testing.T) {
	c := &Cache{ttl: time.Hour}
	end := time.Now().Add(2 * time.Hour)
	if got := c.dated(Entry{Expires: end}).Expires; !got.Equal(end) {
		t.Errorf("dated(own end).Expires = %v, want %v", got, end)
	}
	if got := c.dated(Entry{}).Expires; got.IsZero() || got.After(end) {
		t.Errorf("dated().Expires = %v, want an hour from now", got)
	}
}
