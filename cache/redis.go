package cache

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

const (
	defaultPrefix       = "yeok:"
	defaultRedisTimeout = 250 * time.Millisecond

	// redisWriteTimeout bounds a write. Nobody waits for one with a page open:
	// it follows a model call of many seconds.
	redisWriteTimeout = 2 * time.Second

	// redisScanTimeout bounds one step of a walk over all keys, and how long a
	// connection may be silent that was asked something, or pinged: so long
	// can news of changes stay away unnoticed.
	redisScanTimeout = 5 * time.Second

	// reconnectPause is the time between two attempts to make the first
	// connection. Later ones are made when a command wants one.
	reconnectPause = time.Second

	// untrackedLifetime is how long a copy in memory is believed in where the
	// server does not tell of changes.
	untrackedLifetime = 2 * time.Second

	// redisBuffer is rueidis's buffer for each direction of a connection. Its
	// default of 512 KiB is for pipelines of thousands.
	redisBuffer = 64 << 10
)

// Kinds of keys, behind the prefix.
const (
	entryKind = "v:" // a record, as in a file
	leaseKind = "l:" // the token of the flight that holds the lease
	sumKind   = "s:" // a number
	formatAt  = "format"
)

// redisStore is the store in a Redis.
type redisStore struct {
	options Redis
	prefix  string
	timeout time.Duration
	memory  *memory
	leases  *Leases
	breaker breaker

	client  atomic.Pointer[connection] // nil until the first connection
	refused atomic.Pointer[error]      // why there is none yet
	stop    chan struct{}              // closed by close
	dialing sync.WaitGroup

	mu       sync.Mutex
	readings map[string]*reading // in progress, by key
}

// connection is a client with what is known of its server.
type connection struct {
	rueidis.Client
	tracking bool // the server tells of changes
}

// invalidated is called by rueidis with keys that were changed by whomever, and
// with none when it may have missed some: a connection broke, or everything
// was deleted. It must be quick.
func (s *redisStore) invalidated(keys []rueidis.RedisMessage) {
	if keys == nil {
		s.memory.doubt()
		s.leases.wakeAll()
		return
	}
	for i := range keys {
		name, err := keys[i].ToString()
		if err != nil {
			continue
		}
		name = strings.TrimPrefix(name, s.prefix)
		if key, ok := strings.CutPrefix(name, entryKind); ok {
			s.memory.drop(key)
		} else if key, ok := strings.CutPrefix(name, leaseKind); ok {
			s.leases.wake(key)
		}
	}
}

// ask runs one piece of work against the server, and returns when it is done or
// the time is over, whichever comes first. rueidis alone does not promise that:
// who finds no connection waits for the one who makes it.
func ask[T any](s *redisStore, limit time.Duration, work func(context.Context, *connection) (T, error)) (T, error) {
	var none T
	select {
	case <-s.stop:
		return none, ErrClosed
	default:
	}
	client := s.client.Load()
	if client == nil {
		return none, fmt.Errorf("%w: %w", ErrUnavailable, *s.refused.Load())
	}
	if !s.breaker.allow() {
		return none, ErrUnavailable
	}
	type answer struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	answers := make(chan answer, 1)
	go func() {
		value, err := work(ctx, client)
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, s.judge(a.err)
	case <-ctx.Done():
		return none, s.judge(ctx.Err())
	}
}

