package check

import (
	"slices"
	"strings"
	"unicode"
)

// Bounds of a loop, measured on NTREX-128: no human translation of a document
// repeats a stretch of 2 to 120 characters three times running.
const (
	longestPeriod = 120
	loopTimes     = 3  // so often running is a loop…
	loopLength    = 18 // …when all of it is at least so long; 哈哈哈 is not
	echoLength    = 16 // a stretch so long is a loop when it comes twice running
)

// Looping reports whether text ends in a loop. It looks at the tail alone, so it
// may be called again whenever a stream has grown.
func Looping(text string) bool {
	const tail = (longestPeriod + 1) * loopTimes * 4 // bytes
	if len(text) > tail {
		text = text[len(text)-tail:]
	}
	runes := []rune(strings.ToValidUTF8(text, ""))
	for period := 1; period <= longestPeriod; period++ {
		n := 0
		for i := len(runes) - 1; i >= period && runes[i] == runes[i-period]; i-- {
			n++
		}
		if n >= period*(loopTimes-1) && n+period >= loopLength && worded(runes[len(runes)-period:]) {
			return true
		}
	}
	return false
}

// repetition finds loops and sentences that come again although the source's do
// not. Measured on 1,007 NTREX sentences: no alarm in any language.
func repetition(p *pair) {
	at, ok := loop(p.target)
	if !ok {
		at, ok = again(p.target)
	}
	if !ok {
		return
	}
	if _, same := loop(p.source); same {
		return
	}
	if _, same := again(p.source); same {
		return
	}
	p.report(Repetition, Error, Span{}, at, "The translation repeats itself: %s.", shorten(p.target[at.Start:at.End]))
}

// loop finds a stretch that comes several times running.
func loop(text []rune) (Span, bool) {
	if !recurring(text) {
		return Span{}, false
	}
	for period := 1; period <= longestPeriod && period < len(text); period++ {
		need := period * (loopTimes - 1)
		if period >= echoLength {
			need = period
		}
		need = max(need, loopLength-period)
		n := 0
		for i := period; i < len(text); i++ {
			if text[i] != text[i-period] {
				n = 0
				continue
			}
			if n++; n >= need && worded(text[i-period+1:i+1]) {
				return Span{i - period - n + 1, i + 1}, true
			}
		}
	}
	return Span{}, false
}

// recurring reports whether runs of six letters, one after the other, come again within
// the longest period, as in every loop and hardly ever else. It is there because
// it is linear, and loops are rare.
func recurring(text []rune) bool {
	const size, most = 6, 6
	var last [1 << 12]int32 // by hash, position + 1
	hits, period, h := 0, 0, uint32(0)
	for i := 1; i <= len(text); i++ {
		h = h<<6 ^ uint32(text[i-1]) // forgets a letter after six
		if i < size {
			continue
		}
		slot := &last[h*2654435761>>20]
		before := int(*slot) - 1
		*slot = int32(i + 1)
		if before < size || i-before > longestPeriod || !slices.Equal(text[before-size:before], text[i-size:i]) {
			hits = max(hits-1, 0) // another run may have taken the slot
			continue
		}
		if i-before != period {
			hits, period = 0, i-before
		}
		if hits++; hits >= most {
			return true
		}
	}
	return false
}

// again finds a sentence that stands twice in text.
func again(text []rune) (Span, bool) {
	var seen map[uint64]Span // sentences by hash; few texts have two long ones alike
	start := 0
	for i, c := range text {
		if !isStop(c) {
			continue
		}
		at := trimmed(text, Span{start, i + 1})
		start = i + 1
		if at.End-at.Start < echoLength {
			continue
		}
		key := hashOf(text[at.Start:at.End])
		if before, ok := seen[key]; ok && slices.Equal(text[before.Start:before.End], text[at.Start:at.End]) {
			return at, true
		}
		if seen == nil {
			if i+echoLength >= len(text) {
				break // it is the only one
			}
			seen = make(map[uint64]Span)
		}
		seen[key] = at
	}
	return Span{}, false
}

// trimmed is s without the white space at its ends.
func trimmed(text []rune, s Span) Span {
	for s.Start < s.End && unicode.IsSpace(text[s.Start]) {
		s.Start++
	}
	for s.Start < s.End && unicode.IsSpace(text[s.End-1]) {
		s.End--
	}
	return s
}

// hashOf is FNV-1a over runes.
func hashOf(text []rune) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range text {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// worded reports whether text holds a letter; rows of dots or dashes are rules.
func worded(text []rune) bool {
	for _, c := range text {
		if unicode.IsLetter(c) {
			return true
		}
	}
	return false
}

func shorten(text []rune) string {
	if len(text) > 40 {
		return string(text[:40]) + "…"
	}
	return string(text)
}
