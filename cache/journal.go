package cache

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"slices"

	"go.etcd.io/bbolt"
)

// A journal is a file of fixed size, full of zeros when it is made, so that a
// write into it moves nothing but its own bytes and needs one flush. It has two
// halves: while one is moved into the store, the other is written. In each half
// frames follow each other, and each begins a block of its own, so that what was
// acknowledged is never written again. A frame is what one write acknowledges:
//
//	4      CRC-32C of the journal's id and of everything after this field, big endian
//	4      length of the content
//	8      number of the frame, from 1 on
//	rest   for each change: uvarint length and the key, uvarint length and its
//	       record (see record.go)
//
// What is older in a half than the frames at its beginning has been moved: the
// store knows the number of the last frame that it has, in the transaction that
// brought it there. So nothing is erased, and a frame is never moved twice.
const (
	journalSuffix = ".journal"
	journalHalf   = 512 << 10
	journalBlock  = 4 << 10
	frameHeader   = crc32.Size + 4 + 8
)

// journalKey is where the store says which journal is its own, see [journalState].
var journalKey = []byte("journal")

// journal is the file, with what is in it and not in the store. It belongs to
// whoever holds the turn of its [journaledStore].
type journal struct {
	file     *os.File // nil if it is only read from
	flusher  *flusher // of file
	id       uint64
	sequence uint64 // of the last frame
	halves   [2]half
	now      int  // the half that is written
	closed   bool // to frames: only what is in it is left to be moved
}

// half is one half. The one that is not written belongs to who moves it.
type half struct {
	end    int64          // where the next frame begins, from the half's beginning
	frames []journalFrame // that are not moved, in their order
}

// makeJournal makes a journal that is durable, but not yet the store's own.
func makeJournal(path string) (*journal, error) {
	if err := removeIfThere(path); err != nil { // not written over: a snapshot may share it
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	var id [8]byte
	_, err = rand.Read(id[:])
	if err == nil {
		_, err = file.Write(make([]byte, 2*journalHalf))
	}
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = syncFolder(path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close(), removeIfThere(path))
	}
	return &journal{file: file, flusher: newFlusher(file), id: binary.BigEndian.Uint64(id[:])}, nil
}

// fits reports whether there is room for a frame in the half that is written.
func (j *journal) fits(frame []byte) bool {
	return j.halves[j.now].end+int64(len(frame)) <= journalHalf
}

// frame returns the changes as the next frame, and whole blocks of it.
func (j *journal) frame(changes []change) []byte {
	size := frameHeader
	for _, ch := range changes {
		size += 2*binary.MaxVarintLen32 + len(ch.key) + len(ch.record)
	}
	f := make([]byte, frameHeader, size+journalBlock)
	for _, ch := range changes {
		f = append(binary.AppendUvarint(f, uint64(len(ch.key))), ch.key...)
		f = append(binary.AppendUvarint(f, uint64(len(ch.record))), ch.record...)
	}
	binary.BigEndian.PutUint32(f[4:], uint32(len(f)-frameHeader))
	binary.BigEndian.PutUint64(f[8:], j.sequence+1)
	binary.BigEndian.PutUint32(f, frameSum(j.id, f))
	return f[:(len(f)+journalBlock-1)/journalBlock*journalBlock]
}

func frameSum(id uint64, frame []byte) uint32 {
	return crc32.Update(crc32.Checksum(binary.BigEndian.AppendUint64(nil, id), castagnoli), castagnoli, frame[crc32.Size:])
}

// append makes a frame durable, for which there must be room. A journal that
// could not be written takes no more: nobody knows what is in it then.
func (j *journal) append(frame []byte, changes []change) error {
	h := &j.halves[j.now]
	j.sequence++
	_, err := j.file.WriteAt(frame, int64(j.now)*journalHalf+h.end)
	if err == nil {
		err = j.flusher.flush()
	}
	if err != nil {
		j.closed = true
		return err
	}
	h.end += int64(len(frame))
	h.frames = append(h.frames, journalFrame{j.sequence, changes})
	return nil
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	j.flusher.close()
	return j.file.Close()
}

// other is the half that is not written.
func (j *journal) other() *half { return &j.halves[1-j.now] }

