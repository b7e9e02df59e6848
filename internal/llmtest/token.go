package llmtest

import (
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

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
	head := keep / 2
	return strings.Join(slices.Delete(all, head, len(all)-(keep-head)), "")
}

// Providers cache prompts from this length on, in steps.
const (
	cacheMinTokens = 1024
	cacheStep      = 128
)

// keptPrefixes bounds the prompt cache. A server that has seen more forgets
// all, which no test is long enough to notice.
const keptPrefixes = 1 << 16

// cachedTokens is how much of the prompt a provider's prompt cache would have
// known. It remembers the prompt.
func (s *Server) cachedTokens(prompt string) int {
	prefixes := prefixSums(prompt)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.prefixes) > keptPrefixes {
		clear(s.prefixes)
	}
	known := 0
	for known < len(prefixes) && s.prefixes[prefixes[known]] {
		known++
	}
	for _, sum := range prefixes[known:] {
		s.prefixes[sum] = true
	}
	if known == 0 {
		return 0
	}
	return cacheMinTokens + (known-1)*cacheStep
}

// prefixSums are hashes of the prefixes that a provider would cache.
func prefixSums(prompt string) []uint64 {
	var sums []uint64
	h := fnv.New64a()
	for n := 1; prompt != ""; n++ {
		size := firstToken(prompt)
		_, _ = io.WriteString(h, prompt[:size]) // a hash does not fail
		prompt = prompt[size:]
		if n >= cacheMinTokens && n%cacheStep == 0 {
			sums = append(sums, h.Sum64())
		}
	}
	return sums
}
