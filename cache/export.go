package cache

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"slices"
)

// An export is a stream:
//
//	exportMagic
//	for each entry: uvarint length and the key, uvarint length and its record
//	uvarint 0, uvarint number of entries
//	4      CRC-32C of everything before, big endian
//
// A record carries a checksum of itself and its key (see record.go), so an entry
// can be believed before the end is read; the end tells an export that was cut.
const exportMagic = "yeok cache export 1\n"

// Entries are added to the store so many at a time.
const (
	importEntries = 1000
	importBytes   = 4 << 20
)

// ErrNotExport is returned by [Cache.Import] for a stream that is not a whole
// export. What was whole before the fault has been added by then.
var ErrNotExport = errors.New("this is not a whole export of a yeok cache")

// Exported says what an export holds.
type Exported struct {
	Entries int
	Damaged int // entries that the store could not read and the export lacks
}

// Choice says whether an entry is to be carried. Nil carries all.
type Choice func(key string, tags []string) bool

func (wants Choice) takes(key string, e Entry) bool { return wants == nil || wants(key, e.Tags) }

// Export writes every entry that is chosen and has not expired. What changes
// meanwhile is in it as it was before or after. It takes little memory and holds
// up nobody, however slow w is. A memory-only cache exports what it holds.
func (c *Cache) Export(w io.Writer, wants Choice) (Exported, error) {
	var done Exported
	if c.closed.Load() {
		return done, ErrClosed
	}
	out := newSummed(w)
	out.bytes([]byte(exportMagic))
	err := c.each(func(key string, record []byte) error {
		if expiredRecord(record) {
			return nil
		}
		e, err := decodeRecord(key, record)
		switch {
		case err != nil:
			done.Damaged++
			return nil
		case !wants.takes(key, e):
			return nil
		}
		done.Entries++
		out.sized([]byte(key))
		out.sized(record)
		return out.err
	})
	out.uvarint(0)
	out.uvarint(uint64(done.Entries))
	if err = errors.Join(err, out.end()); err != nil {
		return done, fmt.Errorf("cache: export: %w", err)
	}
	return done, nil
}

func (c *Cache) each(fn func(key string, record []byte) error) error {
	if c.store != nil {
		return c.store.each(fn)
	}
	for key, h := range c.memory.copies.All() {
		if err := fn(key, encodeRecord(key, h.Entry)); err != nil {
			return err
		}
	}
	return nil
}

// Imported says what an import did.
type Imported struct {
	Added   int
	Kept    int // the store had something under the key, which stays
	Expired int // too old to add
	Left    int // not chosen
}

// Import adds those entries of an export that are chosen. What the cache has
// already is kept, so that nothing newer is lost and an import can be repeated.
func (c *Cache) Import(r io.Reader, wants Choice) (Imported, error) {
	if c.closed.Load() {
		return Imported{}, ErrClosed
	}
	in := &importer{cache: c, wants: wants, source: newCounted(r)}
	err := in.run()
	if err = errors.Join(err, in.flush()); err != nil {
		return in.done, fmt.Errorf("cache: import: %w", err)
	}
	return in.done, nil
}

// importer reads one export.
type importer struct {
	cache   *Cache
	wants   Choice
	source  *counted
	done    Imported
	entries int
	waiting []change
	bytes   int
}

func (in *importer) run() error {
	magic, err := in.source.take(len(exportMagic))
	if err != nil || string(magic) != exportMagic {
		return fmt.Errorf("%w: it does not begin like one", ErrNotExport)
	}
	for {
		size, err := in.source.uvarint()
		if err != nil {
			return in.broken(err)
		}
		if size == 0 {
			return in.end()
		}
		if err := in.entry(size); err != nil {
			return in.broken(err)
		}
	}
}

// broken names the entry at which the stream is not as it should be.
func (in *importer) broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends after %d entries", ErrNotExport, in.entries)
	}
	return fmt.Errorf("entry %d: %w", in.entries+1, err)
}

