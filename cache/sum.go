package cache

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"
	"go.etcd.io/bbolt"
)

// sums are numbers that all who share the store add to, such as what was spent
// today. They are no entries: nothing purges, exports or evicts them, they only
// expire.
//
// A store that does not answer must neither stop the counting nor forget it: what
// could not be added is kept here, counts for this process at once, and is added
// with the next number that gets through.
type sums struct {
	mu    sync.Mutex
	known map[string]*sum
}

type sum struct {
	mu      sync.Mutex // held while the store is asked, so that nothing is added twice
	value   int64      // in the store, as far as is known
	pending int64      // not there yet
	expires time.Time
}

// Add adds n, which may be negative, to the number under the key, and returns what
// it is then. When it returns without an error that survives a crash. With one the
// number is this process's own account, to which others may have added; it is never
// less than what this process has added itself.
//
// The number is forgotten at expires, which should be the same in all calls.
func (c *Cache) Add(key string, n int64, expires time.Time) (int64, error) {
	s := c.sums.at(key, expires)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending += n
	switch {
	case c.closed.Load():
		return s.value + s.pending, ErrClosed
	case c.store == nil:
		s.value, s.pending = s.value+s.pending, 0
		return s.value, nil
	}
	value, found, err := c.store.increase(key, s.pending, expires)
	if err != nil {
		c.storeTier.errors.Add(1)
		// It may have got through all the same. What bounds spending had better
		// count twice than forget, so what would make it less is not tried again.
		s.pending = max(s.pending, 0)
		return s.value + s.pending, fmt.Errorf("cache: %w", err)
	}
	if lost := s.value; lost > 0 && !found {
		// The store has forgotten it, as a Redis does that evicts. If two
		// processes put it back it counts twice: again the safe side.
		if restored, _, err := c.store.increase(key, lost, expires); err == nil {
			value = restored
		}
	}
	s.value, s.pending = value, 0
	return value, nil
}

// Sum is the number under the key, as far as this process can know.
func (c *Cache) Sum(key string, expires time.Time) int64 {
	sum, _ := c.Add(key, 0, expires) // what it returns with an error is what is known
	return sum
}

// at finds the number, and forgets those whose time is over.
func (s *sums) at(key string, expires time.Time) *sum {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.known[key]; found != nil {
		return found
	}
	if s.known == nil {
		s.known = make(map[string]*sum)
	}
	now := time.Now()
	for key, old := range s.known {
		if now.After(old.expires) {
			delete(s.known, key)
		}
	}
	s.known[key] = &sum{expires: expires}
	return s.known[key]
}

// addition is a change of a number in the file.
type addition struct {
	n       int64
	expires time.Time
	sum     int64 // afterwards
	found   bool  // before
}

var sumsBucket = []byte("sums")

// increase adds in the same commits that entries are written in.
func (s *boltStore) increase(key string, n int64, expires time.Time) (int64, bool, error) {
	a := &addition{n: n, expires: expires}
	if n == 0 {
		err := s.view(func(tx *bbolt.Tx) error {
			if bucket := tx.Bucket(sumsBucket); bucket != nil {
				a.sum, a.found = sumAt(bucket, []byte(key))
			}
			return nil
		})
		return a.sum, a.found, err
	}
	err := s.write([]change{{key: []byte(key), addition: a}})
	return a.sum, a.found, err
}

// add makes an addition. A number that cannot be read begins anew; the process
// that knows it puts it back.
func (t *tally) add(key []byte, a *addition) error {
	bucket, err := t.tx.CreateBucketIfNotExists(sumsBucket)
	if err != nil {
		return err
	}
	old, found := sumAt(bucket, key)
	if !found { // a new period, most likely: the time to look for old ones
		if err := forgetSums(bucket); err != nil {
			return err
		}
	}
	a.sum, a.found = old+a.n, found
	e := Entry{Value: strconv.AppendInt(nil, a.sum, 10), Expires: a.expires}
	return bucket.Put(key, encodeRecord(string(key), e))
}

func sumAt(bucket *bbolt.Bucket, key []byte) (value int64, found bool) {
	record := bucket.Get(key)
	if record == nil {
		return 0, false
	}
	e, err := decodeRecord(string(key), record)
	if err != nil || e.expired() {
		return 0, false
	}
	value, err = strconv.ParseInt(string(e.Value), 10, 64)
	return value, err == nil
}

func forgetSums(bucket *bbolt.Bucket) error {
	var old [][]byte
	err := bucket.ForEach(func(key, record []byte) error {
		if expiredRecord(record) {
			old = append(old, key)
		}
		return nil
	})
	for _, key := range old {
		err = errors.Join(err, bucket.Delete(key))
	}
	return err
}

// sumScript adds ARGV[1] to the number and gives it its end, in milliseconds since
// 1970; it returns the number and whether it was there. Adding 0 changes nothing.
const sumScript = `
local found = redis.call('EXISTS', KEYS[1])
if ARGV[1] == '0' then
	return {tonumber(redis.call('GET', KEYS[1]) or '0'), found}
end
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('PEXPIREAT', KEYS[1], ARGV[2])
return {sum, found}`

// increase adds in the server, so that no gateway sees a number that another one
// is about to change.
func (s *redisStore) increase(key string, n int64, expires time.Time) (value int64, found bool, err error) {
	reply, err := ask(s, redisWriteTimeout, func(ctx context.Context, c *connection) ([]int64, error) {
		name := s.prefix + sumKind + key
		return rueidis.NewLuaScript(sumScript).Exec(ctx, c, []string{name},
			[]string{strconv.FormatInt(n, 10), strconv.FormatInt(expires.UnixMilli(), 10)}).AsIntSlice()
	})
	if err != nil || len(reply) != 2 {
		return 0, false, errors.Join(err, ErrUnavailable)
	}
	return reply[0], reply[1] == 1, nil
}
