package check

import "yeok/translate/language"

// enough is the number of letters from which shares mean something.
const enough = 12

// script finds a translation in the wrong script or language.
func script(p *pair) {
	l := p.targetLetters
	if wrong := p.wrongScript(l); wrong != "" {
		p.report(Script, Error, Span{}, all(p.target), "The translation is not in %s: %s.", p.language.Name, wrong)
	}
}

// wrongScript says what speaks against the target's script, "" when nothing
// does. Hangul has its own check.
func (p *pair) wrongScript(l letters) string {
	share := func(n int) float64 { return float64(n) / float64(max(l.total, 1)) }
	if l.total >= enough && share(l.other) > 0.2 {
		return "most of it is in a script of another language"
	}
	switch p.language.Script {
	case language.Han:
		if l.kana > 0 {
			return "it holds Japanese kana"
		}
		if l.total >= enough && share(l.han) < 0.1 {
			return "it is in Latin letters"
		}
	case language.Japanese:
		if l.total >= enough && share(l.kana+l.han) < 0.1 {
			return "it is in Latin letters"
		}
		if p.Role == Body && l.total >= enough && share(l.kana) < 0.1 {
			return "it holds hardly any kana"
		}
	case language.Vietnamese:
		if share(l.han+l.kana) > 0.1 {
			return "it holds Chinese characters"
		}
		if l.total >= enough && share(l.marked) < 0.05 {
			return "it lacks the Vietnamese marks"
		}
	default:
		if share(l.han+l.kana) > 0.1 {
			return "it holds Chinese characters"
		}
		if l.total >= enough && share(l.marked) > 0.05 {
			return "it is in Vietnamese"
		}
	}
	return ""
}
