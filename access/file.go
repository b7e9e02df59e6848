package access

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrUnknownKey is returned when a file holds no key of the given id.
var ErrUnknownKey = errors.New("access: there is no such key")

// ErrMistake is returned for a new key that is not as a key has to be.
var ErrMistake = errors.New("access: no such key can be made")

// Load reads a keys file: one JSON object a line. Errors name the line and never
// repeat what it holds, because a person may have put a key itself there.
func Load(path string) ([]Key, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("access: keys file: %w", err)
	}
	keys, err := parse(content)
	if err != nil {
		return nil, fmt.Errorf("access: keys file %s: %w", path, err)
	}
	return keys, nil
}

// errLine is returned for a line that is no key.
var errLine = errors.New("is not a key as `yeok keys create` writes it")

func parse(content []byte) ([]Key, error) {
	var keys []Key
	known := map[string]bool{}
	number := 0
	for line := range bytes.Lines(content) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var k Key
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&k); err != nil || decoder.InputOffset() != int64(len(line)) {
			return nil, fmt.Errorf("line %d %w", number, errLine)
		}
		if err := k.check(); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if known[k.ID] {
			return nil, fmt.Errorf("line %d: the key %s stands there twice", number, k.ID)
		}
		known[k.ID] = true
		keys = append(keys, k)
	}
	return keys, nil
}

// Create adds a new key to the file at path, which it makes if there is none,
// and returns the key itself. It is kept nowhere, so it can be shown only now.
func Create(path string, k Key, now time.Time) (Key, string, error) {
	k, text, err := Make(k, now)
	if err != nil {
		return k, "", fmt.Errorf("%w: %w", ErrMistake, err)
	}
	err = change(path, func(keys []Key) ([]Key, error) { return append(keys, k), nil })
	return k, text, err
}

// Revoke ends a key. It stays in the file, so that its id in a log can still be
// explained. A key that was revoked before keeps its time.
func Revoke(path, id string, now time.Time) error {
	return change(path, func(keys []Key) ([]Key, error) {
		i := slices.IndexFunc(keys, func(k Key) bool { return k.ID == id })
		if i < 0 {
			return nil, ErrUnknownKey
		}
		if keys[i].Revoked.IsZero() {
			keys[i].Revoked = now.UTC().Truncate(time.Second)
		}
		return keys, nil
	})
}

// change rewrites the file as a whole, one writer at a time. Readers see the old
// file or the new one, whenever the machine stops.
func change(path string, edit func([]Key) ([]Key, error)) (err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // else the link would be replaced and not the file
	}
	unlock, err := lock(path + ".lock")
	if err != nil {
		return fmt.Errorf("access: keys file: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	keys, err := Load(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if keys, err = edit(keys); err != nil {
		return err
	}
	if err := replace(path, keys); err != nil {
		return fmt.Errorf("access: keys file: %w", err)
	}
	return nil
}

// replace writes a new file beside the old one and renames it. Mode and owner
// stay what they were; a file that is new has the mode 0600, because who can
// write it can let himself in.
func replace(path string, keys []Key) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	out := bufio.NewWriter(f)
	encoder := json.NewEncoder(out)
	for _, k := range keys {
		if err = encoder.Encode(k); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err = errors.Join(out.Flush(), likeBefore(f, path), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// likeBefore gives a new file the mode and the owner of the one at path. Where
// it cannot, a service that runs as somebody else could not read its keys.
func likeBefore(f *os.File, path string) error {
	old, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(ownLike(f, old), f.Chmod(old.Mode().Perm()))
}

// syncFolder makes a rename outlive the machine. Some file systems cannot, and
// then there is nothing to be done.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

// ParseScopes reads the names of scopes.
func ParseScopes(names []string) ([]Scope, error) {
	var scopes []Scope
	for _, name := range names {
		s := Scope(strings.TrimSpace(name))
		if !slices.Contains(Scopes(), s) {
			return nil, fmt.Errorf("%q is not clean, translate, read or admin", name)
		}
		if !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	return scopes, nil
}
