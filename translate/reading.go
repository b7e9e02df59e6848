package translate

import (
	"slices"
	"sync"

	"yeok/article"
	"yeok/translate/check"
	"yeok/translate/glossary"
)

// Reading is what an article says whatever the target: its segments, what its dates,
// numbers and hanja mean, and the names of the house in it. Whoever wants an article
// in several languages, or its keys and its translation, has it read once. What a
// remembered answer does not need is read when it is first asked for. It is safe for
// concurrent use.
type Reading struct {
	article     article.Article
	independent bool
	units       []*unit                 // with nothing but their texts; copied before use
	facts       func() []*unit          // the same with their facts
	house       func() [][]glossary.Hit // of each text that is searched, see texts
}

// Read reads an article; independent is as in [Request].
func Read(a article.Article, independent bool) *Reading {
	r := &Reading{article: a, independent: independent, units: unitsOf(a)}
	r.facts = sync.OnceValue(func() []*unit {
		units := copied(r.units)
		addDates(units, a.PublishTime, independent)
		if !independent {
			addHanja(units)
		}
		addNumbers(units)
		for _, u := range units { // every copy adds to its own
			u.facts, u.amounts = slices.Clip(u.facts), slices.Clip(u.amounts)
		}
		return units
	})
	r.house = sync.OnceValue(func() [][]glossary.Hit {
		var hits [][]glossary.Hit
		for _, units := range r.searched(r.units) {
			hits = append(hits, house().Match(textOf(units)))
		}
		return hits
	})
	return r
}

// Facts reads what else there is to read for a translation. It is a piece of work of
// its own, for who does it in pieces; whoever does not ask has it done on the way.
func (r *Reading) Facts() { r.facts() }

// Article is what was read.
func (r *Reading) Article() article.Article { return r.article }

// searched takes units apart into what is searched for terms as one text: an article
// as a whole, because the contexts that tell homographs apart may stand in another
// paragraph; independent strings one by one.
func (r *Reading) searched(units []*unit) [][]*unit {
	if !r.independent {
		return [][]*unit{units}
	}
	return slices.Collect(slices.Chunk(units, 1))
}

// of reports whether r is the reading of the article of req.
func (r *Reading) of(req Request) bool {
	a, b := &r.article, &req.Article
	same := func(a, b []article.Block) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }
	return r.independent == req.Independent && a.Title == b.Title && a.PublishTime.Equal(b.PublishTime) &&
		slices.Equal(a.Subtitles, b.Subtitles) && same(a.Blocks, b.Blocks)
}

// reading is that of the request, or one that is made for it.
func (req Request) reading() *Reading {
	if req.Reading != nil && req.Reading.of(req) {
		return req.Reading
	}
	return Read(req.Article, req.Independent)
}

// unitsFor are the units with all that bears on their translation into the target
// of req.
func (r *Reading) unitsFor(req Request) []*unit {
	units := copied(r.facts())
	for _, u := range units {
		u.addSigns(req.Target.Code)
	}
	req.addTerms(r, units, true)
	return units
}

func copied(units []*unit) []*unit {
	list := make([]unit, len(units))
	out := make([]*unit, len(units))
	for i, u := range units {
		list[i] = *u
		out[i] = &list[i]
	}
	return out
}

// addSigns notes what a translation into the target may put for the hanja of a
// headline, for the check.
func (u *unit) addSigns(target string) {
	for _, e := range u.hanja {
		for _, w := range e.Wordings(u.text, target) {
			u.signs = append(u.signs, check.Sign{Hanja: w.Hanja, Meaning: w.Korean, Right: w.Right, Wrong: w.Wrong, Bare: w.Bare, Person: w.Person})
		}
	}
}
