package cache

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/redis/rueidis"
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
