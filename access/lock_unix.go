//go:build unix

package access

import (
	"errors"
	"os"
	"syscall"
)

// lock waits until this process alone holds path, which stays there: removing it
// would let two processes hold two files of that name. A process that dies lets
// go.
func lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
