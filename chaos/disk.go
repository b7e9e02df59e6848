package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

const (
	diskBytes   = 4 << 20
	fillerBytes = 2 << 20 // that are removed to make room
	mostToFill  = 300     // articles until the disk is full
	unstored    = 5       // articles that come while it is

	// debtsWithin is how soon what came while the disk was full must be on it
	// once there is room.
	debtsWithin = 8 * time.Second
)

// disk looks how a gateway lives with a disk that is full, one that cannot be
// written, and a file that is broken.
func (r *run) disk(rep *report) error {
	model, err := startTruth(0, r.size.seed, 0)
	if err != nil {
		return err
	}
	defer model.Close()
	where, unmount, err := r.mount()
	if err != nil {
		rep.say("*** SKIPPED: a full and a read-only disk (%v)", err)
		return r.broken(rep, model)
	}
	defer unmount()
	return errors.Join(r.full(rep, model, where), r.broken(rep, model))
}

// mount makes a small disk.
func (r *run) mount() (where string, unmount func(), err error) {
	where = filepath.Join(r.dir, "disk")
	if err := os.MkdirAll(where, 0o700); err != nil {
		return "", nil, err
	}
	if said, err := exec.CommandContext(r.ctx, "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%d", diskBytes), "yeok-chaos", where).CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("mount: %w: %s", err, said)
	}
	return where, func() { _ = exec.Command("umount", where).Run() }, nil
}

// reader is a gateway and what it has answered.
type reader struct {
	*gateway
	given []given
	next  int
}

// read has n new articles translated, and returns those that were not.
func (g *reader) read(n int) (failed []string) {
	for range n {
		p := page{g.next, 1}
		g.next++
		got := &answer{}
		err := overHTTP(g.run.ctx, g.gateway, p.order(), got)
		if err != nil || len(usable(got.TranslateArticleResponse)) < 4 {
			failed = append(failed, fmt.Sprintf("%s: %v %v", p.id(), err, got.TranslateArticleResponse))
		}
		g.given = append(g.given, given{p, time.Now(), got.TranslateArticleResponse, err})
	}
	return failed
}

// forgotten lists what is not remembered of what was given.
func (g *reader) forgotten(all []given) (gone []string) {
	for _, each := range all {
		want := usable(each.resp)
		got := &answer{}
		err := overHTTP(g.run.ctx, g.gateway, each.page.order(languagesOf(want)...), got)
		for _, why := range differing(want, got.TranslateArticleResponse, err) {
			gone = append(gone, why)
		}
	}
	return gone
}

// again kills the gateway and starts it.
func (g *reader) again() error {
	g.kill()
	return g.start()
}

// full fills a disk, makes room, and forbids writing.
func (r *run) full(rep *report, model *truth, where string) error {
	filler := filepath.Join(where, "filler")
	if err := os.WriteFile(filler, make([]byte, fillerBytes), 0o600); err != nil {
		return err
	}
	gate, err := r.newGateway("full", model, "--store", filepath.Join(where, "yeok.db"))
	if err != nil {
		return err
	}
	g := &reader{gateway: gate}
	if err := g.start(); err != nil {
		return err
	}
	defer g.stop()
	stored, failed, err := g.fill()
	if err != nil {
		return err
	}
	failed = append(failed, g.read(unstored)...)
	rep.figure("articles until the disk was full", stored)
	rep.promise("articles that failed when it was", len(failed), 0, failed...)
	gone := g.forgotten(g.given)
	rep.promise("of all these not remembered by the process", len(gone), 0, gone...)

	if err := g.again(); err != nil {
		return fmt.Errorf("on a full disk: %w", err)
	}
	gone = g.forgotten(g.given[:stored])
	rep.promise("stored before, and not remembered after a kill on the full disk", len(gone), 0, gone...)
	g.given = g.given[:stored]

	failed = g.read(unstored)
	if err := os.Remove(filler); err != nil {
		return err
	}
	time.Sleep(debtsWithin)
	if err := g.again(); err != nil {
		return err
	}
	gone = g.forgotten(g.given)
	rep.promise("articles that failed around the time of making room", len(failed), 0, failed...)
	rep.promise("of these not remembered after a kill when there was room", len(gone), 0, gone...)
	return r.readOnly(rep, g, where)
}

// fill has articles translated until some cannot be stored, and returns how many
// could.
func (g *reader) fill() (stored int, failed []string, err error) {
	for range mostToFill {
		failed = append(failed, g.read(1)...)
		refusals, err := g.metric(g.run.ctx, "yeok_store_errors_total")
		if err != nil {
			return 0, nil, err
		}
		if refusals > 0 {
			return len(g.given) - 1, failed, nil
		}
	}
	return 0, nil, errors.New("the disk is never full")
}

