package cache_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yeok/cache"
)

// TestRecoverFromDamage goes on with a new file, and keeps the damaged one.
func TestRecoverFromDamage(t *testing.T) {
	whole := filledStore(t)
	zeros := make([]byte, len(whole))
	for name, content := range map[string][]byte{"cut": whole[:len(whole)/4], "cut in the first page": whole[:100], "zeros": zeros} {
		path := filepath.Join(t.TempDir(), "store.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		c := open(t, cache.Options{Path: path, Recover: true})
		if err := c.Trouble(); !errors.Is(err, cache.ErrDamaged) || !strings.Contains(err.Error(), path+".damaged-") {
			t.Errorf("%s: Trouble() = %v, want ErrDamaged and where the file is", name, err)
		}
		put(t, c, "k", "v")
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		c = open(t, cache.Options{Path: path, Recover: true})
		if got := contents(c, "k"); len(got) != 1 || c.Trouble() != nil {
			t.Errorf("%s: the new file holds %v, Trouble() = %v", name, got, c.Trouble())
		}
		kept, err := filepath.Glob(path + ".damaged-*")
		if err != nil || len(kept) != 1 {
			t.Fatalf("%s: kept %q, %v, want one file", name, kept, err)
		}
		if after, err := os.ReadFile(kept[0]); err != nil || !bytes.Equal(after, content) {
			t.Errorf("%s: the damaged file was changed (%v)", name, err)
		}
	}
}

// TestRecoverIsNotForMistakes leaves alone what an operator must see to.
func TestRecoverIsNotForMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		content []byte
		want    error
	}{
		"text":             {[]byte("dear diary"), cache.ErrNotStore},
		"another database": {otherDatabase(t), cache.ErrNotStore},
		"a newer format":   {newerFormat(t, filledStore(t)), cache.ErrFormat},
	} {
		path := filepath.Join(t.TempDir(), "store.db")
		if err := os.WriteFile(path, test.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := cache.Open(cache.Options{Path: path, Recover: true}); !errors.Is(err, test.want) {
			t.Errorf("%s: Open = %v, want %v", name, err, test.want)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, test.content) {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
}

// TestRecoverReads has a file that may be read and not be written.
func TestRecoverReads(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("A FILE THAT CANNOT BE WRITTEN IS NOT TESTED: to root there is none (make chaos mounts a disk that is)")
	}
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, filledStore(t), 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Open(cache.Options{Path: path}); err == nil {
		t.Error("Open without Recover succeeded on a file that cannot be written")
	}
	testReadOnly(t, open(t, cache.Options{Path: path, Recover: true}))
}

// TestReadOnly is the same for who may do everything.
func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, filledStore(t), 0o600); err != nil {
		t.Fatal(err)
	}
	testReadOnly(t, cache.OpenReadOnly(t, path))
}

func testReadOnly(t *testing.T, c *cache.Cache) {
	t.Helper()
	if c.Trouble() == nil {
		t.Error("Trouble() = nil of a file that is only read")
	}
	if err := c.Put("new", cache.Entry{Value: []byte("v")}); !errors.Is(err, cache.ErrReadOnly) {
		t.Errorf("Put = %v, want ErrReadOnly", err)
	}
	for _, write := range []func() error{
		func() error { return c.Delete("key 001") },
		c.Compact,
		func() error { _, _, err := c.Purge(nil, false); return err },
	} {
		if err := write(); !errors.Is(err, cache.ErrReadOnly) {
			t.Errorf("a write = %v, want ErrReadOnly", err)
		}
	}
	if got := contents(c, "new", "key 001"); len(got) != 2 {
		t.Errorf("%v is remembered, want what is in the file and what was put", fmt.Sprint(len(got)))
	}
}
