package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"

	"yeok/article"
)

// The forms of input. auto tells the other two apart by file name and first
// bytes.
const (
	inputAuto = "auto"
	inputText = "text"
	inputHTML = "html"
)

// standardInput is the file name that stands for it.
const standardInput = "-"

// pageSuffixes are what is read from a folder.
var pageSuffixes = []string{".txt", ".text", ".html", ".htm"}

// pages lists the files that arguments mean: standard input if there are none,
// and for a folder its pages, in a fixed order.
func pages(args []string) ([]string, error) {
	if len(args) == 0 {
		return []string{standardInput}, nil
	}
	var files []string
	for _, arg := range args {
		if info, err := os.Stat(arg); arg == standardInput || err != nil || !info.IsDir() {
			files = append(files, arg) // a file that is not there is told when it is read
			continue
		}
		err := filepath.WalkDir(arg, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && slices.Contains(pageSuffixes, suffix(path)) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

func suffix(path string) string { return strings.ToLower(filepath.Ext(path)) }

// open opens a file, or standard input.
func (h *host) open(name string) (io.ReadCloser, error) {
	if name == standardInput {
		return io.NopCloser(h.stdin), nil
	}
	return os.Open(name)
}

// read reads the whole of a file, or of standard input.
func (h *host) read(name string) ([]byte, error) {
	in, err := h.open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close() // only read from: closing cannot lose anything
	return io.ReadAll(in)
}

// source reads a page and decodes it. Whatever had to be guessed about its bytes
// is told.
func (h *host) source(name, input, address string) (article.Source, error) {
	src := article.Source{URL: address}
	content, err := h.read(name)
	if err != nil {
		return src, err
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff")) // else it would hide that a page starts with a tag
	if len(bytes.TrimSpace(content)) == 0 {
		return src, errors.New("the input is empty")
	}
	if input == inputHTML || input == inputAuto && isHTML(name, content) {
		src.HTML = article.DecodeHTML(content, "")
		return src, nil
	}
	text, encoding, err := decodeText(content)
	if err == nil && encoding != "" {
		h.say("%s is not UTF-8; read as %s", spoken(name), encoding)
	}
	src.Text = text
	return src, err
}

func spoken(name string) string {
	if name == standardInput {
		return "standard input"
	}
	return name
}

// isHTML trusts a name that says what it is, and else sniffs as browsers do.
func isHTML(name string, content []byte) bool {
	switch suffix(name) {
	case ".html", ".htm", ".xhtml":
		return true
	case ".txt", ".text":
		return false
	}
	return strings.HasPrefix(http.DetectContentType(content), "text/html")
}

// decodeText turns the bytes of a text file into UTF-8. What is not UTF-8 is
// tried as CP949, the Windows superset of EUC-KR, and taken only if every byte
// fits: Korean UTF-8 with one broken byte does not fit CP949, so that it is
// refused and not garbled.
func decodeText(content []byte) (text, encoding string, err error) {
	if utf8.Valid(content) {
		return string(content), "", nil
	}
	decoded, err := korean.EUCKR.NewDecoder().Bytes(content)
	if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
		return "", "", fmt.Errorf("the text is neither UTF-8 (line %d breaks it) nor EUC-KR", brokenLine(content))
	}
	return string(decoded), "EUC-KR (CP949)", nil
}

// brokenLine is the line of the first byte that is not UTF-8.
func brokenLine(content []byte) int {
	at := 0
	for at < len(content) {
		r, size := utf8.DecodeRune(content[at:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		at += size
	}
	return 1 + bytes.Count(content[:at], []byte("\n"))
}
