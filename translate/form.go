package translate

import (
	"bytes"
	"unicode/utf8"
)

// mostForms bounds the forms that are learnt of one stream. Some servers put the
// time, or noise, into every part; of these each part is decoded.
const mostForms = 4

// form is what most parts of a stream have in common: all bytes but those of the
// text. A part that differs from one that was decoded by nothing but the inside of
// a string differs in nothing but that string, so it need not be decoded: which for
// the parts of an answer costs as much as all checks of it.
type form struct {
	head, tail []byte // nil until one is learnt
	tries      int
}

// text is the text of a part in this form, false if the part is not.
func (f *form) text(part []byte) (string, bool) {
	if f.head == nil || len(part) < len(f.head)+len(f.tail) || !bytes.HasPrefix(part, f.head) || !bytes.HasSuffix(part, f.tail) {
		return "", false
	}
	inside := part[len(f.head) : len(part)-len(f.tail)]
	return string(inside), plain(inside)
}

// learn takes the form of a part, if isText says of the part with another text that
// this is its text, and that there is nothing else in it.
func (f *form) learn(part []byte, isText func(part []byte, text string) bool) {
	const key, probe = `"content":"`, "probe"
	begin := bytes.LastIndex(part, []byte(key)) + len(key)
	if f.tries == mostForms || begin < len(key) {
		return
	}
	length := bytes.IndexByte(part[begin:], '"')
	if length < 0 || !plain(part[begin:begin+length]) {
		return
	}
	f.tries++
	head, tail := bytes.Clone(part[:begin]), bytes.Clone(part[begin+length:])
	if isText(bytes.Join([][]byte{head, tail}, []byte(probe)), probe) {
		f.head, f.tail = head, tail
	}
}

// plain reports whether the inside of a string in JSON stands for itself.
func plain(inside []byte) bool {
	for _, b := range inside {
		if b < ' ' || b == '"' || b == '\\' {
			return false
		}
	}
	return utf8.Valid(inside)
}
