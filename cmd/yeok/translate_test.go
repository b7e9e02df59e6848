package main_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
)

// modelEnv is the one-model case.
func modelEnv(llm *llmtest.Server) []string {
	return []string{"OPENAI_BASE_URL=" + llm.URL(), "YEOK_MODEL=" + llmtest.Model}
}

// translated runs `yeok translate` and reads its JSON.
func translated(t *testing.T, c call, code int, args ...string) (*yeokv1.TranslateArticleResponse, string) {
	t.Helper()
	got := c.run(t, append([]string{"translate"}, args...)...)
	if got.code != code {
		t.Fatalf("yeok translate %q: exit %d, stderr %q; want exit %d", args, got.code, got.stderr, code)
	}
	var resp yeokv1.TranslateArticleResponse
	if err := protojson.Unmarshal([]byte(got.stdout), &resp); err != nil {
		t.Fatalf("yeok translate %q: %v in %s", args, err, got.stdout)
	}
	return &resp, got.stderr
}

// TestTranslate pays once: the second run finds everything in the store.
func TestTranslate(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	c := call{dir: t.TempDir(), stdin: page(t), env: modelEnv(llm)}
	resp, stderr := translated(t, c, 0, "--to", "JA,zh,en", "--article-id", "plant-1")
	if got, want := resp.GetArticle().GetName(), "articles/plant-1"; got != want {
		t.Errorf("yeok translate: article %q, want %q", got, want)
	}
	var codes []string
	for _, tr := range resp.GetTranslations() {
		codes = append(codes, tr.GetLanguageCode())
		if tr.GetState() != yeokv1.Translation_COMPLETE || len(tr.GetBlocks()) != len(resp.GetArticle().GetBlocks()) {
			t.Errorf("yeok translate: %s is %s with %d blocks: %v", tr.GetLanguageCode(), tr.GetState(), len(tr.GetBlocks()), tr.GetFindings())
		}
		if got, want := tr.GetProvenance().GetCacheStatus(), yeokv1.Provenance_MISS; got != want {
			t.Errorf("yeok translate: %s is a %s, want %s", tr.GetLanguageCode(), got, want)
		}
	}
	if got, want := strings.Join(codes, " "), "ja zh-Hans en"; got != want {
		t.Errorf("yeok translate: languages %q, want %q", got, want)
	}
	if !strings.Contains(stderr, "en       COMPLETE: 6 blocks, MISS") {
		t.Errorf("yeok translate does not tell that en is done: %q", stderr)
	}

	paid := llm.Stats().Requests
	again, _ := translated(t, c, 0, "--to", "en,ja,zh-CN", "--article-id", "plant-1")
	for _, tr := range again.GetTranslations() {
		if got, want := tr.GetProvenance().GetCacheStatus(), yeokv1.Provenance_HIT; got != want {
			t.Errorf("yeok translate again: %s is a %s, want %s", tr.GetLanguageCode(), got, want)
		}
	}
	if got := llm.Stats().Requests; got != paid {
		t.Errorf("yeok translate again made %d requests", got-paid)
	}
}

func TestTranslateFormats(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	c := call{dir: t.TempDir(), stdin: page(t), env: modelEnv(llm)}
	for format, want := range map[string]string{"text": "\n\n", "markdown": "# ", "html": `<article lang="en">`} {
		got := c.run(t, "translate", "--to", "en", "--format", format)
		if got.code != 0 || !strings.Contains(got.stdout, want) {
			t.Errorf("yeok translate --format %s: exit %d, stdout %q, stderr %q", format, got.code, got.stdout, got.stderr)
		}
	}
}

