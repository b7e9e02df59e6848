package language

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Label is a word that says what numbers are of: 매출, sales, 销售额.
type Label struct {
	Start, End int // code points
	Concept    int // the same in every language
}

// labelWord is a word of a label in one language.
type labelWord struct {
	form    []rune
	concept int
}

// labelWords are the words of a language by their first rune, the longest first: a
// table, because every letter of a text is looked up.
type labelWords struct {
	index []uint16 // by rune of the basic plane, into lists
	lists [][]labelWord
}

// Labels are the labels of text in the order in which they stand.
func (l *Language) Labels(text []rune) []Label {
	words := loadedLabels()[l.Code]
	if words == nil {
		return nil
	}
	runes := fold(text)
	var labels []Label
	for i := 0; i < len(runes); i++ {
		for _, w := range words.of(runes[i]) {
			if hasPrefix(runes[i:], w.form) && bounded(runes, i, i+len(w.form)) && alone(runes, i, i+len(w.form)) {
				labels = append(labels, Label{Start: i, End: i + len(w.form), Concept: w.concept})
				i += len(w.form) - 1
				break
			}
		}
	}
	return labels
}

// particles may stand behind a Korean word of one syllable.
const particles = "이가은는을를의에도만과와로"

// alone reports whether a Korean word of one syllable, from start to end, is a word
// there: 3승 1패, but not 패키지.
func alone(text []rune, start, end int) bool {
	if end-start > 1 || !isHangul(text[start]) {
		return true
	}
	return (start == 0 || !isHangul(text[start-1])) &&
		(end == len(text) || !isHangul(text[end]) || strings.ContainsRune(particles, text[end]))
}

// Lists reports whether text is nothing but a word or sign that joins the parts of
// a list: and, 和, と.
func (l *Language) Lists(text []rune) bool {
	for len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	for len(text) > 0 && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
	}
	t, ok := l.words.at(text, 0, lister|ranger)
	return ok && len(t.form) == len(text)
}

// loadedLabels reads the labels once. A test loads them; should a mistake get past
// it all the same, none is found.
var loadedLabels = sync.OnceValue(func() map[string]*labelWords {
	labels, err := loadLabels()
	if err != nil {
		return nil
	}
	return labels
})

// loadLabels reads labels.yaml: words by language code, by concept.
func loadLabels() (map[string]*labelWords, error) {
	var file map[string]map[string][]string
	if err := decode("labels.yaml", &file); err != nil {
		return nil, err
	}
	labels := make(map[string]*labelWords)
	for concept, name := range slices.Sorted(maps.Keys(file)) {
		for code, words := range file[name] {
			if code != catalogue().korean.Code && catalogue().byCode[canonical(code)] == nil {
				return nil, fmt.Errorf("labels.yaml: %s: unknown language %q", name, code)
			}
			if labels[code] == nil {
				labels[code] = &labelWords{index: make([]uint16, 0x10000), lists: make([][]labelWord, 1)}
			}
			for _, word := range words {
				labels[code].add(word, concept)
			}
		}
	}
	return labels, nil
}

// of are the words that begin with c.
func (w *labelWords) of(c rune) []labelWord {
	if c >= 0x10000 {
		return nil
	}
	return w.lists[w.index[c]]
}

// add adds a word; none begins outside the basic plane.
func (w *labelWords) add(word string, concept int) {
	form := fold([]rune(word))
	if len(form) == 0 || form[0] >= 0x10000 {
		return
	}
	first := form[0]
	if w.index[first] == 0 {
		w.index[first] = uint16(len(w.lists))
		w.lists = append(w.lists, nil)
	}
	words := append(w.lists[w.index[first]], labelWord{form, concept})
	slices.SortStableFunc(words, func(a, b labelWord) int { return cmp.Compare(len(b.form), len(a.form)) })
	w.lists[w.index[first]] = words
}
