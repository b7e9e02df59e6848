package llmtest

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is copied as it stands: the tokens for inline markup, and Latin words,
// model numbers, addresses.
var (
	inlineToken = regexp.MustCompile(`^</?x\d+/?>`)
	latinRun    = regexp.MustCompile(`^[A-Za-z](?:[A-Za-z0-9+_/@:&=#?.-]*[A-Za-z0-9+/])?`)
	clock       = regexp.MustCompile(`^(?:(오전|오후) ?)?(\d{1,2})시(?: ?(\d{1,2})분)?`)
	hangulRun   = regexp.MustCompile(`^\p{Hangul}+`)
)

// translate turns Korean into prose of the language that has its script, its
// length, the source's numbers by value, its quotation marks, its Latin words
// and its inline tokens. The same source gives the same text.
func (l *lexicon) translate(source string, lang *language) string {
	w := &prose{language: lang}
	if l.hedges.MatchString(source) {
		w.word(lang.Hedge)
	}
	for rest := source; rest != ""; {
		rest = rest[w.next(rest):]
	}
	if w.words == 0 && hasHangul(source) {
		w.pick(source)
	}
	return strings.TrimSpace(w.out.String())
}

// prose is a translation in the making. It owes the reader a number of
// characters for what it has read, and pays them in words.
type prose struct {
	*language
	out     strings.Builder
	owed    float64
	written int
	words   int
	last    string // word of the vocabulary
	end     rune   // of the last word
	glued   bool   // no space before the next word
	started bool   // the sentence has begun
	open    bool   // a straight quotation mark is open
}

// next translates what stands at the start of the text and returns its length.
func (w *prose) next(text string) int {
	if token := inlineToken.FindString(text); token != "" {
		w.tag(token)
		return len(token)
	}
	if word := latinRun.FindString(text); word != "" {
		w.owe(word)
		w.word(word)
		return len(word)
	}
	if m := clock.FindStringSubmatch(text); m != nil && !strings.HasPrefix(text[len(m[0]):], "간") {
		w.owe(m[0])
		w.time(m)
		return len(m[0])
	}
	if n, ok := parseNumber(text); ok {
		return w.quantity(text, n)
	}
	if run := hangulRun.FindString(text); run != "" {
		w.owe(run)
		for w.owed-float64(w.written) > 2 {
			w.pick(run)
		}
		return len(run)
	}
	c, size := utf8.DecodeRuneInString(text)
	w.mark(c)
	return size
}

func (w *prose) owe(source string) { w.owed += w.Size * float64(utf8.RuneCountInString(source)) }

// quantity writes a number with its unit and returns how much it read. 여,
// "and some", is left out.
func (w *prose) quantity(text string, n number) int {
	length, form := n.length, "{n}"
	rest := text[length:]
	trimmed := strings.TrimPrefix(strings.TrimPrefix(rest, "여"), " ")
	for _, unit := range w.units {
		if strings.HasPrefix(trimmed, unit) {
			length += len(rest) - len(trimmed) + len(unit)
			form = w.form(unit, n)
			break
		}
	}
	w.owe(text[:length])
	w.word(strings.ReplaceAll(form, "{n}", w.format(n)))
	if form == "{n}" {
		w.end = '0' // also after 万: a number that follows must not join
	}
	return length
}

// form is how the language writes the unit of the number.
func (w *prose) form(unit string, n number) string {
	if unit == "년" && n.value.Cmp(ratOf(1000)) < 0 {
		unit = "년간"
	}
	return strings.ReplaceAll(w.Units[unit], "{month}", w.month(n))
}

func (w *prose) month(n number) string {
	i, err := strconv.Atoi(n.digits)
	if err != nil || i < 1 || i > len(w.Months) {
		return "{n}"
	}
	return w.Months[i-1]
}

// time writes the time of day at the start of the text.
func (w *prose) time(m []string) {
	hour, _ := strconv.Atoi(m[2]) // two digits at most
	half := 0
	if m[1] == "오후" {
		half = 1
		if hour < 12 {
			hour += 12
		}
	}
	hour12, minute := hour, m[3]
	if hour > 12 {
		hour12 = hour - 12
	}
	if minute == "" {
		minute = "00"
	}
	names := []string{"{h}", strconv.Itoa(hour), "{h12}", strconv.Itoa(hour12), "{mm}", minute, "{half}", ""}
	if m[1] != "" && len(w.Halves) > half {
		names[len(names)-1] = w.Halves[half]
	}
	w.word(strings.NewReplacer(names...).Replace(w.Clock))
}

// pick writes a word of the vocabulary, chosen by the source and the place.
func (w *prose) pick(source string) {
	h := fnv.New32a()
	fmt.Fprint(h, source, w.words)
	i := int(h.Sum32() % uint32(len(w.Words)))
	if w.Words[i] == w.last {
		i = (i + 1) % len(w.Words)
	}
	w.words++
	w.last = w.Words[i]
	w.word(w.last)
}

func (w *prose) word(word string) {
	if w.Spaced && !w.started {
		c, size := utf8.DecodeRuneInString(word)
		word = string(unicode.ToUpper(c)) + word[size:]
	}
	if !w.glued && w.out.Len() > 0 && (w.Spaced || joins(w.end, word)) {
		word = " " + word
	}
	w.write(word)
	w.end, _ = utf8.DecodeLastRuneInString(word)
	w.glued, w.started = false, true
}

// joins reports whether two words would become one number or name if they
// stood side by side.
func joins(end rune, word string) bool {
	return end < utf8.RuneSelf && word[0] < utf8.RuneSelf && end != 0
}

func (w *prose) write(text string) {
	w.out.WriteString(text)
	w.written += utf8.RuneCountInString(text)
}

// tag copies an inline token, which costs no characters: a reader does not
// see it.
func (w *prose) tag(token string) {
	opens := !strings.HasPrefix(token, "</") && !strings.HasSuffix(token, "/>")
	if w.Spaced && opens && !w.glued && w.out.Len() > 0 {
		w.out.WriteByte(' ')
	}
	w.out.WriteString(token)
	w.glued = opens
}

// mark writes a punctuation mark. Opening ones hug the word after them, closing
// ones the word before.
func (w *prose) mark(c rune) {
	w.owed += w.Size
	text := string(c)
	opens := false
	switch c {
	case ' ', '\t', '\n', '\r', '\u00a0':
		return
	case '"':
		w.open = !w.open
		opens = w.open
		text = w.Quotes[quoteIndex(opens)]
	case '“', '‘', '「', '『':
		opens, text = true, w.Quotes[quoteIndex(true)+quoteLevel(c)]
	case '”', '’', '」', '』':
		text = w.Quotes[quoteIndex(false)+quoteLevel(c)]
	case '(', '[', '<', '《', '〈', '（', '［', '$', '#':
		opens = true
	case '-', '~', '/', '+', '=':
		w.glued = true
	}
	if translated, ok := w.Punctuation[text]; ok {
		text = translated
	}
	if opens && w.Spaced && !w.glued && w.out.Len() > 0 {
		text = " " + text
	}
	w.write(text)
	w.glued = opens || w.glued
	if strings.ContainsRune(".?!", c) {
		w.started = false
	}
}

func quoteIndex(opens bool) int {
	if opens {
		return 0
	}
	return 1
}

func quoteLevel(c rune) int {
	if strings.ContainsRune("‘’『』", c) {
		return 2
	}
	return 0
}

func hasHangul(text string) bool {
	return strings.ContainsFunc(text, func(c rune) bool { return unicode.Is(unicode.Hangul, c) })
}
