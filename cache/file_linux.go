package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// mapFile returns the bytes of a file, to be read in a [guard].
func mapFile(file *os.File) (data []byte, release func(), err error) {
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	data, err = syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, nil, fmt.Errorf("map %s: %w", file.Name(), err)
	}
	return data, func() { _ = syscall.Munmap(data) }, nil
}

// identityOf tells a file from every other one, and from itself after a change. The
// time of the last change (ctime), unlike that of the last write, can be set by
// nobody.
func identityOf(info fs.FileInfo) (identity string, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	return fmt.Sprintf("inode %d, written %d.%09d, changed %d.%09d",
		stat.Ino, stat.Mtim.Sec, stat.Mtim.Nsec, stat.Ctim.Sec, stat.Ctim.Nsec), true
}

// lockFile takes the lock that bbolt takes. It ends with the file.
func lockFile(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrInUse
	}
	return err
}
