package server

import (
	"errors"

	"yeok/translate"
)

// stake is one language's part of what a request reserves before it starts any.
type stake struct {
	w     *translation
	req   translate.Request
	nth   int                // of the models that serve the language, to be asked next
	offer translate.Estimate // of the one before
}

// reserveAll reserves for all languages that a request has to start, or refuses
// them all: nobody pays for two languages of an article to be told then that there
// is no money for the others. Each goes to the first of its models that has enough.
//
// What is remembered, or under way for others, needs no money of this request's. A
// flight that ends or begins meanwhile is no danger: calls go only for what their
// flight's purse has reserved, ahead or then.
func (s *Server) reserveAll(work []*translation) {
	if len(s.budgets.list) == 0 {
		return
	}
	var starting []*translation
	for _, w := range work {
		if w.recalled == nil && !s.flights.Running(w.key) && s.failed(w.job.control, w.fingerprint) == nil {
			starting = append(starting, w)
		}
	}
	if len(starting) < 2 { // a flight reserves for the whole of its language itself
		return
	}
	var stakes []*stake
	for _, w := range starting {
		w.purse = s.budgets.open(w.job.tenant)
		st := &stake{w: w}
		w.job.turn.Do(func() { st.req = s.unpaid(w) })
		if st.next(s.translator) {
			stakes = append(stakes, st)
		}
	}
	if err := s.budgets.reserveAhead(stakes, s.translator); err != nil {
		for _, w := range starting {
			w.purse.giveBack()
			w.refused = err
		}
	}
}

// next goes on to the next model, false if there is none. One that cannot do the
// article at all is passed over; why, the flight will say.
func (st *stake) next(t *translate.Translator) bool {
	for {
		var err error
		st.w.job.turn.Do(func() { st.offer, err = t.Estimate(st.req, st.nth) })
		st.nth++
		if err == nil || errors.Is(err, translate.ErrNoModel) {
			return err == nil && st.offer.Segments > 0
		}
	}
}

// reserveAhead finds a model with enough for every stake. With an error some of
// them have reserved all the same.
func (b *budgets) reserveAhead(stakes []*stake, t *translate.Translator) error {
	for len(stakes) > 0 {
		model := stakes[0].offer.Model
		var same, rest []*stake
		for _, st := range stakes {
			if st.offer.Model == model {
				same = append(same, st)
			} else {
				rest = append(rest, st)
			}
		}
		if b.reserveTogether(model, same) != nil {
			for _, st := range same {
				err := b.reserveTogether(model, []*stake{st})
				switch {
				case err == nil:
				case st.next(t):
					rest = append(rest, st)
				default:
					return err
				}
			}
		}
		stakes = rest
	}
	return nil
}

// reserveTogether reserves for all stakes at their model, or for none.
func (b *budgets) reserveTogether(model string, stakes []*stake) error {
	first := stakes[0].w.purse
	accounts := b.accounts(first.tenant, model, first.began)
	err := b.take(accounts, func(a account) (sum int64) {
		for _, st := range stakes {
			sum += a.amount(st.offer.Most)
		}
		return sum
	})
	if err != nil {
		return err
	}
	for _, st := range stakes {
		for _, a := range accounts {
			st.w.purse.ahead[model+" "+a.key] = reservation{a, a.amount(st.offer.Most)}
		}
	}
	return nil
}
