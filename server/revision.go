package server

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/translate"
)

// addRevision adds the record of what an article said before its newest revision: its
// translations are still those of the old one, and an edited block is translated
// with what it was in view.
func (s *Server) addRevision(entries map[string]cache.Entry, j *job, old *yeokv1.Article, tags []string) {
	value, err := proto.Marshal(old)
	if err != nil {
		s.noteStore(err)
		return
	}
	entries[revisionKey(j.tenant, j.id, old.GetRevisionId())] = cache.Entry{Value: value, Tags: tags}
}

// past returns the last translation of the article into this language beside its
// source, in reading order; nil if there is none. What a check doubted is left
// out. A caller who asked to pay again wants no old wording.
func (s *Server) past(w *translation) []translate.Past {
	j := w.job
	if j.named == "" || w.outdated {
		return nil
	}
	f, _, ok := s.filingAt(j.tenant, filedKey(j.tenant, j.id, w.target.Code))
	if !ok {
		return nil
	}
	source := s.articleAt(revisionKey(j.tenant, j.id, f.Revision))
	if newest := s.articleAt(articleKey(j.tenant, j.id)); newest.GetRevisionId() == f.Revision {
		source = newest
	}
	target := s.whole(f.Whole)
	if source == nil || target == nil {
		return nil
	}
	return pastOf(source, target)
}

func pastOf(source *yeokv1.Article, target *yeokv1.Translation) []translate.Past {
	doubted := map[string]bool{}
	for _, f := range target.GetFindings() {
		if f.GetSeverity() == yeokv1.Finding_ERROR {
			doubted[f.GetBlockId()] = true
		}
	}
	var past []translate.Past
	add := func(id, from, to string) {
		if from != "" && to != "" && !doubted[id] {
			past = append(past, translate.Past{Source: from, Target: to})
		}
	}
	add("title", source.GetTitle(), target.GetTitle())
	for i, subtitle := range source.GetSubtitles() {
		if i < len(target.GetSubtitles()) {
			add(fmt.Sprintf("subtitle%d", i+1), subtitle, target.GetSubtitles()[i])
		}
	}
	texts := make(map[string]string, len(target.GetBlocks()))
	for _, b := range target.GetBlocks() {
		texts[b.GetId()] = b.GetText()
	}
	for _, b := range source.GetBlocks() {
		add(b.GetId(), b.GetText(), texts[b.GetId()])
	}
	return past
}
