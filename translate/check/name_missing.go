package check

import (
	"slices"
	"strings"

	"yeok/translate/language"
)

// lostPerson finds a Korean person whom the source names in full with a title, and
// of whom the translation has neither the name nor the surname. It is an error where
// the translation names somebody else; a sentence may go without the name. It
// reports whether it found an error.
func (p *pair) lostPerson() bool {
	for _, person := range p.people() {
		if person.hanja != nil && p.writesHanja() {
			if p.wrongHanja(person) {
				return true
			}
			continue
		}
		if p.names(person) {
			continue
		}
		other := p.somebodyElse()
		if other.End == 0 {
			p.report(NameCheck, Warning, person.span, Span{}, "%s is not in the translation.", string(person.name))
			return false
		}
		p.report(NameCheck, Error, person.span, other, "%s is %s in the translation.", string(person.name), string(p.target[other.Start:other.End]))
		return true
	}
	return false
}

// somebodyElse is where the target has a name that the source does not sound like.
func (p *pair) somebodyElse() Span {
	if p.writesHanja() {
		if at := p.strangerInKana(); at.End > 0 {
			return at
		}
		return p.strangerInHan()
	}
	source := p.support(nil)
	words := p.latinWords()
	for i := range words {
		w := &words[i]
		if w.start || !w.isName() && !w.isKoreanSurname(words[i+1:]) || strings.Contains(source.source, w.lower) {
			continue
		}
		s := latinSound(w.text)
		if s.size() >= shortestWord && !source.hears(s) {
			return w.span
		}
	}
	return Span{}
}

// strangerInKana is where the target has katakana and a title that nothing in the
// source sounds like.
func (p *pair) strangerInKana() Span {
	source := p.support(nil)
	for w := range p.kanaWords() {
		if p.titleBegin(w.End) == 0 {
			continue
		}
		if s := kanaSound(p.target[w.Start:w.End]); !source.sounds(s, s.size()*alikeWhole/100+1) {
			return w
		}
	}
	return Span{}
}

// strangerInHan is where the target has what reads like a Korean name of three
// syllables, with a title before or behind it, or a Japanese name, that the source
// does not have.
func (p *pair) strangerInHan() Span {
	source := p.support(nil)
	for _, n := range p.japaneseNames() {
		if !source.holdsJapanese(n, p.target) {
			return n.span
		}
	}
	for i := 0; i+3 <= len(p.target); i++ {
		says := i+5 <= len(p.target) && hanTitles()["says"][string(p.target[i+3:i+5])]
		if p.titleEnd(i) == 0 && p.titleBegin(i+3) == 0 && !says {
			continue
		}
		if name := p.target[i : i+3]; isKoreanName(name) && !source.reads(name) && !p.nativeName(name[0]) {
			return Span{i, i + 3}
		}
	}
	return Span{}
}

// nativeName reports whether the source has a person of that surname whose given
// name no characters read: 하늘, 새봄. What Chinese writes for it is free.
func (p *pair) nativeName(surname rune) bool {
	native := koreanNames()["native"]
	return slices.ContainsFunc(p.people(), func(n person) bool {
		return reads(surname, n.name[0]) && slices.ContainsFunc(n.name[n.surname:], func(c rune) bool { return native[string(c)] })
	})
}

// isKoreanName reports whether three characters read like a surname and a given
// name.
func isKoreanName(name []rune) bool {
	return readAs(name[0], koreanNames()["surname"]) && readAs(name[1], koreanNames()["given"]) && readAs(name[2], koreanNames()["given"])
}

// readAs reports whether Korean may read the character as one of the syllables.
func readAs(c rune, syllables map[string]bool) bool {
	return isIdeograph(c) && slices.ContainsFunc(koreanReadings()[c-firstHan][:], func(r uint16) bool { return r != 0 && syllables[string(rune(r))] })
}

func (p *pair) writesHanja() bool {
	return p.language.Script == language.Han || p.language.Script == language.Japanese
}

