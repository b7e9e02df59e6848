package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A key reads `yeok_ID_SECRET`. The id is public: it stands in lists and logs,
// and finds the key without trying all. The secret is 256 random bits, so a plain
// hash of it is as good as a slow one: there is nothing to guess.
const (
	keyPrefix   = "yeok_"
	idBytes     = 5  // 8 characters
	secretBytes = 32 // 52 characters
	maxKeyText  = 256
)

// letters write ids and secrets in a way that survives being read aloud and
// selected with a double click.
var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

var (
	idForm     = regexp.MustCompile(`^[a-z2-7]{8}$`)
	tenantForm = regexp.MustCompile(`^[a-z0-9-]{0,63}$`)
)

// Key is what is kept of a key.
type Key struct {
	ID      string    `json:"id"`
	Tenant  string    `json:"tenant"` // [a-z0-9-]{0,63}; "" is the tenant of a yeok without keys
	Scopes  []Scope   `json:"scopes"`
	Note    string    `json:"note,omitempty"` // for people
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero for never
	Revoked time.Time `json:"revoked,omitzero"` // zero for not
	// RequestsPerMinute is how often the key may be used; 0 for no limit.
	RequestsPerMinute int `json:"requestsPerMinute,omitempty"`
	// Burst is how many calls may come at once; 0 means a minute's worth.
	Burst int    `json:"burst,omitempty"`
	Hash  Digest `json:"sha256"` // of the whole key, prefix and id included
}

// Digest is a SHA-256, in hexadecimal where it is written.
type Digest [sha256.Size]byte

// MarshalText writes hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, d[:]), nil }

// UnmarshalText reads hexadecimal. Its error does not repeat the text, which may
// be a key in the wrong place.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(d)) {
		return errDigest
	}
	if _, err := hex.Decode(d[:], text); err != nil {
		return errDigest
	}
	return nil
}

var errDigest = errors.New("sha256 is not 64 hexadecimal digits")

// Make completes k with a new id, the time and a new secret, and returns the key
// itself, which exists nowhere else.
func Make(k Key, now time.Time) (Key, string, error) {
	random := make([]byte, idBytes+secretBytes)
	_, _ = rand.Read(random) // never fails, as its documentation says
	k.ID = letters.EncodeToString(random[:idBytes])
	k.Created = now.UTC().Truncate(time.Second)
	k.Expires, k.Revoked = k.Expires.UTC(), time.Time{}
	text := keyPrefix + k.ID + "_" + letters.EncodeToString(random[idBytes:])
	k.Hash = sha256.Sum256([]byte(text))
	return k, text, k.check()
}

// check says what is wrong with a key, whoever wrote it.
func (k Key) check() error {
	switch {
	case !idForm.MatchString(k.ID):
		return errors.New("id does not match " + idForm.String())
	case !tenantForm.MatchString(k.Tenant):
		return fmt.Errorf("tenant does not match %s", tenantForm)
	case len(k.Scopes) == 0:
		return errors.New("there is no scope")
	case k.RequestsPerMinute < 0 || k.Burst < 0:
		return errors.New("requestsPerMinute and burst must not be below 0")
	case k.Burst > 0 && k.RequestsPerMinute == 0:
		return errors.New("burst means nothing without requestsPerMinute")
	case k.Hash == Digest{}:
		return errDigest
	}
	for _, s := range k.Scopes {
		if !slices.Contains(Scopes(), s) {
			return errors.New("scopes are clean, translate, read and admin")
		}
	}
	return nil
}

// State is what a key is at a time: active, expired or revoked.
func (k Key) State(now time.Time) string {
	switch {
	case !k.Revoked.IsZero():
		return "revoked"
	case k.expired(now):
		return "expired"
	}
	return "active"
}

func (k Key) expired(now time.Time) bool { return !k.Expires.IsZero() && !now.Before(k.Expires) }

// idOf finds the id in a key. It says nothing about whether the key is right.
func idOf(text string) (string, bool) {
	rest, ok := strings.CutPrefix(text, keyPrefix)
	id, _, cut := strings.Cut(rest, "_")
	return id, ok && cut && len(text) <= maxKeyText
}
