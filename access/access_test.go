package access_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"yeok/access"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// create makes a key in the file and returns it.
func create(t testing.TB, path string, k access.Key) (access.Key, string) {
	t.Helper()
	if k.Scopes == nil {
		k.Scopes = []access.Scope{access.Translate}
	}
	made, text, err := access.Create(path, k, noon)
	if err != nil {
		t.Fatal(err)
	}
	return made, text
}

func keysFile(t testing.TB) string { return filepath.Join(t.TempDir(), "keys.jsonl") }

func TestIdentify(t *testing.T) {
	path := keysFile(t)
	good, text := create(t, path, access.Key{Tenant: "desk"})
	_, soon := create(t, path, access.Key{Expires: noon.Add(time.Hour)})
	gone, revoked := create(t, path, access.Key{})
	if err := access.Revoke(path, gone.ID, noon); err != nil {
		t.Fatal(err)
	}
	keys, err := access.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, text string
		after      time.Duration
		want       error
	}{
		{"a key", text, 0, nil},
		{"a key after years", text, 1e5 * time.Hour, nil},
		{"just before it expires", soon, time.Hour - 1, nil},
		{"expired", soon, time.Hour, access.ErrExpired},
		{"expired, with a wrong secret", soon[:len(soon)-1] + "7a", time.Hour, access.ErrInvalid},
		{"revoked", revoked, 0, access.ErrInvalid},
		{"nothing", "", 0, access.ErrInvalid},
		{"only an id", "yeok_" + good.ID, 0, access.ErrInvalid},
		{"an id and no secret", "yeok_" + good.ID + "_", 0, access.ErrInvalid},
		{"a hash for a key", fmt.Sprintf("yeok_%s_%x", good.ID, good.Hash), 0, access.ErrInvalid},
		{"the secret of another", "yeok_" + good.ID + soon[strings.LastIndex(soon, "_"):], 0, access.ErrInvalid},
		{"an unknown id", "yeok_zzzzzzzz_" + text[14:], 0, access.ErrInvalid},
		{"in capitals", strings.ToUpper(text), 0, access.ErrInvalid},
		{"with more behind it", text + " ", 0, access.ErrInvalid},
		{"very long", text + strings.Repeat("a", 1<<20), 0, access.ErrInvalid},
	} {
		caller, err := keys.Identify(test.text, noon.Add(test.after))
		if !errors.Is(err, test.want) || (caller == nil) != (test.want != nil) {
			t.Errorf("%s: Identify = %v, %v; want error %v", test.name, caller, err, test.want)
		}
	}
	caller, _ := keys.Identify(text, noon)
	if caller == nil || caller.Tenant != "desk" || caller.Key != good.ID {
		t.Errorf("Identify = %v, want key %s of desk", caller, good.ID)
	}
}

func TestMay(t *testing.T) {
	path := keysFile(t)
	_, text := create(t, path, access.Key{Scopes: []access.Scope{access.Clean, access.Admin}})
	keys, err := access.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	caller, err := keys.Identify(text, noon)
	if err != nil {
		t.Fatal(err)
	}
	for scope, want := range map[access.Scope]bool{access.Clean: true, access.Admin: true, access.Translate: false, access.Read: false, "": true} {
		err := caller.May(scope)
		if wrong := new(access.ScopeError); (err == nil) != want || err != nil && !errors.As(err, &wrong) {
			t.Errorf("May(%q) = %v, want allowed %v", scope, err, want)
		}
	}
}

func TestSpend(t *testing.T) {
	path := keysFile(t)
	_, text := create(t, path, access.Key{RequestsPerMinute: 30, Burst: 2})
	keys, err := access.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	caller, err := keys.Identify(text, noon)
	if err != nil {
		t.Fatal(err)
	}
	for i, test := range []struct {
		at   time.Duration
		want time.Duration // to wait; 0 for allowed
	}{{0, 0}, {0, 0}, {0, 2 * time.Second}, {time.Second, time.Second}, {2 * time.Second, 0}, {2 * time.Second, 2 * time.Second}} {
		err := caller.Spend(noon.Add(test.at))
		var limit *access.LimitError
		if errors.As(err, &limit) != (test.want > 0) || limit != nil && limit.After.Round(time.Millisecond) != test.want {
			t.Errorf("call %d: Spend at %v = %+v, want to wait %v", i, test.at, err, test.want)
		}
	}
}

