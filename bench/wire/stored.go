package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"yeok/cache"
)

// memory measures what a remembered article takes in memory, and how long a
// yeok with a large store needs until it answers.
func memory(b *bench) (report, error) {
	var r report
	if err := b.weigh(&r); err != nil {
		return r, err
	}
	b.stopChildren()
	return r, b.starts(&r)
}

// weigh fills a yeok with real translations and looks at its heap.
func (b *bench) weigh(r *report) error {
	n := min(1500, b.size.stored/50+4) // so many that what is loaded once does not count
	b.env = []string{"GOGC=100"}       // else resident memory is garbage that nobody has needed to collect yet
	defer func() { b.env = nil }()
	m, err := b.startModel(0, 0)
	if err != nil {
		return err
	}
	file := filepath.Join(b.dir, "weighed.db")
	args := []string{"--store", file, "--memory-bytes", "1GiB"}
	r.say("%d articles of 10 blocks in four languages, each asked for again over HTTP until it came as stored bytes. "+
		"Live is the heap after a collection, resident the process's own memory, both an article more.", n)
	rows := [][]string{{"", "**live KB an article**", "resident KB an article"}}
	for _, kind := range []struct {
		name string
		fill bool
	}{{"translated and asked for again", true}, {"after a restart, asked for twice", false}} {
		g, err := b.startYeok(serverCore, m, args...)
		if err != nil {
			return err
		}
		live, resident, err := b.weighOne(g, n, kind.fill)
		if err != nil {
			return err
		}
		rows = append(rows, []string{kind.name, fmt.Sprintf("**%.1f**", live/1024), fmt.Sprintf("%.1f", resident/1024)})
		g.Stop()
	}
	r.table(rows...)
	return nil
}

// weighOne asks for n articles, after some that warm it up, and returns the
// bytes that each one added.
func (b *bench) weighOne(g *gateway, n int, fill bool) (live, resident float64, err error) {
	const warmUp = 2
	ask := func(from, to int) error {
		for i := from; i < to; i++ {
			body := order(articleID(i), article(i, 10))
			times := 2
			if fill {
				times = 3
			}
			for range times {
				if _, err := g.post(b.ctx, body); err != nil {
					return err
				}
			}
		}
		return nil
	}
	weight := func() (heap, anonymous int64, err error) {
		heap, err = g.heap(b.ctx)
		if err == nil {
			anonymous, err = g.anonymous()
		}
		return heap, anonymous, err
	}
	if err := ask(0, warmUp); err != nil {
		return 0, 0, err
	}
	heapBefore, anonymousBefore, err := weight()
	if err != nil {
		return 0, 0, err
	}
	if err := ask(warmUp, n+warmUp); err != nil {
		return 0, 0, err
	}
	heap, anonymous, err := weight()
	return float64(heap-heapBefore) / float64(n), float64(anonymous-anonymousBefore) / float64(n), err
}

var heapLine = regexp.MustCompile(`# HeapAlloc = ([0-9]+)`)

// heap is the live heap, after a collection.
func (g *gateway) heap(ctx context.Context) (int64, error) {
	_, text, err := g.getAt(ctx, g.admin, "/debug/pprof/heap?gc=1&debug=1")
	if err != nil {
		return 0, err
	}
	found := heapLine.FindSubmatch(text)
	if found == nil {
		return 0, errors.New("the heap profile has no HeapAlloc")
	}
	return strconv.ParseInt(string(found[1]), 10, 64)
}