// judge tells the breaker how it went, and puts what went wrong into yeok's words.
func (s *redisStore) judge(err error) error {
	refusal, replied := rueidis.IsRedisErr(err)
	there := err == nil || rueidis.IsRedisNil(err) || errors.Is(err, errRecord) ||
		replied && !refusal.IsLoading() && !refusal.IsClusterDown()
	s.breaker.note(there)
	switch {
	case there:
		return err
	case errors.Is(err, rueidis.ErrClosing):
		select {
		case <-s.stop:
			return ErrClosed
		default:
		}
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

func (s *redisStore) entryKey(key string) string { return s.prefix + entryKind + key }

// reading is one question to the server that several readers share.
type reading struct {
	version version
	done    chan struct{} // closed when the rest is set
	entry   Entry
	found   bool
	err     error
}

// read asks the server once for all who ask for the key at the same time, so
// that a thousand callers of one article do not queue up before the one who
// will make it. A question that was put before the last change of its key is
// not shared with those who come after; without the server's news nobody knows
// which those are, and everyone asks.
func (s *redisStore) read(key string) (Entry, bool, error) {
	if c := s.client.Load(); c == nil || !c.tracking {
		return s.readAlone(key)
	}
	s.mu.Lock()
	r, ok := s.readings[key]
	if ok && r.version.holds() {
		s.mu.Unlock()
		<-r.done
		return r.entry, r.found, r.err
	}
	r = &reading{version: s.memory.version(key), done: make(chan struct{})}
	s.readings[key] = r
	s.mu.Unlock()

	r.entry, r.found, r.err = s.readAlone(key)
	s.mu.Lock()
	if s.readings[key] == r {
		delete(s.readings, key)
	}
	s.mu.Unlock()
	close(r.done)
	return r.entry, r.found, r.err
}

func (s *redisStore) readAlone(key string) (Entry, bool, error) {
	e, err := ask(s, s.timeout, func(ctx context.Context, c *connection) (Entry, error) {
		record, err := c.Do(ctx, c.B().Get().Key(s.entryKey(key)).Build()).AsBytes()
		if err != nil {
			return Entry{}, err
		}
		return decodeRecord(key, record)
	})
	if rueidis.IsRedisNil(err) {
		return Entry{}, false, nil
	}
	return e, err == nil && !e.expired(), err
}

// writeScript sets or deletes all of its keys at once. For each key it has two
// arguments: the record, empty to delete, and milliseconds to live, 0 for ever.
const writeScript = `
for i, key in ipairs(KEYS) do
	local record, ttl = ARGV[2*i-1], ARGV[2*i]
	if record == '' then
		redis.call('DEL', key)
	elseif ttl == '0' then
		redis.call('SET', key, record)
	else
		redis.call('SET', key, record, 'PX', ttl)
	end
end`

func (s *redisStore) write(changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	_, err := ask(s, redisWriteTimeout, func(ctx context.Context, c *connection) (struct{}, error) {
		if len(changes) > 1 && c.Mode() != rueidis.ClientModeCluster {
			return struct{}{}, s.writeTogether(ctx, c, changes)
		}
		commands := make([]rueidis.Completed, len(changes))
		for i, ch := range changes {
			commands[i] = s.command(c, ch, false)
		}
		return struct{}{}, firstError(c.DoMulti(ctx, commands...))
	})
	return err
}

func (s *redisStore) writeTogether(ctx context.Context, c *connection, changes []change) error {
	keys := make([]string, len(changes))
	args := make([]string, 0, 2*len(changes))
	for i, ch := range changes {
		keys[i] = s.entryKey(string(ch.key))
		args = append(args, rueidis.BinaryString(ch.record), strconv.FormatInt(timeLeft(ch.record), 10))
	}
	err := rueidis.NewLuaScript(writeScript).Exec(ctx, c, keys, args).Error()
	if rueidis.IsRedisNil(err) { // what a script without a result returns
		return nil
	}
	return err
}

// command makes one change; with onlyNew, if the key is not there.
func (s *redisStore) command(c *connection, ch change, onlyNew bool) rueidis.Completed {
	key := s.entryKey(string(ch.key))
	if ch.record == nil {
		return c.B().Del().Key(key).Build()
	}
	set := c.B().Arbitrary("SET").Keys(key).Args(rueidis.BinaryString(ch.record))
	if left := timeLeft(ch.record); left > 0 {
		set = set.Args("PX", strconv.FormatInt(left, 10))
	}
	if onlyNew {
		set = set.Args("NX")
	}
	return set.Build()
}

// timeLeft is how many milliseconds the record has to live, 0 for ever, and 1 if
// it has expired.
func timeLeft(record []byte) int64 {
	if len(record) == 0 || record[0] != expiresVersion {
		return 0
	}
	e, err := splitRecord(record)
	if err != nil {
		return 0
	}
	return max(1, time.Until(e.Expires).Milliseconds())
}

func (s *redisStore) add(changes []change) (added int, err error) {
	return ask(s, redisScanTimeout, func(ctx context.Context, c *connection) (int, error) {
		commands := make([]rueidis.Completed, len(changes))
		for i, ch := range changes {
			commands[i] = s.command(c, ch, true)
		}
		replies := c.DoMulti(ctx, commands...)
		added := 0
		for _, reply := range replies {
			if reply.Error() == nil { // else the key is there
				added++
			}
		}
		return added, firstError(replies)
	})
}

// firstError returns one failure of many, as it is, so that judge can tell a
// refusal from silence. That something is not there is none.
func firstError(replies []rueidis.RedisResult) error {
	for _, r := range replies {
		if err := r.Error(); err != nil && !rueidis.IsRedisNil(err) {
			return err
		}
	}
	return nil
}

// compact only asks whether anybody is there: Redis removes what has expired by
// itself.
func (s *redisStore) compact() error { return s.ping() }

func (s *redisStore) ping() error {
	_, err := ask(s, s.timeout, func(ctx context.Context, c *connection) (struct{}, error) {
		return struct{}{}, c.Do(ctx, c.B().Ping().Build()).Error()
	})
	return err
}

func (s *redisStore) close() error {
	s.leases.close()
	close(s.stop)
	s.dialing.Wait()
	if client := s.client.Load(); client != nil {
		client.Close()
	}
	return nil
}
