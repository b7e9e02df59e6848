package cache

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"
)

const (
	rescueSuffix = ".rescue"

	// longestRescue bounds how long a service does not start. What is left then
	// is in the damaged file, which is kept.
	longestRescue = 2 * time.Minute

	// mostPages bounds the memory for a file that says that it has more.
	mostPages = 1 << 28
)

// errEnough ends a rescue that takes too long.
var errEnough = errors.New("it took too long")

// rescue copies what can be read of a damaged file into a new one. What a record
// is worth its own sum decides. Only what was true when the file was last written is
// taken: pages that the tree leads to, and those that a broken page no longer leads
// to, which are the ones that are not free. A free page holds what was replaced,
// purged or paid for again; so where the list of free pages is broken too, nothing
// is taken from a page unless all of it is as it should be.
type rescue struct {
	to      *boltStore
	until   time.Time
	waiting []rescued // for the next commit
	bytes   int

	saved, pages, unreadable int

	journal string // its path
	failure error  // that ended the rescue early
}

// rescued is a record that was read.
type rescued struct {
	bucket, key, record []byte
}

func (r *rescue) String() string {
	said := fmt.Sprintf("%d records that could be read in it; %d of its %d pages could not", r.saved, r.unreadable, r.pages)
	if r.failure != nil {
		said += fmt.Sprintf("; then it ended: %v", r.failure)
	}
	return said
}

// salvage makes a new file, whole and on disk.
func salvage(damaged *os.File, journal, path string) (*rescue, error) {
	data, release, err := mapFile(damaged)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := removeIfThere(path); err != nil {
		return nil, err
	}
	db, file, err := openBolt(path, bbolt.Options{NoSync: true})
	if err != nil {
		return nil, err
	}
	r := &rescue{journal: journal, to: &boltStore{path: path, file: file}, until: time.Now().Add(longestRescue)}
	r.to.db.Store(db)
	if err := db.Update(createBuckets); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	r.failure = guard(func() error { return r.read(data) })
	return r, errors.Join(db.Sync(), db.Close())
}

// read takes what is there.
func (r *rescue) read(data []byte) error {
	h, ok := findHead(data)
	if !ok || h.pageSize < smallestPage || h.pageSize > largestPage || h.end > mostPages {
		return errors.New("its first two pages are broken")
	}
	w := newWalker(data, h)
	r.pages, w.trusting = int(h.end), h.list != noList
	w.found = r.take
	broken := newBitmap(h.end)
	w.broken = func(id uint64, _ error) error {
		if id < h.end && !broken.has(id) {
			broken.set(id)
			r.unreadable++
		}
		return r.late()
	}
	if err := w.pages(); err != nil {
		return err
	}
	if w.trusting {
		if err := w.astray(); err != nil {
			return err
		}
	}
	return errors.Join(r.flush(), r.replay(w))
}

// replay takes what is in the journal, which is newer than the file, if the file
// says that it is its own. Of a damaged journal it takes what can be read.
func (r *rescue) replay(w *walker) error {
	value, _ := w.lookup(metaBucket, journalKey) // where it is broken there is none
	state, ok := parseJournalState(value)
	if !ok || state.transaction != w.tx {
		return nil
	}
	j, err := readJournal(r.journal, state)
	if j == nil {
		return err
	}
	return errors.Join(err, r.to.commit(func(t *tally) error { return t.setLive(changesOf(j.halves[0].frames)) }))
}

// late ends a rescue that takes too long.
func (r *rescue) late() error {
	if time.Now().After(r.until) {
		return errEnough
	}
	return nil
}

// take keeps a record that is what was written.
func (r *rescue) take(bucket string, key, record []byte) error {
	if err := r.late(); err != nil || bucket == string(metaBucket) {
		return err
	}
	if e, err := decodeRecord(string(key), record); err != nil || e.expired() {
		return nil
	}
	r.waiting = append(r.waiting, rescued{[]byte(bucket), bytes.Clone(key), bytes.Clone(record)})
	if r.bytes += len(record); r.bytes < copyTxBytes {
		return nil
	}
	return r.flush()
}

// flush writes what waits. A key that is there already stays as it is: what the
// tree leads to comes first.
func (r *rescue) flush() error {
	waiting := r.waiting
	r.waiting, r.bytes = nil, 0
	saved := 0
	err := r.to.commit(func(t *tally) error {
		saved = 0
		for _, each := range waiting {
			if string(each.bucket) == string(sumsBucket) {
				sums, err := t.tx.CreateBucketIfNotExists(sumsBucket)
				if err == nil {
					err = sums.Put(each.key, each.record)
				}
				if err != nil {
					return err
				}
			} else if t.bucket.Get(each.key) == nil {
				if err := t.set(change{key: each.key, record: each.record}); err != nil {
					return err
				}
			}
			saved++
		}
		return nil
	})
	if err == nil {
		r.saved += saved
	}
	return err
}

// astray goes through the leaves that a broken page no longer leads to: pages that
// are neither used nor free, and sound from the first byte to the last. Their
// bucket is not known. They are taken for entries, of which a file is made.
func (w *walker) astray() error {
	w.bucket = string(entriesBucket)
	for id := uint64(2); id < w.end; id++ {
		if w.used.has(id) || w.free.has(id) {
			continue
		}
		p, err := w.peek(id)
		if err != nil || p.flags != leafPage || p.check(nil, nil) != nil {
			continue
		}
		if _, err := w.claim(id); err != nil { // part of it belongs to another page
			continue
		}
		if err := w.leaf(id, p, 0); err != nil {
			return err
		}
	}
	return nil
}