// readJournal reads what a process left in its journal that the store does not
// have. With [ErrDamaged] it returns what can be read.
func readJournal(path string, state journalState) (*journal, error) {
	content, err := readRegular(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return parseJournal(content, state)
}

// parseJournal does that with the content of the file.
//
// Behind the last frame there may be one that a crash has cut, which nobody was
// told of. One that is missing in front of others was lost by the disk.
func parseJournal(content []byte, state journalState) (j *journal, err error) {
	j = &journal{id: state.id, sequence: state.moved, closed: true}
	h := &j.halves[0]
	for _, f := range framesIn(content, state) {
		if f.sequence != j.sequence+1 {
			err = fmt.Errorf("%w: its journal has lost number %d before %d", ErrDamaged, j.sequence+1, f.sequence)
		}
		j.sequence = f.sequence
		h.frames = append(h.frames, f)
	}
	return j, err
}

// readRegular reads a file, as much of it as a journal can have.
func readRegular(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return io.ReadAll(io.LimitReader(file, 2*journalHalf))
}

// journalFrame is what was written together.
type journalFrame struct {
	sequence uint64
	changes  []change
}

func changesOf(frames []journalFrame) (all []change) {
	for _, f := range frames {
		all = append(all, f.changes...)
	}
	return all
}

// framesIn finds the frames that the store does not have, in their order.
func framesIn(content []byte, state journalState) (frames []journalFrame) {
	for at := 0; at+frameHeader <= len(content); {
		f, size, ok := parseFrame(content[at:], state.id)
		if !ok {
			at += journalBlock
			continue
		}
		if f.sequence > state.moved {
			frames = append(frames, f)
		}
		at += (size + journalBlock - 1) / journalBlock * journalBlock
	}
	slices.SortFunc(frames, func(a, b journalFrame) int { return cmp.Compare(a.sequence, b.sequence) })
	return frames
}

// parseFrame reads the frame at the beginning, of which size bytes are used.
func parseFrame(b []byte, id uint64) (f journalFrame, size int, ok bool) {
	length := binary.BigEndian.Uint32(b[4:])
	if length == 0 || uint64(length) > uint64(len(b)-frameHeader) {
		return f, 0, false
	}
	b = b[:frameHeader+int(length)]
	if binary.BigEndian.Uint32(b) != frameSum(id, b) {
		return f, 0, false
	}
	f.sequence = binary.BigEndian.Uint64(b[8:])
	for rest := b[frameHeader:]; len(rest) > 0; {
		var ch change
		if ch.key, rest, ok = cutSized(rest); !ok {
			return f, 0, false
		}
		if ch.record, rest, ok = cutSized(rest); !ok {
			return f, 0, false
		}
		f.changes = append(f.changes, ch)
	}
	return f, len(b), true
}

// cutSized cuts off a length and so many bytes.
func cutSized(b []byte) (sized, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, false
	}
	return b[n : n+int(size)], b[n+int(size):], true
}

// journalState is what the store says of its journal: the id of it, the last frame
// that was moved, and the transaction that said so. Every commit of this yeok says
// so anew. One of a yeok that knows no journals does not, and shows by that: what it
// wrote is newer than what it left in the journal.
type journalState struct{ id, moved, transaction uint64 }

func (s journalState) save(tx *bbolt.Tx) error {
	value := binary.BigEndian.AppendUint64(nil, s.id)
	value = binary.BigEndian.AppendUint64(value, s.moved)
	return tx.Bucket(metaBucket).Put(journalKey, binary.BigEndian.AppendUint64(value, uint64(tx.ID())))
}

// journalIn is what the store says, false if it has no journal.
func journalIn(tx *bbolt.Tx) (s journalState, ok bool) {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return s, false
	}
	return parseJournalState(meta.Get(journalKey))
}

func parseJournalState(value []byte) (s journalState, ok bool) {
	if len(value) != 24 {
		return s, false
	}
	return journalState{
		binary.BigEndian.Uint64(value), binary.BigEndian.Uint64(value[8:]), binary.BigEndian.Uint64(value[16:]),
	}, true
}

// keepJournal says in a transaction that changes the store that it knows of the
// journal; or, if the transaction before did not, that there is none.
func keepJournal(tx *bbolt.Tx) error {
	s, ok := journalIn(tx)
	switch {
	case !ok:
		return nil
	case s.transaction == uint64(tx.ID()): // said already
		return nil
	case s.transaction+1 != uint64(tx.ID()):
		return tx.Bucket(metaBucket).Delete(journalKey)
	}
	return s.save(tx)
}

// moveJournal says it in a copy of the store, whose transactions have other numbers.
func moveJournal(tx *bbolt.Tx) error {
	if s, ok := journalIn(tx); ok {
		return s.save(tx)
	}
	return nil
}
