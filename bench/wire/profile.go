package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// profileHits takes a CPU profile of yeok during the measurement l, if profiles
// are wanted, and returns what waits for its end.
func (b *bench) profileHits(g *gateway, l h2load) (wait func()) {
	if l.single {
		return func() {}
	}
	kind := "get"
	switch {
	case l.h2:
		kind = filepath.Base(l.url)
	case l.want != "":
		kind = "304"
	case l.data != "":
		kind = "post"
	}
	return b.profile(g, "hit-"+kind)
}

// profile takes a CPU profile for the time of one measurement. It costs some
// percent, so a run with profiles is none for the record.
func (b *bench) profile(g *gateway, name string) (wait func()) {
	if b.profiles == "" {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, profile, err := g.getAt(b.ctx, g.admin, fmt.Sprintf("/debug/pprof/profile?seconds=%d", max(1, int(b.size.span.Seconds()))))
		if err == nil {
			err = os.WriteFile(filepath.Join(b.profiles, strings.ReplaceAll(name, " ", "-")+".pprof"), profile, 0o600)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "no profile:", err)
		}
	}()
	return func() { <-done }
}
