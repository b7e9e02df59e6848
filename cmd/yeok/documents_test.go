package main_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// namedTest is a test that a document names: `server: TestX`, or `server: TestX…`
// for all that begin so.
var namedTest = regexp.MustCompile("`([a-z/]+): ((?:Test|Fuzz)\\w+)(…?)`|`((?:Test|Fuzz)\\w+)(…?)`")

// TestDocumentsNameTests looks for every test that a document promises.
func TestDocumentsNameTests(t *testing.T) {
	tests := testsByFolder(t)
	for _, document := range []string{"SECURITY.md", "docs/regressions.md"} {
		content, err := os.ReadFile(filepath.Join("../..", document))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(content)) {
			folder := ""
			for _, m := range namedTest.FindAllStringSubmatch(line, -1) {
				name, more := m[2], m[3]
				if m[1] != "" {
					folder = m[1]
				} else {
					name, more = m[4], m[5] // of the folder that was named last
				}
				found := strings.Contains(tests[folder], "func "+name+"(")
				if more != "" {
					found = strings.Contains(tests[folder], "func "+name)
				}
				if !found {
					t.Errorf("%s names %s of %s, which is not there", document, name, folder)
				}
			}
		}
	}
}

// testsByFolder maps each folder to the text of its tests.
func testsByFolder(t *testing.T) map[string]string {
	t.Helper()
	tests := map[string]string{}
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := fs.ReadFile(root, path)
		tests[filepath.ToSlash(filepath.Dir(path))] += string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}
