package translate

import (
	"math"
	"slices"
	"sort"
	"unicode"
	"unicode/utf8"

	"yeok/translate/check"
	"yeok/translate/language"
)

const (
	// smallestWindow is a prompt that every server takes whole; below it nothing
	// is said about windows.
	smallestWindow = 1000

	// maxAnswer is the most tokens that one call is asked for, estimated. Long
	// answers drift, and many hosted models stop at 8,192 or 16,384.
	maxAnswer = 8000

	// Tokens of one marker, and of what every answer and prompt has around its
	// text.
	markerTokens  = 12
	framingTokens = 64
)

// estimateTokens is an upper estimate of the tokens of text over the tokenizers
// of GPT, Qwen, Gemma, Llama and DeepSeek, without having any of them.
func estimateTokens(text string) int { return int(math.Ceil(tokensOf(text))) }

// tokensOf is the same for a piece of a text.
func tokensOf(text string) float64 {
	var tokens float64
	for _, c := range text {
		switch {
		case '0' <= c && c <= '9':
			tokens++ // Qwen and Gemma read digits one by one
		case c < utf8.RuneSelf:
			tokens += 0.24
		case '가' <= c && c <= '힣', unicode.Is(unicode.Hangul, c): // nearly all of it is there
			tokens += 0.70
		case unicode.Is(unicode.Latin, c):
			tokens += 0.45
		default:
			tokens += 0.80
		}
	}
	return tokens
}

// tokens is an estimate of the prompt.
func (q chat) tokens() int {
	return q.system.tokens + estimateTokens(q.user)
}

// answerTokens is an estimate of the translation of units: the middle of the
// band that the length check allows.
func answerTokens(units []*unit, l *language.Language) int {
	var tokens float64
	for _, u := range units {
		size := utf8.RuneCountInString(u.shown)
		band := bandOf(u, size, l)
		tokens += float64(size) * (band.Min + band.Max) / 2 * l.TokensAChar
	}
	return int(math.Ceil(tokens)) + len(units)*markerTokens
}

func bandOf(u *unit, size int, l *language.Language) language.Band {
	switch {
	case u.role != check.Body || size < 20:
		return l.Length.Headline
	case size <= 60:
		return l.Length.Short
	default:
		return l.Length.Long
	}
}

// maxTokens bounds the answer to a question for units: 1.6 times the estimate is
// the upper end of the band. A bound is what stops a model that does not stop by
// itself.
func maxTokens(units []*unit, l *language.Language) int {
	return int(1.6*float64(answerTokens(units, l))) + framingTokens
}

// maxBytes is more than so many tokens have: a token is 3 to 5 bytes of news in
// any of the languages.
func maxBytes(tokens int) int { return 4096 + 12*tokens }

// group is what one call is asked for, within what it is shown.
type group struct {
	asked []*unit
	scope []*unit // holds asked
	hasty bool    // not to wait for another call to warm the prompt cache
}

// plan takes the units that are asked for apart into calls that fit the model.
// Whatever fits is shown the whole article, for its context and because the
// beginning of the prompt is then the same for all calls. A unit that does not
// fit even alone is a group of its own all the same; the call will take it apart.
// size is the most segments a call, 0 for all.
//
// A model that is given the whole article is given it in several parts at once
// where the latency target asks for that.
func (j *job) plan(c *client, asked []*unit, size int) []group {
	if size > 0 {
		return j.fitting(c, asked, size)
	}
	var groups []group
	parts, warm := j.spread(c, asked)
	for _, part := range parts {
		groups = append(groups, j.fitting(c, part, len(part))...)
	}
	for i := range groups {
		groups[i].hasty = !warm
	}
	return groups
}

// fitting takes units apart into groups of at most size that fit the model.
func (j *job) fitting(c *client, asked []*unit, size int) []group {
	var groups []group
	for len(asked) > 0 {
		n := min(size, len(asked))
		g := group{asked: asked[:n], scope: j.units}
		if j.narrow(c) || !j.fits(c, g) {
			// The largest beginning of asked that fits between its neighbours.
			n = sort.Search(n, func(i int) bool {
				return !j.fits(c, j.between(c, asked[:i+1]))
			})
			g = j.between(c, asked[:max(n, 1)])
		}
		groups = append(groups, g)
		asked = asked[len(g.asked):]
	}
	return groups
}

// narrow reports whether the model is to be shown only what it is asked for:
// small models, and those tuned to translate, translate everything they see.
func (j *job) narrow(c *client) bool {
	return j.req.Independent || c.model.Profile.Prompt != PromptFull
}

// between shows asked with the segment before and the one after.
func (j *job) between(c *client, asked []*unit) group {
	if j.narrow(c) {
		return group{asked: asked, scope: asked}
	}
	first, last := slices.Index(j.units, asked[0]), slices.Index(j.units, asked[len(asked)-1])
	if first < 0 {
		return group{asked: asked, scope: asked} // half of a unit
	}
	return group{asked: asked, scope: j.units[max(first-1, 0):min(last+2, len(j.units))]}
}

// fits reports whether the call for g, prompt and answer, fits the model.
func (j *job) fits(c *client, g group) bool {
	if answerTokens(g.asked, j.req.Target) > maxAnswer {
		return false
	}
	window := c.model.Profile.ContextWindow
	if window == 0 {
		return true
	}
	q, err := j.chat(c, g, wish{})
	if err != nil {
		return true // the call will say so
	}
	return q.tokens()+framingTokens+q.maxTokens+c.model.Profile.ThinkTokens <= window
}

// smaller takes a group apart that a model has found too long, nil if it cannot
// be made smaller.
func (j *job) smaller(c *client, g group) []group {
	switch half := len(g.asked) / 2; {
	case half > 0:
		return []group{j.between(c, g.asked[:half]), j.between(c, g.asked[half:])}
	case len(g.scope) > 1:
		return []group{{asked: g.asked, scope: g.asked}}
	default:
		return nil
	}
}

// wordSpace is what stands between two sentences of a language.
func wordSpace(l *language.Language) string {
	if l.Script == language.Han || l.Script == language.Japanese {
		return ""
	}
	return " "
}
