package main

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
)

// truth is a fake model that fails as often as it is told to, and remembers what
// an honest answer would have been and who was given one. Its server hears
// nothing of what yeok believes.
type truth struct {
	*llmtest.Server
	share float64 // of the requests that are struck

	// faults strike the first model, passing those of them the second that
	// do not end its service: one model is left that has an account.
	faults, passing []llmtest.Fault

	mu   sync.Mutex
	dice *rand.Rand
	good map[segment]map[string]bool // what an honest model says
	asks map[segment][]*ask
	open map[int]*openAsk // by the number of the request
	calm bool
}

// segment is a piece of text in one language, by its letters and digits.
type segment struct{ language, source string }

// ask is one request as far as one segment goes.
type ask struct {
	gateway    string // who asked
	began      time.Time
	honest     time.Time // when an answer that nothing had struck was given; zero if none was
	struckWith string
}

type openAsk struct {
	*ask
	segments []segment
}

// startTruth starts the model. The seed decides which request is struck by what,
// as far as the order of requests does not.
func startTruth(share float64, seed uint64, ttft time.Duration) (*truth, error) {
	t := &truth{
		share: share, dice: rand.New(rand.NewPCG(seed, seed)),
		good: map[segment]map[string]bool{}, asks: map[segment][]*ask{}, open: map[int]*openAsk{},
	}
	t.faults = llmtest.Faults()
	t.passing = slices.DeleteFunc(llmtest.Faults(), func(f llmtest.Fault) bool {
		switch f {
		case llmtest.InsufficientQuota, llmtest.Unauthorized, llmtest.Forbidden, llmtest.ModelNotFound:
			return true
		}
		return false
	})
	var err error
	t.Server, err = llmtest.Start(llmtest.Options{TTFT: ttft, RetryAfter: 50 * time.Millisecond, Strike: t.strike, Answered: t.answered})
	return t, err
}

// strike chooses what a request is struck with, and takes down what it asks for.
func (t *truth) strike(r llmtest.Request) []llmtest.Rule {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := &openAsk{ask: &ask{gateway: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), began: time.Now()}}
	for _, g := range r.Good {
		s := segment{r.Language, essence(g.Source)}
		if t.good[s] == nil {
			t.good[s] = map[string]bool{}
		}
		t.good[s][essence(g.Text)] = true
		t.asks[s] = append(t.asks[s], o.ask)
		o.segments = append(o.segments, s)
	}
	t.open[r.Number] = o
	if t.calm || t.dice.Float64() >= t.share {
		return nil
	}
	faults := t.faults
	if r.Model != llmtest.Model {
		faults = t.passing
	}
	rule := llmtest.Rule{Fault: faults[t.dice.IntN(len(faults))], Text: said[t.dice.IntN(len(said))]}
	if len(r.Asked) > 0 {
		rule.Block = r.Asked[t.dice.IntN(len(r.Asked))]
	}
	o.struckWith = string(rule.Fault)
	return []llmtest.Rule{rule}
}

// said are what a fault says that says a text: what yeok claims to find. A harmless
// sentence more than the source has is not among it; no check can know it.
var said = []string{"https://example.net/login", "+82 2-5550-0137", "@saebyeok_fan", "I'm sorry, but I can't help with that."}

// answered notes who was given an honest answer.
func (t *truth) answered(r llmtest.Request, rules []llmtest.Rule) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(rules) == 0 {
		t.open[r.Number].honest = time.Now()
	}
	delete(t.open, r.Number)
}

// heal lets nothing fail from now on.
func (t *truth) heal() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calm = true
}

// essence is a text without what typography may change.
func essence(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, inlineTokens.ReplaceAllString(text, ""))
}

// inlineTokens stand for markup between yeok and a model.
var inlineTokens = regexp.MustCompile(`</?x\d+/?>`)

// wrongIn lists what the translations that call themselves complete say otherwise
// than an honest model.
func (t *truth) wrongIn(resp *yeokv1.TranslateArticleResponse) (wrong []string) {
	for _, tr := range resp.GetTranslations() {
		if tr.GetState() == yeokv1.Translation_COMPLETE {
			wrong = append(wrong, t.faultsOf(resp.GetArticle(), tr)...)
		}
	}
	return wrong
}

