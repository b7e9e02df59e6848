package check

import (
	"fmt"
	"strings"
	"unicode"

	"yeok/translate/language"
)

// pair is one segment on its way through the checks: both texts taken apart
// once, and the findings so far.
type pair struct {
	Segment
	language *language.Language
	ctx      Context

	read             *Source
	source, target   []rune
	lower            string // the target in lower case, apostrophes straight
	sourceSize       int    // characters, white space runs counted as one
	targetSize       int
	sourceLength     int // the same, as far as the other side will have it
	targetLength     int
	sourceLetters    letters
	targetLetters    letters
	sourceQuantities []language.Quantity
	targetQuantities []language.Quantity
	targetLabels     []language.Label // read when they are asked for

	findings []Finding
	said     []int // how many findings there were after each check
	empty    bool  // there is no text to check
}

func newPair(s Segment, target *language.Language, ctx Context) *pair {
	read := s.Read
	if read == nil || read.text != s.Source {
		read = ReadSource(s.Source)
	}
	p := &pair{
		Segment:  s,
		language: target,
		ctx:      ctx,
		read:     read,
		source:   read.runes,
		target:   []rune(s.Target),
		lower:    strings.ReplaceAll(strings.ToLower(s.Target), "’", "'"),

		sourceSize:       read.size,
		sourceLength:     read.length,
		sourceLetters:    read.letters,
		sourceQuantities: read.quantities,
	}
	p.targetQuantities = target.Read(s.Target, p.target)
	p.targetSize, p.targetLetters = measure(p.target)
	p.targetLength = p.targetSize
	if target.Script == language.Han || target.Script == language.Japanese {
		// A foreign name takes thrice the letters, and may stand in brackets as well.
		latin := glossed(p.target)
		p.targetLength -= latin + max(0, p.targetLetters.latin-latin)/2
	}
	return p
}

// report adds a finding about the given parts of both texts. A span without
// length is not located.
func (p *pair) report(c Name, severity Severity, source, target Span, format string, args ...any) {
	p.findings = append(p.findings, Finding{
		SegmentID:  p.ID,
		Check:      c,
		Severity:   severity,
		Message:    fmt.Sprintf(format, args...),
		SourceText: string(p.source[source.Start:source.End]),
		TargetText: string(p.target[target.Start:target.End]),
		SourceSpan: source,
		TargetSpan: target,
	})
}

// headline reports whether the segment is set as a headline.
func (p *pair) headline() bool {
	return p.Role == Title || p.Role == Subtitle || p.Role == Subhead
}

// glossed counts the characters of brackets in Latin letters, with which Korean
// texts gloss foreign names and translations do not: 트럼프(Trump).
func glossed(text []rune) int {
	n, start := 0, -1
	for i, c := range text {
		switch {
		case c == '(':
			start = i
		case c == ')' && start >= 0:
			n += i - start + 1
			start = -1
		case c >= 0x250:
			start = -1
		}
	}
	return n
}

// letters counts the letters of a text by script.
type letters struct {
	total, hangul, kana, han, latin, marked, other int

	quotes, brackets int // no letters: quotation marks, round brackets
}

// measure counts characters, a run of white space as one and none at the ends,
// and letters.
func measure(text []rune) (int, letters) {
	size, space := 0, true
	var l letters
	for _, c := range text {
		if c < 0x3001 && unicode.IsSpace(c) {
			if !space {
				size++
			}
			space = true
			continue
		}
		size++
		space = false
		l.count(c)
	}
	if space && size > 0 {
		size--
	}
	return size, l
}

func (l *letters) count(c rune) {
	switch {
	case '가' <= c && c <= '힣': // most of what is counted
		l.total++
		l.hangul++
		return
	case 0x4E00 <= c && c <= 0x9FFF:
		l.total++
		l.han++
		return
	case c < 'A', 0x2010 <= c && c <= 0x2044, 0x3000 <= c && c <= 0x3020, 0xFF01 <= c && c <= 0xFF20, c == '«', c == '»':
		l.mark(c)
		return
	case c <= 'z':
		if c >= 'a' || c <= 'Z' {
			l.total++
			l.latin++
		}
		return
	case 0xC0 <= c && c < 0x250 && c != '×' && c != '÷', 0x1E00 <= c && c <= 0x1EFF:
		l.total++
		l.latin++
		if isVietnamese(c) {
			l.marked++
		}
		return
	case !unicode.IsLetter(c) || unicode.Is(unicode.Lm, c):
		return // ー and its like belong to several scripts
	}
	l.total++
	switch {
	case isHangul(c):
		l.hangul++
	case isKana(c):
		l.kana++
	case unicode.Is(unicode.Han, c):
		l.han++
	case unicode.Is(unicode.Latin, c):
		l.latin++
	default:
		l.other++
	}
}

// mark counts the marks that checks ask for.
func (l *letters) mark(c rune) {
	switch c {
	case '"', '\'', '“', '”', '‘', '’', '„', '«', '»', '「', '」', '『', '』', '《', '》', '〈', '〉', '＂', '＇', '〝', '〟', '〞', '‟', '‛':
		l.quotes++
	case '(', ')', '（', '）':
		l.brackets++
	}
}

func isHangul(c rune) bool {
	return '가' <= c && c <= '힣' || 0x1100 <= c && c <= 0x11FF || 0x3130 <= c && c <= 0x318F ||
		0xA960 <= c && c <= 0xA97F || 0xD7B0 <= c && c <= 0xD7FF || 0xFFA0 <= c && c <= 0xFFDC
}

func isKana(c rune) bool {
	return 'ぁ' <= c && c <= 'ゖ' || 'ァ' <= c && c <= 'ヺ' || 'ｦ' <= c && c <= 'ﾝ' && c != 'ｰ'
}

// isVietnamese reports whether c is a letter of the Vietnamese alphabet outside
// ASCII. French and Spanish share a few of them; a text needs many.
func isVietnamese(c rune) bool {
	switch c | 0x20 {
	case 'à', 'á', 'â', 'ã', 'è', 'é', 'ê', 'ì', 'í', 'ò', 'ó', 'ô', 'õ', 'ù', 'ú', 'ý':
		return c < 0x100
	}
	switch c {
	case 'Ă', 'ă', 'Đ', 'đ', 'Ĩ', 'ĩ', 'Ũ', 'ũ', 'Ơ', 'ơ', 'Ư', 'ư':
		return true
	}
	return 0x1EA0 <= c && c <= 0x1EF9
}

// labelsOfSource and labelsOfTarget are the labels of the texts; most pairs never need
// them.
func (p *pair) labelsOfSource() []language.Label { return p.read.labels() }

func (p *pair) labelsOfTarget() []language.Label {
	if p.targetLabels == nil {
		p.targetLabels = p.language.Labels(p.target)
	}
	return p.targetLabels
}
