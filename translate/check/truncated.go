package check

import "strings"

// closers may stand behind the mark that ends a sentence.
const closers = "\"”’'」』）)]】》»› \t\n"

// truncated finds a translation that ends in the middle of a sentence although
// its source does not.
func truncated(p *pair) {
	if p.Role != Body || p.sourceSize < 20 {
		return
	}
	if ended(p.Source, ".?!。…:") && !ended(p.Target, ".?!。？！…:：") {
		p.report(Truncated, Error, Span{}, tail(p.target), "The translation ends in the middle of a sentence.")
	}
}

// ended reports whether text ends in one of the marks, closing quotation marks
// and brackets aside.
func ended(text, marks string) bool {
	text = strings.TrimRight(text, closers)
	for _, mark := range marks {
		if strings.HasSuffix(text, string(mark)) {
			return true
		}
	}
	return false
}

// tail is the last stretch of text.
func tail(text []rune) Span { return Span{max(0, len(text)-20), len(text)} }
