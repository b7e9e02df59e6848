package llmtest

import (
	"regexp"
	"slices"
	"strings"
)

// reply is an answer before it is sent. Faults spoil it.
type reply struct {
	lexicon  *lexicon
	language *language
	blocks   []block
	marker   func(tag string) string
	edits    []func(string) string // of the whole text, in this order
	limit    int                   // tokens; 0 is none
	finish   string
	wire     wire
}

// wire says how a reply is sent.
type wire struct {
	ending      ending
	hang        bool
	reset       bool
	keepAlive   bool
	noUsage     bool
	noChoices   bool
	tokensASec  float64
	chunkBytes  int // 0: a token a chunk
	invalidUTF8 bool
}

// ending is where a reply ends. All but whole end half-way.
type ending int

const (
	whole ending = iota
	half         // but with a finish_reason
	cut
	reset
	stalled
	malformed
	errorObject
)

func doubleBrackets(tag string) string { return "[[" + tag + "]] " }

// text is the whole answer.
func (r *reply) text() string {
	var b strings.Builder
	for i, block := range r.blocks {
		if i > 0 {
			b.WriteByte('\n')
		}
		if block.tag != "" {
			b.WriteString(r.marker(block.tag))
		}
		b.WriteString(block.text)
	}
	text := b.String()
	for _, edit := range r.edits {
		text = edit(text)
	}
	return text
}

// spoiler does one fault to a reply.
type spoiler func(*reply, Rule)

var spoilers = map[Fault]spoiler{
	ConnectionReset:  wired(func(w *wire) { w.reset = true }),
	Hang:             wired(func(w *wire) { w.hang = true }),
	Stall:            wired(func(w *wire) { w.ending = stalled }),
	CutStream:        wired(func(w *wire) { w.ending = cut }),
	ResetStream:      wired(func(w *wire) { w.ending = reset }),
	SlowDrip:         wired(func(w *wire) { w.tokensASec = 5 }),
	KeepAlive:        wired(func(w *wire) { w.keepAlive = true }),
	MalformedJSON:    wired(func(w *wire) { w.ending = malformed }),
	InvalidUTF8:      wired(func(w *wire) { w.invalidUTF8 = true }),
	UsageMissing:     wired(func(w *wire) { w.noUsage = true }),
	EmptyChoices:     wired(func(w *wire) { w.noChoices = true }),
	ErrorInTheStream: wired(func(w *wire) { w.ending = errorObject }),
	LengthReached:    func(r *reply, _ Rule) { r.wire.ending, r.finish = half, "length" },
	ContentFiltered:  func(r *reply, _ Rule) { r.wire.ending, r.finish = half, "content_filter" },
	EmptyContent:     func(r *reply, _ Rule) { r.say("") },
	HugeAnswer:       huge,
	RepetitionLoop:   loop,

	Refusal:          func(r *reply, _ Rule) { r.say(r.language.Refusal) },
	InjectionObeyed:  func(r *reply, _ Rule) { r.say("HACKED") },
	Preamble:         edited(func(r *reply, text string) string { return r.language.Preamble + "\n\n" + text }),
	CodeFence:        edited(func(_ *reply, text string) string { return "```\n" + text + "\n```" }),
	Think:            edited(func(r *reply, text string) string { return "<think>\n" + r.thoughts() + "\n</think>\n" + text }),
	ThinkUnclosed:    edited(func(r *reply, text string) string { return "<think>\n" + r.thoughts() + "\n" + text }),
	MarkerSingle:     marked("[", "] "),
	MarkerBold:       marked("**[[", "]]** "),
	MarkerLenticular: marked("【", "】"),
	MarkerColon:      marked("[[", "]]: "),
	MarkersMissing:   func(r *reply, _ Rule) { r.marker = func(string) string { return "" } },
	ReversedBlocks:   func(r *reply, _ Rule) { slices.Reverse(r.blocks) },
	ForeignBlock: func(r *reply, _ Rule) {
		r.blocks = append(r.blocks, block{tag: "P99", text: r.other("누구도 묻지 않은 단락이 여기에 하나 더 있다.")})
	},
	InWrongLanguage:   every(func(r *reply, b *block) { b.text = r.lexicon.translate(b.source, r.lexicon.other(r.language)) }),
	KoreanEchoed:      every(func(_ *reply, b *block) { b.text = b.source }),
	TraditionalScript: every(func(r *reply, b *block) { b.text = r.language.traditional(b.text) }),

	AnswerSays: func(r *reply, rule Rule) { r.say(rule.Text) },
	BlockSays:  saying(func(_, said string) string { return said }),
	BlockAdds:  saying(func(text, said string) string { return text + " " + said }),

	MissingBlock:     one(anyBlock, func(r *reply, i int) { r.blocks = slices.Delete(r.blocks, i, i+1) }),
	RepeatedBlock:    one(anyBlock, func(r *reply, i int) { r.blocks = slices.Insert(r.blocks, i+1, r.blocks[i]) }),
	DoubledBlock:     one(anyBlock, double),
	CopiedBlock:      one(anyBlock, func(r *reply, i int) { r.blocks[i].text = r.blocks[max(i-1, 0)].text }),
	MergedBlocks:     one(anyBlock, merge),
	EmptyBlock:       one(anyBlock, func(r *reply, i int) { r.blocks[i].text = "" }),
	BlockEchoed:      one(anyBlock, func(r *reply, i int) { r.blocks[i].text = r.blocks[i].source }),
	BlockHacked:      one(anyBlock, func(r *reply, i int) { r.blocks[i].text = "HACKED" }),
	BlockCut:         one(anyBlock, cutBlock),
	InventedURL:      one(anyBlock, func(r *reply, i int) { r.blocks[i].text += " https://example.com/more" }),
	HangulLeft:       one(withHangul, func(r *reply, i int) { r.blocks[i].text += " " + hangulWord.FindString(r.blocks[i].source) }),
	ChangedNumber:    one(withNumber, func(r *reply, i int) { r.blocks[i].text = changeDigit(r.blocks[i].text) }),
	DroppedNumber:    one(withNumber, func(r *reply, i int) { r.blocks[i].text = numerals.ReplaceAllString(r.blocks[i].text, "") }),
	InlineTokensLost: one(withTokens, func(r *reply, i int) { r.blocks[i].text = inlineTokens.ReplaceAllString(r.blocks[i].text, "") }),
}

