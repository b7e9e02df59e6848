package check

import (
	"slices"
	"strings"
	"unicode"

	"yeok/translate/language"
)

// Entity is a name of the authority: a company, a party, a person, a place.
type Entity struct {
	Source string   // Korean
	Forms  []string // in the target; the first is the one by which it is recognised
	Kind   string   // only entities of one kind are put for each other
}

// Entities are the names of the authority in one target language, ready to be
// looked for. They are safe for concurrent use.
type Entities struct {
	bySource map[rune][]*Entity // by the first letter
	byForm   map[rune][]form
}

// form is a form of an entity, in letters that Latin scripts write small.
type form struct {
	text   []rune
	entity *Entity
}

// personKind is the kind whose members need nobody's place to be strange: all their
// forms are theirs alone.
const personKind = "person"

// NewEntities makes them from a list; entities without a form are left out.
func NewEntities(list []Entity) *Entities {
	e := &Entities{bySource: make(map[rune][]*Entity), byForm: make(map[rune][]form)}
	for i := range list {
		entity := &list[i]
		if entity.Source == "" || len(entity.Forms) == 0 {
			continue
		}
		first := []rune(entity.Source)[0]
		e.bySource[first] = append(e.bySource[first], entity)
		recognised := entity.Forms[:1]
		if entity.Kind == personKind {
			recognised = entity.Forms
		}
		for _, text := range recognised {
			if r := []rune(strings.ToLower(text)); len(r) > 1 {
				e.byForm[r[0]] = append(e.byForm[r[0]], form{r, entity})
			}
		}
	}
	for first := range e.byForm {
		slices.SortStableFunc(e.byForm[first], func(a, b form) int { return len(b.text) - len(a.text) })
	}
	return e
}

// otherEntity finds an entity in the translation that the source does not name, where
// one of the same kind that the source does name is missing, or where it is a
// person. It reports whether it found an error.
func (p *pair) otherEntity() bool {
	strangers := p.strangers()
	if lost, other, ok := p.takenFor(strangers); ok {
		p.report(NameCheck, Error, lost.span, other.span, "%s is not %s.", lost.entity.Source, string(p.target[other.span.Start:other.span.End]))
		return true
	}
	i := slices.IndexFunc(strangers, func(s placed) bool { return s.entity.Kind == personKind })
	if i < 0 {
		return false
	}
	severity := Error
	if p.sourceSpeaksOfOffice() {
		severity = Warning
	}
	at := strangers[i].span
	p.report(NameCheck, severity, Span{}, at, "%s: the source does not name this person.", string(p.target[at.Start:at.End]))
	return severity == Error
}

// takenFor finds an entity of the source for which the translation has one of the
// strangers, of the same kind.
func (p *pair) takenFor(strangers []placed) (lost, other placed, ok bool) {
	if len(strangers) == 0 {
		return placed{}, placed{}, false
	}
	entities := p.lostEntities()
	for _, s := range strangers {
		for _, l := range entities {
			if l.entity.Kind == s.entity.Kind && l.entity != s.entity && !p.akin(l.entity, s.entity) {
				return l, s, true
			}
		}
	}
	return placed{}, placed{}, false
}

// sourceSpeaksOfOffice reports whether the source has an office of which there is
// one, or a pronoun, for which a translation may put the name.
func (p *pair) sourceSpeaksOfOffice() bool {
	return slices.ContainsFunc(p.heard(), func(h heard) bool {
		return h.beginsWith([]string{"대통령", "총리", "수상", "주석", "국무위원장", "그의", "그녀", "그는", "그가", "그를"})
	})
}

// placed is an entity at its place in a text.
type placed struct {
	entity *Entity
	span   Span
}

// strangers are the entities in the target that the source does not name.
func (p *pair) strangers() []placed {
	if p.ctx.Entities == nil {
		return nil
	}
	var list []placed
	lower := []rune(p.lower)
	if len(lower) != len(p.target) {
		return nil // İ and its like: spans would be wrong
	}
	for i := 0; i < len(lower); i++ {
		forms := p.ctx.Entities.byForm[lower[i]]
		if len(forms) == 0 || !boundary(p.target, i) {
			continue
		}
		for _, f := range forms {
			end := i + len(f.text)
			if end > len(lower) || !slices.Equal(lower[i:end], f.text) || !boundary(p.target, end) || unicode.IsLower(p.target[i]) {
				continue
			}
			if !p.sourceNames(f) {
				list = append(list, placed{f.entity, Span{i, end}})
			}
			i = end - 1
			break
		}
	}
	return list
}

