package check

import (
	"slices"
	"strings"

	"yeok/translate/language"
)

// name finds a name of at least two words in the translation that nothing in the
// source sounds like: a model put another person in. Measured on 1,007 NTREX
// sentences: 3 alarms in English, 5 in Japanese, 2 in Vietnamese, most of them
// names that the reference did invent; of a person replaced by one of 23 others,
// Korean, Japanese, Chinese, Vietnamese and Western, 88, 86 and 90 % are found. In
// Chinese 5 alarms, and 79 % of names with a middle dot; of one Korean person put
// for another with a title 96 % and more in all four.
func name(p *pair) {
	if p.otherEntity() || p.lostPerson() {
		return
	}
	switch p.language.Script {
	case language.Latin, language.Vietnamese:
		p.strangerInLatin()
	case language.Japanese:
		found := p.kanaNames()
		p.stranger(found, p.spokenKana(found))
		p.japaneseStranger()
	case language.Han:
		p.dottedStranger()
		p.japaneseStranger()
	}
}

func (p *pair) strangerInLatin() {
	words := p.latinWords()
	if p.glossLost(words) || p.language.Script == language.Vietnamese && p.vietName(words) || p.titleCase(words) {
		return
	}
	found := p.latinNames(words)
	p.stranger(found, spokenLatin(words, found))
}

// stranger reports the first of the names that the source does not have.
func (p *pair) stranger(found []properName, target []spoken) {
	if len(found) == 0 {
		return
	}
	source := p.support(target)
	for _, n := range found {
		if !source.holds(n) && !p.ofTerm(n.span) {
			p.unlike(n.span)
			return
		}
	}
}

// japaneseStranger reports the first Japanese name in kanji that the source does
// not have.
func (p *pair) japaneseStranger() {
	found := p.japaneseNames()
	if len(found) == 0 {
		return
	}
	source := p.support(nil)
	for _, n := range found {
		if !source.holdsJapanese(n, p.target) && !p.ofTerm(n.span) {
			p.unlike(n.span)
			return
		}
	}
}

// unlike reports a name of the target that the source does not have.
func (p *pair) unlike(name Span) {
	p.report(NameCheck, Error, Span{}, name, "%s: nothing in the source sounds like this name.", string(p.target[name.Start:name.End]))
}

// titleCase reports whether all but the small words of the target have a capital,
// so that capitals tell nothing.
func (p *pair) titleCase(words []latinWord) bool {
	small := 4 // letters: with, from
	if p.language.Script == language.Vietnamese {
		small = 2
	}
	capitals, long := 0, 0
	for i := range words {
		switch {
		case words[i].capital():
			capitals++
		case len(words[i].text) > small:
			long++
		}
	}
	return 5*capitals > 3*len(words) && 12*long < len(words)
}

// properName is a name in the target by its words.
type properName struct {
	span   Span
	words  []string
	sounds []sound
	korean bool // the surname stands first, and the given name alone says nothing
}

func (n *properName) add(word string, s sound) {
	n.words = append(n.words, word)
	n.sounds = append(n.sounds, s)
}

// support is how the source is asked for a name.
type support struct {
	source string  // in lower case
	words  []heard // of the source
	target []spoken
}

func (p *pair) support(target []spoken) *support {
	words := p.read.listened()
	if people := p.heardSigns(); len(people) > 0 {
		listen(people)
		words = slices.Concat(words, people)
	}
	return &support{source: strings.ToLower(p.Source), words: words, target: target}
}

// spoken is a word of the target with its sound.
type spoken struct {
	span   Span
	sounds sound
}

// holds reports whether the source holds the name: one of its words as it is
// written; all of it by its sound, in one word or in neighbours; or the first or
// the last word of it alone, which must sound closer.
func (s *support) holds(n properName) bool {
	var whole, butLast sound
	for i, word := range n.sounds {
		butLast = whole[:len(whole):len(whole)]
		whole = whole.join(word)
		if strings.Contains(s.source, strings.ToLower(n.words[i])) {
			return true
		}
	}
	if s.sounds(whole, whole.size()*alikeWhole/100) || s.soundsKorean(n, whole) {
		return true
	}
	if len(n.sounds) > 2 && s.sounds(butLast, butLast.size()*alikeWhole/100) {
		return true // ウ・テリン・プルン連帯院内代表: a dot stands before what the person is, too
	}
	if n.korean {
		return s.bySurname(n.sounds[0])
	}
	last := n.sounds[len(n.sounds)-1]
	return s.soundsAlone(last, last.size()*alikeLast/100, n.span) || s.soundsAlone(n.sounds[0], n.sounds[0].size()*alikeFirst/100, n.span)
}

