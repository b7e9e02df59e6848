package cache

// The form of a record, for the fuzz test.
var (
	EncodeRecord = encodeRecord
	DecodeRecord = decodeRecord
	RecordLen    = recordLen
)

// FillDisk makes every later growth of the file fail.
func FillDisk(c *Cache) { c.store.db.Load().MaxSize = 1 }
