// Package numbers makes Korean sentences with numbers, and what they are in other
// languages, with the amounts known exactly.
//
// The one idea to know: the writer here and the reader in translate/language share
// no code and no words, so that neither can hide the other's mistake.
package numbers

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
)

// Codes are the languages that sentences are made in.
var codes = [...]string{"zh-Hans", "en", "ja", "vi"}

// Sentence is one Korean sentence with its renderings.
type Sentence struct {
	Korean string
	Want   []Amount
	Right  map[string]string // by language code
	Wrong  map[string]string // with one fault
	Fault  string            // which one
}

// Amount is what a reader must find in a sentence, in every language.
type Amount struct {
	Value *big.Rat
	Unit  string // of the reader's units; "" for a bare number
	Vague bool
}

// writing is one number as every language writes it, and wrongly.
type writing struct {
	ko    string
	right map[string]string
	wrong map[string]string
	want  []Amount
	fault string
}

// Sentences makes n sentences, the same ones for the same seed: every frame and
// every row has its turn.
func Sentences(seed uint64, n int) ([]Sentence, error) {
	d, err := load()
	if err != nil {
		return nil, err
	}
	w := &writer{Rand: rand.New(rand.NewPCG(seed, 0)), data: d}
	var list []Sentence
	for i := range n {
		s, err := w.sentence(d.frames[i%len(d.frames)], i)
		if err != nil {
			return nil, fmt.Errorf("sentence %d: %w", i+1, err)
		}
		list = append(list, s)
	}
	return list, nil
}

// writer makes sentences.
type writer struct {
	*rand.Rand
	data *data
	row  int // the next one
}

// sentence fills the frame. The fault is in one number, or in both: swapped; or a
// number is left out or added.
func (w *writer) sentence(f frame, i int) (Sentence, error) {
	a, err := w.write(f.A)
	if err != nil {
		return Sentence{}, err
	}
	var b writing
	if f.B != "" {
		if b, err = w.write(f.B); err != nil {
			return Sentence{}, err
		}
		for f.B == f.A && b.want[0].Value.Cmp(a.want[0].Value) == 0 {
			if b, err = w.write(f.B); err != nil {
				return Sentence{}, err
			}
		}
	}
	s := Sentence{
		Korean: filled(f.Text["ko"], a.ko, b.ko),
		Want:   append(a.want, b.want...),
		Right:  make(map[string]string),
		Wrong:  make(map[string]string),
		Fault:  a.fault,
	}
	for _, code := range codes {
		text := f.Text[code]
		s.Right[code] = filled(text, a.right[code], b.right[code])
		switch {
		case f.A == f.B && i%2 == 0:
			s.Fault, s.Wrong[code] = "swapped", filled(text, b.right[code], a.right[code])
		case f.A != row && i%9 == 7:
			s.Fault, s.Wrong[code] = "invented", s.Right[code]+w.data.additions[code]
		case f.A != row && i%9 == 4:
			s.Fault, s.Wrong[code] = "dropped", filled(text, w.data.blanks[code], b.right[code])
		case f.B != "" && i%2 == 1:
			s.Fault, s.Wrong[code] = b.fault, filled(text, a.right[code], b.wrong[code])
		default:
			s.Wrong[code] = filled(text, a.wrong[code], b.right[code])
		}
	}
	return s, nil
}

func filled(text, a, b string) string {
	return strings.NewReplacer("{a}", a, "{b}", b).Replace(text)
}