// soundsKorean reports whether the name is that of the source written as Koreans do
// abroad: Lee for 이, Roh for 노, and Yuna Kim for 김연아.
func (s *support) soundsKorean(n properName, whole sound) bool {
	if len(n.words) < 2 {
		return false
	}
	if last := len(n.words) - 1; nameParts()["korean"][strings.ToLower(n.words[last])] {
		whole = slices.Concat(n.sounds[last], slices.Concat(n.sounds[:last]...))
	} else if !nameParts()["korean"][strings.ToLower(n.words[0])] {
		return false
	}
	if len(whole) == 0 || whole[0] != 'L' {
		return s.hasSkeleton(whole)
	}
	return s.hasSkeleton(whole[1:]) || s.hasSkeleton(slices.Concat(sound{'N'}, whole[1:]))
}

// hasSkeleton reports whether a word of the source has the consonants of the name,
// and sounds like it.
func (s *support) hasSkeleton(name sound) bool {
	skeleton := name.consonants()
	for i := range s.words {
		w := &s.words[i]
		if w.common || w.unlike(name) > name.size()*alikeKorean/100 {
			continue
		}
		if slices.ContainsFunc(w.ends, func(end int) bool { return string(w.sounds[:end].consonants()) == string(skeleton) }) {
			return true
		}
	}
	return false
}

// The costs, in hundredths of a name's size, up to which it sounds like the source.
const (
	alikeWhole = 25
	alikeLast  = 30
	alikeFirst = 20

	alikeKorean = 35 // beside equal consonants
)

// bySurname reports whether the source calls somebody of that surname by it and a
// title: 이 회장, for Lee Do-yun.
func (s *support) bySurname(surname sound) bool {
	for i := range s.words {
		if len(s.words[i].text) == 1 && distance(surname, s.words[i].sounds, nil) <= 2 && i+1 < len(s.words) && s.words[i+1].title() {
			return true
		}
	}
	return false
}

// shortestWord is the size that the sound of one word of a name needs to be told
// from another's.
const shortestWord = 5

// sounds reports whether a word of the source, or two or three neighbours, sound
// like the name within the cost.
func (s *support) sounds(name sound, allowed int) bool {
	for i := range s.words {
		joined := s.words[i]
		if joined.common {
			continue
		}
		if joined.unlike(name) <= allowed {
			return true
		}
		for k := i + 1; k < len(s.words) && k < i+3 && !s.words[k].common; k++ {
			joined = joined.joined(&s.words[k])
			if joined.unlike(name) <= allowed {
				return true
			}
		}
	}
	return false
}

// hears reports whether one word of the source, common ones too, sounds like the
// word, with room for one difference more than in a name.
func (s *support) hears(word sound) bool {
	return slices.ContainsFunc(s.words, func(h heard) bool { return h.unlike(word) <= word.size()*alikeWhole/100+1 })
}

// soundsAlone reports whether a word of the source that may be a name sounds like
// one word of the name at span within the cost, and like no other word of the
// target more.
func (s *support) soundsAlone(word sound, allowed int, span Span) bool {
	if word.size() < shortestWord {
		return false
	}
	for i := range s.words {
		w := &s.words[i]
		if w.common {
			continue
		}
		if cost := w.unlike(word); cost <= allowed && !s.taken(w, cost, span) {
			return true
		}
	}
	return false
}

// taken reports whether a word of the target outside span sounds more like w than
// by the cost.
func (s *support) taken(w *heard, cost int, span Span) bool {
	for _, t := range s.target {
		outside := t.span.End <= span.Start || span.End <= t.span.Start
		if outside && t.sounds.size() >= shortestWord && w.unlike(t.sounds) < min(cost, t.sounds.size()*alikeWhole/100+1) {
			return true
		}
	}
	return false
}
