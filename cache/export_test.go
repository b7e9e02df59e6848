package cache

// The form of a record, for the fuzz test.
var (
	EncodeRecord = encodeRecord
	DecodeRecord = decodeRecord
	RecordLen    = recordLen
)

// FillDisk makes every later growth of the file fail.
func FillDisk(c *Cache) { c.store.(*boltStore).db.Load().MaxSize = 1 }

// Durable reports whether commits wait for the disk.
func Durable(c *Cache) bool { return !c.store.(*boltStore).db.Load().NoSync }
