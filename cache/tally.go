package cache

import (
	"encoding/binary"
	"errors"

	"go.etcd.io/bbolt"
)

// tally changes the entries of a transaction and keeps count of them.
type tally struct {
	tx            *bbolt.Tx
	bucket        *bbolt.Bucket
	entries, size int64
}

func newTally(tx *bbolt.Tx) *tally {
	t := &tally{tx: tx, bucket: tx.Bucket(entriesBucket)}
	t.entries, t.size = counts(tx)
	return t
}

func (t *tally) change(ch change) error {
	if ch.addition != nil {
		return t.add(ch.key, ch.addition)
	}
	return t.set(ch)
}

func (t *tally) set(ch change) error {
	if old := t.bucket.Get(ch.key); old != nil {
		t.entries--
		t.size -= recordSize(ch.key, old)
	}
	if ch.record == nil {
		return t.bucket.Delete(ch.key)
	}
	t.entries++
	t.size += recordSize(ch.key, ch.record)
	return t.bucket.Put(ch.key, ch.record)
}

// setLive sets records, in their order. Where one has expired nothing is left, nor
// what it replaced.
func (t *tally) setLive(changes []change) error {
	for _, ch := range changes {
		if expiredRecord(ch.record) {
			ch.record = nil
		}
		if err := t.set(ch); err != nil {
			return err
		}
	}
	return nil
}

func (t *tally) save(tx *bbolt.Tx) error {
	value := binary.BigEndian.AppendUint64(nil, uint64(t.entries))
	return errors.Join(
		tx.Bucket(metaBucket).Put(countsKey, binary.BigEndian.AppendUint64(value, uint64(t.size))),
		keepJournal(tx),
	)
}

// counts are the number and the size of the entries.
func counts(tx *bbolt.Tx) (entries, size int64) {
	entries, size, _ = parseCounts(tx.Bucket(metaBucket).Get(countsKey))
	return entries, size
}

func parseCounts(value []byte) (entries, size int64, ok bool) {
	if len(value) != 16 {
		return 0, 0, false
	}
	return int64(binary.BigEndian.Uint64(value)), int64(binary.BigEndian.Uint64(value[8:])), true
}