// boundary reports whether a name may begin or end at i: not within a word of an
// alphabet or in katakana. Between Chinese characters it always may.
func boundary(text []rune, i int) bool {
	if i == 0 || i == len(text) {
		return true
	}
	a, b := text[i-1], text[i]
	if isKatakana(a) && isKatakana(b) {
		return false
	}
	return isIdeograph(a) || isIdeograph(b) || isKana(a) || isKana(b) || !unicode.IsLetter(a) || !unicode.IsLetter(b)
}

// sourceNames reports whether the source has the entity, another with the same
// form, or the form itself.
func (p *pair) sourceNames(f form) bool {
	for _, other := range p.ctx.Entities.byForm[f.text[0]] {
		if slices.Equal(other.text, f.text) && p.mentions(other.entity) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(p.Source), string(f.text))
}

// mentions reports whether the source speaks of the entity, if only by the first
// half of its name (삼성, for 삼성전자) or, of a person, by the surname and a title.
func (p *pair) mentions(e *Entity) bool {
	name := []rune(e.Source)
	if e.Kind == personKind {
		return strings.Contains(p.Source, e.Source) || len(name) == 3 && p.calledBySurname(name[0])
	}
	if len(name) >= 4 {
		return strings.Contains(p.Source, string(name[:2]))
	}
	return strings.Contains(strings.ReplaceAll(p.Source, " ", ""), e.Source)
}

// calledBySurname reports whether the source has the surname alone with a title, or
// its character, as in headlines.
func (p *pair) calledBySurname(surname rune) bool {
	words := p.heard()
	for i := range words {
		if text := words[i].text; text[0] == surname && (len(text) == 1 && i+1 < len(words) && words[i+1].title() || len(text) > 1 && beginsWithTitle(text[1:])) {
			return true
		}
	}
	return slices.ContainsFunc(p.source, func(c rune) bool { return reads(c, surname) })
}

// lostEntities are the entities that the source names as words of their own and of
// which the target has no form.
func (p *pair) lostEntities() []placed {
	var list []placed
	for _, w := range p.heard() {
		for _, e := range p.ctx.Entities.bySource[w.text[0]] {
			end := p.sourceEnd(w.span.Start, e.Source)
			if end == 0 || p.hasForm(e) {
				continue
			}
			rest := end
			for rest < len(p.source) && isHangul(p.source[rest]) {
				rest++
			}
			if rest == end || endings()[string(p.source[end:rest])] {
				list = append(list, placed{e, Span{w.span.Start, end}})
			}
		}
	}
	return list
}

// sourceEnd is where the name that begins at i ends, 0 where it does not stand
// there.
func (p *pair) sourceEnd(i int, name string) int {
	for _, c := range name {
		if i == len(p.source) || p.source[i] != c {
			return 0
		}
		i++
	}
	return i
}

// hasForm reports whether the target has a form of the entity, or the first word of
// one.
func (p *pair) hasForm(e *Entity) bool {
	han := p.language.Script == language.Han || p.language.Script == language.Japanese
	for _, f := range e.Forms {
		if p.contains(f) {
			return true
		}
		first, _, many := strings.Cut(f, " ")
		if han && e.Kind == personKind { // 金委员长
			first, many = string([]rune(f)[:1]), !isKatakana([]rune(f)[0])
		}
		if many && (e.Kind == personKind || !han && e.Kind == "company") && strings.Contains(p.lower, strings.ToLower(first)) {
			return true
		}
	}
	return false
}

// contains reports whether the target has the form; one of a single character not
// behind a number, as 日 is in dates.
func (p *pair) contains(form string) bool {
	lower := strings.ToLower(form)
	r := []rune(form)
	if len(r) != 1 {
		return strings.Contains(p.lower, lower)
	}
	for i, c := range p.target {
		if c == r[0] && (i == 0 || !unicode.IsDigit(p.target[i-1])) {
			return true
		}
	}
	return false
}

// akin reports whether two entities may be one under its old name and its new: they
// share two syllables, or a form.
func (p *pair) akin(a, b *Entity) bool {
	name := []rune(a.Source)
	for i := 0; i+2 <= len(name); i++ {
		if a.Kind != "company" && strings.Contains(b.Source, string(name[i:i+2])) {
			return true
		}
	}
	return slices.ContainsFunc(a.Forms, func(f string) bool { return slices.Contains(b.Forms, f) })
}
