package cache

import (
	"bytes"
	"errors"
	"fmt"
)

const (
	// deepest is how far a page may lie below the root. bbolt's branches have two
	// children at least, so that no file that fits on a disk is deeper.
	deepest = 48
)

// walker goes through all pages that a file uses. It comes to each page once, so
// its time is bounded by the size of the file, and its memory by two bits a page.
type walker struct {
	data []byte
	head
	used, free bitmap
	bucket     string // that the walk is in

	// found is called with every key that is no bucket.
	found func(bucket string, key, value []byte) error

	// broken is called with every page that cannot be as it is. If it returns
	// nil the walk goes on with what else can be read.
	broken func(id uint64, why error) error

	// trusting lets the walk take from a broken page what can be read in it.
	trusting bool
}

func newWalker(data []byte, h head) *walker {
	return &walker{
		data: data, head: h, used: newBitmap(h.end), free: newBitmap(h.end),
		found:  func(string, []byte, []byte) error { return nil },
		broken: func(id uint64, why error) error { return fmt.Errorf("page %d: %w", id, why) },
	}
}

// pages goes through the whole file. First comes the list of free pages, since
// what is free holds what was true once.
func (w *walker) pages() error {
	if err := w.freePages(); err != nil {
		return err
	}
	return w.tree(w.root, nil, nil, 0)
}

// claim returns a page and what flows over from it, and notes that they are used.
func (w *walker) claim(id uint64) (page, error) {
	present := min(w.end, uint64(len(w.data))/w.pageSize)
	if id < 2 || id >= present {
		return page{}, fmt.Errorf("it is none of %d", present)
	}
	at := id * w.pageSize
	p, _ := newPage(w.data[at : at+w.pageSize])
	n := 1 + uint64(native.Uint32(p.bytes[12:]))
	switch {
	case native.Uint64(p.bytes) != id:
		return page{}, fmt.Errorf("it says that it is page %d", native.Uint64(p.bytes))
	case n > present-id:
		return page{}, fmt.Errorf("it ends %d pages behind the end", n-(present-id))
	}
	for i := id; i < id+n; i++ {
		if w.used.has(i) || w.free.has(i) {
			return page{}, fmt.Errorf("page %d is used twice, or free", i)
		}
	}
	for i := id; i < id+n; i++ {
		w.used.set(i)
	}
	p.bytes = w.data[at : at+n*w.pageSize]
	return p, nil
}

// freePages reads the list of free pages.
func (w *walker) freePages() error {
	if w.list == noList {
		return nil
	}
	p, err := w.claim(w.list)
	if err == nil {
		err = w.readList(p)
	}
	if err != nil {
		clear(w.free)
		w.trusting = false // what is damaged may lead to what is free, and nothing would tell
		return w.broken(w.list, fmt.Errorf("the list of free pages: %w", err))
	}
	return nil
}

func (w *walker) readList(p page) error {
	if p.flags != listPage {
		return fmt.Errorf("its kind is %#x", p.flags)
	}
	ids, n := p.bytes[pageHeader:], uint64(p.count)
	if p.count == listTooLong {
		n, ids = native.Uint64(ids), ids[8:]
	}
	if n > uint64(len(ids))/8 {
		return fmt.Errorf("it has %d entries", n)
	}
	last := uint64(1)
	for i := range n {
		id := native.Uint64(ids[8*i:])
		if id <= last || id >= w.end || w.used.has(id) {
			return fmt.Errorf("entry %d is page %d", i, id)
		}
		w.free.set(id)
		last = id
	}
	return nil
}

// tree goes through the pages under one page, whose keys must be from low on and
// below high.
func (w *walker) tree(id uint64, low, high []byte, depth int) error {
	p, err := w.claim(id)
	if err == nil && depth > deepest {
		err = errors.New("it lies too deep")
	}
	if err != nil {
		return w.broken(id, err)
	}
	// An empty page is right only where nothing is in the whole tree.
	err = p.check(low, high)
	if root := low == nil && high == nil; err == nil && p.count == 0 && (p.flags == branchPage || !root) {
		err = errors.New("it is empty")
	}
	if err != nil {
		if err := w.broken(id, err); err != nil || !w.trusting {
			return err
		}
		high = nil // its keys may be wrong, which those below need not suffer for
	}
	if p.flags == leafPage {
		return w.leaf(id, p, depth)
	}
	return w.branch(p, high, depth, err == nil)
}

