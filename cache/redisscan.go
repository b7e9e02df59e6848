package cache

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/rueidis"
)

// Walks over all entries of a Redis go by SCAN, a thousand keys at a time, so
// that the server answers others in between. Tags lie in the records: sets of
// keys for each tag would be quicker to purge by, but drift when a key expires
// or is evicted, lie on other servers of a cluster than their keys, and cost
// every write. A purge is rare, a write is not.

const (
	scanKeys = 1000

	// headBytes is how much of a record is read for its tags at first.
	headBytes = 1 << 10

	// exportKeys bounds how many whole records are in memory at a time.
	exportKeys = 64
)

// scan calls page with the names of all entries, some hundreds at a time. A name
// may come twice while the server's table changes its size.
func (s *redisStore) scan(page func(names []string) error) error {
	nodes, err := s.primaries()
	if err != nil {
		return err
	}
	for _, node := range nodes {
		for cursor := uint64(0); ; {
			found, err := ask(s, redisScanTimeout, func(ctx context.Context, c *connection) (rueidis.ScanEntry, error) {
				next := node.B().Scan().Cursor(cursor).Match(s.entryKey("*")).Count(scanKeys).Build()
				return node.Do(ctx, next).AsScanEntry()
			})
			if err != nil {
				return err
			}
			if len(found.Elements) > 0 {
				if err := page(found.Elements); err != nil {
					return err
				}
			}
			if cursor = found.Cursor; cursor == 0 {
				break
			}
		}
	}
	return nil
}

// primaries are the servers that together hold every entry once.
func (s *redisStore) primaries() ([]rueidis.Client, error) {
	return ask(s, redisScanTimeout, func(ctx context.Context, c *connection) ([]rueidis.Client, error) {
		if c.Mode() != rueidis.ClientModeCluster {
			return []rueidis.Client{c.Client}, nil
		}
		var primaries []rueidis.Client
		for _, node := range c.Nodes() {
			role, err := node.Do(ctx, node.B().Role().Build()).ToArray()
			if err != nil || len(role) == 0 {
				return nil, fmt.Errorf("a server of the cluster does not say its role: %w", err)
			}
			if name, _ := role[0].ToString(); name == "master" {
				primaries = append(primaries, node)
			}
		}
		return primaries, nil
	})
}

// multi sends one command a name and hands each reply that is no error on. What
// is gone since the scan is passed over.
func (s *redisStore) multi(names []string, command func(c *connection, name string) rueidis.Completed,
	reply func(name string, r rueidis.RedisResult) error,
) error {
	replies, err := ask(s, redisScanTimeout, func(ctx context.Context, c *connection) ([]rueidis.RedisResult, error) {
		commands := make([]rueidis.Completed, len(names))
		for i, name := range names {
			commands[i] = command(c, name)
		}
		replies := c.DoMulti(ctx, commands...)
		return replies, firstError(replies)
	})
	if err != nil {
		return err
	}
	for i, r := range replies {
		if r.Error() != nil {
			continue
		}
		if err := reply(names[i], r); err != nil {
			return err
		}
	}
	return nil
}

// found is one entry that a purge is about.
type found struct {
	head string // the beginning of the record, with its sum
	size int64
}

// deleteScript deletes the key if its record still begins as it did when its
// tags were read. The sum is in the beginning, so a record that was put since
// is left alone.
const deleteScript = `
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1]-1) == ARGV[1] then
	return redis.call('DEL', KEYS[1])
end
return 0`

func (s *redisStore) purge(tags []string, dryRun bool, purged func(string)) (entries int, size int64, err error) {
	err = s.scan(func(names []string) error {
		chosen, err := s.choose(names, tags)
		if err != nil {
			return err
		}
		if !dryRun {
			if chosen, err = s.deleteUnchanged(chosen); err != nil {
				return err
			}
		}
		for name, f := range chosen {
			entries++
			size += f.size
			if !dryRun {
				purged(strings.TrimPrefix(name, s.entryKey("")))
			}
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	return entries, size, nil
}

// choose returns those of the entries that have all of the tags.
func (s *redisStore) choose(names, tags []string) (map[string]found, error) {
	chosen := map[string]found{}
	var long []string // tags that do not fit into the head
	match := func(name, record string) {
		if e, err := splitRecord([]byte(record)); err != nil && len(record) == headBytes {
			long = append(long, name)
		} else if len(tags) == 0 || err == nil && hasAll(e.Tags, tags) {
			chosen[name] = found{head: record[:min(len(record), recordHeader)]}
		}
	}
	take := func(name string, r rueidis.RedisResult) error {
		record, err := r.ToString()
		if err == nil && record != "" { // empty: gone since the scan
			match(name, record)
		}
		return err
	}
	err := s.multi(names, func(c *connection, name string) rueidis.Completed {
		return c.B().Getrange().Key(name).Start(0).End(headBytes - 1).Build()
	}, take)
	if err != nil {
		return nil, err
	}
	err = s.multi(long, func(c *connection, name string) rueidis.Completed {
		return c.B().Get().Key(name).Build()
	}, take)
	if err != nil {
		return nil, err
	}
	return chosen, s.measure(chosen)
}

// measure fills in the sizes.
func (s *redisStore) measure(chosen map[string]found) error {
	names := make([]string, 0, len(chosen))
	for name := range chosen {
		names = append(names, name)
	}
	return s.sizes(names, func(name string, size int64) {
		f := chosen[name]
		f.size = size
		chosen[name] = f
	})
}

// sizes calls fn with the size of each entry that is there.
func (s *redisStore) sizes(names []string, fn func(name string, size int64)) error {
	return s.multi(names, func(c *connection, name string) rueidis.Completed {
		return c.B().Strlen().Key(name).Build()
	}, func(name string, r rueidis.RedisResult) error {
		n, err := r.AsInt64()
		if err == nil && n > 0 {
			fn(name, int64(len(name)-len(s.entryKey("")))+n)
		}
		return err
	})
}

// deleteUnchanged deletes the entries and returns those that were there still.
func (s *redisStore) deleteUnchanged(chosen map[string]found) (map[string]found, error) {
	names := make([]string, 0, len(chosen))
	for name := range chosen {
		names = append(names, name)
	}
	deleted := map[string]found{}
	err := s.multi(names, func(c *connection, name string) rueidis.Completed {
		return c.B().Eval().Script(deleteScript).Numkeys(1).Key(name).Arg(chosen[name].head).Build()
	}, func(name string, r rueidis.RedisResult) error {
		n, err := r.AsInt64()
		if n > 0 {
			deleted[name] = chosen[name]
		}
		return err
	})
	return deleted, err
}

func (s *redisStore) each(fn func(key string, record []byte) error) error {
	return s.scan(func(names []string) error {
		for len(names) > 0 {
			n := min(len(names), exportKeys)
			err := s.multi(names[:n], func(c *connection, name string) rueidis.Completed {
				return c.B().Get().Key(name).Build()
			}, func(name string, r rueidis.RedisResult) error {
				record, err := r.AsBytes()
				if err != nil {
					return err
				}
				return fn(strings.TrimPrefix(name, s.entryKey("")), record)
			})
			if err != nil {
				return err
			}
			names = names[n:]
		}
		return nil
	})
}

func (s *redisStore) stats(out *Stats) error {
	return s.scan(func(names []string) error {
		return s.sizes(names, func(_ string, size int64) {
			out.Entries++
			out.Bytes += size
		})
	})
}
