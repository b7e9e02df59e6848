package translate

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"yeok/translate/check"
)

// errLoop ends a stream whose text goes round in circles: what follows is more
// of the same, up to the token limit.
var errLoop = fmt.Errorf("%w: it repeats itself", ErrBadAnswer)

// answer reads a model's answer while it arrives and takes it apart into
// segments. It believes markers only: what stands before the first one, thinking,
// code fences and segments that nobody asked for are dropped. Its work grows with
// the length of the answer and nothing else, whatever the answer is.
type answer struct {
	asked map[string]bool        // the tags that were asked for
	only  string                 // the tag, if there is one only
	emit  func(tag, text string) // gets each segment as soon as it is complete
	heard map[string]string      // emitted segments by tag
	twice []string               // tags that came again with another text
	alien int                    // markers that nobody asked for
	left  int                    // bytes that the answer may still have

	pending  string // the line that is not complete yet
	searched int    // bytes of pending without a mark
	thinking bool
	marked   bool   // a marker was seen
	tag      string // of the segment being read; "" for one to be dropped
	text     strings.Builder
	unproved int // characters since the last look for loops
}

// newAnswer returns a reader of an answer about tags, of at most so many bytes.
func newAnswer(tags []string, maxBytes int, emit func(tag, text string)) *answer {
	a := &answer{asked: make(map[string]bool, len(tags)), left: maxBytes, emit: emit}
	for _, tag := range tags {
		a.asked[tag] = true
	}
	if len(tags) == 1 {
		a.only = tags[0]
	}
	a.restart()
	return a
}

// restart forgets what was read: it was thinking.
func (a *answer) restart() {
	a.heard = make(map[string]string)
	a.twice, a.tag, a.marked = nil, "", false
	a.text.Reset()
}

// write takes the next piece of the answer. It fails with errLoop or errHuge.
func (a *answer) write(piece string) error {
	if a.left -= len(piece); a.left < 0 {
		return errHuge
	}
	a.pending += piece
	a.consume(false)
	a.unproved += utf8.RuneCountInString(piece)
	if a.unproved < loopStride || a.thinking {
		return nil
	}
	a.unproved = 0
	text := a.text.String()
	if check.Looping(text[max(0, len(text)-loopTail):] + a.pending) {
		return errLoop
	}
	return nil
}

// loopStride is how many characters come between two looks for loops, loopTail
// how many bytes are looked at: a loop is where the text ends.
const (
	loopStride = 200
	loopTail   = 2000
)

// close ends an answer that its model has finished.
func (a *answer) close() {
	if tag, text := a.rest(); tag != "" {
		a.hear(tag, text)
	}
}

// cutShort ends an answer that broke off, and returns the segment in whose middle
// it did. A segment that was complete before is not returned.
func (a *answer) cutShort() (tag, text string) {
	tag, text = a.rest()
	if _, again := a.heard[tag]; again {
		a.hear(tag, text)
		return "", ""
	}
	return tag, text
}

// rest is the segment that was being read when the answer ended. An answer to a
// question about one segment needs no marker.
func (a *answer) rest() (tag, text string) {
	a.consume(true)
	tag = a.tag
	if !a.marked {
		tag = a.only
	}
	text = tidy(a.text.String())
	if text == "" {
		return "", ""
	}
	return tag, text
}

// Marks in an answer. Models vary the double brackets at the start of a line
// only; elsewhere single ones belong to the text. The source's own double
// brackets are escaped, so one in the answer is always a marker.
var (
	exactMarker = regexp.MustCompile(`\[\[\s{0,2}(/?)\s{0,2}([A-Za-z]\d{0,4})\s{0,2}\]\]`)
	loosePrefix = regexp.MustCompile(`^[\s*#>_-]{0,8}[\[【]{1,2}\s{0,2}([A-Za-z]\d{0,4})\s{0,2}[\]】]{1,2}`)
	thinkTag    = regexp.MustCompile(`(?i)<(/?)think(?:ing)?>`)
)

// longestMark is more bytes than any of them has, longLine more than the line of
// a paragraph.
const (
	longestMark = 32
	longLine    = 8 << 10
)

