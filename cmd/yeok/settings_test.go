package main

import (
	"encoding"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/server"
)

var update = flag.Bool("update", false, "rewrite golden files and the README's table of settings")

const (
	readme     = "../../README.md"
	tableStart = "<!-- settings -->"
	tableEnd   = "<!-- /settings -->"
)

// TestSettingsTable compares the README's table with the settings themselves.
func TestSettingsTable(t *testing.T) {
	content, err := os.ReadFile(readme)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("THERE IS NO README.md: its table of settings cannot be compared")
	}
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(content), tableStart)
	table, after, closed := strings.Cut(rest, tableEnd)
	if !found || !closed {
		t.Fatalf("README.md has no table between %s and %s", tableStart, tableEnd)
	}
	want := settingsTable()
	if *update {
		if err := os.WriteFile(readme, []byte(before+tableStart+want+tableEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("the README's table of settings is not that of the program (run this test with -update) (-want +got):\n%s", diff)
	}
}

// settingsTable is the table of settings in Markdown.
func settingsTable() string {
	var b strings.Builder
	b.WriteString("\n| flag | variable | in the file | default | what |\n|---|---|---|---|---|\n")
	for _, s := range settingsOf(&allSettings{}) {
		flagName, key := "`--"+s.name+"`", "`"+s.key()+"`"
		if s.secret {
			flagName = "–"
		}
		if !s.inFile() {
			key = "–"
		}
		initial := "–"
		if s.initial != "" {
			initial = "`" + s.initial + "`"
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", flagName, s.env(), key, initial, s.help)
	}
	return b.String()
}

// TestSettings sees to it that every setting has a name of its own, a help, and
// a default that it would accept.
func TestSettings(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range settingsOf(&allSettings{}) {
		if s.name == "" || s.help == "" || seen[s.name] {
			t.Errorf("setting %q: name twice or missing, or no help", s.name)
		}
		seen[s.name] = true
		if s.initial == "" {
			continue
		}
		if err := s.set(s.initial); err != nil {
			t.Errorf("setting %s: default %q: %v", s.name, s.initial, err)
		}
	}
}

// TestSettingNames fixes the rule by which names are derived, on which users
// hang.
func TestSettingNames(t *testing.T) {
	for _, test := range []struct{ name, env, key string }{
		{"http-addr", "YEOK_HTTP_ADDR", "httpAddr"},
		{"store", "YEOK_STORE", "store"},
		{"openai-base-url", "OPENAI_BASE_URL", "openaiBaseUrl"},
	} {
		s := setting{name: test.name}
		if s.env() != test.env || s.key() != test.key {
			t.Errorf("setting %s: got %s and %s, want %s and %s", test.name, s.env(), s.key(), test.env, test.key)
		}
	}
}

func TestValues(t *testing.T) {
	type unmarshaler interface{ UnmarshalText([]byte) error }
	path := func(p storePath) *storePath { return &p }
	size := func(n byteSize) *byteSize { return &n }
	for _, test := range []struct {
		into unmarshaler
		text string
		want any // nil: refused
	}{
		{new(byteSize), "64MiB", size(64 << 20)},
		{new(byteSize), "1 GB", size(1e9)},
		{new(byteSize), "4096", size(4096)},
		{new(byteSize), "0", nil},
		{new(byteSize), "-1MiB", nil},
		{new(byteSize), "64Mib", nil},
		{new(byteSize), "9999999999GiB", nil},
		{new(address), "127.0.0.1:70000", nil},
		{new(address), "8080", nil},
		{new(duration), "0s", nil},
		{new(duration), "-1s", nil},
		{new(duration), "30", nil},
		{new(count), "0", nil},
		{new(count), "1.5", nil},
		{new(baseURL), "127.0.0.1:11434", nil},
		{new(baseURL), "http://user:password@host/v1", nil},
		{new(logLevel), "loud", nil},
		{new(logFormat), "xml", nil},
		{new(onOff), "true", nil},
		{new(storePath), "redis://yeok:hunter2@host:6379", nil},
		{new(storePath), "http://host:6379", nil},
		{new(storePath), "redis://", nil},
		{new(storePath), "rediss://yeok@host:6379/1", path("rediss://yeok@host:6379/1")},
		{new(storePath), "a file.db", path("a file.db")},
	} {
		err := test.into.UnmarshalText([]byte(test.text))
		if refused := err != nil; refused != (test.want == nil) {
			t.Errorf("%T.UnmarshalText(%q) = %v", test.into, test.text, err)
			continue
		}
		if err != nil {
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), ":password@") && test.text != "http://user:password@host/v1" {
				t.Errorf("%T.UnmarshalText(%q) repeats a password: %v", test.into, test.text, err)
			}
			continue
		}
		if diff := cmp.Diff(test.want, any(test.into)); diff != "" {
			t.Errorf("%T.UnmarshalText(%q) (-want +got):\n%s", test.into, test.text, diff)
		}
	}
}

func TestAddressPrivate(t *testing.T) {
	for text, want := range map[address]bool{
		"127.0.0.1:1": true, "[::1]:1": true, "localhost:1": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "10.0.0.1:1": false, "yeok.example:1": false,
	} {
		if got := text.private(); got != want {
			t.Errorf("address(%q).private() = %v, want %v", text, got, want)
		}
	}
}

// TestLimitsHaveOneDefault keeps the defaults that the help names those that the
// server has.
func TestLimitsHaveOneDefault(t *testing.T) {
	var edge edgeConfig
	for _, s := range settingsOf(&edge) {
		if !strings.HasPrefix(s.name, "max-") {
			continue
		}
		if err := s.field.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s.initial)); err != nil {
			t.Fatalf("default of %s: %v", s.name, err)
		}
	}
	if diff := cmp.Diff(server.Limits{}.WithDefaults(), edge.limits()); diff != "" {
		t.Errorf("defaults of the server and of the settings differ (-server +settings):\n%s", diff)
	}
}
