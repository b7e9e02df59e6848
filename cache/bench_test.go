package cache_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"yeok/cache"
)

// benchStore holds 1,000 entries of 12 KB, the size of one article in four
// languages.
func benchStore(b *testing.B, memoryBytes int64) *cache.Cache {
	b.Helper()
	c := open(b, cache.Options{Path: filepath.Join(b.TempDir(), "store.db"), MemoryBytes: memoryBytes})
	entries := map[string]cache.Entry{}
	for i := range 1000 {
		entries[fmt.Sprint(i)] = cache.Entry{Value: make([]byte, 12<<10), Tags: []string{"language:en"}}
	}
	if err := c.PutAll(entries); err != nil {
		b.Fatal(err)
	}
	for key := range entries {
		c.Get(key)
	}
	return c
}

func benchmarkGet(b *testing.B, memoryBytes int64) {
	c := benchStore(b, memoryBytes)
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = fmt.Sprint(i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, ok := c.Get(keys[i%1000]); !ok {
				b.Error("miss")
			}
		}
	})
}

func BenchmarkGetMemory(b *testing.B) { benchmarkGet(b, 64<<20) }
func BenchmarkGetFile(b *testing.B)   { benchmarkGet(b, 1) }

// BenchmarkGetRedis reads from the server, by as many callers as there are
// processors, and by 32 at once, who share round trips.
func BenchmarkGetRedis(b *testing.B) {
	options := startRedis(b).options()
	options.MemoryBytes = 1
	c := open(b, options)
	for i := range 1000 {
		if err := c.Put(fmt.Sprint(i), cache.Entry{Value: make([]byte, 12<<10), Tags: []string{"language:en"}}); err != nil {
			b.Fatal(err)
		}
	}
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(callers)
			var n atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, ok := c.Get(fmt.Sprint(n.Add(1) % 1000)); !ok {
						b.Error("miss")
					}
				}
			})
		})
	}
}

// BenchmarkPut reports a durable Put by one caller and by 32 at once, who
// share disk flushes.
func BenchmarkPut(b *testing.B) {
	for _, callers := range []int{1, 32} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			c := benchStore(b, 64<<20)
			entry := cache.Entry{Value: make([]byte, 12<<10), Tags: []string{"language:en"}}
			var n atomic.Int64
			b.SetParallelism(callers)
			if callers == 1 {
				b.ResetTimer()
				for i := range b.N {
					if err := c.Put(fmt.Sprint(i%1000), entry); err != nil {
						b.Fatal(err)
					}
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := c.Put(fmt.Sprint(n.Add(1)%1000), entry); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkJoin is what a flight costs its first caller, start to end, and
// what it costs one who joins a flight that is over the runway already.
func BenchmarkJoin(b *testing.B) {
	run := func(context.Context, func(int)) (string, error) { return "", nil }
	b.Run("start", func(b *testing.B) {
		var f flights
		b.ReportAllocs()
		for range b.N {
			if _, err := f.Join(b.Context(), "k", run).Wait(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("follow", func(b *testing.B) {
		var f flights
		gate := make(chan struct{})
		defer close(gate)
		f.Join(b.Context(), "k", func(context.Context, func(int)) (string, error) { <-gate; return "", nil })
		b.ReportAllocs()
		for range b.N {
			f.Join(b.Context(), "k", run)
		}
	})
}

// BenchmarkOpen opens a store of 100,000 entries of 1 KB.
func BenchmarkOpen(b *testing.B) {
	options := cache.Options{Path: filepath.Join(b.TempDir(), "store.db")}
	c := open(b, options)
	for i := range 100 {
		entries := map[string]cache.Entry{}
		for j := range 1000 {
			entries[fmt.Sprint(i, j)] = cache.Entry{Value: make([]byte, 1<<10)}
		}
		if err := c.PutAll(entries); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
		c = open(b, options)
	}
}