func TestBearer(t *testing.T) {
	for _, test := range []struct {
		values []string
		want   string
		err    error
	}{
		{nil, "", access.ErrMissing},
		{[]string{"Bearer k"}, "k", nil},
		{[]string{"bearer  k"}, "k", nil},
		{[]string{"Basic k"}, "", access.ErrInvalid},
		{[]string{"k"}, "", access.ErrInvalid},
		{[]string{""}, "", access.ErrInvalid},
		{[]string{"Bearer"}, "", nil},
		{[]string{"Bearer a", "Bearer b"}, "", access.ErrInvalid},
	} {
		if got, err := access.Bearer(test.values); got != test.want || !errors.Is(err, test.err) {
			t.Errorf("Bearer(%q) = %q, %v; want %q, %v", test.values, got, err, test.want, test.err)
		}
	}
}

// TestFileFollowed changes the file under a running reader in every way that an
// operator can.
func TestFileFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := keysFile(t)
		first, text := create(t, path, access.Key{RequestsPerMinute: 1})
		keys, err := access.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		log := &lockedLog{}
		go keys.Watch(t.Context(), slog.New(slog.NewTextHandler(log, nil)))
		expect := func(when, text string, want error, said string) {
			t.Helper()
			time.Sleep(1500 * time.Millisecond)
			synctest.Wait()
			if _, err := keys.Identify(text, noon); !errors.Is(err, want) {
				t.Errorf("%s: Identify = %v, want %v", when, err, want)
			}
			if got := log.take(); said == "" && got != "" || !strings.Contains(got, said) {
				t.Errorf("%s: logged %q, want %q", when, got, said)
			}
		}
		write := func(content string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		expect("nothing happened", text, nil, "")
		caller, _ := keys.Identify(text, noon)
		if caller.Spend(noon) != nil || caller.Spend(noon) == nil {
			t.Error("one call a minute is not what the key may")
		}

		_, second := create(t, path, access.Key{})
		expect("another key came", second, nil, "in use now")
		if caller, _ := keys.Identify(text, noon); caller.Spend(noon) == nil {
			t.Error("reading the file again gave the key a new allowance")
		}

		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(string(whole[:len(whole)-9]))
		expect("the file was cut", second, nil, "line 2 is not a key")
		expect("it still is", second, nil, "")
		write(string(whole))
		expect("it was mended", second, nil, "in use now")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		expect("the file is gone", text, access.ErrInvalid, "nobody may call")
		expect("it still is", text, access.ErrInvalid, "")
		write(string(whole))
		expect("it is back", text, nil, "in use now")
		if err := access.Revoke(path, first.ID, noon); err != nil {
			t.Fatal(err)
		}
		expect("the key was revoked", text, access.ErrInvalid, "in use now")
		write("")
		expect("the file is empty", second, access.ErrInvalid, "in use now")
	})
}

// lockedLog is a log that one goroutine writes and another reads.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// take returns what was logged since it was last called.
func (l *lockedLog) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text.String()
	l.text.Reset()
	return text
}

func TestOpenRefuses(t *testing.T) {
	for name, path := range map[string]string{
		"no file":  keysFile(t),
		"a folder": t.TempDir(),
		"no keys":  written(t, "yeok_abcdefgh_secretsecret\n"),
	} {
		keys, err := access.Open(path)
		if err == nil || strings.Contains(err.Error(), "secretsecret") {
			t.Errorf("%s: Open = %v, want an error without the file's words", name, err)
		}
		if _, err := keys.Identify("yeok_abcdefgh_secretsecret", noon); err == nil {
			t.Errorf("%s: somebody may call", name)
		}
	}
}

func written(t testing.TB, content string) string {
	t.Helper()
	path := keysFile(t)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLoadRefuses takes one good line and spoils it; no error may repeat what
// stood there.
func TestLoadRefuses(t *testing.T) {
	path := keysFile(t)
	key, _ := create(t, path, access.Key{Tenant: "desk"})
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	good := string(content)
	hash := fmt.Sprintf("%x", key.Hash)
	for name, bad := range map[string]string{
		"twice":          good + good,
		"cut":            good[:len(good)/2],
		"two in a line":  strings.TrimSpace(good) + good,
		"unknown field":  strings.Replace(good, "{", `{"secretword":1,`, 1),
		"unknown scope":  strings.Replace(good, `"translate"`, `"secretword"`, 1),
		"no scope":       strings.Replace(good, `"translate"`, ``, 1),
		"short hash":     strings.Replace(good, hash, hash[:62], 1),
		"no hash":        strings.Replace(good, hash, strings.Repeat("0", 64), 1),
		"a key for hash": strings.Replace(good, hash, "yeok_abcdefgh_secretword", 1),
		"a tenant's/":    strings.Replace(good, `"desk"`, `"secretword/x"`, 1),
		"below zero":     strings.Replace(good, "{", `{"requestsPerMinute":-1,`, 1),
		"burst alone":    strings.Replace(good, "{", `{"burst":1,`, 1),
		"no object":      "null\n",
		"a comment":      "# secretword\n" + good,
	} {
		if bad == good {
			t.Fatalf("%s: the line was not spoilt", name)
		}
		keys, err := access.Load(written(t, bad))
		if err == nil || keys != nil || strings.Contains(err.Error(), "secretword") || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%s: Load = %d keys, %v; want an error that names the line alone", name, len(keys), err)
		}
	}
	if keys, err := access.Load(written(t, "\n"+good+"\n")); err != nil || len(keys) != 1 {
		t.Errorf("Load with empty lines = %d keys, %v", len(keys), err)
	}
}

