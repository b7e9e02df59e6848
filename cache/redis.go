package cache

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
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
	formatAt  = "format"
)

// Redis says where a store is that several processes share: a Redis of version 6
// or newer, a Valkey, or a cluster of either. The zero value is none.
type Redis struct {
	// URL is redis://[user@]host[:port][/db], or rediss:// for TLS. One node of
	// a cluster is enough; more follow as ?addr=host:port.
	URL string

	// Password of the user; it must not be in the URL, which is logged.
	Password string

	// Prefix of every key, so that several installations can share a server.
	// Empty means "yeok:".
	Prefix string

	// Timeout is how long a reader waits for an answer before it is a miss.
	// Zero means 250 ms.
	Timeout time.Duration

	// NoTracking forgoes the server's news of changed keys, which some proxies
	// do not pass on. Copies in memory are asked for again after two seconds
	// then. It is also forgone where the server does not know of it.
	NoTracking bool

	// TLS is used with rediss://; nil means the system's authorities.
	TLS *tls.Config
}

// String is the URL: what may be logged.
func (r Redis) String() string { return r.URL }

// GoString is the URL too.
func (r Redis) GoString() string { return r.URL }

// option makes rueidis's form of r, or says what is wrong with it.
func (r Redis) option() (rueidis.ClientOption, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" || u.Scheme != "redis" && u.Scheme != "rediss" {
		return rueidis.ClientOption{}, errors.New("the address of a Redis is redis://[user@]host[:port][/db], or rediss:// for TLS")
	}
	if _, has := u.User.Password(); has {
		return rueidis.ClientOption{}, errors.New("the password must not be in the address, which is logged")
	}
	option, err := rueidis.ParseURL(r.URL)
	if err != nil {
		return option, err
	}
	if option.TLSConfig != nil && option.TLSConfig.InsecureSkipVerify {
		return option, errors.New("skip_verify is not to be had: name the authority that signed the server's certificate")
	}
	if option.TLSConfig != nil && r.TLS != nil {
		name := option.TLSConfig.ServerName
		if option.TLSConfig = r.TLS.Clone(); option.TLSConfig.ServerName == "" {
			option.TLSConfig.ServerName = name
		}
	}
	option.Password = r.Password
	option.Dialer.Timeout = time.Second
	option.ConnWriteTimeout = redisScanTimeout
	option.PipelineMultiplex = 1 // two connections, so that a long value does not hold up all others
	option.ReadBufferEachConn, option.WriteBufferEachConn = redisBuffer, redisBuffer
	option.DisableCache = option.DisableCache || r.NoTracking
	return option, nil
}

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

// openRedis connects, or goes on trying in the background if the server cannot
// be reached within a second.
func openRedis(options Redis, m *memory) (*redisStore, error) {
	option, err := options.option()
	if err != nil {
		return nil, err
	}
	s := &redisStore{options: options, prefix: options.Prefix, timeout: options.Timeout, memory: m,
		stop: make(chan struct{}), readings: map[string]*reading{}}
	if s.prefix == "" {
		s.prefix = defaultPrefix
	}
	if strings.ContainsAny(s.prefix, `*?[]\`) {
		return nil, fmt.Errorf("the prefix %q holds one of * ? [ ] \\", s.prefix)
	}
	if s.timeout <= 0 {
		s.timeout = defaultRedisTimeout
	}
	s.leases = newLeases(s)
	s.breaker.recovered = m.doubt
	if !option.DisableCache {
		option.ClientTrackingOptions = []string{"BCAST", "PREFIX", s.prefix + entryKind, "PREFIX", s.prefix + leaseKind}
		option.OnInvalidations = s.invalidated
	}
	err = s.connect(option)
	if err != nil && !unreachable(err) {
		return nil, err
	}
	if err != nil {
		s.refused.Store(&err)
		s.dialing.Go(func() { s.keepConnecting(option) })
	}
	return s, nil
}

// unreachable tells a server that is not there from one that refuses.
func unreachable(err error) bool {
	var untrusted *tls.CertificateVerificationError
	if errors.Is(err, ErrFormat) || errors.As(err, &untrusted) {
		return false
	}
	refusal, replied := rueidis.IsRedisErr(err)
	return !replied || refusal.IsClusterDown() || refusal.IsLoading()
}

// connect makes the client and looks at the store's format.
func (s *redisStore) connect(option rueidis.ClientOption) error {
	client, err := rueidis.NewClient(option)
	if untrackable(option, err) {
		option.DisableCache, option.ClientTrackingOptions, option.OnInvalidations = true, nil, nil
		client, err = rueidis.NewClient(option)
	}
	if err != nil {
		return err
	}
	if err := s.checkFormat(client); err != nil {
		client.Close()
		return err
	}
	if option.DisableCache {
		s.memory.lifetime.Store(int64(untrackedLifetime))
	}
	s.memory.doubt()
	s.client.Store(&connection{Client: client, tracking: !option.DisableCache})
	return nil
}

// untrackable reports whether the server cannot, or may not, tell of changes.
func untrackable(option rueidis.ClientOption, err error) bool {
	if option.DisableCache || err == nil {
		return false
	}
	refusal, replied := rueidis.IsRedisErr(err)
	return errors.Is(err, rueidis.ErrNoCache) ||
		replied && (strings.Contains(strings.ToLower(refusal.Error()), "tracking") || strings.HasPrefix(refusal.Error(), "NOPERM"))
}

func (s *redisStore) checkFormat(client rueidis.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), redisWriteTimeout)
	defer cancel()
	key := s.prefix + formatAt
	set := client.Do(ctx, client.B().Set().Key(key).Value(currentFormat).Nx().Build())
	if err := set.Error(); err != nil && !rueidis.IsRedisNil(err) {
		return err
	}
	format, err := client.Do(ctx, client.B().Get().Key(key).Build()).ToString()
	if err != nil {
		return err
	}
	if format != currentFormat {
		return fmt.Errorf("%w: format %q", ErrFormat, format)
	}
	return nil
}

func (s *redisStore) keepConnecting(option rueidis.ClientOption) {
	tick := time.NewTicker(reconnectPause)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			err := s.connect(option)
			if err == nil {
				return
			}
			s.refused.Store(&err)
		}
	}
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
