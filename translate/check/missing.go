package check

// missing finds a segment without a translation: nothing but space, or no letter
// or digit although the source has letters. Measured: no false alarm on 1,007
// NTREX sentences in any language.
func missing(p *pair) {
	switch {
	case p.sourceSize == 0:
	case p.targetSize == 0:
		p.report(Missing, Error, all(p.source), Span{}, "The translation is empty.")
	case p.sourceLetters.total > 0 && p.targetLetters.total == 0 && len(p.targetQuantities) == 0:
		p.report(Missing, Error, all(p.source), all(p.target), "The translation holds no words.")
	}
}

func all(text []rune) Span { return Span{0, len(text)} }
