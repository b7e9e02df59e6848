package check

import (
	"fmt"
	"slices"
	"strings"

	"yeok/translate/language"
)

// rendering is how a segment writes a person's name.
type rendering struct {
	segment string // id
	text    string
}

// articleNames finds what shows of people's names over the whole article: a name
// that two segments write in two ways, and, in Chinese, characters that were chosen
// by their sound, because neither the source nor a glossary nor the authority gives
// them. Both are for an editor to decide.
func articleNames(pairs []*pair) []Finding {
	var findings []Finding
	first := make(map[string]rendering)
	for _, name := range namesOf(pairs) {
		for _, p := range pairs {
			at := p.wholeName([]rune(name))
			if at.End == 0 || !p.speaksOf(name) {
				continue
			}
			text := string(p.target[at.Start:at.End])
			before, seen := first[name]
			switch {
			case !seen:
				first[name] = rendering{p.ID, text}
				if p.bySound(name, at) {
					findings = append(findings, p.doubt(at, fmt.Sprintf("The characters of %s were chosen by their sound: the source does not give them.", name)))
				}
			case plain(before.text) != plain(text):
				findings = append(findings, p.doubt(at, fmt.Sprintf("%s is %s in %s.", name, before.text, before.segment)))
			}
		}
	}
	return findings
}

// namesOf are the people whom the article names in full with a title, in order.
func namesOf(pairs []*pair) []string {
	var names []string
	for _, p := range pairs {
		for _, person := range p.people() {
			if name := string(person.name); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// doubt is a warning about the name at a place of the target.
func (p *pair) doubt(at Span, message string) Finding {
	return Finding{
		SegmentID: p.ID, Check: NameCheck, Severity: Warning, Message: message,
		TargetText: string(p.target[at.Start:at.End]), TargetSpan: at,
	}
}

// speaksOf reports whether a word of the source begins with the name.
func (p *pair) speaksOf(name string) bool {
	return strings.Contains(p.Source, name) && slices.ContainsFunc(p.heard(), func(h heard) bool { return strings.HasPrefix(string(h.text), name) })
}

// wholeName is where the target has the full name, the zero Span where it does not.
func (p *pair) wholeName(name []rune) Span {
	if !strings.Contains(p.Source, string(name)) {
		return Span{}
	}
	if !p.writesHanja() {
		return p.inLatin(name)
	}
	if at := p.inHan(name); at.End > 0 || p.language.Script == language.Han {
		return at
	}
	return p.inKana(name)
}

// inLatin is where two or three words in capitals sound most like the name.
func (p *pair) inLatin(name []rune) Span {
	whole := hangulSound(name)
	words := p.latinWords()
	best, least := Span{}, whole.size()*alikeWhole/100+1
	for i := range words {
		var s sound
		for k := i; k < len(words) && k < i+3 && words[k].capital() && (k == i || words[k].next); k++ {
			s = slices.Concat(s, latinSound(words[k].text))
			if cost := distance(s, whole, nil); k > i && cost < least {
				best, least = Span{words[i].span.Start, words[k].span.End}, cost
			}
		}
	}
	return best
}

// inKana is where katakana of two words sounds like the name.
func (p *pair) inKana(name []rune) Span {
	whole := hangulSound(name)
	for _, n := range p.kanaNames() {
		if s := slices.Concat(n.sounds...); distance(s, whole, nil) <= whole.size()*alikeWhole/100+1 {
			return n.span
		}
	}
	return Span{}
}

// bySound reports whether nothing that is known gives the Chinese characters of the
// name.
func (p *pair) bySound(name string, at Span) bool {
	if p.language.Script != language.Han || slices.ContainsFunc(p.people(), func(n person) bool { return string(n.name) == name && n.hanja != nil }) {
		return false
	}
	if slices.ContainsFunc(p.ctx.Glossary, func(t Term) bool { return strings.Contains(t.Source, name) }) {
		return false
	}
	first := []rune(name)[0]
	known := p.ctx.Entities != nil && slices.ContainsFunc(p.ctx.Entities.bySource[first], func(e *Entity) bool { return e.Source == name })
	return !known && at.End > at.Start
}
