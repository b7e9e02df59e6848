// Package access says who may call yeok: it knows keys, the tenants they belong
// to, what they are good for and how often they may be used; and it holds the
// certificates of the listeners.
//
// The one idea to know: nothing here fails open. A key that cannot be checked is
// refused, a file that is missing lets nobody in, and a file that cannot be read
// as a whole changes nothing. What is kept of a key is its SHA-256, so neither
// the file nor a memory dump of it lets anybody call.
package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Scope is one kind of thing that a key is good for. Scopes do not imply each
// other: an admin key that is to translate needs both.
type Scope string

// The scopes.
const (
	Clean     Scope = "clean"     // find the article in a page; costs nothing
	Translate Scope = "translate" // spend the operator's money
	Read      Scope = "read"      // read what the tenant has remembered
	Admin     Scope = "admin"     // look after the service, and after the key's tenant or, without one, all of them
)

// Scopes lists all there are.
func Scopes() []Scope { return []Scope{Clean, Translate, Read, Admin} }

// Reasons to refuse a caller. They never hold what the caller sent.
var (
	// ErrMissing is returned when a call brings no key.
	ErrMissing = errors.New("access: no key")
	// ErrInvalid is returned for what is no key, and for one that is unknown,
	// wrong or revoked. Which of these it is, is nobody's business.
	ErrInvalid = errors.New("access: the key is not valid")
	// ErrExpired is returned for a right key whose time is over.
	ErrExpired = errors.New("access: the key has expired")
)

// ScopeError is returned when a key is not good for a call.
type ScopeError struct {
	Key   string // id of the key
	Scope Scope  // what it lacks
}

func (e *ScopeError) Error() string {
	return fmt.Sprintf("access: key %s lacks the scope %s", e.Key, e.Scope)
}

// LimitError is returned when a key is used more often than it may be.
type LimitError struct {
	Key       string        // id of the key
	PerMinute int           // what it may
	After     time.Duration // until the next call is welcome
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("access: key %s may call %d times a minute", e.Key, e.PerMinute)
}

// Caller is who calls. It is safe for concurrent use.
type Caller struct {
	Key    string // id of the key; "" where no keys are asked for
	Tenant string // whose memory and money it is

	scopes    []Scope
	perMinute int
	limiter   *rate.Limiter // nil for no limit
}

// Anybody is the caller where no keys are asked for. It may do everything.
func Anybody() *Caller { return &Caller{scopes: Scopes()} }

// May returns a ScopeError if the caller's key is not good for s. Every caller
// may do what needs no scope.
func (c *Caller) May(s Scope) error {
	if s == "" || slices.Contains(c.scopes, s) {
		return nil
	}
	return &ScopeError{Key: c.Key, Scope: s}
}

// Spend takes one call from the key's allowance, or returns a LimitError. The
// allowance is this process's own: two gateways grant it twice.
func (c *Caller) Spend(now time.Time) error {
	if c.limiter == nil || c.limiter.AllowN(now, 1) {
		return nil
	}
	lacking := 1 - c.limiter.TokensAt(now)
	after := time.Duration(lacking / float64(c.limiter.Limit()) * float64(time.Second))
	return &LimitError{Key: c.Key, PerMinute: c.perMinute, After: max(after, time.Millisecond)}
}

// Bearer reads the key from the values of an Authorization header (RFC 6750,
// section 2.1). Two headers are refused rather than chosen from.
func Bearer(values []string) (string, error) {
	if len(values) == 0 {
		return "", ErrMissing
	}
	scheme, key, _ := strings.Cut(values[0], " ")
	if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return "", ErrInvalid
	}
	return strings.TrimSpace(key), nil
}
