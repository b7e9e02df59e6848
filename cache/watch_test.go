package cache_test

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"yeok/cache"
)

// TestAWatchSeesWhatChanges changes entries in every way there is, and asks a
// watch that has held before.
func TestAWatchSeesWhatChanges(t *testing.T) {
	put := func(key, value string, tags ...string) func(*cache.Cache) error {
		return func(c *cache.Cache) error { return c.Put(key, cache.Entry{Value: []byte(value), Tags: tags}) }
	}
	for _, test := range []struct {
		name   string
		change func(*cache.Cache) error
		want   [2]bool // of what was there, of what was not
	}{
		{"nothing", func(*cache.Cache) error { return nil }, [2]bool{true, true}},
		{"another value", put("a", "2"), [2]bool{false, true}},
		{"the same value again", put("a", "1"), [2]bool{true, true}},
		{"an entry where there was none", put("missing", "1"), [2]bool{true, false}},
		{"another key", put("c", "1"), [2]bool{true, true}},
		{"deleted", func(c *cache.Cache) error { return c.Delete("b") }, [2]bool{false, true}},
		{"purged", func(c *cache.Cache) error { _, _, err := c.Purge([]string{"t"}, false); return err }, [2]bool{false, true}},
		{"counted for a purge", func(c *cache.Cache) error { _, _, err := c.Purge([]string{"t"}, true); return err }, [2]bool{true, true}},
		{"there and back", func(c *cache.Cache) error { return errors.Join(put("a", "2")(c), put("a", "1")(c)) }, [2]bool{true, true}},
		{"closed", func(c *cache.Cache) error { return c.Close() }, [2]bool{false, true}},
	} {
		for _, path := range []string{"", filepath.Join(t.TempDir(), "yeok.db")} {
			t.Run(test.name+"/"+filepath.Base(path), func(t *testing.T) {
				c, err := cache.Open(cache.Options{Path: path})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if err := errors.Join(put("a", "1", "t")(c), put("b", "1")(c)); err != nil {
					t.Fatal(err)
				}
				there := c.Watch([]cache.Seen{{Key: "a", Value: "1"}, {Key: "b", Value: "1"}})
				missing := c.Watch([]cache.Seen{{Key: "missing"}})
				holds := func() [2]bool { return [2]bool{there.Holds(time.Now()), missing.Holds(time.Now())} }
				for range 2 {
					if got := holds(); got != [2]bool{true, true} {
						t.Fatalf("Holds = %v before anything changed", got)
					}
				}
				if err := test.change(c); err != nil {
					t.Fatal(err)
				}
				for range 2 {
					if got := holds(); got != test.want {
						t.Errorf("Holds = %v, want %v", got, test.want)
					}
				}
			})
		}
	}
}

func TestAWatchEndsWithItsEntries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := cache.Open(cache.Options{TTL: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Put("a", cache.Entry{Value: []byte("1")}); err != nil {
			t.Fatal(err)
		}
		w := c.Watch([]cache.Seen{{Key: "a", Value: "1"}})
		for _, step := range []struct {
			wait time.Duration
			want bool
		}{{0, true}, {59 * time.Minute, true}, {time.Minute, false}} {
			time.Sleep(step.wait)
			if got := w.Holds(time.Now()); got != step.want {
				t.Errorf("Holds after %v more = %v, want %v", step.wait, got, step.want)
			}
		}
	})
}

// TestAWatchIsCheap counts the lookups of a watch that holds.
func TestAWatchIsCheap(t *testing.T) {
	c, err := cache.Open(cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Put("a", cache.Entry{Value: []byte("1")}); err != nil {
		t.Fatal(err)
	}
	w := c.Watch([]cache.Seen{{Key: "a", Value: "1"}})
	for range 10 {
		w.Holds(time.Now())
	}
	if got := c.Counters().Memory.Hits; got != 1 {
		t.Errorf("10 looks at what did not change made %d lookups, want 1", got)
	}
}
