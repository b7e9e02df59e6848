package llmtest

import "unicode/utf8"

// pieceLetters is how many letters of a Latin text make one token.
const pieceLetters = 4

// tokens cuts a text as a tokenizer of the plain kind does: a character of
// Chinese, Japanese or Korean is a token, and so are four of anything else.
func tokens(text string) []string {
	var out []string
	for text != "" {
		size := firstToken(text)
		out = append(out, text[:size])
		text = text[size:]
	}
	return out
}

func countTokens(text string) int {
	n := 0
	for text != "" {
		text = text[firstToken(text):]
		n++
	}
	return n
}

func firstToken(text string) int {
	size := 0
	for letters := 0; letters < pieceLetters && size < len(text); letters++ {
		c, width := utf8.DecodeRuneInString(text[size:])
		if c >= 0x1100 { // Hangul and everything east of it
			if letters == 0 {
				return width
			}
			return size
		}
		size += width
	}
	return size
}

// pieces cuts a text into parts of about so many bytes.
func pieces(text string, size int) []string {
	var out []string
	for len(text) > size {
		end := size
		for !utf8.RuneStart(text[end]) {
			end--
		}
		out = append(out, text[:end])
		text = text[end:]
	}
	return append(out, text)
}

// cutMiddle takes tokens out of the middle of the text until at most keep are
// left.
func cutMiddle(text string, keep int) string {
	all := tokens(text)
	if len(all) <= keep {
		return text
	}
	out := ""
	head, tail := all[:keep/2], all[len(all)-(keep-keep/2):]
	for _, part := range [][]string{head, tail} {
		for _, token := range part {
			out += token
		}
	}
	return out
}

// Providers cache prompts from this length on, in steps.
const (
	cacheMinTokens = 1024
	cacheStep      = 128
	cachedPrompts  = 64
)

// cachedTokens is how much of the prompt a provider's prompt cache would have
// known, and remembers the prompt.
func (s *Server) cachedTokens(prompt string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	common := 0
	for _, earlier := range s.prompts {
		common = max(common, commonPrefix(earlier, prompt))
	}
	if len(s.prompts) == cachedPrompts {
		s.prompts = s.prompts[1:]
	}
	s.prompts = append(s.prompts, prompt)
	n := countTokens(prompt[:common])
	if n < cacheMinTokens {
		return 0
	}
	return n / cacheStep * cacheStep
}

func commonPrefix(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
