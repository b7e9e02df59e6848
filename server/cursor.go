package server

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	yeokv1 "yeok/api/yeok/v1"
)

// cursor is what the reader of an event stream has seen, small enough to be
// the id of every event. A reader whose connection broke sends the last one as
// Last-Event-ID to any gateway, and gets only the rest: nothing is kept on the
// server for it.
//
// Its form is `REVISION;en=1f;ja=3!`: for each language the blocks seen, as bits
// in article order in hexadecimal, and `!` once the whole translation was seen.
type cursor struct {
	revision string
	resumed  bool           // the reader came back, so it has the article
	index    map[string]int // block id → place in the article
	blocks   map[string]*big.Int
	whole    map[string]bool
}

// newCursor starts from a reader's Last-Event-ID. One that belongs to another
// revision, or makes no sense, counts for nothing: the reader then sees all.
func newCursor(a *yeokv1.Article, lastEventID string) *cursor {
	c := &cursor{revision: a.GetRevisionId(), index: map[string]int{}, blocks: map[string]*big.Int{}, whole: map[string]bool{}}
	for i, b := range a.GetBlocks() {
		c.index[b.GetId()] = i
	}
	revision, rest, _ := strings.Cut(lastEventID, ";")
	if lastEventID == "" || revision != c.revision {
		return c
	}
	c.resumed = true
	for part := range strings.SplitSeq(rest, ";") {
		code, bits, ok := strings.Cut(part, "=")
		if !ok || len(bits) > len(c.index)/4+2 {
			continue
		}
		bits, whole := strings.CutSuffix(bits, "!")
		if seen, ok := new(big.Int).SetString(bits, 16); ok && seen.Sign() >= 0 {
			c.blocks[code], c.whole[code] = seen, whole
		}
	}
	return c
}

// seen says whether the reader has this event already, and notes that it has it
// from now on.
func (c *cursor) seen(event *yeokv1.StreamTranslateArticleResponse) bool {
	switch body := event.GetEvent().(type) {
	case *yeokv1.StreamTranslateArticleResponse_Article:
		return c.resumed
	case *yeokv1.StreamTranslateArticleResponse_Block:
		code, i := body.Block.GetLanguageCode(), c.index[body.Block.GetId()]
		bits := c.language(code)
		if bits.Bit(i) == 1 {
			return true
		}
		bits.SetBit(bits, i, 1)
	case *yeokv1.StreamTranslateArticleResponse_Translation:
		code := body.Translation.GetLanguageCode()
		c.language(code)
		if c.whole[code] {
			return true
		}
		c.whole[code] = true
	}
	return false
}

func (c *cursor) language(code string) *big.Int {
	if c.blocks[code] == nil {
		c.blocks[code] = new(big.Int)
	}
	return c.blocks[code]
}

// String is the event id that stands for the cursor.
func (c *cursor) String() string {
	codes := make([]string, 0, len(c.blocks))
	for code := range c.blocks {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	var b strings.Builder
	b.WriteString(c.revision)
	for _, code := range codes {
		fmt.Fprintf(&b, ";%s=%x", code, c.blocks[code])
		if c.whole[code] {
			b.WriteByte('!')
		}
	}
	return b.String()
}
