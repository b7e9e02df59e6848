package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"

	"yeok/cache"
	"yeok/server"
	"yeok/translate/language"
)

// cacheCmd is `yeok cache`. A store belongs to one process at a time, so a
// running yeok must be stopped first.
type cacheCmd struct {
	Stats   cacheStatsCmd   `cmd:"" help:"Say how much is remembered."`
	Compact cacheCompactCmd `cmd:"" help:"Give the store's free space back to the disk."`
	Purge   cachePurgeCmd   `cmd:"" help:"Forget what all the given marks are on. Counts only, unless --yes."`
}

// storeCmd is what the commands on a store have in common.
type storeCmd struct {
	storeConfig
	Format string `enum:"text,json" default:"text" help:"Form of the result: text or json."`
}

// use opens the store for one piece of work. It never makes a store: looking at
// one that is not there is a mistake.
func (c *storeCmd) use(h *host, work func(*cache.Cache) error) (err error) {
	if _, mistakes := h.resolve(c); len(mistakes) > 0 {
		return misused(mistakes)
	}
	if c.Store == inMemory {
		return misuse{errors.New("store: memory is forgotten when a process ends; name a file")}
	}
	if _, err := os.Stat(c.Store.file()); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no store at %s", c.Store)
	}
	store, err := cache.Open(cache.Options{Path: c.Store.file()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return work(store)
}

// row is one figure of a result: its name in JSON, and as people read it.
type row struct {
	key, name string
	value     int64
	unit      string
}

// print writes figures as a table or as one JSON object.
func (c *storeCmd) print(h *host, rows ...row) error {
	if c.Format == "json" {
		object := map[string]int64{}
		for _, r := range rows {
			object[r.key] = r.value
		}
		return json.NewEncoder(h.stdout).Encode(object)
	}
	table := tabwriter.NewWriter(h.stdout, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		if _, err := fmt.Fprintf(table, "%s\t%d %s\n", r.name, r.value, r.unit); err != nil {
			return err
		}
	}
	return table.Flush()
}

// cacheStatsCmd is `yeok cache stats`.
type cacheStatsCmd struct{ storeCmd }

// Run prints how full the store is.
func (c *cacheStatsCmd) Run(h *host) error {
	return c.use(h, func(store *cache.Cache) error {
		s, err := store.Stats()
		if err != nil {
			return err
		}
		return c.print(h,
			row{"entries", "remembered", s.Entries, "entries"},
			row{"bytes", "size", s.Bytes, "bytes"},
			row{"fileBytes", "file", s.FileBytes, "bytes"},
			row{"freeBytes", "free in the file", s.FreeBytes, "bytes"})
	})
}

// cacheCompactCmd is `yeok cache compact`.
type cacheCompactCmd struct{ storeCmd }

// Run rewrites the store without its free space.
func (c *cacheCompactCmd) Run(h *host) error {
	return c.use(h, func(store *cache.Cache) error {
		before, err := store.Stats()
		if err != nil {
			return err
		}
		if err := store.Compact(); err != nil {
			return err
		}
		after, err := store.Stats()
		if err != nil {
			return err
		}
		return c.print(h,
			row{"fileBytesBefore", "before", before.FileBytes, "bytes"},
			row{"fileBytes", "after", after.FileBytes, "bytes"})
	})
}

// cachePurgeCmd is `yeok cache purge`.
type cachePurgeCmd struct {
	storeCmd
	Language string `help:"Forget this target language."`
	Article  string `help:"Forget the article of this id."`
	UsedBy   string `name:"model" help:"Forget what this model wrote."`
	Tenant   string `help:"Forget what this tenant paid for."`
	All      bool   `help:"Forget everything."`
	Yes      bool   `help:"Really forget. Without it, only count."`
}

// Run forgets, or counts what would be forgotten.
func (c *cachePurgeCmd) Run(h *host) error {
	tags, err := c.tags()
	if err != nil {
		return misuse{err}
	}
	return c.use(h, func(store *cache.Cache) error {
		entries, size, err := server.Purge(store, tags, !c.Yes)
		if err != nil {
			return err
		}
		done := "forgotten"
		if !c.Yes {
			done = "to forget"
			h.say("dry run: nothing is forgotten yet; repeat it with --yes")
		}
		return c.print(h,
			row{"entries", done, int64(entries), "entries"},
			row{"bytes", "size", size, "bytes"})
	})
}

// tags are the marks that the server puts on what it stores.
func (c *cachePurgeCmd) tags() ([]string, error) {
	var tags []string
	add := func(kind, value string) {
		if value != "" {
			tags = append(tags, kind+":"+value)
		}
	}
	code := c.Language
	if code != "" {
		target, ok := language.Lookup(code)
		if !ok {
			return nil, fmt.Errorf("--language: %s", unserved(code))
		}
		code = target.Code
	}
	add("language", code)
	add("article", c.Article)
	add("model", c.UsedBy)
	add("tenant", c.Tenant)
	switch {
	case c.All && len(tags) > 0:
		return nil, errors.New("--all leaves nothing to choose: give it alone")
	case !c.All && len(tags) == 0:
		return nil, errors.New("say what to forget: --language, --article, --model, --tenant, or --all")
	}
	return tags, nil
}
