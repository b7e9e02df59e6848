package check

import (
	"slices"
	"strings"

	"yeok/translate/language"
)

// lostPerson finds a Korean person whom the source names in full with a title, and
// of whom the translation has neither the name nor the surname. It is an error
// where no pronoun may stand for the person. It reports whether it found one.
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
		severity := Error
		if p.hasPronoun() {
			severity = Warning
		}
		p.report(NameCheck, severity, person.span, Span{}, "%s is not in the translation.", string(person.name))
		return severity == Error
	}
	return false
}

func (p *pair) writesHanja() bool {
	return p.language.Script == language.Han || p.language.Script == language.Japanese
}

// wrongHanja finds a person whose hanja the source gives and the translation does
// not use.
func (p *pair) wrongHanja(person person) bool {
	for i := 0; i+len(person.hanja) <= len(p.target); i++ {
		if sameCharacters(person.hanja, p.target[i:i+len(person.hanja)]) {
			return false
		}
	}
	severity := Error
	if p.language.Script == language.Japanese && p.spokenInKana(person.name) {
		severity = Warning
	}
	p.report(NameCheck, severity, person.span, Span{}, "The source writes %s as %s.", string(person.name), string(person.hanja))
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
		for n := 1; n <= 4 && end+n <= len(p.target); n++ {
			if p.isTitle(string(p.target[end : end+n])) {
				return true
			}
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
			s = append(s, kanaSound([]rune(part))...)
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

// hasPronoun reports whether a pronoun of the target may stand for a person.
func (p *pair) hasPronoun() bool {
	switch p.language.Code {
	case "ja":
		return containsWord(p.Target, hanTitles()["japronoun"])
	case "zh-Hans":
		return containsWord(p.Target, hanTitles()["zhpronoun"])
	}
	pronouns := hanTitles()[p.language.Code+"pronoun"]
	return slices.ContainsFunc(strings.FieldsFunc(p.lower, func(c rune) bool { return !isLetter(c) }), func(w string) bool { return pronouns[w] })
}

func containsWord(text string, words map[string]bool) bool {
	for word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
