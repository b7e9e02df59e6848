// Package renderings holds the number check against Korean phrases and sentences
// with right and wrong renderings.
//
// The one idea to know: a check that finds every wrong rendering is worth nothing
// if it doubts the right ones too, so both stand side by side in one file.
package renderings

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"

	_ "embed"

	"go.yaml.in/yaml/v3"

	"yeok/translate/check"
	"yeok/translate/language"
)

// Text is one Korean phrase or sentence.
type Text struct {
	Korean string
	Right  map[string][]string // by language code
	Wrong  map[string][]string
}

// Read reads a file of texts. A block begins with "= " and the Korean; a line of a
// language is its code, right renderings, " ! ", wrong ones, with " | " between
// renderings. A wrong one "this => that" is the first right one that holds this,
// with that in its place.
func Read(file string) ([]Text, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list []Text
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if korean, ok := strings.CutPrefix(line, "= "); ok {
			list = append(list, Text{Korean: korean, Right: make(map[string][]string), Wrong: make(map[string][]string)})
			continue
		}
		code, rest, ok := strings.Cut(line, " ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("%s: %q stands before the first Korean", file, line)
		}
		if err := list[len(list)-1].add(code, rest); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return list, nil
}

func (t *Text) add(code, line string) error {
	right, wrong, ok := strings.Cut(line, " ! ")
	if !ok {
		return fmt.Errorf("%s, %s: no wrong rendering in %q", t.Korean, code, line)
	}
	t.Right[code] = strings.Split(right, " | ")
	for rendering := range strings.SplitSeq(wrong, " | ") {
		if this, that, ok := strings.Cut(rendering, " => "); ok {
			if rendering, ok = edited(t.Right[code], this, that); !ok {
				return fmt.Errorf("%s, %s: no rendering holds %q, or one holds it twice", t.Korean, code, this)
			}
		}
		t.Wrong[code] = append(t.Wrong[code], rendering)
	}
	return nil
}

func edited(right []string, this, that string) (string, bool) {
	for _, rendering := range right {
		if n := strings.Count(rendering, this); n > 0 {
			return strings.Replace(rendering, this, that, 1), n == 1
		}
	}
	return "", false
}

// Frame is a sentence around a phrase in every language, % where it stands.
type Frame map[string]string

//go:embed data/frames.yaml
var frameData []byte

// frames is nil should the data be broken; a test would have failed.
var frames = sync.OnceValue(func() []Frame {
	var list []Frame
	decoder := yaml.NewDecoder(bytes.NewReader(frameData))
	if err := decoder.Decode(&list); err != nil {
		return nil
	}
	return list
})

// Frames are the sentences for phrases.
func Frames() []Frame { return frames() }

// Bare is the frame of what is a sentence already.
func Bare() []Frame {
	f := Frame{"ko": "%"}
	for _, l := range language.Targets() {
		f[l.Code] = "%"
	}
	return []Frame{f}
}

// Count is how the number check fared in one language.
type Count struct {
	Right, Doubted int      // right renderings, and those that it doubts
	Wrong, Missed  int      // wrong ones, and those that it does not
	Cases          []string // doubted and missed, for people to read
}

// Measure has the number check look at every rendering in every frame.
func Measure(list []Text, frames []Frame, l *language.Language) Count {
	var n Count
	for _, t := range list {
		for _, frame := range frames {
			source := strings.Replace(frame["ko"], "%", t.Korean, 1)
			for _, rendering := range t.Right[l.Code] {
				n.Right++
				if doubt := doubted(source, frame.around(rendering, l), l); doubt != "" {
					n.Doubted++
					n.Cases = append(n.Cases, fmt.Sprintf("right doubted: %s\n\t%s\n\t%s", doubt, source, rendering))
				}
			}
			for _, rendering := range t.Wrong[l.Code] {
				n.Wrong++
				if doubted(source, frame.around(rendering, l), l) == "" {
					n.Missed++
					n.Cases = append(n.Cases, fmt.Sprintf("wrong not found:\n\t%s\n\t%s", source, rendering))
				}
			}
		}
	}
	return n
}

func (f Frame) around(rendering string, l *language.Language) string {
	return strings.Replace(f[l.Code], "%", rendering, 1)
}

// doubted is the first error of the number check, "" without one.
func doubted(source, target string, l *language.Language) string {
	for _, f := range check.Check(check.Segment{Source: source, Target: target}, l, check.Context{}) {
		if f.Severity == check.Error && f.Check == check.Number {
			return f.Message
		}
	}
	return ""
}
