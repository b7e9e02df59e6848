package language

import (
	"strings"
	"unicode"
)

// Typography is how a language sets its texts: the house rules that code applies
// to what a model may have typed from a keyboard.
type Typography struct {
	Quotes   []string          `yaml:"quotes"`   // opening and closing mark, the outer pair, then the inner one
	Single   bool              `yaml:"single"`   // an outer pair of single marks stays single
	Own      string            `yaml:"own"`      // opening marks that mean more than a quotation and stay
	Wide     map[string]string `yaml:"wide"`     // marks behind a letter of the language's script → their full-width form
	Marks    map[string]string `yaml:"marks"`    // marks of other scripts, wherever they stand → the language's own
	Brackets []string          `yaml:"brackets"` // what round brackets around the language's script are
	Ellipsis string            `yaml:"ellipsis"`
	Joint    string            `yaml:"joint"`    // between two facts of a headline that Korean joins with …
	Unspaced bool              `yaml:"unspaced"` // letters of the script and Latin ones stand without a space between
}

// Quotation is a pair of quotation marks in a text, by the positions of both.
type Quotation struct {
	Open, Close int
	Single      bool // of single marks
	Outside     int  // index of the pair around it, or -1
}

// Quotations pairs off the quotation marks of text, from the outside inwards.
// Apostrophes, inches, and the marks of titles 《》 are none. loose are the marks
// without a partner, and those of pairs that cross others; there are none when all
// is well.
func Quotations(text []rune) (pairs []Quotation, loose []int) {
	q := quoter{text: text}
	for i, c := range text {
		switch c {
		case '“', '「', '『', '«', '„', '〝', '‟', '‘', '‛', '"', '＂', '\'', '＇', '”', '」', '』', '»', '〟', '〞', '’':
			q.mark(i)
		}
	}
	for _, o := range q.open {
		if !q.pairs[o].Single {
			q.loose = append(q.loose, q.pairs[o].Open)
		}
	}
	return q.closed(), q.loose
}

// quoter reads quotation marks from left to right.
type quoter struct {
	text  []rune
	pairs []Quotation // Close is 0 while open
	open  []int       // indexes of pairs, the innermost last
	loose []int
}

func (q *quoter) lose(i int) { q.loose = append(q.loose, i) }

// at is text[i], a space outside the text.
func (q *quoter) at(i int) rune {
	if i < 0 || i >= len(q.text) {
		return ' '
	}
	return q.text[i]
}

// mark decides what the mark at i does.
func (q *quoter) mark(i int) {
	before, after := q.at(i-1), q.at(i+1)
	switch c := q.text[i]; c {
	case '“', '「', '『', '«', '„', '〝', '‟':
		if c == '“' && q.opened(c) && closes(after) && !unicode.IsSpace(before) && i > 0 {
			q.close(i, c) // “so” typed with one key
			return
		}
		q.begin(i, false)
	case '‘', '‛':
		q.begin(i, true)
	case '"', '＂':
		opens := (i == 0 || unicode.IsSpace(before) || strings.ContainsRune("(“‘（\"", before)) && isWord(after)
		switch {
		case q.opened(c) && !opens:
			q.close(i, c)
		case isDigit(before): // inches
		case unicode.IsSpace(after):
			q.lose(i)
		default:
			q.begin(i, false)
		}
	case '\'', '＇', '’':
		switch {
		case unicode.IsLetter(before) && unicode.IsLetter(after) && after < 0x2000: // an apostrophe
		case q.opened(c) && !unicode.IsSpace(before):
			q.close(i, c)
		case c != '’' && !isWord(before) && isWord(after) && !isDigit(after):
			q.begin(i, true)
		}
	default:
		q.close(i, c)
	}
}

// closes reports whether c may follow a closing mark.
func closes(c rune) bool { return !isWord(c) }

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

func (q *quoter) begin(i int, single bool) {
	outside := -1
	if len(q.open) > 0 {
		outside = q.open[len(q.open)-1]
	}
	q.open = append(q.open, len(q.pairs))
	q.pairs = append(q.pairs, Quotation{Open: i, Single: single, Outside: outside})
}

// opened reports whether a pair is open that c closes.
func (q *quoter) opened(c rune) bool {
	for _, o := range q.open {
		if partners(q.text[q.pairs[o].Open], c) {
			return true
		}
	}
	return false
}

// close closes the innermost pair that the mark at i fits. Single marks that were
// opened within it were apostrophes: ’90s typed as ‘90s.
func (q *quoter) close(i int, c rune) {
	for len(q.open) > 0 {
		last := &q.pairs[q.open[len(q.open)-1]]
		q.open = q.open[:len(q.open)-1]
		if partners(q.text[last.Open], c) {
			last.Close = i
			return
		}
		if !last.Single {
			q.lose(last.Open)
		}
	}
	q.lose(i)
}

// partners reports whether the marks may be the two of one pair. Keyboards and
// models mix the double ones.
func partners(open, closing rune) bool {
	const double = "“”„‟\"＂"
	switch open {
	case '「':
		return closing == '」'
	case '『':
		return closing == '』'
	case '«':
		return closing == '»'
	case '〝':
		return closing == '〟' || closing == '〞'
	case '‘', '‛', '\'', '＇':
		return closing == '’' || closing == '\'' || closing == '＇'
	}
	return strings.ContainsRune(double, closing)
}

// closed are the pairs that were closed; those left open are taken out.
func (q *quoter) closed() []Quotation {
	index := make([]int, len(q.pairs))
	kept := q.pairs[:0:0]
	for i, p := range q.pairs {
		for p.Outside >= 0 && q.pairs[p.Outside].Close == 0 {
			p.Outside = q.pairs[p.Outside].Outside
		}
		if p.Close == 0 {
			continue
		}
		if p.Outside >= 0 {
			p.Outside = index[p.Outside]
		}
		index[i] = len(kept)
		kept = append(kept, p)
	}
	return kept
}

// Numeral reports whether c may be part of a number in words: 三, 万.
func (l *Language) Numeral(c rune) bool {
	for _, t := range l.words.of(c) {
		if t.kind&(digitWord|multiplier|group|vague) != 0 {
			return true
		}
	}
	return false
}

// DecimalMark is what stands before the fraction of a number: "." or ",".
func (l *Language) DecimalMark() string { return l.style.Decimal }
