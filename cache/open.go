package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
)

// Open opens the cache, or makes it if the file is not there or empty. It
// never overwrites a file that it does not understand: see [ErrInUse],
// [ErrNotStore], [ErrDamaged] and [ErrFormat]. If more than half of the file
// is free pages, it is compacted first.
//
// A Redis that cannot be reached is no error: the cache goes on trying, and
// works as a memory of this process until then. One that refuses this client
// is.
func Open(options Options) (*Cache, error) {
	switch {
	case options.MemoryBytes < 0 || options.TTL < 0:
		return nil, fmt.Errorf("cache: MemoryBytes is %d, TTL is %v, must not be negative", options.MemoryBytes, options.TTL)
	case options.Path != "" && options.Redis.URL != "":
		return nil, errors.New("cache: a store is a file or a Redis, not both")
	case options.MemoryBytes == 0:
		options.MemoryBytes = defaultMemoryBytes
	}
	c := &Cache{ttl: options.TTL, debts: debts{stop: make(chan struct{})}}
	var err error
	if c.memory, err = newMemory(options.MemoryBytes); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	switch {
	case options.Path != "":
		if err := c.openPath(options); err != nil {
			return nil, err
		}
	case options.Redis.URL != "":
		shared, err := openRedis(options.Redis, c.memory)
		if err != nil {
			return nil, fmt.Errorf("cache: open %s: %w", options.Redis, err)
		}
		c.store, c.leases = shared, shared.leases
	}
	return c, nil
}

// openPath opens the file of the store.
func (c *Cache) openPath(options Options) error {
	path, log := options.Path, options.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	file, err := openFile(path, log)
	if err == nil {
		return c.openJournal(path, file, options.Recover)
	}
	if !options.Recover || !errors.Is(err, ErrDamaged) && !unwritable(err) {
		return fmt.Errorf("cache: open %s: %w", path, err)
	}
	file, trouble := recoverFile(path, err, log)
	// A wrong path is more likely than a disk that broke; and two processes at one
	// damaged file must not both replace it.
	if file == nil && (errors.Is(err, fs.ErrPermission) || errors.Is(trouble, ErrInUse)) {
		return fmt.Errorf("cache: open %s: %w", path, trouble)
	}
	if file != nil {
		if err := c.openJournal(path, file, options.Recover); err != nil {
			return err
		}
	}
	c.trouble = errors.Join(fmt.Errorf("cache: open %s: %w", path, trouble), c.trouble)
	return nil
}

// openJournal puts a journal before the file of the store.
func (c *Cache) openJournal(path string, file *boltStore, recovers bool) error {
	behind, trouble, err := journaled(file, recovers, &c.storeTier.errors)
	if err != nil {
		return fmt.Errorf("cache: open %s: %w", path, errors.Join(err, file.close()))
	}
	if c.store = behind; trouble != nil {
		c.trouble = fmt.Errorf("cache: open %s: %w", path, trouble)
	}
	return nil
}