func (in *importer) entry(keyBytes uint64) error {
	if keyBytes > MaxKeyBytes {
		return fmt.Errorf("%w: a key of %d bytes", ErrNotExport, keyBytes)
	}
	key, err := in.source.take(int(keyBytes))
	if err != nil {
		return err
	}
	size, err := in.source.uvarint()
	if err != nil {
		return err
	}
	if size > MaxValueBytes {
		return fmt.Errorf("%w: a record of %d bytes", ErrNotExport, size)
	}
	record, err := in.source.take(int(size))
	if err != nil {
		return err
	}
	e, err := decodeRecord(string(key), record)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotExport, err)
	}
	in.entries++
	switch {
	case e.expired():
		in.done.Expired++
		return nil
	case !in.wants.takes(string(key), e):
		in.done.Left++
		return nil
	}
	in.waiting = append(in.waiting, change{key: key, record: record})
	if in.bytes += len(record); in.bytes >= importBytes || len(in.waiting) >= importEntries {
		return in.flush()
	}
	return nil
}

// end compares what the stream says of itself at its end.
func (in *importer) end() error {
	entries, err := in.source.uvarint()
	if err != nil {
		return in.broken(err)
	}
	sum := in.source.sum.Sum32()
	last, err := in.source.take(crc32.Size)
	if err != nil {
		return in.broken(err)
	}
	if _, err := in.source.ReadByte(); entries != uint64(in.entries) || binary.BigEndian.Uint32(last) != sum || !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: its end does not belong to it", ErrNotExport)
	}
	return nil
}

func (in *importer) flush() error {
	if len(in.waiting) == 0 {
		return nil
	}
	added, err := in.cache.add(in.waiting)
	if err != nil {
		return err
	}
	in.done.Added += added
	in.done.Kept += len(in.waiting) - added
	in.waiting, in.bytes = nil, 0
	return nil
}

// add makes the changes whose keys the cache does not have. What the store refused
// and memory holds alone is there too, and newer than any copy.
func (c *Cache) add(changes []change) (added int, err error) {
	if c.store != nil {
		c.debts.moving.Lock()
		defer c.debts.moving.Unlock()
		changes = slices.DeleteFunc(slices.Clone(changes), func(ch change) bool { return c.memory.refused(string(ch.key)) })
		if added, err = c.store.add(changes); err != nil {
			return added, err
		}
		for _, ch := range changes {
			c.memory.drop(string(ch.key))
		}
		return added, nil
	}
	for _, ch := range changes {
		key := string(ch.key)
		if _, state := c.memory.get(key); state == fresh {
			continue
		}
		e, err := decodeRecord(key, ch.record)
		if err != nil {
			return added, err
		}
		c.memory.put(key, e)
		added++
	}
	return added, nil
}

// summed writes and sums what it writes. The first error stays.
type summed struct {
	out *bufio.Writer
	sum hash.Hash32
	err error
}

func newSummed(w io.Writer) *summed {
	return &summed{out: bufio.NewWriterSize(w, 1<<16), sum: crc32.New(castagnoli)}
}

func (s *summed) bytes(b []byte) {
	if s.err == nil {
		s.sum.Write(b) // a hash never fails
		_, s.err = s.out.Write(b)
	}
}

func (s *summed) uvarint(n uint64) { s.bytes(binary.AppendUvarint(nil, n)) }

func (s *summed) sized(b []byte) {
	s.uvarint(uint64(len(b)))
	s.bytes(b)
}

func (s *summed) end() error {
	s.bytes(binary.BigEndian.AppendUint32(nil, s.sum.Sum32()))
	if s.err != nil {
		return s.err
	}
	return s.out.Flush()
}

// counted reads and sums what it reads.
type counted struct {
	*bufio.Reader
	sum hash.Hash32
}

func newCounted(r io.Reader) *counted {
	return &counted{Reader: bufio.NewReaderSize(r, 1<<16), sum: crc32.New(castagnoli)}
}

// take reads n bytes. It takes memory as the bytes come, not as a number in a
// stranger's file demands.
func (c *counted) take(n int) ([]byte, error) {
	var b bytes.Buffer
	if _, err := io.CopyN(&b, c.Reader, int64(n)); err != nil {
		return nil, err
	}
	c.sum.Write(b.Bytes())
	return b.Bytes(), nil
}

func (c *counted) uvarint() (uint64, error) {
	var raw []byte
	for len(raw) < binary.MaxVarintLen64 {
		b, err := c.ReadByte()
		if err != nil {
			return 0, err
		}
		if raw = append(raw, b); b < 0x80 {
			break
		}
	}
	n, size := binary.Uvarint(raw)
	if size <= 0 {
		return 0, fmt.Errorf("%w: a length without an end", ErrNotExport)
	}
	c.sum.Write(raw)
	return n, nil
}
