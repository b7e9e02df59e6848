package cache

import (
	"bytes"
	"fmt"
	"os"
)

// A mark lies beside a file that was closed, and describes it: what the file's
// last transaction was, and what the file system says of it. While it describes
// the file that is there, nobody has written to that through the file system
// since all its pages were known to be sound, and a start can do without a look
// through them.
//
// It proves nothing of the disk: a page that decays while nothing runs is met when
// it is used. It is gone while a store is open, so that after a crash, and for a
// copy, all pages are looked through.
const markSuffix = ".closed"

// markVersion changes with what [walker.whole] wants.
const markVersion = 1

// describe is the mark of a file. It is empty where the system cannot tell when a
// file was last changed by whomever.
func describe(file *os.File, h head) []byte {
	info, err := file.Stat()
	if err != nil {
		return nil
	}
	identity, ok := identityOf(info)
	if !ok {
		return nil
	}
	return fmt.Appendf(nil, "yeok store %d: transaction %d, sum %016x, %d pages of %d bytes; %d bytes, %s\n",
		markVersion, h.tx, h.sum, h.end, h.pageSize, info.Size(), identity)
}

// markMatches reports whether the mark beside the path is one of this file.
func markMatches(path string, file *os.File, h head) bool {
	want := describe(file, h)
	mark, err := os.ReadFile(path + markSuffix)
	return err == nil && len(want) > 0 && bytes.Equal(mark, want)
}

// writeMark describes the file as it is. The caller holds its lock and will write
// no more. If it fails the next start takes longer, and no more than that.
func writeMark(path string, file *os.File) {
	data, release, err := mapFile(file)
	if err != nil {
		return
	}
	defer release()
	if h, ok := findHead(data); ok {
		if mark := describe(file, h); len(mark) > 0 {
			_ = os.WriteFile(path+markSuffix, mark, 0o600)
		}
	}
}
