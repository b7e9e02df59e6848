package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"yeok/cache"
	"yeok/translate"
	"yeok/translate/check"
)

func segmentKey(tenant, fp string) string { return fingerprintKey("segment", tenant, fp) }

// doubtfulKey holds a segment that failed its checks, of an answer that was given
// all the same. A list of strings has no whole that is ever asked for again, and
// an article that was edited elsewhere is a new whole; what is paid again and
// again without getting better is what callers complain of. It comes back with its
// findings, and a caller who wants another try says no-cache.
func doubtfulKey(tenant, fp string) string { return fingerprintKey("doubtful", tenant, fp) }

// segments is what the memory knows of the segments of one request. It is used by
// one flight, which must leave in the end.
type segments struct {
	server  *Server
	tenant  string
	control cacheControl
	came    time.Time           // when the caller came
	oldest  time.Time           // of what was recalled; zero if nothing was
	stale   bool                // what is remembered was too old for the caller
	order   []string            // ids as they are read
	keys    map[string][]string // fingerprints by id, see translate.Translator
	tags    []string            // of what is stored

	mu      sync.Mutex
	own     map[string]*claim // on what this flight is at work, by fingerprint
	pending map[string]cache.Entry
	ids     []string // of what is pending
	writing bool
	writer  sync.WaitGroup
	failed  error         // of a writer in which something panicked
	hurry   chan struct{} // closed when nothing more will come
}

// gathering is how long a segment may wait for others to be stored with. What a
// crash would lose by it is the work of that time, and the last segments of an
// article go with its whole, in one commit instead of two that the caller waits for.
const gathering = 20 * time.Millisecond

func (s *Server) segmentsOf(req translate.Request, control cacheControl, came time.Time, tags []string) *segments {
	g := &segments{server: s, tenant: req.Tenant, control: control, came: came, keys: s.translator.SegmentFingerprints(req), tags: tags, hurry: make(chan struct{})}
	add := func(id string) {
		if _, ok := g.keys[id]; ok {
			g.order = append(g.order, id)
		}
	}
	add("title")
	for i := range req.Article.Subtitles {
		add(fmt.Sprintf("subtitle%d", i+1))
	}
	for _, b := range req.Article.Blocks {
		add(b.ID)
	}
	return g
}

// settle returns the segments that need not be paid for, by id: those that are
// remembered, and those that another flight is at work on, for which it waits.
// hear is told of each as soon as it is there. It fails only with ctx.
//
// A caller who asked to pay again, or whose work must not be stored, has nothing
// to do with what others pay for.
func (g *segments) settle(ctx context.Context, hear func(translate.Segment)) (map[string]translate.Segment, error) {
	known := map[string]translate.Segment{}
	if g.control.noCache {
		return known, nil
	}
	take := func(id string) {
		if seg, ok := g.recall(id); ok {
			known[id] = seg
			g.release(id)
			hear(seg)
		}
	}
	// Claimed first and looked for then: what another flight has stored in the
	// meantime is found.
	before := g.claim()
	for _, id := range g.order {
		take(id)
	}
	for _, id := range g.order {
		if _, ok := known[id]; ok {
			continue
		}
		waited, err := g.wait(ctx, before, id)
		if err != nil {
			return nil, err
		}
		if waited {
			take(id)
		}
	}
	return known, nil
}

func (g *segments) claim() (before map[string]*claim) {
	if g.control.noStore {
		return nil
	}
	var keys []string
	for _, id := range g.order {
		keys = append(keys, g.keys[id]...)
	}
	g.own, before = g.server.claims.take(keys)
	return before
}

