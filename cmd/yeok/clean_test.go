package main_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/korean"
	"google.golang.org/protobuf/encoding/protojson"

	yeokv1 "yeok/api/yeok/v1"
)

// page is an invented page in the shape of a real one.
func page(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("testdata/clean/page.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// golden compares with a file, or rewrites it under -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func cleaned(t *testing.T, c call, args ...string) string {
	t.Helper()
	got := c.run(t, append([]string{"clean"}, args...)...)
	if got.code != 0 {
		t.Fatalf("yeok clean %q: exit %d, stderr %q", args, got.code, got.stderr)
	}
	return got.stdout
}

func TestCleanFormats(t *testing.T) {
	c := call{dir: t.TempDir(), stdin: page(t)}
	golden(t, "clean/page.text.golden", cleaned(t, c, "--format", "text"))
	golden(t, "clean/page.explain.golden", cleaned(t, c, "--explain"))

	var resp yeokv1.CleanArticleResponse
	body := cleaned(t, c)
	if err := protojson.Unmarshal([]byte(body), &resp); err != nil {
		t.Fatalf("yeok clean: %v in %s", err, body)
	}
	if got, want := resp.GetArticle().GetTitle(), "새벽전자, 한빛시에 9300억원 들여 배터리 공장 짓는다"; got != want {
		t.Errorf("yeok clean: title %q, want %q", got, want)
	}
	if len(resp.GetRemovals()) == 0 || !strings.Contains(body, `"warnings": []`) {
		t.Errorf("yeok clean: no removals, or empty fields are left out: %s", body)
	}
	if again := cleaned(t, c, "-"); again != body {
		t.Errorf("yeok clean - prints other bytes than yeok clean:\n%s", cmp.Diff(body, again))
	}
}

func TestCleanHTML(t *testing.T) {
	text := page(t)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	page := "<!doctype html><html><body>\n<p>" + strings.Join(lines, "</p>\n<p>") + "</p>\n</body></html>"
	dir := folder(t, map[string]string{"page.html": page, "page": page, "bom": "\ufeff" + page, "text": text})
	want := cleaned(t, call{dir: dir}, "--format", "text", "--input", "text", "text")
	for _, args := range [][]string{{"page.html"}, {"page"}, {"bom"}, {"--input", "html", "page"}} {
		if diff := cmp.Diff(want, cleaned(t, call{dir: dir}, append(args, "--format", "text")...)); diff != "" {
			t.Errorf("yeok clean %q (-text +html):\n%s", args, diff)
		}
	}
}

func TestCleanEncodings(t *testing.T) {
	cp949, err := korean.EUCKR.NewEncoder().String(page(t))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	want := cleaned(t, call{dir: dir, stdin: page(t)}, "--format", "text")
	got := call{dir: dir, stdin: cp949}.run(t, "clean", "--format", "text")
	if got.code != 0 || got.stdout != want || !strings.Contains(got.stderr, "standard input is not UTF-8; read as EUC-KR") {
		t.Errorf("yeok clean of CP949: exit %d, stderr %q, stdout %q", got.code, got.stderr, got.stdout)
	}
	if got := cleaned(t, call{dir: dir, stdin: "\ufeff" + page(t)}, "--format", "text"); got != want {
		t.Errorf("yeok clean of UTF-8 with a byte order mark: %q", got)
	}
	broken := strings.Replace(page(t), "배터리", "배터\xeb\xa6", 1)
	if got := (call{dir: dir, stdin: broken}).run(t, "clean"); got.code != 1 || !strings.Contains(got.stderr, "line 7 breaks it") {
		t.Errorf("yeok clean of broken UTF-8: exit %d, stderr %q; want exit 1 and the line", got.code, got.stderr)
	}
}

// TestCleanMany goes on after the page that fails, and keeps a fixed order.
func TestCleanMany(t *testing.T) {
	dir := folder(t, map[string]string{
		"in/b/two.txt": page(t), "in/a.txt": page(t), "in/empty.txt": " \n", "in/notes.md": "no page",
	})
	got := call{dir: dir}.run(t, "clean", "in")
	if got.code != 1 || !strings.Contains(got.stderr, "in/empty.txt: the input is empty") || !strings.Contains(got.stderr, "2 pages cleaned, 1 failed") {
		t.Errorf("yeok clean in: exit %d, stderr %q", got.code, got.stderr)
	}
	var files []string
	for line := range strings.Lines(got.stdout) {
		var one struct {
			File     string
			Response json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("yeok clean in: line %q: %v", line, err)
		}
		if err := protojson.Unmarshal(one.Response, &yeokv1.CleanArticleResponse{}); err != nil {
			t.Errorf("yeok clean in: %s: %v", one.File, err)
		}
		files = append(files, one.File)
	}
	if diff := cmp.Diff([]string{"in/a.txt", "in/b/two.txt"}, files); diff != "" {
		t.Errorf("yeok clean in: files (-want +got):\n%s", diff)
	}
}

func TestCleanRules(t *testing.T) {
	c := call{dir: t.TempDir(), stdin: page(t)}
	const rule = "ko.chrome.share"
	if got := cleaned(t, c, "--rules"); !strings.Contains(got, rule+" ") {
		t.Errorf("yeok clean --rules does not list %s", rule)
	}
	if got := cleaned(t, c, "--disable-rule", rule); strings.Contains(got, rule) {
		t.Errorf("yeok clean --disable-rule %s still uses it", rule)
	}
}

func TestCleanFailures(t *testing.T) {
	for stdin, want := range map[string]string{
		"": "the input is empty",
		"로그인\n회원가입\n공유하기\n": "no article found",
	} {
		if got := (call{dir: t.TempDir(), stdin: stdin}).run(t, "clean"); got.code != 1 || !strings.Contains(got.stderr, want) || got.stdout != "" {
			t.Errorf("yeok clean of %q: exit %d, stdout %q, stderr %q; want exit 1 and %q", stdin, got.code, got.stdout, got.stderr, want)
		}
	}
}
