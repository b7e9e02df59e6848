package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// unknownField and position take apart what protojson says of a body that it
// refuses. protojson names the last part of the field and its place, never the
// whole path.
var (
	unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)
	position     = regexp.MustCompile(`\(line (\d+):(\d+)\)`)
)

// decodeStrictly reads a JSON body into m. Unknown fields, wrong types and bad
// UTF-8 are refused by the path of the field.
func decodeStrictly(body []byte, m proto.Message) error {
	if at := firstInvalidUTF8(body); at >= 0 {
		return invalid(fieldAt(body, at), "NOT_UTF8", "is not valid UTF-8")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return invalid("body", "JSON_INVALID", "is empty; send a JSON object")
	}
	err := protojson.UnmarshalOptions{DiscardUnknown: false}.Unmarshal(body, m)
	if err == nil {
		return nil
	}
	field := "body"
	if at := positionIn(body, err.Error()); at >= 0 {
		field = fieldAt(body, at)
	}
	if name := unknownField.FindStringSubmatch(err.Error()); name != nil {
		if !strings.HasSuffix(field, name[1]) {
			field = name[1]
		}
		return invalid(field, "FIELD_UNKNOWN", "is not a field of %s", m.ProtoReflect().Descriptor().Name())
	}
	if syntax := syntaxError(body); syntax != nil {
		return invalid("body", "JSON_INVALID", "is not JSON: %s", syntax)
	}
	return invalid(field, "VALUE_INVALID", "has a value of the wrong type or form")
}

func firstInvalidUTF8(body []byte) int {
	for at := 0; at < len(body); {
		r, size := utf8.DecodeRune(body[at:])
		if r == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
	return -1
}

// positionIn finds the byte that protojson's "(line L:C)" means. Its columns
// count code points from 1.
func positionIn(body []byte, message string) int {
	m := position.FindStringSubmatch(message)
	if m == nil {
		return -1
	}
	line, _ := strconv.Atoi(m[1])
	column, _ := strconv.Atoi(m[2])
	at := 0
	for ; line > 1; line-- {
		next := bytes.IndexByte(body[at:], '\n')
		if next < 0 {
			return -1
		}
		at += next + 1
	}
	for ; column > 1 && at < len(body); column-- {
		_, size := utf8.DecodeRune(body[at:])
		at += size
	}
	return at
}

func syntaxError(body []byte) error {
	var any json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, &any); errors.As(err, &syntax) {
		return fmt.Errorf("%s at byte %d", strings.TrimPrefix(syntax.Error(), "json: "), syntax.Offset)
	}
	return nil
}

// fieldAt names the field whose name or value stands at byte offset target of a
// JSON text: `source.article.blocks[2].kind`. It reads tokens only up to there,
// so its cost is bounded by the request's size.
func fieldAt(body []byte, target int) string {
	decoder := json.NewDecoder(bytes.NewReader(body))
	var path []step
	for {
		token, err := decoder.Token()
		if err != nil {
			if errors.Is(err, io.EOF) || len(path) == 0 {
				return "body"
			}
			return join(path)
		}
		path = advance(path, token)
		if decoder.InputOffset() > int64(target) {
			return join(path)
		}
	}
}

// step is one level of a JSON path: an object with the name being read, or an
// array with the index.
type step struct {
	array bool
	name  string
	index int
	value bool // an object's name has been read and its value comes next
}

func advance(path []step, token json.Token) []step {
	delim, isDelim := token.(json.Delim)
	if isDelim && (delim == '}' || delim == ']') {
		return path[:len(path)-1]
	}
	if top := len(path) - 1; top >= 0 {
		s := &path[top]
		switch {
		case s.array:
			s.index++
		case !s.value:
			s.name, s.value = fmt.Sprint(token), true
			return path
		default:
			s.value = false
		}
	}
	if isDelim {
		return append(path, step{array: delim == '[', index: -1})
	}
	return path
}

func join(path []step) string {
	var b strings.Builder
	for _, s := range path {
		switch {
		case s.array && s.index >= 0:
			fmt.Fprintf(&b, "[%d]", s.index)
		case !s.array && s.name != "":
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.name)
		}
	}
	if b.Len() == 0 {
		return "body"
	}
	return b.String()
}
