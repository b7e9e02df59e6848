package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"

	yeokv1 "yeok/api/yeok/v1"
)

// ends is how the translations of a run ended.
type ends struct {
	states, reasons map[string]int
	mute            []string // that do not say why
	wrong           []string // complete, and not what an honest model says
}

func (s *storm) ends() ends {
	e := ends{states: map[string]int{}, reasons: map[string]int{}}
	fail := func(name string, failure *spb.Status) {
		reason := reasonOf(failure)
		e.reasons[reason]++
		if reason == "" || reason == "INTERNAL" {
			e.mute = append(e.mute, fmt.Sprintf("%s: %v", name, failure))
		}
	}
	for _, g := range s.given {
		if g.err != nil {
			e.states["call failed"]++
			fail(g.page.id(), status.Convert(g.err).Proto())
			continue
		}
		e.wrong = append(e.wrong, s.model.wrongIn(g.resp)...)
		for _, t := range g.resp.GetTranslations() {
			e.states[t.GetState().String()]++
			switch {
			case t.GetState() == yeokv1.Translation_FAILED:
				fail(t.GetName(), t.GetError())
			case t.GetState() == yeokv1.Translation_NEEDS_REVIEW && len(t.GetFindings()) == 0:
				e.mute = append(e.mute, t.GetName()+" needs review without a finding")
			}
		}
		if n := len(g.resp.GetTranslations()); n != 4 {
			e.mute = append(e.mute, fmt.Sprintf("%s: %d languages of 4", g.page.id(), n))
		}
	}
	return e
}

// judge looks at how every article ended, and at what was paid.
func (s *storm) judge(rep *report, requests int) {
	faults := s.model.Stats().Faults
	rep.say("%d articles × 4 languages, a fifth of them edited afterwards, a quarter asked for at both gateways at once; over HTTP, gRPC and event streams. "+
		"%.0f %% of %d requests to the model were struck, by %d kinds of fault. The Redis and one gateway were away for %s each.",
		s.size.articles, 100*float64(sum(faults))/float64(requests), requests, len(faults), away)
	for _, w := range s.windows {
		rep.say("From %s to %s %s.", w.from.Format(clock), w.to.Format(clock), w.name)
	}
	e := s.ends()
	rep.figure("answers: "+tally(e.states), sum(e.states))
	rep.figure("failures: "+tally(e.reasons), sum(e.reasons))
	asked := map[page]bool{}
	for _, g := range s.given {
		asked[g.page] = true
	}
	versions := s.size.articles + (s.size.articles+4)/5
	rep.promise("versions of articles that ended without an answer", versions-len(asked), 0)
	rep.promise("ends that do not say why", len(e.mute), 0, e.mute...)
	rep.promise("COMPLETE, but not what an honest model says", len(e.wrong), 0, e.wrong...)
	twice := s.model.paidTwice(s.windows, s.given)
	for _, why := range slices.Sorted(maps.Keys(twice)) {
		if why != "" {
			rep.figure("segments asked for again because "+why, len(twice[why]))
		}
	}
	rep.figure("times that the Redis did not answer, before it was stopped", s.unwell)
	rep.promise("segments asked for again though an honest answer was given", len(twice[""]), 0, twice[""]...)
	alive := 0
	for _, g := range s.fleet {
		if g.alive() {
			alive++
		}
	}
	rep.promise("gateways alive at the end", alive, len(s.fleet))
}