// wrongHanja finds a person whose hanja the source gives and the translation does
// not use: an error where it has other characters of that reading, or somebody
// else.
func (p *pair) wrongHanja(person person) bool {
	for i := 0; i+len(person.hanja) <= len(p.target); i++ {
		if sameCharacters(person.hanja, p.target[i:i+len(person.hanja)]) {
			return false
		}
	}
	at := p.inHan(person.name)
	if at.End == 0 && !p.names(person) {
		at = p.somebodyElse()
	}
	severity := Warning
	if at.End > 0 {
		severity = Error
	}
	p.report(NameCheck, severity, person.span, at, "The source writes %s as %s.", string(person.name), string(person.hanja))
	return severity == Error
}

// sameCharacters reports whether two rows of characters differ at most in their
// national forms: what Korean and Mandarin both read alike.
func sameCharacters(a, b []rune) bool {
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		if !isIdeograph(a[i]) || !isIdeograph(b[i]) {
			return false
		}
		m := mandarinReadings()
		alike := slices.ContainsFunc(koreanReadings()[a[i]-firstHan][:], func(r uint16) bool { return r != 0 && reads(b[i], rune(r)) })
		if known := m.syllables[a[i]-firstHan]; !alike || known != 0 && known != m.syllables[b[i]-firstHan] {
			return false
		}
	}
	return true
}

// names reports whether the translation names the person, at least by the surname.
func (p *pair) names(person person) bool {
	if p.writesHanja() {
		return p.inHan(person.name).End > 0 || p.bySurnameInHan(person) || p.spokenInKana(person.name) || p.namesInLatin(person)
	}
	return p.namesInLatin(person)
}

// inHan is where the target writes the name in characters that Korean reads so.
func (p *pair) inHan(name []rune) Span {
	for i := 0; i+len(name) <= len(p.target); i++ {
		if readsAll(p.target[i:i+len(name)], name) {
			return Span{i, i + len(name)}
		}
	}
	return Span{}
}

// bySurnameInHan reports whether the target has the surname with a title or 某
// behind it: 李会长.
func (p *pair) bySurnameInHan(person person) bool {
	surname := person.name[:person.surname]
	for i := 0; i+len(surname) < len(p.target); i++ {
		if !readsAll(p.target[i:i+len(surname)], surname) {
			continue
		}
		end := i + len(surname)
		if strings.ContainsRune("某姓", p.target[end]) {
			return true
		}
		if p.titleBegin(end) > 0 {
			return true
		}
	}
	return false
}

// spokenInKana reports whether katakana in the target sounds like the name, or like
// its surname.
func (p *pair) spokenInKana(name []rune) bool {
	whole := hangulSound(name)
	for i := 0; i < len(p.target); i++ {
		start := i
		var s sound
		for i < len(p.target) && (isKatakana(p.target[i]) || i > start && isMiddleDot(p.target[i])) {
			i++
		}
		if i-start < 2 {
			continue
		}
		for part := range strings.SplitSeq(string(p.target[start:i]), "・") {
			s = append(s, koreanKanaSound([]rune(part))...)
			if distance(s, whole, nil) <= whole.size()*alikeWhole/100+1 {
				return true
			}
		}
		if strings.Contains(koreanKana, " "+string(p.target[start:i])+" ") && distance(s, hangulSound(name[:1]), nil) <= 1 {
			return true
		}
	}
	return false
}

// namesInLatin reports whether the target has the surname or the given name in
// Latin letters.
func (p *pair) namesInLatin(person person) bool {
	surname, given := hangulSound(person.name[:person.surname]), hangulSound(person.name[person.surname:])
	whole := hangulSound(person.name)
	words := p.latinWords()
	for i := range words {
		w := &words[i]
		if !w.capital() {
			continue
		}
		s := latinSound(w.text)
		if nameParts()["korean"][w.lower] && distance(s, surname, nil) <= 3 || distance(s, given, nil) <= max(2, given.size()*alikeLast/100) || distance(s, whole, nil) <= whole.size()*alikeLast/100 {
			return true
		}
		if i+1 < len(words) && words[i+1].next && words[i+1].capital() && distance(slices.Concat(s, latinSound(words[i+1].text)), given, nil) <= given.size()*alikeLast/100 {
			return true // Jae Myung
		}
	}
	return false
}
