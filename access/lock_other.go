//go:build !unix

package access

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// lock holds path by having made it. After a crash a person has to remove it.
func lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("another process is changing the keys, or has died over it: %w", err)
	}
	return func() error { return errors.Join(f.Close(), os.Remove(path)) }, nil
}

// ownLike does nothing where owners are not numbers.
func ownLike(*os.File, fs.FileInfo) error { return nil }
