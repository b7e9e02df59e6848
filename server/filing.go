package server

import (
	"context"
	"maps"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"yeok/cache"
)

// articleFiling is what makes a job's revision the newest of its article. It is
// done once, by whoever needs it first: who stores a translation of the article, and
// does it in the same commit; who answers; or in the background, when a model takes
// its time. Revisions of one article are filed in the order in which they came.
type articleFiling struct {
	begun   atomic.Bool
	over    chan struct{}
	err     error             // to be read when it is over
	own     map[string]*claim // on the article
	earlier *claim            // of a revision that is being filed; nil if there is none
}

// fileArticle makes the job's revision the newest of its article, in a moment. It
// does not do so at once, since a flush of the disk before the model is asked would
// make everybody wait for it. Whoever relies on it waits with awaitFiled.
func (s *Server) fileArticle(ctx context.Context, j *job) {
	if j.control.noStore {
		return
	}
	key := articleKey(j.tenant, j.id)
	own, before := s.filings.take([]string{key})
	if before[key] == nil && s.isNewest(j) {
		s.filings.release(own, key)
		return
	}
	j.filing = &articleFiling{over: make(chan struct{}), own: own, earlier: before[key]}
	s.inMemory.Go(func() {
		gathered := time.NewTimer(gathering)
		defer gathered.Stop()
		select {
		case <-gathered.C:
			_ = s.awaitFiled(ctx, j) // whoever waits asks for himself
		case <-j.filing.over:
		}
	})
}

// awaitFiled returns when the article is filed, and files it if nobody has begun to.
// An error says that something panicked over it; a store that failed is none, see
// noteStore.
func (s *Server) awaitFiled(ctx context.Context, j *job) error {
	f := j.filing
	switch {
	case f == nil:
		return nil
	case !f.begun.CompareAndSwap(false, true):
		<-f.over
		return f.err
	}
	defer s.endFiling(j, f)
	f.err = s.safely(ctx, func() error {
		if f.earlier != nil {
			<-f.earlier.over
		}
		s.putArticle(j)
		return nil
	})
	return f.err
}

func (s *Server) putArticle(j *job) {
	if entries := s.articleEntries(j); entries != nil {
		s.noteStore(s.putAll(entries))
	}
}

// takeFiling leaves the filing to who stores the article's records in a commit of his
// own. He says when it is done, and calls endFiling whatever happens. It is nil if
// somebody else files the article, or has done so.
func (j *job) takeFiling() *articleFiling {
	f := j.filing
	if f == nil || f.earlier != nil || !f.begun.CompareAndSwap(false, true) {
		return nil
	}
	f.err = errPanicked
	return f
}

func (f *articleFiling) done() {
	if f != nil {
		f.err = nil
	}
}

func (s *Server) endFiling(j *job, f *articleFiling) {
	if f != nil {
		s.filings.release(f.own, articleKey(j.tenant, j.id))
		close(f.over)
	}
}

// addFilings adds what files a translation under its article, and the article itself
// if its filing was taken. A translation of what is no longer the newest revision is
// not filed.
func (s *Server) addFilings(ctx context.Context, w *translation, taken *articleFiling, entries map[string]cache.Entry) {
	if taken != nil {
		maps.Copy(entries, s.articleEntries(w.job))
	} else if s.awaitFiled(ctx, w.job) != nil || !s.isNewest(w.job) {
		return
	}
	if key, e, ok := s.filingOf(w); ok {
		entries[key] = e
	}
}

// articleEntries are the records that make the job's revision the newest, nil if it
// is.
func (s *Server) articleEntries(j *job) map[string]cache.Entry {
	if s.isNewest(j) {
		return nil
	}
	value, err := proto.Marshal(j.proto())
	if err != nil {
		s.noteStore(err)
		return nil
	}
	tags := []string{tenantMark + j.tenant, articleMark + j.id}
	entries := map[string]cache.Entry{
		articleKey(j.tenant, j.id): {Value: value, Tags: tags},
		newestKey(j.tenant, j.id):  {Value: []byte(j.revision), Tags: tags},
	}
	if old := s.articleAt(articleKey(j.tenant, j.id)); old != nil {
		s.addRevision(entries, j, old, tags)
	}
	return entries
}
