package cache

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
)

// What follows reads a bbolt file without bbolt, which believes what its pages say
// of themselves: a damaged size may send it outside of the file, a damaged
// number round in a circle, a damaged count after memory that no machine has. So
// the pages are looked through before bbolt is let near them.
//
// The form is bbolt's, in the byte order of the machine:
//
//	page      id 8, flags 2, count 2, overflow 4 (pages that follow and belong to it)
//	meta      magic 4, version 4, page size 4, flags 4, root bucket 16, list of
//	          free pages 8, end 8, transaction 8, FNV-1a of all these 8
//	branch    elements of offset 4, key size 4, page id 8, then the keys
//	leaf      elements of flags 4, offset 4, key size 4, value size 4, then each
//	          key with its value; offsets count from their element
//	free list page ids of 8, ascending; with count 65535 the first is their number
//	bucket    a value: root page 8, sequence 8; with root 0 a leaf page follows
const (
	branchPage = 0x01
	leafPage   = 0x02
	metaPage   = 0x04
	listPage   = 0x10

	bucketElement = 0x01

	pageHeader   = 16
	elementBytes = 16
	bucketHeader = 16
	metaBytes    = 80 // of a meta page, header included
	magicOffset  = pageHeader
	boltMagic    = 0xED0CDAED // tells bbolt's files from others
	boltVersion  = 2
	noList       = 1<<64 - 1
	listTooLong  = 1<<16 - 1

	smallestPage, largestPage = 4 << 10, 64 << 10
)

var native = binary.NativeEndian

// head is what a meta page says.
type head struct {
	root     uint64
	list     uint64 // noList: there is none
	end      uint64 // the first page id that was never used
	tx       uint64
	pageSize uint64
	sum      uint64
}

// readHead reads a meta page. It is none if its sum is wrong.
func readHead(b []byte) (h head, ok bool) {
	if len(b) < metaBytes || native.Uint32(b[magicOffset:]) != boltMagic || native.Uint32(b[20:]) != boltVersion {
		return h, false
	}
	h = head{
		pageSize: uint64(native.Uint32(b[24:])),
		root:     native.Uint64(b[32:]),
		list:     native.Uint64(b[48:]),
		end:      native.Uint64(b[56:]),
		tx:       native.Uint64(b[64:]),
		sum:      native.Uint64(b[72:]),
	}
	sum := fnv.New64a()
	_, _ = sum.Write(b[pageHeader:72]) // a hash takes everything
	return h, sum.Sum64() == h.sum
}

// findHead finds the meta page that bbolt will use: of the two that are whole, the
// one of the later transaction. The size of a page stands in the meta pages, so
// the second one is looked for where any size would put it.
func findHead(data []byte) (h head, ok bool) {
	first, firstOK := readHead(data)
	size := first.pageSize
	for at := 1 << 10; !firstOK && at <= 1<<24 && at < len(data)-1<<10; at <<= 1 {
		if h, ok = readHead(data[at:]); ok {
			size = h.pageSize
			break
		}
	}
	if size >= uint64(len(data)) {
		return first, firstOK
	}
	h, ok = readHead(data[size:])
	if firstOK && (!ok || first.tx >= h.tx) {
		return first, true
	}
	h.pageSize = size
	return h, ok
}

// check reports what cannot be in a meta page that belongs to a file of that size.
func (h head) check(size int) error {
	switch {
	case h.pageSize < smallestPage || h.pageSize > largestPage || h.pageSize&(h.pageSize-1) != 0:
		return fmt.Errorf("pages of %d bytes", h.pageSize)
	case h.end > uint64(size)/h.pageSize:
		return fmt.Errorf("it has %d bytes of %d pages", size, h.end)
	case h.root < 2 || h.root >= h.end:
		return fmt.Errorf("its root is page %d of %d", h.root, h.end)
	case h.tx >= 1<<62:
		return fmt.Errorf("transaction %d", h.tx)
	}
	return nil
}

// page is a page of a tree, or the inline page of a small bucket.
type page struct {
	bytes []byte // with what flows over into the pages behind
	flags uint16
	count int
}

// newPage takes the header for what it says.
func newPage(b []byte) (p page, ok bool) {
	if len(b) < pageHeader {
		return p, false
	}
	return page{bytes: b, flags: native.Uint16(b[8:]), count: int(native.Uint16(b[10:]))}, true
}

// element is one key of a page and what lies under it.
type element struct {
	key, value []byte
	child      uint64 // of a branch
	bucket     bool
	at, end    uint64 // where key and value lie in the page
}

var errElement = errors.New("an element outside of its page")

// element reads the element with that number, which may lie anywhere in the page.
func (p page) element(i int) (e element, err error) {
	at := uint64(pageHeader + i*elementBytes)
	if at+elementBytes > uint64(len(p.bytes)) {
		return e, errElement
	}
	b := p.bytes[at : at+elementBytes]
	var keySize, valueSize uint64
	if p.flags == branchPage {
		e.at, keySize, e.child = uint64(native.Uint32(b)), uint64(native.Uint32(b[4:])), native.Uint64(b[8:])
	} else {
		e.bucket = native.Uint32(b) == bucketElement
		if !e.bucket && native.Uint32(b) != 0 {
			return e, fmt.Errorf("an element of kind %d", native.Uint32(b))
		}
		e.at, keySize, valueSize = uint64(native.Uint32(b[4:])), uint64(native.Uint32(b[8:])), uint64(native.Uint32(b[12:]))
	}
	e.at += at
	e.end = e.at + keySize + valueSize
	if keySize == 0 || keySize > MaxKeyBytes || e.end > uint64(len(p.bytes)) {
		return e, errElement
	}
	e.key, e.value = p.bytes[e.at:e.at+keySize:e.at+keySize], p.bytes[e.at+keySize:e.end:e.end]
	return e, nil
}

// check wants the page as bbolt writes it: its first key is low, by which bbolt
// finds the page again in the one above; keys ascend and stay below high; and the
// data of the elements lie one behind the other without a gap. Nil bounds nothing.
func (p page) check(low, high []byte) error {
	if p.flags != branchPage && p.flags != leafPage {
		return fmt.Errorf("its kind is %#x", p.flags)
	}
	end := uint64(pageHeader + p.count*elementBytes)
	for i := range p.count {
		e, err := p.element(i)
		switch order := bytes.Compare(e.key, low); {
		case err != nil:
			return err
		case e.at != end:
			return errors.New("elements with a gap, or one over the other")
		case i == 0 && low != nil && order != 0 || i > 0 && order <= 0 || high != nil && bytes.Compare(e.key, high) >= 0:
			return errors.New("keys out of order")
		}
		low, end = e.key, e.end
	}
	return nil
}
