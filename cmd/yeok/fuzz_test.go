package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yeok/translate"
)

// FuzzConfig reads configuration files. Whatever is in one, a start has settings
// that work, or mistakes to tell.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"", "httpAddr: 127.0.0.1:1\n", "models:\n- {name: a, baseUrl: 'http://127.0.0.1:1/v1', apiKeyEnv: KEY, profile: {prompt: tuned, concurrency: 3, extra: {top_k: 1}}, price: {prompt: 1.5}}\n",
		"glossary:\n- {source: 새벽전자, targets: {en: Saebyeok}, strict: true, validFrom: 2026-01-01T00:00:00Z}\n",
		"maxBlocks: 3\nlogLevel: debug\nstore: redis://h:1/0\ncacheTtl: 1h\n", "a: &a [*a]\n", "models: {", "? x\n: y\n", "<<: {httpAddr: 1}\n", "&x httpAddr: *x\n", "\xff", "---\n---\n",
		"a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if strings.Contains(string(content), "/") && strings.Contains(string(content), "File") {
			t.Skip("it may name a file that never ends")
		}
		path := filepath.Join(t.TempDir(), "yeok.yaml")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		h := &host{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, flags: flagTexts{}, getenv: func(name string) string {
			return map[string]string{"YEOK_CONFIG": path, "KEY": "k"}[name]
		}}
		c := &serveCmd{}
		read, mistakes := h.resolve(c)
		mistakes = append(mistakes, c.complete(read, h.getenv)...)
		for _, m := range mistakes {
			if m == nil || m.Error() == "" {
				t.Errorf("%q: a mistake that says nothing", content)
			}
		}
		if len(mistakes) > 0 {
			return
		}
		if _, err := translate.New(c.modelConfig.options(slog.New(slog.DiscardHandler))); err != nil {
			t.Logf("the translator refuses %q: %v", content, err) // said at the start too
		}
		if _, err := c.storeConfig.options(); err != nil {
			t.Logf("the store refuses %q: %v", content, err)
		}
	})
}
