package check

// length finds translations that are too short or too long for their source.
// The bands were measured on NTREX-128: half a percent of its human
// translations lay outside at either end before the margins were added. Measured on
// 1,007 NTREX sentences: 1 alarm in Chinese, on a reference that leaves half of it
// out, and none in the other languages.
func length(p *pair) {
	if p.sourceLength <= 0 {
		return
	}
	band := p.language.Length.Long
	switch {
	case p.headline() || p.Role == Item || p.Role == Caption || p.sourceLength < 20:
		band = p.language.Length.Headline
	case p.sourceLength <= 60:
		band = p.language.Length.Short
	}
	ratio := float64(p.targetLength) / float64(p.sourceLength)
	switch {
	case ratio < band.Min:
		p.report(Length, Error, all(p.source), all(p.target), "The translation is too short: %d characters for %d of Korean.", p.targetSize, p.sourceSize)
	case ratio > band.Max:
		p.report(Length, Error, all(p.source), all(p.target), "The translation is too long: %d characters for %d of Korean.", p.targetSize, p.sourceSize)
	}
}
