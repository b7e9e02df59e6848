package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"yeok/cache"
	"yeok/translate"
)

// storeConfig says where yeok keeps what it remembers.
type storeConfig struct {
	fileConfig
	Store             storePath        `name:"store" type:"setting" default:"$XDG_STATE_HOME/yeok/yeok.db" help:"What keeps what is remembered: a file; or a Redis or Valkey that several gateways share, as redis://user@host:6379/0, or rediss:// for TLS; or \"memory\" for nothing that lasts. XDG_STATE_HOME is ~/.local/state where it is not set."`
	StorePassword     translate.Secret `kong:"-" name:"store-password" type:"setting" help:"Password for the Redis. Only by environment, or in the file that --store-password-file names."`
	StorePasswordFile string           `name:"store-password-file" type:"setting" placeholder:"FILE" help:"File that holds the password for the Redis."`
	StoreCAFile       string           `name:"store-ca-file" type:"setting" placeholder:"FILE" help:"PEM file of the authorities that the Redis's certificate is checked by. Not set, the system's are used."`
	StorePrefix       string           `name:"store-prefix" type:"setting" default:"yeok:" help:"Beginning of all keys in the Redis. Gateways with the same prefix share one memory."`
	StoreTimeout      duration         `name:"store-timeout" type:"setting" default:"250ms" help:"How long a reader waits for the Redis before it is a miss."`
	StoreTracking     onOff            `name:"store-tracking" type:"setting" default:"on" help:"Whether the Redis tells of changed keys (on or off). With off, which some proxies need, a change made through another gateway is seen after up to two seconds."`
	CacheTTL          duration         `name:"cache-ttl" type:"setting" placeholder:"TIME" help:"How long what is stored is remembered, such as 720h. Not set, for ever."`
}

// options is the cache that the settings describe.
func (c storeConfig) options() (cache.Options, error) {
	options := cache.Options{Path: c.Store.file(), TTL: time.Duration(c.CacheTTL)}
	if !c.Store.shared() {
		return options, nil
	}
	password, err := c.password()
	if err != nil {
		return options, err
	}
	authorities, err := c.authorities()
	if err != nil {
		return options, err
	}
	options.Redis = cache.Redis{
		URL:        string(c.Store),
		Password:   password,
		Prefix:     c.StorePrefix,
		Timeout:    time.Duration(c.StoreTimeout),
		NoTracking: !bool(c.StoreTracking),
		TLS:        authorities,
	}
	return options, nil
}

func (c storeConfig) password() (string, error) {
	switch {
	case c.StorePasswordFile == "":
		return string(c.StorePassword), nil
	case c.StorePassword != "":
		return "", errors.New("store-password-file: YEOK_STORE_PASSWORD is set too; one of them is wanted")
	}
	content, err := os.ReadFile(c.StorePasswordFile)
	if err != nil {
		return "", fmt.Errorf("store-password-file: %w", err)
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}

func (c storeConfig) authorities() (*tls.Config, error) {
	if c.StoreCAFile == "" {
		return nil, nil
	}
	pool, err := certificatesIn(c.StoreCAFile)
	if err != nil {
		return nil, fmt.Errorf("store-ca-file: %w", err)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// certificatesIn reads a file of authorities, PEM.
func certificatesIn(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("there is no certificate in %s", path)
	}
	return pool, nil
}

// inMemory is the store that does not last.
const inMemory storePath = "memory"

// storePath is the file of the store, the address of a Redis, or inMemory.
type storePath string

// UnmarshalText reads a path or an address.
func (p *storePath) UnmarshalText(text []byte) error {
	*p = storePath(text)
	if !strings.Contains(string(text), "://") {
		return nil
	}
	u, err := url.Parse(string(text))
	switch {
	case err != nil || u.Host == "" || !p.shared():
		// The text is not repeated: a mistyped address may hold a password.
		return errors.New("is neither a file nor an address such as redis://user@127.0.0.1:6379/0 or rediss://…")
	case hasPassword(u):
		return errors.New("must not hold a password, since addresses are logged: put it in YEOK_STORE_PASSWORD or in a file that store-password-file names")
	}
	return nil
}

func hasPassword(u *url.URL) bool { _, has := u.User.Password(); return has }

// shared tells whether the store is a Redis.
func (p storePath) shared() bool {
	return strings.HasPrefix(string(p), "redis://") || strings.HasPrefix(string(p), "rediss://")
}

// file is the path for the cache, which takes "" for no file.
func (p storePath) file() string {
	if p == inMemory || p.shared() {
		return ""
	}
	return string(p)
}