// recheck asks for the last version of everything again, at the other gateway.
// What was given while the Redis was away must have got there since.
func (s *storm) recheck(rep *report) {
	last := map[int]given{}
	for _, g := range s.given {
		if old, ok := last[g.page.number]; g.err == nil && (!ok || old.page.revision <= g.page.revision) {
			last[g.page.number] = g
		}
	}
	before := s.model.Stats().Requests
	var lost, excused []string
	checked, replaced := 0, 0
	for _, n := range slices.Sorted(maps.Keys(last)) {
		g := last[n]
		want := usable(g.resp)
		if len(want) == 0 || s.ctx.Err() != nil {
			continue
		}
		checked += len(want)
		again, err := persist(s.ctx, s.fleet, n+1, overHTTP, g.page.order(languagesOf(want)...))
		for code, why := range differing(want, again, err) {
			switch {
			case s.diedWith(want[code], g.at):
				excused = append(excused, why)
			case strings.HasSuffix(why, anotherText) && s.madeWithoutRedis(want[code], g.at):
				replaced++
			default:
				lost = append(lost, why)
			}
		}
	}
	rep.figure("translations asked for again at the other gateway", checked)
	rep.figure("requests to the model for that", s.model.Stats().Requests-before)
	rep.figure("not remembered, since made while the Redis was away by the gateway that was killed then", len(excused))
	rep.figure("made by both gateways while the Redis was away, of which it keeps the other", replaced)
	rep.promise("given, and not remembered", len(lost), 0, lost...)
}

// diedWith says whether a translation was made while the Redis was away, and the
// only gateway that knew of it was killed before it had handed it over.
func (s *storm) diedWith(t *yeokv1.Translation, at time.Time) bool {
	made := t.GetProvenance().GetCreateTime().AsTime()
	return slices.ContainsFunc(s.windows, func(redis window) bool {
		return redis.kept(made, at) && slices.ContainsFunc(s.windows, func(killed window) bool {
			return killed.gateway != "" && killed.to.After(made) && killed.killed.Before(redis.to.Add(handOver))
		})
	})
}

func (s *storm) madeWithoutRedis(t *yeokv1.Translation, at time.Time) bool {
	made := t.GetProvenance().GetCreateTime().AsTime()
	return slices.ContainsFunc(s.windows, func(redis window) bool { return redis.kept(made, at) })
}

// kept says whether the window is one of the Redis, which kept it from getting
// what was made at one time and given to a caller at another.
func (w window) kept(made, at time.Time) bool {
	return w.redis() && !made.After(w.to) && !at.Before(w.from)
}

func languagesOf(want map[string]*yeokv1.Translation) []string { return slices.Sorted(maps.Keys(want)) }

// usable maps the languages that have a result to it.
func usable(resp *yeokv1.TranslateArticleResponse) map[string]*yeokv1.Translation {
	out := map[string]*yeokv1.Translation{}
	for _, t := range resp.GetTranslations() {
		if t.GetState() != yeokv1.Translation_FAILED {
			out[t.GetLanguageCode()] = t
		}
	}
	return out
}

// differing maps the languages that are not remembered as they were given to what
// is wrong with them.
func differing(want map[string]*yeokv1.Translation, again *yeokv1.TranslateArticleResponse, err error) map[string]string {
	got := usable(again)
	gone := map[string]string{}
	for code, t := range want {
		was := fmt.Sprintf("%s was %s (made %s), ", t.GetName(), t.GetState(), t.GetProvenance().GetCreateTime().AsTime().Format(clock))
		switch a := got[code]; {
		case err != nil:
			gone[code] = was + "now " + err.Error()
		case a == nil, a.GetProvenance().GetCacheStatus() != yeokv1.Provenance_HIT:
			gone[code] = fmt.Sprintf("%sis now %s %s", was, a.GetState(), a.GetProvenance().GetCacheStatus())
		case !sameText(t, a):
			gone[code] = was + anotherText
		}
	}
	return gone
}

const anotherText = "has another text now"

func sameText(a, b *yeokv1.Translation) bool {
	same := a.GetTitle() == b.GetTitle() && len(a.GetBlocks()) == len(b.GetBlocks())
	for i := 0; same && i < len(a.GetBlocks()); i++ {
		same = a.GetBlocks()[i].GetText() == b.GetBlocks()[i].GetText()
	}
	return same
}

func sum[K comparable](counts map[K]int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}

func tally(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return fmt.Sprint(parts)
}
