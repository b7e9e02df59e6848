package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"yeok/server"
	"yeok/translate"
	"yeok/translate/check"
	"yeok/translate/language"
)

// maxLine is the longest line of JSON that is read. It bounds memory; a segment
// is far shorter.
const maxLine = 16 << 20

// checkCmd is `yeok check`.
type checkCmd struct {
	File string `arg:"" optional:"" default:"-" help:"JSON lines of {\"source\", \"target\", \"languageCode\"}, optionally with \"id\", \"role\" and \"publishTime\". None or - reads standard input."`
}

// Help explains the fields of a line.
func (checkCmd) Help() string {
	return `For each line in, a line {"findings": […]} comes out, in the same order, as soon as it is there.
"role" is one of ` + strings.Join(roleNames[:], ", ") + `; body where it is absent.
"publishTime" (RFC 3339) resolves dates such as 지난달. Empty lines are passed over.
The first line that cannot be read ends the run.`
}

// Run checks line by line, so that the input may be longer than the memory.
func (c *checkCmd) Run(h *host) error {
	in, err := h.open(c.File)
	if err != nil {
		return err
	}
	defer in.Close() // only read from: closing cannot lose anything
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	number := 0
	for lines.Scan() {
		number++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if err := checkLine(h.stdout, lines.Bytes()); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", number+1, err)
	}
	return nil
}

// roleNames are check.Role's values by name, in its order.
var roleNames = [...]string{"body", "title", "subtitle", "subhead", "caption", "item"}

// checkInput is one line in.
type checkInput struct {
	ID           string    `json:"id"`
	Role         string    `json:"role"`
	Source       string    `json:"source"`
	Target       string    `json:"target"`
	LanguageCode string    `json:"languageCode"`
	PublishTime  time.Time `json:"publishTime"`
}

func checkLine(out io.Writer, line []byte) error {
	var in checkInput
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return fmt.Errorf("not a line of JSON as wanted: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one object on the line")
	}
	target, ok := language.Lookup(in.LanguageCode)
	if !ok {
		return fmt.Errorf("languageCode: %s", unserved(in.LanguageCode))
	}
	role := max(0, slices.Index(roleNames[:], in.Role))
	if in.Role != "" && in.Role != roleNames[role] {
		return fmt.Errorf("role: %q is none of %s", in.Role, strings.Join(roleNames[:], ", "))
	}
	if in.Source == "" {
		return errors.New("source: is missing")
	}
	segment := check.Segment{ID: in.ID, Role: check.Role(role), Source: in.Source, Target: in.Target}
	return writeFindings(out, check.Check(segment, target, check.Context{PublishTime: in.PublishTime, Entities: translate.KnownEntities(target)}))
}

// writeFindings writes findings in the JSON of the API, on one line.
func writeFindings(out io.Writer, found []check.Finding) error {
	findings := []json.RawMessage{}
	for _, finding := range server.FindingsProto(found) {
		body, err := compactJSON(finding)
		if err != nil {
			return err
		}
		findings = append(findings, body)
	}
	return writeLine(out, map[string]any{"findings": findings})
}
