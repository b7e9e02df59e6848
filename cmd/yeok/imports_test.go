package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const goOpenAI = "github.com/sashabaranov/go-openai"

// mayImport is who may import whom inside yeok. A package that is not here fails
// the test, so each new folder is a decision that somebody writes down.
var mayImport = map[string][]string{
	"yeok/api/yeok/v1":        {},
	"yeok/access":             {},
	"yeok/article":            {},
	"yeok/cache":              {},
	"yeok/desk":               {},
	"yeok/internal/llmtest":   {},
	"yeok/internal/process":   {},
	"yeok/chaos":              {"yeok/api/yeok/v1", "yeok/internal/llmtest", "yeok/internal/process"},
	"yeok/translate/language": {},
	"yeok/translate/glossary": {"yeok/translate/language"},
	"yeok/translate/check":    {"yeok/translate/language"},
	"yeok/translate":          {"yeok/article", "yeok/desk", "yeok/translate/check", "yeok/translate/glossary", "yeok/translate/language"},
	"yeok/eval/headlines":     {"yeok/translate/check", "yeok/translate/glossary", "yeok/translate/language"},
	"yeok/eval/injection":     {"yeok/article", "yeok/internal/llmtest", "yeok/translate", "yeok/translate/language"},
	"yeok/eval/ntrex":         {"yeok/translate/check", "yeok/translate/language"},
	"yeok/eval/numbers":       {"yeok/translate/check", "yeok/translate/language"},
	"yeok/eval/renderings":    {"yeok/translate/check", "yeok/translate/language"},
	"yeok/eval": {"yeok/article", "yeok/eval/headlines", "yeok/eval/injection", "yeok/eval/ntrex", "yeok/eval/numbers", "yeok/eval/renderings", "yeok/internal/llmtest", "yeok/translate",
		"yeok/translate/check", "yeok/translate/glossary", "yeok/translate/language"},
	"yeok/server": {"yeok/access", "yeok/api/yeok/v1", "yeok/article", "yeok/cache", "yeok/desk", "yeok/translate",
		"yeok/translate/check", "yeok/translate/glossary", "yeok/translate/language"},
	"yeok/cmd/yeok": {"yeok/access", "yeok/api/yeok/v1", "yeok/article", "yeok/cache", "yeok/server", "yeok/translate",
		"yeok/translate/check", "yeok/translate/glossary", "yeok/translate/language"},
}

// TestImports keeps the table, go-openai in one package, and the longest chain of
// handwritten packages at five.
func TestImports(t *testing.T) {
	imports := productImports(t)
	for name, imported := range imports {
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("%s is not in the table of this test", name)
		}
		for _, path := range imported {
			if strings.HasPrefix(path, "yeok/") && !slices.Contains(allowed, path) {
				t.Errorf("%s imports %s, which the table does not allow", name, path)
			}
			if path == goOpenAI && name != "yeok/translate" {
				t.Errorf("%s imports %s; only translate may", name, path)
			}
		}
		if got, want := depth(name, imports), 5; got > want {
			t.Errorf("%s stands on a chain of %d packages, more than %d", name, got, want)
		}
	}
}

// productImports maps each package of the module to what its product files
// import.
func productImports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "yeok/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	imports := map[string][]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return imports
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		imports[p.ImportPath] = p.Imports
	}
}

// depth is the length of the longest chain of imports that starts at a package.
// Generated code counts for nothing: nobody reads down into it.
func depth(name string, imports map[string][]string) int {
	if !strings.HasPrefix(name, "yeok/") || strings.HasPrefix(name, "yeok/api/") {
		return 0
	}
	deepest := 0
	for _, path := range imports[name] {
		deepest = max(deepest, depth(path, imports))
	}
	return deepest + 1
}

// TestOneFileKnowsOpenAI holds the library at arm's length: its sharp edges are
// blunted in one place.
func TestOneFileKnowsOpenAI(t *testing.T) {
	files, err := filepath.Glob("../../translate/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), `"`+goOpenAI+`"`) && !strings.HasSuffix(file, "_test.go") {
			got = append(got, file)
		}
	}
	if want := []string{"../../translate/openai.go"}; !slices.Equal(got, want) {
		t.Errorf("files that import go-openai = %q, want %q", got, want)
	}
}
