package cache

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"
)

// A record is how an entry lies in a store:
//
//	byte   version: 2 if the entry expires, else 1
//	4      CRC-32C of the key and of everything after this field, big endian
//	8      version 2 only: when it expires, Unix milliseconds, big endian
//	uvarint number of tags, then for each tag uvarint length and the bytes
//	rest   the value
//
// The key is in the sum so that a record that was found under a wrong key is
// refused. The tags come before the value so that a purge reads the first page
// of a record alone.
const (
	plainVersion   = 1
	expiresVersion = 2
	recordHeader   = 1 + crc32.Size
	expiryBytes    = 8
)

// errRecord is returned for a record that is not what was written.
var errRecord = errors.New("damaged record")

// castagnoli has an instruction of its own on amd64 and arm64.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func encodeRecord(key string, e Entry) []byte {
	r := make([]byte, recordHeader, recordLen(e))
	r[0] = plainVersion
	if !e.Expires.IsZero() {
		r[0] = expiresVersion
		r = binary.BigEndian.AppendUint64(r, uint64(e.Expires.UnixMilli()))
	}
	r = binary.AppendUvarint(r, uint64(len(e.Tags)))
	for _, tag := range e.Tags {
		r = binary.AppendUvarint(r, uint64(len(tag)))
		r = append(r, tag...)
	}
	r = append(r, e.Value...)
	binary.BigEndian.PutUint32(r[1:], checksum(key, r))
	return r
}

// recordLen is the length that encodeRecord makes of the entry.
func recordLen(e Entry) int {
	n := recordHeader + uvarintLen(len(e.Tags)) + len(e.Value)
	if !e.Expires.IsZero() {
		n += expiryBytes
	}
	for _, tag := range e.Tags {
		n += uvarintLen(len(tag)) + len(tag)
	}
	return n
}

func uvarintLen(n int) int {
	size := 1
	for ; n >= 0x80; n >>= 7 {
		size++
	}
	return size
}

func checksum(key string, record []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte(key), castagnoli), castagnoli, record[recordHeader:])
}

// decodeRecord returns the entry in the record, whose bytes it shares.
func decodeRecord(key string, record []byte) (Entry, error) {
	if len(record) < recordHeader || binary.BigEndian.Uint32(record[1:]) != checksum(key, record) {
		return Entry{}, errRecord
	}
	return splitRecord(record)
}

// splitRecord returns the parts without a look at the sum. A record that was
// cut behind its tags yields a value that was cut.
func splitRecord(record []byte) (Entry, error) {
	var e Entry
	if len(record) < recordHeader {
		return e, errRecord
	}
	rest := record[recordHeader:]
	switch record[0] {
	case plainVersion:
	case expiresVersion:
		if len(rest) < expiryBytes {
			return e, errRecord
		}
		e.Expires = time.UnixMilli(int64(binary.BigEndian.Uint64(rest)))
		rest = rest[expiryBytes:]
	default:
		return e, errRecord
	}
	count, n := binary.Uvarint(rest)
	if n <= 0 || count > uint64(len(rest)) {
		return e, errRecord
	}
	rest = rest[n:]
	for range count {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return e, errRecord
		}
		e.Tags = append(e.Tags, string(rest[n:n+int(size)]))
		rest = rest[n+int(size):]
	}
	e.Value = rest
	return e, nil
}

// expired reports whether the entry's time is over. It costs nothing for an
// entry that never expires.
func (e Entry) expired() bool { return !e.Expires.IsZero() && !time.Now().Before(e.Expires) }

// expiredRecord reports it of a record, without a look at the sum.
func expiredRecord(record []byte) bool {
	if len(record) < recordHeader+expiryBytes || record[0] != expiresVersion {
		return false
	}
	return time.Now().UnixMilli() >= int64(binary.BigEndian.Uint64(record[recordHeader:]))
}