// branch goes on with the children of a page.
func (w *walker) branch(p page, high []byte, depth int, sound bool) error {
	for i := range p.count {
		e, err := p.element(i)
		if p.flags != branchPage || err != nil {
			continue // in a broken page
		}
		low, below := e.key, high
		if next, err := p.element(i + 1); err == nil && i+1 < p.count {
			below = next.key
		}
		if !sound {
			low, below = nil, nil
		}
		if err := w.child(e.child, low, below, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// child is tree for a page that a disk may refuse to read: then it is broken, and
// its siblings may not be.
func (w *walker) child(id uint64, low, high []byte, depth int) error {
	if !w.trusting {
		return w.tree(id, low, high, depth)
	}
	err := guard(func() error { return w.tree(id, low, high, depth) })
	if errors.Is(err, ErrDamaged) {
		return w.broken(id, err)
	}
	return err
}

// leaf hands on what is in a page. Buckets stand in the root alone.
func (w *walker) leaf(id uint64, p page, depth int) error {
	for i := range p.count {
		e, err := p.element(i)
		if err != nil {
			continue // in a broken page
		}
		switch {
		case e.bucket != (w.bucket == ""):
			err = w.broken(id, errors.New("a bucket in a bucket, or a value beside one"))
		case e.bucket:
			w.bucket = string(e.key)
			err = w.inside(id, e.value, depth)
			w.bucket = ""
		default:
			err = w.found(w.bucket, e.key, e.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inside goes through a bucket.
func (w *walker) inside(id uint64, value []byte, depth int) error {
	root, small, ok := readBucket(value)
	switch {
	case !ok:
		return w.broken(id, errors.New("a bucket that is none"))
	case root != 0:
		return w.tree(root, nil, nil, depth+1)
	case small.flags != leafPage:
		return w.broken(id, fmt.Errorf("a bucket of kind %#x", small.flags))
	}
	if err := small.check(nil, nil); err != nil {
		if err := w.broken(id, err); err != nil || !w.trusting {
			return err
		}
	}
	return w.leaf(id, small, depth)
}

// readBucket reads the value that is a bucket: its root, or the page that it is.
func readBucket(value []byte) (root uint64, small page, ok bool) {
	if len(value) < bucketHeader {
		return 0, small, false
	}
	if root = native.Uint64(value); root != 0 {
		return root, small, true
	}
	small, ok = newPage(value[bucketHeader:])
	return 0, small, ok
}

// lost is the first page that is neither used nor free, or 0. bbolt loses none: it
// has fallen out of a broken page, or there is no list of free pages.
func (w *walker) lost() uint64 {
	for id := uint64(2); id < w.end; id++ {
		if !w.used.has(id) && !w.free.has(id) {
			return id
		}
	}
	return 0
}

// lookup finds a value in a bucket that is one page, as yeok's own numbers are. It
// is nil where there is none, and an error where the way to it is broken.
func (w *walker) lookup(bucket, key []byte) (value []byte, err error) {
	p, err := w.peek(w.root)
	if err != nil {
		return nil, err
	}
	e, err := p.find(bucket)
	if err != nil || e.key == nil {
		return nil, err
	}
	root, in, ok := readBucket(e.value)
	if ok && root != 0 {
		in, err = w.peek(root)
	}
	if !e.bucket || !ok || err != nil {
		return nil, errors.Join(err, fmt.Errorf("bucket %q cannot be read", bucket))
	}
	e, err = in.find(key)
	return e.value, err
}

// peek returns a page without noting that it is used.
func (w *walker) peek(id uint64) (page, error) {
	alone := &walker{data: w.data, head: w.head}
	return alone.claim(id)
}

// find returns the element of a leaf under the key. It has no key if there is none.
func (p page) find(key []byte) (element, error) {
	if err := p.check(nil, nil); err != nil || p.flags != leafPage {
		return element{}, errors.Join(err, errors.New("it is no leaf"))
	}
	for i := range p.count {
		if e, err := p.element(i); err == nil && bytes.Equal(e.key, key) {
			return e, nil
		}
	}
	return element{}, nil
}

// bitmap is a set of page ids.
type bitmap []uint64

func newBitmap(end uint64) bitmap { return make(bitmap, end/64+1) }

func (b bitmap) has(id uint64) bool { return b != nil && b[id/64]&(1<<(id%64)) != 0 }

func (b bitmap) set(id uint64) {
	if b != nil {
		b[id/64] |= 1 << (id % 64)
	}
}
