package translate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"yeok/translate/check"
)

// pass sends units in groups of at most size, as many at once as the model
// allows. It stops at the first error that makes the model useless.
func (j *job) pass(ctx context.Context, c *client, units []*unit, size int, w wish) error {
	var calls errgroup.Group
	calls.SetLimit(c.model.Profile.Concurrency)
	var useless atomic.Bool
	var groups []group
	var err error
	j.req.Turn.Do(func() {
		if groups = j.plan(c, j.toSend(units), size); size == 0 {
			j.noteSpread(c, groups)
		}
		err = j.prepare(c, groups, w)
	})
	if err != nil {
		return err
	}
	for _, g := range groups {
		if useless.Load() {
			break
		}
		calls.Go(func() error {
			err := j.requestSafely(ctx, c, g, w)
			if err != nil {
				useless.Store(true)
			}
			return err
		})
	}
	return calls.Wait()
}

// toSend leaves out the units that were sent often enough, and counts the rest.
func (j *job) toSend(units []*unit) []*unit {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []*unit
	for _, u := range units {
		if j.sent[u] < maxSent {
			j.sent[u]++
			out = append(out, u)
		}
	}
	return out
}

func (j *job) requestSafely(ctx context.Context, c *client, g group, w wish) (err error) {
	defer caught(&err)
	return j.request(ctx, c, g, w)
}

// request asks for a group and keeps what comes, in smaller groups if the model
// finds it too long.
func (j *job) request(ctx context.Context, c *client, g group, w wish) error {
	if len(g.asked) == 1 && !j.fits(c, g) {
		return j.requestHalves(ctx, c, g.asked[0], w)
	}
	var heard []*unit
	err := j.call(ctx, c, g, w, func(u *unit, text string, flaw *check.Finding) {
		heard = append(heard, u)
		j.req.Turn.Do(func() { j.offer(c, u, text, flaw) })
	})
	switch {
	case errors.Is(err, ErrWindow):
		j.retract(heard)
		return err
	case !errors.Is(err, ErrTooLong):
		return err
	}
	smaller := j.smaller(c, g)
	if smaller == nil {
		return j.requestHalves(ctx, c, g.asked[0], w)
	}
	for _, part := range smaller {
		if err := j.request(ctx, c, part, w); err != nil {
			return err
		}
	}
	return nil
}

// requestHalves asks for a unit that does not fit, sentence by sentence if need
// be.
func (j *job) requestHalves(ctx context.Context, c *client, u *unit, w wish) error {
	text, err := j.inHalves(ctx, c, u, w)
	if err == nil && text != "" {
		j.req.Turn.Do(func() { j.offer(c, u, text, nil) })
	}
	return err
}

// inHalves returns the translations of both halves of u, one after the other, or
// "" if one of them did not come.
func (j *job) inHalves(ctx context.Context, c *client, u *unit, w wish) (string, error) {
	first, second, ok := u.halves()
	if !ok {
		return "", fmt.Errorf("%w: %s", ErrTooLong, u.id)
	}
	var texts []string
	for _, half := range []*unit{first, second} {
		text, err := j.alone(ctx, c, half, w)
		if err != nil || text == "" {
			return "", err
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, wordSpace(j.req.Target)), nil
}

// alone returns the translation of a part of a unit.
func (j *job) alone(ctx context.Context, c *client, part *unit, w wish) (string, error) {
	g := group{asked: []*unit{part}, scope: []*unit{part}}
	if !j.fits(c, g) {
		return j.inHalves(ctx, c, part, w)
	}
	var got string
	err := j.call(ctx, c, g, w, func(_ *unit, text string, flaw *check.Finding) {
		if flaw == nil {
			got = part.escaper.reveal(text)
		}
	})
	if errors.Is(err, ErrTooLong) {
		return j.inHalves(ctx, c, part, w)
	}
	return got, err
}

// call makes one request and hands every segment of the answer to hear, with the
// flaw that shows in how the answer ended. The error is nil unless the model is
// of no more use; an answer that is only bad is noted.
func (j *job) call(ctx context.Context, c *client, g group, w wish, hear func(*unit, string, *check.Finding)) error {
	var q chat
	var err error
	j.req.Turn.Do(func() { q, err = j.chat(c, g, w) })
	if err != nil {
		return err
	}
	byTag := make(map[string]*unit, len(g.asked))
	for _, u := range g.asked {
		byTag[u.tag] = u
	}
	a := newAnswer(slices.Collect(maps.Keys(byTag)), maxBytes(q.maxTokens+c.model.Profile.ThinkTokens), func(tag, text string) {
		hear(byTag[tag], text, nil)
	})
	go j.readAhead(g.asked)
	answered, err := j.ask(ctx, c, q, a)
	if err == nil {
		a.close()
	} else if tag, text := a.cutShort(); byTag[tag] != nil && !errors.Is(err, errHuge) {
		u := byTag[tag]
		hear(u, text, u.flaw(err))
	}
	for _, tag := range a.twice {
		j.contradict(byTag[tag])
	}
	if err == nil || answered && !errors.Is(err, ErrWindow) && ctx.Err() == nil {
		j.note(err)
		return nil
	}
	return err
}

// readAhead reads what the checks will want of the sources of units, while the model
// is at work: a caller waits for what is left to do when the last block is there.
func (j *job) readAhead(units []*unit) {
	defer func() { _ = recover() }() // whoever asks for what was read panics as well
	for some := range slices.Chunk(units, readTogether) {
		j.req.Turn.Do(func() {
			for _, u := range some {
				u.read.Listen()
			}
		})
	}
}

// readTogether is how many units are one piece of work.
const readTogether = 4

// ask sends q, when its turn has come, and reads the answer into a.
func (j *job) ask(ctx context.Context, c *client, q chat, a *answer) (answered bool, err error) {
	q.patience, q.tab = j.patience(c), j.tab
	warm, leave := j.enter(ctx, c, q)
	defer leave()
	q.note = j.noteCall
	start := time.Now()
	usage, answered, err := c.ask(ctx, q, func(piece string) error {
		warm()
		return a.write(piece)
	})
	j.pay(usage)
	j.t.log.Debug("model asked", "model", c.model.Name, "target", j.req.Target.Code,
		"asked", len(a.asked), "answered", len(a.heard), "strangers", a.alien,
		"took", time.Since(start), "tokens", usage.CompletionTokens, "err", err)
	return answered, err
}

// enter waits until the call may go; see warmups. Prompts that share nothing do
// not wait, nor those whose answer would come too late, nor those of a model that
// gives nothing off for what it has in its cache.
func (j *job) enter(ctx context.Context, c *client, q chat) (warm, leave func()) {
	if j.narrow(c) || q.prefix == "" || !c.model.Price.rewardsCache() {
		return func() {}, func() {}
	}
	return j.t.warmups.enter(ctx, prefix{c.model.BaseURL + " " + c.model.Name, q.prefix})
}

// flaw is the finding about a segment in whose middle the answer ended.
func (u *unit) flaw(err error) *check.Finding {
	f := u.doubt(check.Truncated, check.Error, "The model stopped before the end.")
	if errors.Is(err, errLoop) {
		f = u.doubt(check.Repetition, check.Error, "The model repeated itself until it was stopped.")
	}
	return &f
}