// TestTranslateDryRun tells what it would cost, pays nothing and remembers nothing.
func TestTranslateDryRun(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	c := call{dir: t.TempDir(), stdin: page(t), env: modelEnv(llm)}
	for range 2 {
		resp, _ := translated(t, c, 0, "--to", "en,ja", "--article-id", "plant-1", "--dry-run")
		if len(resp.GetEstimates()) != 2 || len(resp.GetTranslations()) != 0 {
			t.Fatalf("yeok translate --dry-run: %d estimates, %d translations", len(resp.GetEstimates()), len(resp.GetTranslations()))
		}
		for i, want := range []string{"en", "ja"} {
			e := resp.GetEstimates()[i]
			if e.GetLanguageCode() != want || e.GetCacheStatus() != yeokv1.Provenance_MISS || e.GetReservedUsage().GetPromptTokens() == 0 {
				t.Errorf("yeok translate --dry-run: estimate %v, want one for %s that has to be paid", e, want)
			}
		}
	}
	if got := llm.Stats().Requests; got != 0 {
		t.Errorf("yeok translate --dry-run made %d requests", got)
	}
	translated(t, c, 0, "--to", "en")
	got := c.run(t, "translate", "--to", "en,ja", "--format", "text", "--dry-run")
	en, ja, _ := strings.Cut(got.stdout, "\n")
	if got.code != 0 || en != "en       nothing: all of it is remembered" || !strings.HasPrefix(ja, "ja       ") || !strings.HasSuffix(ja, " segments by "+llmtest.Model+"\n") {
		t.Errorf("yeok translate --format text --dry-run: exit %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
	}
}

// TestTranslateFailures prints what could be translated, and says the rest.
func TestTranslateFailures(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{
		{Fault: llmtest.BadRequest, Language: "ja"},
		{Fault: llmtest.HangulLeft, Language: "en", Block: "P2"},
	}})
	c := call{dir: t.TempDir(), stdin: page(t), env: append(modelEnv(llm), "YEOK_STORE=memory")}
	resp, stderr := translated(t, c, 1, "--to", "en,ja")
	for i, want := range []yeokv1.Translation_State{yeokv1.Translation_NEEDS_REVIEW, yeokv1.Translation_FAILED} {
		if got := resp.GetTranslations()[i].GetState(); got != want {
			t.Errorf("yeok translate: %s is %s, want %s", resp.GetTranslations()[i].GetLanguageCode(), got, want)
		}
	}
	if !strings.Contains(stderr, "yeok: ja failed: the model refuses our key") {
		t.Errorf("yeok translate does not tell that ja failed: %q", stderr)
	}

	got := c.run(t, "translate", "--to", "en,ja", "--format", "text")
	if got.code != 1 || strings.Contains(got.stdout, "== ja ==") || !strings.Contains(got.stderr, "yeok: en p2: error HANGUL: ") {
		t.Errorf("yeok translate --format text: exit %d, stdout %q, stderr %q; want exit 1, no ja, and the finding", got.code, got.stdout, got.stderr)
	}

	all := c.run(t, "translate", "--to", "ja")
	if all.code != 1 || all.stdout != "" || !strings.Contains(all.stderr, "the model refuses our key") {
		t.Errorf("yeok translate of a language that fails alone: exit %d, stdout %q, stderr %q", all.code, all.stdout, all.stderr)
	}
}

func TestTranslateWithoutModel(t *testing.T) {
	got := call{dir: t.TempDir(), stdin: page(t)}.run(t, "translate", "--to", "en")
	if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, "no model is configured") {
		t.Errorf("yeok translate without a model: exit %d, stdout %q, stderr %q", got.code, got.stdout, got.stderr)
	}
}

// TestTranslateKeys brings a key from each place where one may stand.
func TestTranslateKeys(t *testing.T) {
	const key = "sk-of-a-test"
	llm := llmtest.New(t, llmtest.Options{APIKey: key})
	entry := "models: [{name: m, baseUrl: '" + llm.URL() + "', "
	dir := folder(t, map[string]string{
		"conf/key": key + "\n", "conf/file.yaml": entry + "apiKeyFile: key}]", "conf/env.yaml": entry + "apiKeyEnv: MY_KEY}]",
	})
	for _, env := range [][]string{
		append(modelEnv(llm), "OPENAI_API_KEY="+key),
		{"YEOK_CONFIG=conf/file.yaml"},
		{"YEOK_CONFIG=conf/env.yaml", "MY_KEY=" + key},
	} {
		c := call{dir: dir, stdin: page(t), env: append(env, "YEOK_STORE=memory")}
		if got := c.run(t, "translate", "--to", "en"); got.code != 0 || strings.Contains(got.stdout+got.stderr, key) {
			t.Errorf("yeok translate with %q: exit %d, stderr %q", env, got.code, got.stderr)
		}
	}
}
