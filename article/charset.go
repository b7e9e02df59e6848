package article

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
)

// DecodeHTML turns the bytes of a page into UTF-8. contentType is the header of
// that name, "" if there is none. What the page says about itself is checked
// against its bytes: Korean pages often name the wrong one of UTF-8 and EUC-KR
// (which is read as its superset CP949).
func DecodeHTML(page []byte, contentType string) string {
	page = bytes.TrimPrefix(page, []byte("\xEF\xBB\xBF"))
	if utf8.Valid(page) {
		return string(page)
	}
	declared, name, _ := charset.DetermineEncoding(page[:min(len(page), 4096)], contentType)
	best, bestLost := "", -1
	try := func(e encoding.Encoding) {
		text, err := e.NewDecoder().Bytes(page)
		if err != nil {
			return
		}
		if lost := bytes.Count(text, []byte(string(lostRune))); bestLost < 0 || lost < bestLost {
			best, bestLost = string(text), lost
		}
	}
	if name != "utf-8" && name != "windows-1252" {
		try(declared)
	}
	try(korean.EUCKR)
	if asUTF8 := strings.ToValidUTF8(string(page), string(lostRune)); strings.Count(asUTF8, string(lostRune)) < bestLost {
		return asUTF8
	}
	return best
}

const repairedWarning = "The page was decoded with the wrong character set and has been repaired."

// unscramble repairs a page that was decoded as Latin-1 although its bytes were
// CP949 ("±âÀÚ" for 기자). It answers false for every other text.
func unscramble(s string) (string, bool) {
	high, seen := 0, 0
	for _, r := range s {
		if r >= 0xAC00 && r <= 0xD7A3 {
			return s, false
		}
		if r >= 0xA0 && r <= 0xFF {
			high++
		}
		seen++
	}
	if high < 40 || high*8 < seen {
		return s, false
	}
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		if r <= 0xFF {
			raw = append(raw, byte(r))
		} else if b, ok := charmap.Windows1252.EncodeRune(r); ok {
			raw = append(raw, b)
		} else {
			raw = append(raw, '?')
		}
	}
	text, err := korean.EUCKR.NewDecoder().String(string(raw))
	if err != nil {
		return s, false
	}
	hangul := 0
	for _, r := range text {
		if r >= 0xAC00 && r <= 0xD7A3 {
			hangul++
		}
	}
	if hangul*4 < high {
		return s, false
	}
	return text, true
}
