package server

import (
	yeokv1 "yeok/api/yeok/v1"
	"yeok/translate"
	"yeok/translate/language"
)

// estimates tells what a job would cost, language by language, and does nothing.
// Work that is under way is not seen, and counts as if it were to be paid.
func (s *Server) estimates(j *job) ([]*yeokv1.TranslationEstimate, error) {
	var all []*yeokv1.TranslationEstimate
	for _, target := range j.targets {
		e, err := s.estimate(j, target)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func (s *Server) estimate(j *job, target *language.Language) (*yeokv1.TranslationEstimate, error) {
	req := j.request(target)
	free := &yeokv1.TranslationEstimate{
		LanguageCode: target.Code, CacheStatus: yeokv1.Provenance_HIT,
		Usage: &yeokv1.Usage{}, ReservedUsage: &yeokv1.Usage{},
	}
	remembered, outdated := s.recall(j, s.translator.Fingerprint(req))
	if remembered != nil {
		return free, nil
	}
	req = s.unpaid(&translation{server: s, job: j, target: target, outdated: outdated})
	e, err := s.translator.Estimate(req, 0)
	switch {
	case err != nil:
		return nil, err
	case e.Segments == 0:
		return free, nil
	}
	status := yeokv1.Provenance_MISS
	if len(req.Known) > 0 {
		status = yeokv1.Provenance_PARTIAL
	}
	return &yeokv1.TranslationEstimate{
		LanguageCode: target.Code, CacheStatus: status, Model: e.Model, SegmentCount: int32(e.Segments),
		Usage: usageProto(e.Likely), ReservedUsage: usageProto(e.Most),
	}, nil
}

// unpaid is the request for what is not remembered of a translation.
func (s *Server) unpaid(w *translation) translate.Request {
	req := w.job.request(w.target)
	req.Known = s.segmentsOf(req, w.job.control, w.job.came, nil).known()
	req.Past = s.past(w)
	return req
}

// known are the segments that are remembered, without a claim on the others.
func (g *segments) known() map[string]translate.Segment {
	known := map[string]translate.Segment{}
	for _, id := range g.order {
		if seg, ok := g.recall(id); ok {
			known[id] = seg
		}
	}
	return known
}
