package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// binary is yeok as a user runs it, built once.
var binary string

func TestMain(m *testing.M) {
	os.Exit(withBinary(m))
}

func withBinary(m *testing.M) int {
	dir, err := os.MkdirTemp("", "yeok-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "yeok")
	if out, err := exec.Command("go", "build", "-ldflags", "-X main.version=v9.9.9-test", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// result is what a run of yeok left.
type result struct {
	stdout, stderr string
	code           int
}

// call is one run of yeok in a folder of its own, with no environment but env.
type call struct {
	dir   string
	stdin string
	env   []string
}

func (c call) command(args ...string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	cmd.Dir = c.dir
	cmd.Env = append([]string{"HOME=" + c.dir}, c.env...)
	cmd.Stdin = strings.NewReader(c.stdin)
	return cmd
}

func (c call) run(t *testing.T, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := c.command(args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("yeok %q: %v", args, err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// folder is a new folder with files in it.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestMisuse(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		args []string
		want string // in what is said
	}{
		{nil, "expected one of"},
		{[]string{"frobnicate"}, "unexpected argument"},
		{[]string{"serve", "--frobnicate"}, "unknown flag --frobnicate"},
		{[]string{"serve", "--drain-timeout", "soon"}, `drain-timeout: "soon" is not a length of time`},
		{[]string{"serve", "--store="}, "store: one value is wanted (from the flag --store)"},
		{[]string{"clean", "--format", "xml"}, "--format"},
		{[]string{"clean", "--disable-rule", "no.such.rule"}, "unknown rule"},
		{[]string{"translate", "--to", "en,zh-Hant,xx"}, `"zh-Hant" is not served; served are zh-Hans, en, ja, vi`},
		{[]string{"cache", "stats", "--store", "memory"}, "name a file"},
		{[]string{"cache", "purge"}, "say what to forget"},
		{[]string{"cache", "purge", "--all", "--language", "en"}, "give it alone"},
		{[]string{"cache", "purge", "--language", "fr"}, `"fr" is not served`},
		{[]string{"serve", "--openai-api-key", "x"}, "unknown flag"},
	} {
		got := call{dir: dir, stdin: "x"}.run(t, test.args...)
		if got.code != 2 || !strings.Contains(got.stderr, test.want) || got.stdout != "" {
			t.Errorf("yeok %q: exit %d, stdout %q, stderr %q; want exit 2, nothing, and %q", test.args, got.code, got.stdout, got.stderr, test.want)
		}
	}
}

func TestHelp(t *testing.T) {
	got := call{dir: t.TempDir()}.run(t, "serve", "--help")
	if got.code != 0 || got.stderr != "" {
		t.Errorf("yeok serve --help: exit %d, stderr %q; want exit 0 and nothing", got.code, got.stderr)
	}
	for _, want := range []string{"--http-addr", "$YEOK_HTTP_ADDR", "127.0.0.1:8080"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("yeok serve --help does not say %s", want)
		}
	}
}

func TestVersion(t *testing.T) {
	got := call{dir: t.TempDir()}.run(t, "version")
	if got.code != 0 || !strings.Contains(got.stdout, "yeok v9.9.9-test\n") || !strings.Contains(got.stdout, "go1.") {
		t.Errorf("yeok version: exit %d, stdout %q", got.code, got.stdout)
	}
}

// TestPrecedence tells by the origin of the complaint which of three wrong values
// was taken.
func TestPrecedence(t *testing.T) {
	dir := folder(t, map[string]string{"yeok.yaml": "\ndrainTimeout: of-file\n"})
	env := []string{"YEOK_DRAIN_TIMEOUT=of-env"}
	file := []string{"serve", "--config", "yeok.yaml"}
	for _, test := range []struct {
		env  []string
		args []string
		want string
	}{
		{env, append(file, "--drain-timeout", "of-flag"), `"of-flag" is not a length of time such as 30s or 5m (from the flag --drain-timeout)`},
		{env, file, `"of-env" is not a length of time such as 30s or 5m (from the variable YEOK_DRAIN_TIMEOUT)`},
		{[]string{"YEOK_DRAIN_TIMEOUT="}, file, `"of-file" is not a length of time such as 30s or 5m (from yeok.yaml:2)`},
		{[]string{"YEOK_CONFIG=yeok.yaml"}, []string{"serve"}, "(from yeok.yaml:2)"},
	} {
		got := call{dir: dir, env: test.env}.run(t, test.args...)
		if got.code != 2 || !strings.Contains(got.stderr, test.want) || strings.Count(got.stderr, "\n") != 1 {
			t.Errorf("yeok %q with %q: exit %d, stderr %q; want exit 2 and only %q", test.args, test.env, got.code, got.stderr, test.want)
		}
	}
}

// TestAllMistakesAtOnce has one of every kind; none may hide another.
func TestAllMistakesAtOnce(t *testing.T) {
	dir := folder(t, map[string]string{"yeok.yaml": `
httpAddr: nonsense
maxBlock: 3
logLevel: [debug]
models:
- name: big
  baseUrl: ftp://models.example
  profil: {}
  profile: {prompt: huge, concurrency: many}
  languages: [en, xx]
- baseUrl: http://127.0.0.1:1/v1
  apiKeyEnv: NOT_SET_ANYWHERE
- name: third
  baseUrl: http://127.0.0.1:1/v1
  apiKeyFile: no-such-file
glossary:
- source: 새벽전자
  targets: {fr: Saebyeok}
budgets:
- {per: week, tokens: 1}
- {per: day}
- {per: day, model: fourth, tokens: 1}
- {per: day, tenant: sports, usd: 1}
- {per: day, tenant: sports, tokens: 1}
`})
	got := call{dir: dir, env: []string{"YEOK_MAX_TERMS=none"}}.run(t, "serve", "--config", "yeok.yaml", "--grpc-addr", "9090")
	if got.code != 2 {
		t.Errorf("yeok serve: exit %d, want 2", got.code)
	}
	for _, want := range []string{
		`http-addr: "nonsense" is not an address such as 127.0.0.1:8080 (from yeok.yaml:2)`,
		`maxBlock: there is no such setting (from yeok.yaml:3)`,
		`log-level: one value is wanted (from yeok.yaml:4)`,
		`line 8: there is no field profil`,
		`line 9: a number is wanted`,
		`models[0].languages: "xx" is not served`,
		`budgets[0].per: "week" is not day or month`,
		`budgets[1].tokens, usd: one of them must be above 0`,
		`budgets[2].model: no model is called "fourth"`,
		`budgets[3].usd: big has no price, so that nothing would count`,
		`budgets[4]: there is one for the same tenant, model and period already`,
		`models[0].baseUrl: is not an address`,
		`models[0].profile.prompt: "huge" is not full, compact or tuned`,
		`models[1].name: is missing`,
		`models[1].apiKeyEnv: the variable NOT_SET_ANYWHERE is not set`,
		`models[2].apiKeyFile: open`,
		`glossary[0].targets: "fr" is not served`,
		`max-terms: "none" is not a whole number above 0 (from the variable YEOK_MAX_TERMS)`,
		`grpc-addr: "9090" is not an address such as 127.0.0.1:8080 (from the flag --grpc-addr)`,
	} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("yeok serve does not say %q", want)
		}
	}
	if got := strings.Count(got.stderr, "\n"); got != 19 {
		t.Errorf("yeok serve says %d things, want 19", got)
	}
}

// TestSecretsHidden puts keys into every wrong place; none may be repeated.
func TestSecretsHidden(t *testing.T) {
	const key = "sk-very-secret"
	const hint = "apiKeyEnv or apiKeyFile"
	for name, test := range map[string]struct{ content, want string }{
		"key of a model":      {"models: [{name: a, baseUrl: 'http://h/v1', apiKey: " + key + "}]", hint},
		"key as a setting":    {"openaiApiKey: " + key, hint},
		"key at the top":      {"apiKey: " + key, hint},
		"key as a list":       {"models: " + key, "a list is wanted"},
		"key as a number":     {"models: [{name: a, baseUrl: 'http://h/v1', profile: {concurrency: " + key + "}}]", "a number is wanted"},
		"key in the address":  {"openaiBaseUrl: https://me:" + key + "@h/v1", "must not hold a user or password"},
		"key in model's url":  {"models: [{name: a, baseUrl: 'https://me:" + key + "@h/v1'}]", "must not hold a user or password"},
		"key in broken YAML":  {"models: [" + key + "\n  x: {", "yaml: line"},
		"key as unknown name": {"token: " + key, "there is no such setting"},
	} {
		dir := folder(t, map[string]string{"yeok.yaml": test.content})
		got := call{dir: dir, env: []string{"OPENAI_API_KEY=" + key}}.run(t, "serve", "--config", "yeok.yaml")
		if got.code != 2 || strings.Contains(got.stdout+got.stderr, key) || !strings.Contains(got.stderr, test.want) {
			t.Errorf("%s: exit %d, stderr %q; want exit 2, no key, and %q", name, got.code, got.stderr, test.want)
		}
	}
}