// wait returns when all those are done who claimed the segment before, false if
// there was nobody.
func (g *segments) wait(ctx context.Context, before map[string]*claim, id string) (waited bool, err error) {
	for _, key := range g.keys[id] {
		earlier := before[key]
		if earlier == nil {
			continue
		}
		select {
		case <-earlier.over:
			waited = true
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
	return waited, nil
}

func (g *segments) release(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.server.claims.release(g.own, g.keys[id]...)
}

// leave returns when all is stored, and ends what this flight has claimed. It makes
// err a failure if the writer failed; what the writer had in hand is tried again.
func (g *segments) leave(ctx context.Context, err *error) {
	close(g.hurry)
	g.writer.Wait()
	if g.failed != nil {
		if entries, _ := g.take(); entries != nil {
			_ = g.keep(ctx, entries) // told there; a third try would go no better
		}
		*err = cmp.Or(*err, g.failed)
	}
	for _, id := range g.order {
		g.release(id)
	}
}

// storedSegment is a segment as it lies in the memory.
type storedSegment struct {
	translate.Segment
	Made int64 `json:"made,omitempty"` // Unix milliseconds; 0 before yeok wrote it down
}

// recall returns what is remembered of a segment, if it is not too old for the
// caller.
func (g *segments) recall(id string) (translate.Segment, bool) {
	if g.control.noCache {
		return translate.Segment{}, false
	}
	for _, keyOf := range []func(string, string) string{segmentKey, doubtfulKey} {
		for _, fingerprint := range g.keys[id] {
			seg, ok := g.server.segmentAt(keyOf(g.tenant, fingerprint))
			if !ok {
				continue
			}
			made := time.UnixMilli(seg.Made)
			if g.control.tooOld(made, g.came) {
				g.stale = true
				continue
			}
			if seg.Made > 0 && (g.oldest.IsZero() || made.Before(g.oldest)) {
				g.oldest = made
			}
			seg.ID = id
			return seg.Segment, true
		}
	}
	return translate.Segment{}, false
}

// madeOf is when a result was made. What is remembered whole, segment by segment, is
// as old as the oldest of them.
func (g *segments) madeOf(r translate.Result) time.Time {
	if r.Usage.Requests == 0 && !g.oldest.IsZero() {
		return g.oldest
	}
	return time.Now()
}

func (s *Server) segmentAt(key string) (seg storedSegment, ok bool) {
	value, ok := s.cache.Look(key)
	return seg, ok && json.Unmarshal(value, &seg) == nil
}

// store remembers a segment that passed its checks, and lets those have it who
// wait for it.
func (g *segments) store(ctx context.Context, seg translate.Segment) { g.put(ctx, segmentKey, seg) }

// storeDoubtful remembers the new segments of a result that did not.
func (g *segments) storeDoubtful(ctx context.Context, r translate.Result, known map[string]translate.Segment) {
	for id, seg := range r.Segments {
		if _, old := known[id]; !old && doubtful(seg) {
			g.put(ctx, doubtfulKey, seg)
		}
	}
}

func (g *segments) put(ctx context.Context, keyOf func(tenant, fp string) string, seg translate.Segment) {
	if g.control.noStore {
		return
	}
	value, err := json.Marshal(storedSegment{seg, time.Now().UnixMilli()})
	if err != nil {
		g.server.noteStore(err)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending == nil {
		g.pending = make(map[string]cache.Entry)
	}
	for _, fingerprint := range g.keys[seg.ID] {
		g.pending[keyOf(g.tenant, fingerprint)] = cache.Entry{Value: value, Tags: append(slices.Clip(g.tags), modelMark+seg.Model)}
	}
	g.ids = append(g.ids, seg.ID)
	if !g.writing {
		g.writing = true
		g.writer.Go(func() { g.write(ctx) })
	}
}

// write stores what is pending until nothing is. The model's answer is not held up
// by a disk: what comes while one commit runs goes into the next.
func (g *segments) write(ctx context.Context) {
	for {
		gathered := time.NewTimer(gathering)
		select {
		case <-gathered.C:
		case <-g.hurry:
		}
		gathered.Stop()
		entries, stored := g.take()
		if entries == nil {
			return
		}
		if err := g.keep(ctx, entries); err != nil {
			g.giveBack(entries, err)
			return
		}
		stored()
	}
}

func (g *segments) keep(ctx context.Context, entries map[string]cache.Entry) error {
	return g.server.safely(ctx, func() error {
		g.server.noteStore(g.server.putAll(entries))
		return nil
	})
}

// giveBack leaves what a writer failed over to who stores the whole, or to leave.
// There is no writer after it.
func (g *segments) giveBack(entries map[string]cache.Entry, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.Copy(entries, g.pending) // which is newer
	g.pending, g.failed = entries, err
}

// take hands over what is pending, nil if there is nothing and the writer may go;
// stored is to be called when it is in the store, or cannot be.
func (g *segments) take() (entries map[string]cache.Entry, stored func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	entries, ids := g.pending, g.ids
	g.pending, g.ids = nil, nil
	g.writing = entries != nil
	return entries, func() {
		for _, id := range ids {
			g.release(id)
		}
	}
}

func doubtful(seg translate.Segment) bool {
	return slices.ContainsFunc(seg.Findings, func(f check.Finding) bool { return f.Severity == check.Error })
}