func (r *run) readOnly(rep *report, g *reader, where string) error {
	g.stop()
	if said, err := exec.CommandContext(r.ctx, "mount", "-o", "remount,ro", where).CombinedOutput(); err != nil {
		rep.say("*** SKIPPED: a read-only disk (%v: %s)", err, said)
		return nil
	}
	if err := g.start(); err != nil {
		return fmt.Errorf("on a read-only disk: %w", err)
	}
	gone := g.forgotten(g.given)
	rep.promise("not remembered when the disk had become read-only", len(gone), 0, gone...)
	failed := g.read(unstored)
	rep.promise("articles that failed then", len(failed), 0, failed...)
	gone = g.forgotten(g.given)
	rep.promise("of all these not remembered by the process", len(gone), 0, gone...)
	return nil
}

// broken damages the file of a store in many ways. The gateway must start, serve
// nothing wrong, and start again after a kill.
func (r *run) broken(rep *report, model *truth) error {
	gate, err := r.newGateway("broken", model, "--store", filepath.Join(r.dir, "whole.db"))
	if err != nil {
		return err
	}
	g := &reader{gateway: gate}
	if err := g.start(); err != nil {
		return err
	}
	const articles = 10
	if failed := g.read(articles); len(failed) > 0 {
		return errors.New(failed[0])
	}
	g.stop()
	whole, err := os.ReadFile(filepath.Join(r.dir, "whole.db"))
	if err != nil {
		return err
	}
	var dead, wrong []string
	aside, forgotten := 0, 0
	ways := r.damages(whole)
	for i, damaged := range ways {
		path := filepath.Join(r.dir, fmt.Sprintf("broken-%d", i), "yeok.db")
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, damaged, 0o600)); err != nil {
			return err
		}
		g.args[len(g.args)-1] = path
		gone, bad, err := g.survive(model)
		if err != nil {
			dead = append(dead, fmt.Sprintf("way %d: %v", i, err))
		}
		wrong = append(wrong, bad...)
		forgotten += gone
		if kept, err := filepath.Glob(path + ".damaged-*"); err == nil {
			aside += len(kept)
		}
	}
	rep.figure("ways in which a file was broken", len(ways))
	rep.figure("of these kept aside, and begun anew", aside)
	rep.figure(fmt.Sprintf("translations of %d that were no longer there, in all ways", 4*articles), forgotten)
	rep.promise("starts and answers that failed", len(dead), 0, dead...)
	rep.promise("COMPLETE, but not what an honest model says", len(wrong), 0, wrong...)
	return r.ctx.Err()
}

// survive starts the gateway over what is there, asks for everything, kills it and
// asks again. It counts what was forgotten.
func (g *reader) survive(model *truth) (forgotten int, wrong []string, err error) {
	for round := range 2 {
		if err := g.start(); err != nil {
			return forgotten, wrong, err
		}
		for _, each := range g.given {
			got := &answer{}
			if err = overHTTP(g.run.ctx, g.gateway, each.page.order(), got); err != nil {
				break
			}
			wrong = append(wrong, model.wrongIn(got.TranslateArticleResponse)...)
			if round == 0 {
				forgotten += len(differing(usable(each.resp), got.TranslateArticleResponse, nil))
			}
		}
		g.kill()
		if err != nil {
			break
		}
	}
	return forgotten, wrong, err
}

// damages are copies of a store's bytes, each damaged in one way.
func (r *run) damages(whole []byte) (ways [][]byte) {
	dice := rand.New(rand.NewPCG(r.size.seed, 2))
	page := os.Getpagesize()
	with := func(damage func(b []byte)) {
		b := slices.Clone(whole)
		damage(b)
		ways = append(ways, b)
	}
	for _, length := range []int{100, page + 100, 4 * page, len(whole) / 2, len(whole) - 1} {
		ways = append(ways, slices.Clone(whole[:length]))
	}
	with(func(b []byte) { clear(b) })
	with(func(b []byte) { clear(b[:2*page]) })
	with(func(b []byte) { clear(b[4*page:]) })
	with(func(b []byte) { b[60] ^= 1; b[page+60] ^= 1 }) // sums of both heads
	const some = 12
	for range some {
		with(func(b []byte) { clear(b[(2+dice.IntN(len(b)/page-3))*page:][:page]) })
		with(func(b []byte) {
			for range 20 {
				b[2*page+dice.IntN(len(b)-2*page)] ^= byte(1 + dice.IntN(255))
			}
		})
	}
	return ways
}
