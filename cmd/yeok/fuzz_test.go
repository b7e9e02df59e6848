package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/server"
)

const (
	fuzzedKey      = "sk-0123456789abcdef"
	fuzzedPassword = "open-sesame"
)

// everySetting is a file that has each setting at its default, or at something
// where there is none.
func everySetting() string {
	var b strings.Builder
	for _, s := range settingsOf(&config{}) {
		if !s.inFile() || strings.HasSuffix(s.name, "-file") || strings.HasPrefix(s.name, "tls-") || s.name == "prompt-dir" {
			continue
		}
		value := s.initial
		switch s.name {
		case "model":
			value = "a"
		case "target-latency", "cache-ttl":
			value = "720h"
		case "store":
			value = string(inMemory)
		}
		b.WriteString(s.key() + ": " + value + "\n")
	}
	return b.String() + "models:\n- {name: a, baseUrl: 'http://127.0.0.1:1/v1'}\n"
}

// FuzzConfig reads configuration files. Whatever is in one, a start has settings
// that a gateway works with, or mistakes to tell; and no secret in either.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"", everySetting(), "httpAddr: 127.0.0.1:1\n",
		"models:\n- {name: a, baseUrl: 'http://127.0.0.1:1/v1', apiKeyEnv: KEY, languages: [ja, zh-CN], privateNetwork: true, profile: {prompt: tuned, concurrency: 3, blocksPerCall: 1, contextWindow: 4096, thinkTokens: 1, temperature: 0.5, requestsPerMinute: 5, tokensPerMinute: 6, extra: {top_k: 1, a: {b: [1]}}}, price: {prompt: 1.5, cachedPrompt: 0.1, completion: 4}}\n" +
			"budgets:\n- {per: day, usd: 3}\n- {per: month, tenant: '*', model: a, tokens: 5}\n",
		"models:\n- {name: a, baseUrl: http://127.0.0.1:1/v1, profile: {temperature: .nan}}\n", "models:\n- {name: a, baseUrl: http://127.0.0.1:1/v1, price: {prompt: .nan, completion: .inf}}\n",
		"models:\n- {name: a, baseUrl: http://127.0.0.1:1/v1, profile: {extra: {a: {1: 2}, b: .inf}}}\n", "models:\n- {name: a, baseUrl: http://127.0.0.1:1/v1, price: {prompt: 1}}\nbudgets:\n- {per: day, usd: 1e300}\n- {per: month, usd: .nan}\n",
		"models:\n- {name: a, baseUrl: http://127.0.0.1:1/v1, apiKeyFile: key}\n- {apiKey: " + fuzzedKey + "}\n", "storePassword: " + fuzzedPassword + "\nopenaiApiKey: " + fuzzedKey + "\n", "store: redis://u:" + fuzzedPassword + "@h\nopenaiBaseUrl: http://u:" + fuzzedPassword + "@h/\n",
		"glossary:\n- {source: 새벽전자, targets: {en: Saebyeok}, strict: true, validFrom: 2026-01-01T00:00:00Z}\n- {source: 네, doNotTranslate: true, contexts: [가], notAfter: [나]}\n",
		"maxRequestBytes: 4194304TiB\n", "maxRequestBytes: 4294967295GiB\nmemoryBytes: 4294967295GiB\n", "maxRequestBytes: 1\nmaxBlocks: 1\nmemoryBytes: 1\n", "maxBlocks: 3\nlogLevel: debug\nstore: redis://h:1/0\ncacheTtl: 1h\n",
		"a: &a [*a]\n", "models: {", "? x\n: y\n", "<<: {httpAddr: 1}\n", "&x httpAddr: *x\n", "\xff", "---\n---\n", "config: x\n", "httpAddr: ''\ngrpcAddr: ~\nadminAddr: [1]\n",
		"a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, endless := range []string{"/dev", "/proc", "/sys"} {
			if strings.Contains(string(content), endless) {
				t.Skip("it may name a file that never ends")
			}
		}
		path := filepath.Join(t.TempDir(), "yeok.yaml")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		h := &host{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, flags: flagTexts{}, getenv: func(name string) string {
			return map[string]string{"YEOK_CONFIG": path, "KEY": fuzzedKey, "YEOK_STORE_PASSWORD": fuzzedPassword, "HOME": "/nonexistent"}[name]
		}}
		c := &serveCmd{}
		read, mistakes := h.resolve(c)
		_, untrusted := c.trust()
		mistakes = slices.Concat(mistakes, c.complete(read, h.getenv), untrusted)
		for _, m := range mistakes {
			if m == nil || m.Error() == "" || strings.Contains(m.Error(), fuzzedKey) || strings.Contains(m.Error(), fuzzedPassword) {
				t.Errorf("%q: a mistake that says nothing, or a secret: %v", content, m)
			}
		}
		if len(mistakes) == 0 {
			tryConfig(t, content, &c.config)
		}
	})
}

// tryConfig starts a gateway with settings that have no mistake, in memory alone.
func tryConfig(t *testing.T, content []byte, c *config) {
	for _, m := range c.Models {
		if sent, err := json.Marshal([]any{m.Profile, m.Price}); err != nil {
			t.Errorf("%q: no call to %s can be made: %v %s", content, m.Name, err, sent)
		}
	}
	for _, b := range c.Budgets {
		if !(b.USD >= 0 && b.USD*1e6 < math.MaxInt64) {
			t.Errorf("%q: the budget %v cannot be counted", content, b)
		}
	}
	if _, err := c.storeConfig.options(); err != nil {
		t.Logf("the store refuses %q: %v", content, err) // said at the start too
	}
	log := slog.New(slog.DiscardHandler)
	srv, memory, err := c.newServer(storeConfig{Store: inMemory}, server.Config{Logger: log, Limits: c.limits()}, log)
	if err != nil {
		t.Logf("the translator refuses %q: %v", content, err) // as above
		return
	}
	defer memory.Close()
	source := &yeokv1.ArticleSource{Content: &yeokv1.ArticleSource_Text{Text: "제목이다\n\n새벽전자가 공장을 짓는다고 밝혔다."}}
	_, err = srv.Client().CleanArticle(t.Context(), &yeokv1.CleanArticleRequest{Source: source})
	enough := c.MaxRequestBytes >= 1<<10 && c.MaxSourceBytes >= 1<<10 && c.MaxArticleChars >= 100 && c.MaxBlocks >= 10
	if err != nil && enough {
		t.Errorf("%q: a gateway with these settings answers: %v", content, err)
	}
	if err := within(t.Context(), time.Minute, srv.Drain); err != nil {
		t.Errorf("%q: Drain = %v", content, err)
	}
}
