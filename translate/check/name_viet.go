package check

import (
	"slices"
	"strings"
	"sync"

	_ "embed"
)

//go:embed data/vietsurnames.txt
var vietSurnameData string

// vietSurnames are Vietnamese surnames with how Korean writes names that begin
// with them.
var vietSurnames = sync.OnceValue(func() map[string][]string { return table(vietSurnameData) })

// table maps the first word of each line of a data file to the others.
func table(data string) map[string][]string {
	m := make(map[string][]string)
	for line := range strings.Lines(data) {
		if words := strings.Fields(line); len(words) > 1 && line[0] != '#' {
			m[words[0]] = words[1:]
		}
	}
	return m
}

// vietName finds a Vietnamese person in the translation that no word of the source
// may be: none begins as Korean writes that surname. It reports whether it did.
func (p *pair) vietName(words []latinWord) bool {
	for i := range words {
		begins := vietSurnames()[string(words[i].text)]
		if begins == nil {
			continue
		}
		end := i + 1
		for end < len(words) && words[end].next && words[end].capital() {
			end++
		}
		if end == i+1 || end > i+4 || strings.Contains(p.Source, string(words[i].text)) {
			continue
		}
		if !slices.ContainsFunc(p.heard(), func(h heard) bool { return h.beginsWith(begins) && !isCommon(h.text) }) {
			p.unlike(Span{words[i].span.Start, words[end-1].span.End})
			return true
		}
	}
	return false
}
