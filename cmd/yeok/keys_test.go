package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yeok/access"
)

// makeKey makes a key with the command and returns it.
func makeKey(t *testing.T, dir string, args ...string) string {
	t.Helper()
	got := call{dir: dir, env: []string{"YEOK_KEYS_FILE=keys.jsonl"}}.run(t, append([]string{"keys", "create"}, args...)...)
	key, rest, _ := strings.Cut(got.stdout, "\n")
	id, secret, _ := strings.Cut(strings.TrimPrefix(key, "yeok_"), "_")
	if got.code != 0 || rest != "" || len(secret) != 52 || !strings.Contains(got.stderr, "key "+id+" is made") || strings.Contains(got.stderr, secret) {
		t.Fatalf("yeok keys create %q: exit %d, stdout %q, stderr %q", args, got.code, got.stdout, got.stderr)
	}
	return key
}

func idOf(key string) string { return strings.Split(key, "_")[1] }

func TestKeys(t *testing.T) {
	dir := t.TempDir()
	c := call{dir: dir, env: []string{"YEOK_KEYS_FILE=keys.jsonl"}}
	first := makeKey(t, dir, "--tenant", "sports", "--note", "the sports desk", "--expires", "90d", "--requests-per-minute", "60", "--burst", "5")
	second := makeKey(t, dir, "--scope", "admin,read")
	for i, args := range [][]string{{idOf(first)}, {second}} { // by id, and by the whole key
		if got := c.run(t, append([]string{"keys", "revoke"}, args...)...); got.code != 0 || !strings.Contains(got.stderr, "is revoked") || strings.Count(got.stderr, "_") != 0 {
			t.Errorf("yeok keys revoke %d: exit %d, stdout %q, stderr %q", i, got.code, got.stdout, got.stderr)
		}
	}
	third := makeKey(t, dir)

	table := c.run(t, "keys", "list")
	lines := strings.Split(strings.TrimSpace(table.stdout), "\n")
	if table.code != 0 || len(lines) != 4 {
		t.Fatalf("yeok keys list: exit %d, %q, stderr %q", table.code, table.stdout, table.stderr)
	}
	for i, want := range [][]string{
		{"ID", "TENANT", "SCOPES", "STATE", "EXPIRES"},
		{idOf(first), "sports", "clean translate read", "revoked", " 60 ", `"the sports desk"`},
		{idOf(second), "-", "admin", "revoked", "never"},
		{idOf(third), "active"},
	} {
		for _, part := range want {
			if !strings.Contains(lines[i], part) {
				t.Errorf("yeok keys list, line %d: %q lacks %q", i, lines[i], part)
			}
		}
	}
	var listed struct {
		ID      string
		Expires time.Time
		Burst   int
	}
	out := c.run(t, "keys", "list", "--format", "json").stdout
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&listed); err != nil {
		t.Fatal(err)
	}
	if days := time.Until(listed.Expires).Hours() / 24; listed.ID != idOf(first) || days < 89 || days > 91 || listed.Burst != 5 {
		t.Errorf("yeok keys list as JSON: %+v", listed)
	}
	content, err := os.ReadFile(filepath.Join(dir, "keys.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := access.Load(filepath.Join(dir, "keys.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for i, key := range []string{first, second, third} {
		secret := strings.Split(key, "_")[2]
		for where, text := range map[string]string{"file": string(content), "list": table.stdout, "JSON": out} {
			if strings.Contains(text, secret) {
				t.Errorf("the secret of key %d stands in the %s", i, where)
			}
		}
		if hash, _ := keys[i].Hash.MarshalText(); strings.Contains(out+table.stdout, string(hash)) {
			t.Errorf("the hash of key %d is listed", i)
		}
	}
}

func TestKeysRefusals(t *testing.T) {
	dir := folder(t, map[string]string{"broken.jsonl": "yeok_abcdefgh_secretwords\n", "yeok.yaml": "keysFile: none.jsonl\n"})
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"create"}, 2, "keys-file: is not set"},
		{[]string{"create", "--keys-file", "k", "--scope", "clean,all", "--expires", "1999-01-01"}, 2, `"all" is not clean, translate, read or admin`},
		{[]string{"create", "--keys-file", "k", "--scope", "clean,all", "--expires", "1999-01-01"}, 2, `--expires: "1999-01-01" is not a time to come`},
		{[]string{"create", "--keys-file", "k", "--expires", "soon"}, 2, "is not a time to come"},
		{[]string{"create", "--keys-file", "k", "--tenant", "A/B"}, 2, "tenant does not match"},
		{[]string{"create", "--keys-file", "k", "--burst", "3"}, 2, "burst means nothing"},
		{[]string{"create", "--keys-file", "k", "--requests-per-minute=-3"}, 2, "must not be below 0"},
		{[]string{"create", "--keys-file", "no/such/folder"}, 1, "no such file"},
		{[]string{"create", "--keys-file", "broken.jsonl"}, 1, "line 1 is not a key"},
		{[]string{"list", "--config", "yeok.yaml"}, 1, "none.jsonl"},
		{[]string{"list", "--keys-file", "broken.jsonl"}, 1, "line 1 is not a key"},
		{[]string{"revoke", "--keys-file", "k2", "abcdefgh"}, 1, "there is no such key"},
	} {
		got := call{dir: dir}.run(t, append([]string{"keys"}, test.args...)...)
		if got.code != test.code || !strings.Contains(got.stderr, test.want) || got.stdout != "" || strings.Contains(got.stderr, "secretwords") {
			t.Errorf("yeok keys %q: exit %d, stdout %q, stderr %q; want exit %d and %q", test.args, got.code, got.stdout, got.stderr, test.code, test.want)
		}
	}
}
