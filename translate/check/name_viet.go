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
var vietSurnames = sync.OnceValue(func() map[string][]string {
	names := make(map[string][]string)
	for line := range strings.Lines(vietSurnameData) {
		if words := strings.Fields(line); len(words) > 1 && line[0] != '#' {
			names[words[0]] = words[1:]
		}
	}
	return names
})

// vietName finds a Vietnamese person in the translation that no word of the source
// may be: none begins as Korean writes that surname. It reports whether it did.
func (p *pair) vietName(words []latinWord) bool {
	for i := range words {
		begins := vietSurnames()[string(words[i].text)]
		if begins == nil || i > 0 && words[i].next && words[i-1].capital() && !nameParts()["titles"][string(words[i-1].text)] {
			continue
		}
		end := i + 1
		for end < len(words) && words[end].next && words[end].capital() {
			end++
		}
		if end == i+1 || end > i+4 || strings.Contains(p.Source, string(words[i].text)) {
			continue
		}
		if !slices.ContainsFunc(p.heard(), func(h heard) bool { return !h.common && h.beginsWith(begins) }) {
			p.unlike(Span{words[i].span.Start, words[end-1].span.End})
			return true
		}
	}
	return false
}
