package cache

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A record is how an entry lies in the file:
//
//	byte   recordVersion
//	4      CRC-32C of the key and of everything after this field, big endian
//	uvarint number of tags, then for each tag uvarint length and the bytes
//	rest   the value
//
// The key is in the sum so that a record that was found under a wrong key is
// refused. The tags come before the value so that a purge reads the first page
// of a record alone.
const (
	recordVersion = 1
	recordHeader  = 1 + crc32.Size
)

// errRecord is returned for a record that is not what was written.
var errRecord = errors.New("damaged record")

// castagnoli has an instruction of its own on amd64 and arm64.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func encodeRecord(key string, e Entry) []byte {
	r := make([]byte, recordHeader, recordLen(e))
	r[0] = recordVersion
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
	if len(record) < recordHeader || record[0] != recordVersion {
		return Entry{}, errRecord
	}
	if binary.BigEndian.Uint32(record[1:]) != checksum(key, record) {
		return Entry{}, errRecord
	}
	tags, value, err := splitRecord(record)
	return Entry{Value: value, Tags: tags}, err
}

// splitRecord returns the parts without a look at the sum.
func splitRecord(record []byte) (tags []string, value []byte, err error) {
	if len(record) < recordHeader || record[0] != recordVersion {
		return nil, nil, errRecord
	}
	rest := record[recordHeader:]
	count, n := binary.Uvarint(rest)
	if n <= 0 || count > uint64(len(rest)) {
		return nil, nil, errRecord
	}
	rest = rest[n:]
	for range count {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return nil, nil, errRecord
		}
		tags = append(tags, string(rest[n:n+int(size)]))
		rest = rest[n+int(size):]
	}
	return tags, rest, nil
}