var (
	numerals     = regexp.MustCompile(`\b\d+(?:[.,]\d+)*`)
	hangulWord   = regexp.MustCompile(`\p{Hangul}{2,}`)
	inlineTokens = regexp.MustCompile(`</?x\d+/?>`)
)

func anyBlock(block) bool     { return true }
func withHangul(b block) bool { return hangulWord.MatchString(b.source) }
func withNumber(b block) bool { return numerals.MatchString(b.text) }
func withTokens(b block) bool { return inlineTokens.MatchString(b.text) }

func wired(f func(*wire)) spoiler { return func(r *reply, _ Rule) { f(&r.wire) } }

func edited(f func(*reply, string) string) spoiler {
	return func(r *reply, _ Rule) {
		r.edits = append(r.edits, func(text string) string { return f(r, text) })
	}
}

func marked(before, after string) spoiler {
	return func(r *reply, _ Rule) { r.marker = func(tag string) string { return before + tag + after } }
}

func every(f func(*reply, *block)) spoiler {
	return func(r *reply, _ Rule) {
		for i := range r.blocks {
			f(r, &r.blocks[i])
		}
	}
}

// one does something to the rule's block, or else to the last one that can
// have it.
func one(can func(block) bool, f func(r *reply, i int)) spoiler {
	return func(r *reply, rule Rule) {
		for i := len(r.blocks) - 1; i >= 0; i-- {
			if b := r.blocks[i]; (rule.Block == "" || b.tag == rule.Block) && can(b) {
				f(r, i)
				return
			}
		}
	}
}

// saying puts what the rule says into one block.
func saying(f func(text, said string) string) spoiler {
	return func(r *reply, rule Rule) {
		one(anyBlock, func(r *reply, i int) { r.blocks[i].text = f(r.blocks[i].text, rule.Text) })(r, rule)
	}
}

// say puts a text in the place of the whole answer.
func (r *reply) say(text string) { r.blocks = []block{{text: text}} }

// other is a text that is not the translation of any block.
func (r *reply) other(source string) string { return r.lexicon.translate("다른 "+source, r.language) }

// thoughts hold a draft, so that a reader who does not know <think> takes the
// draft for the answer.
func (r *reply) thoughts() string {
	draft := "The draft would be this."
	if len(r.blocks) > 0 {
		draft = r.marker(r.blocks[0].tag) + r.other("초안은 아직 다듬어야 한다.")
	}
	return "Let me read the article first.\n" + draft + "\nThat needs work."
}

func double(r *reply, i int) {
	second := r.blocks[i]
	second.text = r.other(second.source)
	r.blocks = slices.Insert(r.blocks, i+1, second)
}

// merge puts a block's text into the one before it. The first one takes in its
// successor instead.
func merge(r *reply, i int) {
	i = max(i, 1)
	if i >= len(r.blocks) {
		return
	}
	r.blocks[i-1].text += " " + r.blocks[i].text
	r.blocks = slices.Delete(r.blocks, i, i+1)
}

func cutBlock(r *reply, i int) {
	text := []rune(r.blocks[i].text)
	r.blocks[i].text = string(text[:len(text)/3])
}

// hugeBytes is the size of a huge answer.
const hugeBytes = 10 << 20

func huge(r *reply, rule Rule) {
	one(anyBlock, func(r *reply, i int) {
		text := r.blocks[i].text + " "
		r.blocks[i].text = strings.Repeat(text, hugeBytes/len(text)+1)
	})(r, rule)
	r.limit, r.wire.chunkBytes = 0, 16<<10
}

// loopTokens is where a loop ends when the request sets no limit.
const loopTokens = 4096

func loop(r *reply, rule Rule) {
	if r.limit == 0 {
		r.limit = loopTokens
	}
	one(anyBlock, func(r *reply, i int) {
		text := []rune(r.blocks[i].text)
		phrase := " " + strings.TrimSpace(string(text[:min(len(text), 24)]))
		r.blocks[i].text += strings.Repeat(phrase, r.limit)
		r.blocks = r.blocks[:i+1]
	})(r, rule)
}

// changeDigit makes the first number another one.
func changeDigit(text string) string {
	i := numerals.FindStringIndex(text)[0]
	return text[:i] + string('1'+(text[i]-'0')%9) + text[i+1:]
}

func (l *language) traditional(text string) string {
	for simplified, traditional := range l.Traditional {
		text = strings.ReplaceAll(text, simplified, traditional)
	}
	return text
}
