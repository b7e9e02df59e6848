package server

import (
	"encoding/json"
	"slices"

	"yeok/cache"
	"yeok/translate"
	"yeok/translate/check"
)

func segmentKey(fingerprint string) string { return "segment/" + fingerprint }

// doubtfulKey holds a segment that failed its checks, of an answer that was given
// all the same. A list of strings has no whole that is ever asked for again, and
// an article that was edited elsewhere is a new whole; what is paid again and
// again without getting better is what callers complain of. It comes back with its
// findings, and a caller who wants another try says no-cache.
func doubtfulKey(fingerprint string) string { return "doubtful/" + fingerprint }

// segments is what the memory knows of the segments of one request.
type segments struct {
	server  *Server
	control cacheControl
	keys    map[string][]string // fingerprints by segment id, see translate.Translator
	tags    []string            // of what is stored
}

func (s *Server) segmentsOf(req translate.Request, control cacheControl, tags []string) segments {
	return segments{s, control, s.translator.SegmentFingerprints(req), tags}
}

// known returns the segments that are remembered, by id: good ones before
// doubtful ones.
func (g segments) known() map[string]translate.Segment {
	known := map[string]translate.Segment{}
	if g.control.noCache {
		return known
	}
	for id := range g.keys {
		if seg, ok := g.recall(id); ok {
			known[id] = seg
		}
	}
	return known
}

func (g segments) recall(id string) (translate.Segment, bool) {
	for _, keyOf := range []func(string) string{segmentKey, doubtfulKey} {
		for _, fingerprint := range g.keys[id] {
			if seg, ok := g.server.segmentAt(keyOf(fingerprint)); ok {
				seg.ID = id
				return seg, true
			}
		}
	}
	return translate.Segment{}, false
}

func (s *Server) segmentAt(key string) (seg translate.Segment, ok bool) {
	value, ok := s.cache.Get(key)
	return seg, ok && json.Unmarshal(value, &seg) == nil
}

// store remembers a segment that passed its checks.
func (g segments) store(seg translate.Segment) { g.put(segmentKey, seg) }

// storeDoubtful remembers the new segments of a result that did not.
func (g segments) storeDoubtful(r translate.Result, known map[string]translate.Segment) {
	for id, seg := range r.Segments {
		if _, old := known[id]; !old && doubtful(seg) {
			g.put(doubtfulKey, seg)
		}
	}
}

func (g segments) put(keyOf func(string) string, seg translate.Segment) {
	if g.control.noStore {
		return
	}
	value, err := json.Marshal(seg)
	if err != nil {
		g.server.noteStore(err)
		return
	}
	entries := make(map[string]cache.Entry)
	for _, fingerprint := range g.keys[seg.ID] {
		entries[keyOf(fingerprint)] = cache.Entry{Value: value, Tags: append(slices.Clip(g.tags), modelMark+seg.Model)}
	}
	g.server.noteStore(g.server.putAll(entries))
}

func doubtful(seg translate.Segment) bool {
	return slices.ContainsFunc(seg.Findings, func(f check.Finding) bool { return f.Severity == check.Error })
}