// faultsOf lists what a translation says otherwise than an honest model. Markup
// that is missing is no fault where a finding says so.
func (t *truth) faultsOf(a *yeokv1.Article, tr *yeokv1.Translation) (wrong []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	compare := func(id, source, text string) {
		good := t.good[segment{tr.GetLanguageCode(), essence(source)}]
		if !good[essence(text)] {
			wrong = append(wrong, fmt.Sprintf("%s %s %s: %q for %q", a.GetName(), tr.GetLanguageCode(), id, text, source))
		}
	}
	compare("title", a.GetTitle(), tr.GetTitle())
	if len(a.GetBlocks()) != len(tr.GetBlocks()) {
		return append(wrong, fmt.Sprintf("%s %s has %d blocks of %d", a.GetName(), tr.GetLanguageCode(), len(tr.GetBlocks()), len(a.GetBlocks())))
	}
	for i, b := range a.GetBlocks() {
		got := tr.GetBlocks()[i]
		compare(b.GetId(), b.GetText(), got.GetText())
		if x, y := tags.FindAllString(b.GetHtml(), -1), tags.FindAllString(got.GetHtml(), -1); !slices.Equal(x, y) && !saysMarkup(tr, b.GetId()) {
			wrong = append(wrong, fmt.Sprintf("%s %s %s: markup %q for %q", a.GetName(), tr.GetLanguageCode(), b.GetId(), y, x))
		}
	}
	return wrong
}

func saysMarkup(tr *yeokv1.Translation, block string) bool {
	return slices.ContainsFunc(tr.GetFindings(), func(f *yeokv1.Finding) bool {
		return f.GetBlockId() == block && f.GetCheck() == yeokv1.Finding_MARKUP
	})
}

// window is a time in which something was down.
type window struct {
	name     string
	gateway  string // that was killed; "" for a Redis that was away, or a machine that stood still
	machine  bool
	from, to time.Time
	killed   time.Time
}

func (w window) holds(at time.Time) bool { return !at.Before(w.from) && !at.After(w.to) }

// redis says whether it was the Redis that was down.
func (w window) redis() bool { return w.gateway == "" && !w.machine }

// excuses says whether the window explains that what was given once was asked for
// again: who paid for it, or whoever asks again, could not know or keep it. What
// a caller has acknowledged is kept; acknowledged is zero if none ever did. How
// long it takes until then depends on the machine, and is not judged.
func (w window) excuses(first, again *ask, acknowledged time.Time) bool {
	open := func(at time.Time) bool { return acknowledged.IsZero() || acknowledged.After(at) }
	switch {
	case w.gateway != "": // and whoever asks does so after the kill
		return first.gateway == w.gateway && first.began.Before(w.to) && open(w.killed) && again.began.After(w.killed)
	case w.redis():
		return w.holds(again.began) || !first.honest.After(w.to) && open(w.from) && again.began.After(w.from)
	default:
		return w.holds(again.began) || w.holds(first.honest)
	}
}

// acknowledgements are the times at which callers were given what is usable.
func acknowledgements(all []given) map[segment][]time.Time {
	out := map[segment][]time.Time{}
	for _, g := range all {
		for code := range usable(g.resp) {
			a := g.resp.GetArticle()
			for _, source := range append(textsOf(a), a.GetTitle()) {
				s := segment{code, essence(source)}
				out[s] = append(out[s], g.at)
			}
		}
	}
	return out
}

func textsOf(a *yeokv1.Article) (texts []string) {
	for _, b := range a.GetBlocks() {
		texts = append(texts, b.GetText())
	}
	return texts
}

// paidTwice lists the segments that were asked for again although an honest answer
// had been given, by what explains it; "" is nothing.
func (t *truth) paidTwice(windows []window, callers []given) map[string][]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	acknowledged := acknowledgements(callers)
	out := map[string][]string{}
	for s, asks := range t.asks {
		var given []*ask
		for _, again := range asks {
			if n := len(given); n > 0 {
				// Whoever asks does not know of any answer, or the last one
				// would do.
				why, first := excuse(windows, given, again, acknowledged[s])
				out[why] = append(out[why], fmt.Sprintf("%s %.60q given to %s at %s, to a caller at %s, asked for by %s at %s", s.language, s.source,
					first.gateway, first.honest.Format(clock), firstSince(acknowledged[s], first.honest).Format(clock), again.gateway, again.began.Format(clock)))
			}
			if !again.honest.IsZero() {
				given = append(given, again)
			}
		}
	}
	return out
}

// excuse is what explains that none of the answers that were given was known to
// who asks again, or the answer that nothing explains.
func excuse(windows []window, given []*ask, again *ask, acknowledged []time.Time) (why string, of *ask) {
	for _, first := range given {
		at := firstSince(acknowledged, first.honest)
		i := slices.IndexFunc(windows, func(w window) bool { return w.excuses(first, again, at) })
		if i < 0 {
			return "", first
		}
		why, of = windows[i].name, first
	}
	return why, of
}

// firstSince is the first of the times that is not before at, zero if there is none.
func firstSince(times []time.Time, at time.Time) (first time.Time) {
	for _, t := range times {
		if !t.Before(at) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

const clock = "15:04:05.000"
