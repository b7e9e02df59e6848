package access

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"
)

// lookEvery is how often files are looked at: a revoked key ends within this.
const lookEvery = time.Second

// stamp is how files looked; nil for one that could not be looked at.
type stamp []fs.FileInfo

func stampOf(files ...string) stamp {
	s := make(stamp, len(files))
	for i, file := range files {
		if info, err := os.Stat(file); err == nil {
			s[i] = info
		}
	}
	return s
}

// equal also compares which file it is, because a file that is replaced by
// renaming may keep its size, and its time on a coarse clock.
func (s stamp) equal(other stamp) bool {
	return slices.EqualFunc(s, other, func(a, b fs.FileInfo) bool {
		if a == nil || b == nil {
			return a == b
		}
		return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && os.SameFile(a, b)
	})
}

// follow calls reload when files change, until ctx ends. After a failure it
// tries again every time, so that a half-written file mends itself, and says
// each failure once.
func follow(ctx context.Context, files []string, seen stamp, reload func() error, log *slog.Logger) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := stampOf(files...)
		if now.equal(seen) && said == "" {
			continue
		}
		seen = now
		switch err := reload(); {
		case err == nil:
			said = ""
			log.Info("changed; in use now")
		case err.Error() != said:
			said = err.Error()
			log.Error("changed and cannot be used", "error", err)
		}
	}
}
