package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// coldMemory is so little that nothing stays in it.
const coldMemory = "1KiB"

// cold measures hits that the memory does not hold: what the tier under it
// costs.
func cold(b *bench) (report, error) {
	var r report
	r.say("GET of %d translations in turn, from a yeok that may keep nothing in memory (`--memory-bytes %s`), so that each one is read from the store, "+
		"beside one that keeps all.", b.size.articles, coldMemory)
	kinds := []struct{ name, store, memory string }{
		{"from memory", "", "64MiB"},
		{"from the file", "", coldMemory},
		{"from Redis", "redis", coldMemory},
	}
	var loaded, single []contender
	for _, kind := range kinds {
		g, err := b.coldGateway(kind.store, kind.memory)
		if err != nil {
			return r, fmt.Errorf("%s: %w", kind.name, err)
		}
		if g == nil {
			r.say("%s: left out, this yeok or this machine has none.", kind.name)
			continue
		}
		list, err := b.paths(g)
		if err != nil {
			return r, err
		}
		measure := func(single bool) contender {
			return contender{kind.name, func() (result, error) {
				return b.h2load(g.process, h2load{url: "http://" + g.http, input: list, single: single})
			}}
		}
		loaded, single = append(loaded, measure(false)), append(single, measure(true))
	}
	for _, one := range []bool{false, true} {
		group := loaded
		r.say("**%s**", map[bool]string{false: "Under load", true: "One at a time"}[one])
		if one {
			group = single
		}
		results, err := b.sideBySide(group)
		if err != nil {
			return r, err
		}
		r.compare(group, results, kinds[0].name, one)
	}
	return r, nil
}

// coldGateway is a yeok that remembers the articles; nil if its store cannot be
// had here.
func (b *bench) coldGateway(store, memory string) (*gateway, error) {
	args := []string{"--memory-bytes", memory}
	if store == "redis" {
		if !b.knowsRedis() {
			return nil, nil
		}
		_, port, err := b.startRedis(clientCore)
		if err != nil {
			return nil, unless(err, errNotInstalled)
		}
		args = append(args, "--store", "redis://127.0.0.1:"+port+"/0")
	}
	m, err := b.startModel(0, 0)
	if err != nil {
		return nil, err
	}
	g, err := b.startYeok(serverCore, m, args...)
	if err != nil {
		return nil, err
	}
	return g, g.fill(b.ctx, b.size.articles)
}

// paths writes a file of the addresses of all translations.
func (b *bench) paths(g *gateway) (string, error) {
	var lines strings.Builder
	for i := range b.size.articles {
		fmt.Fprintf(&lines, "http://%s"+translationPath+"\n", g.http, articleID(i))
	}
	file := filepath.Join(b.dir, "paths-"+strings.ReplaceAll(g.http, ":", "-"))
	return file, os.WriteFile(file, []byte(lines.String()), 0o600)
}
