package cache

import (
	"io/fs"
	"testing"
)

// The form of a record, for the fuzz test.
var (
	EncodeRecord = encodeRecord
	DecodeRecord = decodeRecord
	RecordLen    = recordLen
)

// FillDisk makes every later growth of the file fail, until there is room again.
func FillDisk(c *Cache) (makeRoom func()) {
	db := c.store.(*boltStore).db.Load()
	db.MaxSize = 1
	return func() { db.MaxSize = 0 }
}

// OpenReadOnly opens a file as if it could not be written.
func OpenReadOnly(t *testing.T, path string) *Cache {
	t.Helper()
	c, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	file, trouble := recoverFile(path, fs.ErrPermission)
	if file == nil {
		t.Fatal(trouble)
	}
	c.store, c.trouble = file, trouble
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Durable reports whether commits wait for the disk.
func Durable(c *Cache) bool { return !c.store.(*boltStore).db.Load().NoSync }
