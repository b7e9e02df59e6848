package cache_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"yeok/cache"
)

// sumStores are the kinds of store, each with what two processes would open; for
// those that one process alone may hold, the same twice.
func sumStores(t *testing.T) map[string]func(t *testing.T) (a, b *cache.Cache) {
	t.Helper()
	alone := func(path func(t *testing.T) string) func(t *testing.T) (a, b *cache.Cache) {
		return func(t *testing.T) (a, b *cache.Cache) {
			c := open(t, cache.Options{Path: path(t)})
			return c, c
		}
	}
	return map[string]func(t *testing.T) (a, b *cache.Cache){
		"memory": alone(func(*testing.T) string { return "" }),
		"file":   alone(func(t *testing.T) string { return filepath.Join(t.TempDir(), "store.db") }),
		"redis": func(t *testing.T) (a, b *cache.Cache) {
			options := startRedis(t).options()
			return open(t, options), open(t, options)
		},
	}
}

func TestAdd(t *testing.T) {
	for name, stores := range sumStores(t) {
		t.Run(name, func(t *testing.T) {
			a, b := stores(t)
			end := time.Now().Add(time.Hour)
			const each, n = 50, 7
			var adders sync.WaitGroup
			for _, c := range []*cache.Cache{a, b} {
				for range each {
					adders.Go(func() {
						if _, err := c.Add("k", n, end); err != nil {
							t.Errorf("Add: %v", err)
						}
					})
				}
			}
			adders.Wait()
			if got, want := b.Sum("k", end), int64(2*each*n); got != want {
				t.Errorf("Sum after %d calls of Add(%d) = %d, want %d", 2*each, n, got, want)
			}
			if got, err := a.Add("k", -2*each*n, end); got != 0 || err != nil {
				t.Errorf("Add of all that there is, negative = %d, %v, want 0", got, err)
			}
			if got := b.Sum("k", end); got != 0 {
				t.Errorf("Sum in the other process = %d, want 0", got)
			}
			if _, err := a.Add("k", 5, end); err != nil {
				t.Fatal(err)
			}
			if _, _, err := a.Purge(nil, false); err != nil {
				t.Fatal(err)
			}
			if got := a.Sum("k", end); got != 5 {
				t.Errorf("Sum after a purge of everything = %d, want 5", got)
			}
		})
	}
}

func TestAddSurvivesARestart(t *testing.T) {
	options := cache.Options{Path: filepath.Join(t.TempDir(), "store.db")}
	end := time.Now().Add(time.Hour)
	c := open(t, options)
	for _, n := range []int64{40, -10} {
		if _, err := c.Add("k", n, end); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Compact(); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = open(t, options)
	if got := c.Sum("k", end); got != 30 {
		t.Errorf("Sum after a compaction and a restart = %d, want 30", got)
	}
	if got, err := c.Add("k", 1, end); got != 31 || err != nil {
		t.Errorf("Add after a restart = %d, %v, want 31", got, err)
	}
}

// TestAddWithoutRedis: a server that is away, or forgets, stops no counting.
func TestAddWithoutRedis(t *testing.T) {
	server := startRedis(t)
	options := server.options()
	a, b := open(t, options), open(t, options)
	end := time.Now().Add(time.Hour)
	if got, err := a.Add("k", 100, end); got != 100 || err != nil {
		t.Fatalf("Add = %d, %v", got, err)
	}
	server.kill()
	if got, err := a.Add("k", 10, end); got != 110 || err == nil {
		t.Errorf("Add while the server is away = %d, %v, want 110 and an error", got, err)
	}
	server.start() // empty: it keeps nothing on disk
	eventually(t, "the server counts again", func() bool {
		_, err := a.Add("k", 1, end)
		return err == nil
	})
	if got := b.Sum("k", end); got < 111 {
		t.Errorf("Sum in the other process = %d, want all of it", got)
	}
	before := a.Sum("k", end)
	server.mustDo("FLUSHALL") // as an eviction would
	if got, err := a.Add("k", 1, end); got != before+1 || err != nil {
		t.Errorf("Add after the server forgot = %d, %v, want %d", got, err, before+1)
	}
}