// consume reads complete lines and markers of what is pending; all of it when
// the answer is over.
func (a *answer) consume(over bool) {
	for {
		line, after, whole := strings.Cut(a.pending, "\n")
		m, found := a.nextMark(line, whole || over)
		switch {
		case found:
			a.keep(line[:m.start])
			a.goOn(a.pending[m.end:])
			a.mark(m)
		case whole:
			a.keep(line)
			a.text.WriteByte('\n')
			a.goOn(after)
		case over:
			a.keep(line)
			a.goOn("")
			return
		case len(line) > longLine:
			// What has no mark is not searched or copied again.
			start := len(line) - longestMark
			for !utf8.RuneStart(line[start]) {
				start--
			}
			a.keep(line[:start])
			a.goOn(line[start:])
			return
		default:
			a.searched = len(line)
			return
		}
	}
}

// mark is a place in a line where another part of the answer begins.
type mark struct {
	start, end int
	tag        string // upper case; "" for the end of a segment
	think      string // "begin" or "end" for marks around thinking
}

// goOn makes rest what is pending.
func (a *answer) goOn(rest string) { a.pending, a.searched = rest, 0 }

// nextMark finds the first mark of a line, of which more may follow unless it is
// whole.
func (a *answer) nextMark(line string, whole bool) (mark, bool) {
	from := max(0, a.searched-longestMark)
	best, found := mark{start: len(line) + 1}, false
	if loc := find(thinkTag, "<", line[from:]); loc != nil {
		best, found = mark{start: from + loc[0], end: from + loc[1], think: "begin"}, true
		if loc[2] != loc[3] {
			best.think = "end"
		}
	}
	if a.thinking {
		return best, found
	}
	if loc := find(exactMarker, "[[", line[from:]); loc != nil && from+loc[0] < best.start {
		best, found = mark{start: from + loc[0], end: from + loc[1]}, true
		if loc[2] == loc[3] {
			best.tag = strings.ToUpper(line[from+loc[4] : from+loc[5]])
		}
		if strings.Trim(line[:best.start], " \t*#>_-") == "" {
			best.start = 0 // bold, or a list of markers
		}
	}
	if head := line[:min(len(line), longestMark)]; !strings.ContainsAny(head, "[【") {
		return best, found
	}
	loc := loosePrefix.FindStringSubmatchIndex(line)
	if loc == nil || loc[1] > best.start || (loc[1] == len(line) && !whole) || !a.atLineStart() {
		return best, found
	}
	if tag := strings.ToUpper(line[loc[2]:loc[3]]); a.asked[tag] {
		return mark{start: 0, end: loc[1], tag: tag}, true
	}
	return best, found
}

// find is where a mark stands in text, nil if nowhere. Hardly a token of an answer
// has the sign without which there is none, and an expression is slow.
func find(mark *regexp.Regexp, sign, text string) []int {
	if !strings.Contains(text, sign) {
		return nil
	}
	return mark.FindStringSubmatchIndex(text)
}

func (a *answer) atLineStart() bool {
	text := a.text.String()
	return text == "" || strings.HasSuffix(text, "\n")
}

// mark ends the segment being read and begins what m announces.
func (a *answer) mark(m mark) {
	switch m.think {
	case "begin":
		a.thinking = true
		return
	case "end":
		// Some chat templates swallow the opening tag, so all before was thinking.
		a.thinking = false
		a.restart()
		return
	}
	if tag, text := a.tag, tidy(a.text.String()); tag != "" && text != "" {
		a.hear(tag, text)
	}
	a.text.Reset()
	a.marked = true
	a.tag = m.tag
	if !a.asked[a.tag] {
		if a.tag != "" {
			a.alien++
		}
		a.tag = ""
	}
}

// hear emits a complete segment unless it came before.
func (a *answer) hear(tag, text string) {
	before, again := a.heard[tag]
	switch {
	case !again:
		a.heard[tag] = text
		a.emit(tag, text)
	case before != text:
		a.twice = append(a.twice, tag)
	}
}

// keep adds a piece of a line to the segment being read.
func (a *answer) keep(s string) {
	trimmed := strings.TrimSpace(s)
	isFence := strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "<<<") || strings.HasSuffix(trimmed, ">>>")
	if !a.thinking && !isFence {
		a.text.WriteString(s)
	}
}

// tidy takes off what models put around a segment: white space, the colon after
// the marker, half of a pair of bold marks.
func tidy(text string) string {
	text = strings.TrimSpace(text)
	if strings.Count(text, "**")%2 == 1 {
		text = strings.TrimSuffix(strings.TrimPrefix(text, "**"), "**")
	}
	return strings.TrimSpace(strings.TrimLeft(text, ":： "))
}
