package check_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpus is the calibration set: one sentence a line in every language.
type corpus struct {
	korean    []string
	documents []string
	targets   map[string][]string
}

// ntrex reads NTREX-dev from $YEOK_SHARED or beside the repository. Its licence
// keeps it out of the project, so the test skips where it is not.
func ntrex(t *testing.T) corpus {
	t.Helper()
	root := os.Getenv("YEOK_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data", "ntrex-dev")
	c := corpus{targets: make(map[string][]string)}
	c.korean = lines(t, filepath.Join(dir, "ko.txt"))
	c.documents = lines(t, filepath.Join(dir, "documents.txt"))
	for _, code := range []string{"zh-Hans", "en", "ja", "vi"} {
		c.targets[code] = lines(t, filepath.Join(dir, code+".txt"))
		if len(c.targets[code]) != len(c.korean) {
			t.Fatalf("%s: %d lines, want %d", code, len(c.targets[code]), len(c.korean))
		}
	}
	return c
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		t.Skipf("SKIPPED, nothing was calibrated: %v; set YEOK_SHARED", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(string(data), "\n"), "\n")
}
