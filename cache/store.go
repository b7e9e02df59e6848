package cache

import "time"

// store is the tier that outlives the process: the truth, of which memory
// holds copies. Two kinds are there, a file ([boltStore]) and a server that
// several processes share ([redisStore]); one suite of tests holds both.
//
// All methods may be called at the same time, and after close, when they
// return [ErrClosed].
type store interface {
	// read returns the entry under the key, unless it has expired. Its bytes
	// must not be changed. It must be quick also when the store is not there.
	read(key string) (e Entry, found bool, err error)

	// write makes the changes, all or none, and returns when they will
	// survive a crash of this process.
	write(changes []change) error

	// increase adds n to the number under the key, see [Cache.Add], and returns
	// what it is then and whether it was there. Adding 0 only reads.
	increase(key string, n int64, expires time.Time) (sum int64, found bool, err error)

	// add makes those changes whose keys are not there yet, and reports how
	// many these were. An error may leave some of them made.
	add(changes []change) (added int, err error)

	// purge calls purged with the key of every entry that has all the tags,
	// and forgets it, unless it is a dry run. It reports the number and the
	// size of those entries. What has expired is removed and not counted.
	purge(tags []string, dryRun bool, purged func(key string)) (entries int, size int64, err error)

	// each calls fn with every record, in no order. fn may take its time: nobody
	// waits for it. The bytes are valid during the call alone.
	each(fn func(key string, record []byte) error) error

	// stats fills in the fields that are the store's.
	stats(out *Stats) error

	// compact gives back what deleted and expired entries take.
	compact() error

	close() error
}

// change is one key's new record; a nil record deletes the key. With an addition
// it is about the number under the key and no record.
type change struct {
	key      []byte
	record   []byte
	addition *addition
}

func recordSize(key, record []byte) int64 { return int64(len(key) + len(record)) }
