package main_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"yeok/cache"
)

// filledStore is a folder with a store of four entries in store.db.
func filledStore(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	store, err := cache.Open(cache.Options{Path: filepath.Join(dir, "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	for i, tags := range [][]string{
		{"tenant:", "article:a1", "language:en", "model:big"},
		{"tenant:", "article:a1", "language:zh-Hans", "model:big"},
		{"tenant:", "article:a2", "language:en", "model:small"},
		{"tenant:t9", "article:a2", "language:en", "model:big"},
	} {
		value := []byte(strings.Repeat("x", 1000))
		if err := store.Put(fmt.Sprintf("whole/%d", i), cache.Entry{Value: value, Tags: tags}); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// figures runs `yeok cache` on the store and reads its JSON.
func figures(t *testing.T, dir string, args ...string) map[string]int64 {
	t.Helper()
	got := call{dir: dir, env: []string{"YEOK_STORE=store.db"}}.run(t, append(append([]string{"cache"}, args...), "--format", "json")...)
	if got.code != 0 {
		t.Fatalf("yeok cache %q: exit %d, stderr %q", args, got.code, got.stderr)
	}
	var out map[string]int64
	if err := json.Unmarshal([]byte(got.stdout), &out); err != nil {
		t.Fatalf("yeok cache %q: %v in %q", args, err, got.stdout)
	}
	return out
}

func TestCachePurge(t *testing.T) {
	dir := filledStore(t)
	for _, test := range []struct {
		args []string
		want int64
	}{
		{[]string{"--language", "en"}, 3},
		{[]string{"--language", "zh-CN"}, 1},
		{[]string{"--language", "en", "--model", "big"}, 2},
		{[]string{"--article", "a2", "--tenant", "t9"}, 1},
		{[]string{"--article", "a3"}, 0},
		{[]string{"--all"}, 4},
	} {
		if got := figures(t, dir, append([]string{"purge"}, test.args...)...)["entries"]; got != test.want {
			t.Errorf("yeok cache purge %q counts %d, want %d", test.args, got, test.want)
		}
	}
	if got := figures(t, dir, "stats")["entries"]; got != 4 {
		t.Errorf("yeok cache purge without --yes left %d entries of 4", got)
	}
	if got := figures(t, dir, "purge", "--model", "big", "--yes")["entries"]; got != 3 {
		t.Errorf("yeok cache purge --model big --yes forgot %d, want 3", got)
	}
	if got := figures(t, dir, "stats")["entries"]; got != 2 {
		t.Errorf("yeok cache purge --model big --yes left %d entries, want 1 and the note that something was purged", got)
	}
}

func TestCacheStatsAndCompact(t *testing.T) {
	dir := filledStore(t)
	got := call{dir: dir}.run(t, "cache", "stats", "--store", "store.db")
	if got.code != 0 || !strings.Contains(got.stdout, "remembered        4 entries\n") || got.stderr != "" {
		t.Errorf("yeok cache stats: exit %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
	}
	if got := figures(t, dir, "compact"); got["fileBytes"] == 0 || got["fileBytes"] > got["fileBytesBefore"] {
		t.Errorf("yeok cache compact: %v", got)
	}
	if got := figures(t, dir, "stats")["entries"]; got != 4 {
		t.Errorf("yeok cache compact left %d entries of 4", got)
	}
}

func TestCacheRefusals(t *testing.T) {
	dir := filledStore(t)
	store, err := cache.Open(cache.Options{Path: filepath.Join(dir, "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for path, want := range map[string]string{
		"store.db":   "another process is using this store",
		"nothing.db": "there is no store at nothing.db",
	} {
		got := call{dir: dir}.run(t, "cache", "stats", "--store", path)
		if got.code != 1 || !strings.Contains(got.stderr, want) || got.stdout != "" {
			t.Errorf("yeok cache stats --store %s: exit %d, stdout %q, stderr %q; want exit 1 and %q", path, got.code, got.stdout, got.stderr, want)
		}
	}
}

func TestCacheExportAndImport(t *testing.T) {
	dir := filledStore(t)
	from := call{dir: dir, env: []string{"YEOK_STORE=store.db"}}
	if got := from.run(t, "cache", "export", "all.yeok"); got.code != 0 || got.stdout != "" || !strings.Contains(got.stderr, "4 entries") {
		t.Fatalf("yeok cache export: exit %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
	}
	stream := from.run(t, "cache", "export")
	to := call{dir: dir, env: []string{"YEOK_STORE=other.db"}, stdin: stream.stdout}
	for _, test := range []struct{ args, want string }{
		{"", `{"added":4,"expired":0,"kept":0}`},
		{"all.yeok", `{"added":0,"expired":0,"kept":4}`},
	} {
		args := append([]string{"cache", "import", "--format", "json"}, strings.Fields(test.args)...)
		if got := to.run(t, args...); got.code != 0 || strings.TrimSpace(got.stdout) != test.want {
			t.Errorf("yeok %q: exit %d, stdout %q, stderr %q, want %s", args, got.code, got.stdout, got.stderr, test.want)
		}
	}
	to.stdin = stream.stdout[:len(stream.stdout)-3]
	if got := to.run(t, "cache", "import"); got.code != 1 || !strings.Contains(got.stderr, "not a whole export") {
		t.Errorf("yeok cache import of a cut file: exit %d, stderr %q", got.code, got.stderr)
	}
	if got := from.run(t, "cache", "export", filepath.Join("nowhere", "all.yeok")); got.code != 1 {
		t.Errorf("yeok cache export into a folder that is not there: exit %d", got.code)
	}
	if parts, _ := filepath.Glob(filepath.Join(dir, "*.part-*")); len(parts) > 0 {
		t.Errorf("yeok cache export left %q", parts)
	}
}