// starts measures a yeok from its start to its first hit.
func (b *bench) starts(r *report) error {
	m, err := b.startModel(0, 0)
	if err != nil {
		return err
	}
	small := filepath.Join(b.dir, "small.db")
	g, err := b.startYeok(serverCore, m, "--store", small)
	if err != nil {
		return err
	}
	if err := g.fill(b.ctx, 1); err != nil {
		return err
	}
	g.Stop()
	large := filepath.Join(b.dir, "large.db")
	began := time.Now()
	records, err := b.enlarge(small, large)
	if err != nil {
		return fmt.Errorf("a large store: %w", err)
	}
	info, err := os.Stat(large)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "large store made in %.0f s\n", time.Since(began).Seconds())
	r.say("From the start of the process to its first answer, the translation of an article in the store. "+
		"The large store holds %d articles, %d records, %.1f GB; its file was read before, by the one who wrote it.",
		b.size.stored, records, float64(info.Size())/1e9)
	rows := [][]string{{"store", "listening ms", "**first hit ms**", "spread"}}
	for _, store := range []struct{ name, file string }{{"1 article", small}, {fmt.Sprintf("%d articles", b.size.stored), large}} {
		var listening, hit []time.Duration
		for range b.size.rounds {
			l, h, err := b.startOnce(m, store.file)
			if err != nil {
				return fmt.Errorf("%s: %w", store.name, err)
			}
			listening, hit = append(listening, l), append(hit, h)
		}
		rows = append(rows, []string{store.name, ms(median(listening)), "**" + ms(median(hit)) + "**",
			ms(percentile(hit, 0)) + "–" + ms(percentile(hit, 1))})
	}
	r.table(rows...)
	return nil
}

func (b *bench) startOnce(m *model, file string) (listening, hit time.Duration, err error) {
	began := time.Now()
	g, err := b.startYeok(serverCore, m, "--store", file)
	if err != nil {
		return 0, 0, err
	}
	defer g.Stop()
	listening = time.Since(began)
	_, _, err = g.get(b.ctx, fmt.Sprintf(translationPath, articleID(0)))
	return listening, time.Since(began), err
}

// fingerprints are the parts of keys that say what was translated.
var fingerprints = regexp.MustCompile(`[0-9a-z]{26,}`)

// enlarge makes a store that holds the one article of small, and as many more
// like it as are wanted: the same records under other names. It returns the
// number of records.
func (b *bench) enlarge(small, large string) (records int, err error) {
	one, err := recordsOf(small)
	if err != nil {
		return 0, err
	}
	c, err := cache.Open(cache.Options{Path: large, MemoryBytes: 1 << 20})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	const batch = 500 // articles a commit
	for first := 0; first < b.size.stored; first += batch {
		if b.ctx.Err() != nil {
			return records, b.ctx.Err()
		}
		entries := map[string]cache.Entry{}
		for n := first; n < min(first+batch, b.size.stored); n++ {
			rename := renamer(one, n)
			for key, value := range one {
				entries[rename.Replace(key)] = cache.Entry{
					Value: []byte(rename.Replace(value)),
					Tags:  []string{"tenant:", "article:" + articleID(n), "language:en", "model:fake-model"},
				}
			}
		}
		if err := c.PutAll(entries); err != nil {
			return records, err
		}
		records += len(entries)
	}
	return records, nil
}

// renamer gives the records of article 0 the names of article n, without
// changing a length. Article 0 keeps its own.
func renamer(one map[string]string, n int) *strings.Replacer {
	if n == 0 {
		return strings.NewReplacer()
	}
	pairs := []string{articleID(0), articleID(n)}
	for key := range one {
		for _, print := range fingerprints.FindAllString(key, -1) {
			pairs = append(pairs, print, fmt.Sprintf("%08d", n)+print[8:])
		}
	}
	return strings.NewReplacer(pairs...)
}

// recordsOf reads a store that nobody holds.
func recordsOf(file string) (map[string]string, error) {
	keys, err := keysOf(file)
	if err != nil {
		return nil, err
	}
	c, err := cache.Open(cache.Options{Path: file})
	if err != nil {
		return nil, err
	}
	records := map[string]string{}
	for _, key := range keys {
		if value, ok := c.Get(key); ok {
			records[key] = string(value)
		}
	}
	return records, c.Close()
}

// keysOf lists every key of every bucket; what is no key of a record is not
// found by it later.
func keysOf(file string) (keys []string, err error) {
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return keys, db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, bucket *bbolt.Bucket) error {
			return bucket.ForEach(func(key, _ []byte) error {
				keys = append(keys, string(key))
				return nil
			})
		})
	})
}