func TestCreateAndRevoke(t *testing.T) {
	path := keysFile(t)
	want := access.Key{Tenant: "desk", Scopes: []access.Scope{access.Read}, Note: "the sports desk's CMS",
		Expires: noon.Add(time.Hour), RequestsPerMinute: 60, Burst: 5}
	made, text := create(t, path, want)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if secret := text[len("yeok_")+len(made.ID)+1:]; len(secret) != 52 || strings.Contains(string(content), secret) {
		t.Errorf("a secret of %d characters, and the file: %s", len(secret), content)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	want.ID, want.Hash, want.Created = made.ID, made.Hash, noon
	got, err := access.Load(path)
	if diff := cmp.Diff([]access.Key{want}, got); err != nil || diff != "" {
		t.Errorf("Load = %v (-made +read):\n%s", err, diff)
	}
	if err := access.Revoke(path, "zzzzzzzz", noon); !errors.Is(err, access.ErrUnknownKey) {
		t.Errorf("Revoke of an unknown key = %v", err)
	}
	for i := range 2 {
		if err := access.Revoke(path, made.ID, noon.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("Revoke changed the file's mode to %v, %v", info.Mode(), err)
	}
	if got, err := access.Load(path); err != nil || !got[0].Revoked.Equal(noon) || got[0].State(noon) != "revoked" {
		t.Errorf("after Revoke twice: %v, %v", got, err)
	}
	if _, _, err := access.Create(path, access.Key{Tenant: "A/B", Scopes: want.Scopes}, noon); err == nil {
		t.Error("Create takes a tenant that is no name")
	}
}

// TestWritersTakeTurns loses a key if two writers read the same file.
func TestWritersTakeTurns(t *testing.T) {
	path := keysFile(t)
	var writers sync.WaitGroup
	for range 20 {
		writers.Go(func() { create(t, path, access.Key{}) })
	}
	writers.Wait()
	if keys, err := access.Load(path); err != nil || len(keys) != 20 {
		t.Errorf("20 writers left %d keys, %v", len(keys), err)
	}
}

// TestALinkStaysALink writes the file that a link leads to.
func TestALinkStaysALink(t *testing.T) {
	path, link := keysFile(t), keysFile(t)
	create(t, path, access.Key{})
	if err := os.Symlink(path, link); err != nil {
		t.Skipf("NO LINKS HERE: %v", err)
	}
	create(t, link, access.Key{})
	if keys, err := access.Load(path); err != nil || len(keys) != 2 {
		t.Errorf("the file behind the link holds %d keys, %v", len(keys), err)
	}
}

func FuzzLoad(f *testing.F) {
	path := keysFile(f)
	create(f, path, access.Key{Tenant: "desk", RequestsPerMinute: 3})
	content, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add([]byte("{}\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(dir, "keys.jsonl")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		keys, err := access.Load(path)
		if err != nil && keys != nil {
			t.Errorf("Load(%q) = %d keys and %v", content, len(keys), err)
		}
	})
}

// FuzzIdentify lets nobody in but the one key.
func FuzzIdentify(f *testing.F) {
	path := keysFile(f)
	_, text := create(f, path, access.Key{})
	keys, err := access.Open(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("Bearer " + text)
	f.Add("Bearer yeok__")
	f.Fuzz(func(t *testing.T, header string) {
		key, err := access.Bearer([]string{header})
		if err != nil {
			return
		}
		if _, err := keys.Identify(key, noon); err == nil && key != text {
			t.Errorf("Identify(%q) lets somebody in", key)
		}
	})
}

func BenchmarkIdentify(b *testing.B) {
	path := keysFile(b)
	_, text := create(b, path, access.Key{RequestsPerMinute: 1e9, Burst: 1e9})
	keys, err := access.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		caller, err := keys.Identify(text, noon)
		if err != nil || caller.May(access.Translate) != nil || caller.Spend(noon) != nil {
			b.Fatal(err)
		}
	}
}
