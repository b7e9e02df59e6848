package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/translate"
	"yeok/translate/language"
)

func invented(t *testing.T) []story {
	t.Helper()
	list, err := stories("..", t.TempDir())
	if err != nil {
		t.Fatalf("stories: %v", err)
	}
	return list
}

func english(t *testing.T) *language.Language {
	t.Helper()
	l, ok := language.Lookup("en")
	if !ok {
		t.Fatal("no English")
	}
	return l
}

// TestStories: what a segment must say stands in that segment, and terms occur.
func TestStories(t *testing.T) {
	list := invented(t)
	if len(list) < 4 {
		t.Fatalf("stories: got %d, want at least 4", len(list))
	}
	for _, s := range list {
		source := make(map[string]string)
		for _, segment := range s.segments() {
			source[segment.ID] = segment.Source
		}
		for _, f := range s.facts {
			if !strings.Contains(source[f.In], f.Korean) {
				t.Errorf("%s: %s does not stand in %s, %q", s.name, f.Korean, f.In, source[f.In])
			}
			for code, pattern := range f.right {
				if pattern.MatchString("") {
					t.Errorf("%s: the pattern of %s for %s matches everything", s.name, f.Korean, code)
				}
			}
		}
		for _, term := range s.terms {
			if !strings.Contains(s.text(), term.Source) {
				t.Errorf("%s: the term %s does not occur", s.name, term.Source)
			}
		}
	}
}

// TestRight: a translation by hand says every fact. How many segments the checks
// doubt all the same is a figure of the report; here it may only fall.
func TestRight(t *testing.T) {
	const mostDoubted = 1
	doubted := 0
	for _, s := range invented(t) {
		for _, l := range language.Targets() {
			o := outcome{Method: throughYeok, Segments: s.right[l.Code]}
			showSilent(t.Output(), s, l, o)
			got := judge(s, l, o)
			if got.lost > 0 || got.wrong > 0 || got.hangul > 0 || got.missed > 0 {
				t.Errorf("judge(%s in %s by hand): got %+v, want nothing wrong", s.name, l.Code, got)
			}
			doubted += got.marked
		}
	}
	if doubted > mostDoubted {
		t.Errorf("the checks doubt %d segments translated by hand, want at most %d", doubted, mostDoubted)
	}
}

// small is a story of two segments with one fact each.
func small(t *testing.T) story {
	t.Helper()
	for _, s := range invented(t) {
		if s.name == "accident" {
			s.article.Blocks = s.article.Blocks[:1]
			s.facts = slices.DeleteFunc(s.facts, func(f fact) bool { return f.Korean != "35명" })
			s.facts[1].right["en"] = regexp.MustCompile(`35 (got out|were evacuated)`)
			return s
		}
	}
	t.Fatal("no story accident")
	return story{}
}

func TestJudge(t *testing.T) {
	s := small(t)
	const good = "Fire at a plastics factory in Garam hurts 2, 35 got out"
	const bad = "A fire broke out at 3:20 a.m. on the 14th at a plastics factory in Haneul, Garam; two were hurt and 53 got out."
	const odd = "A fire broke out at 3:20 a.m. on the 14th at a plastics factory in Haneul, Garam; two were hurt and 35 stayed inside."
	for _, test := range []struct {
		name                string
		outcome             outcome
		lost, wrong, silent int
	}{
		{"wrong and marked", outcome{Method: throughYeok, Segments: map[string]string{"title": good, "p1": bad}}, 0, 1, 0},
		{"wrong and silent", outcome{Method: throughYeok, Segments: map[string]string{"title": good, "p1": odd}}, 0, 1, 1},
		{"missing", outcome{Method: throughYeok, Segments: map[string]string{"title": good}}, 1, 1, 0},
		{"naive", outcome{Method: onePrompt, Text: good + "\n\n" + bad}, 0, 0, 0}, // 35 stands somewhere
		{"naive and short", outcome{Method: onePrompt, Text: bad}, 1, 2, 2},
	} {
		got := judge(s, english(t), test.outcome)
		if got.lost != test.lost || got.wrong != test.wrong || got.silent != test.silent {
			t.Errorf("judge(%s): got %d lost, %d wrong, %d silent, want %d, %d, %d",
				test.name, got.lost, got.wrong, got.silent, test.lost, test.wrong, test.silent)
		}
	}
}

func TestMeasure(t *testing.T) {
	s := small(t)
	got := judge(s, english(t), outcome{Method: onePrompt, Text: "가람시 fire: 2 hurt, 35 out\n\nVincent Carmody said 77 people were hurt at 3:20 a.m. on the 14th."})
	if got.hangul != 1 || got.names != 1 || got.missed != 1 || got.numbers == 0 {
		t.Errorf("judge: got %d with Hangul, %d names wrong, %d terms missed, %d number errors, want 1, 1, 1 and some",
			got.hangul, got.names, got.missed, got.numbers)
	}
}

func TestAskNaively(t *testing.T) {
	var asked struct {
		Model    string
		Messages []struct{ Role, Content string }
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Errorf("the request is no JSON: %v", err)
		}
		w.Write([]byte(`{"choices":[{"message":{"content":"A fire."},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}`))
	}))
	defer server.Close()
	s := small(t)
	got, err := askNaively(context.Background(), translate.Model{Name: "m", BaseURL: server.URL + "/v1"}, s, english(t))
	if err != nil {
		t.Fatalf("askNaively: %v", err)
	}
	got.Seconds = 0
	want := outcome{Story: "accident", Language: "en", Method: onePrompt, Model: "m", State: "stop", Text: "A fire.", Requests: 1, PromptTokens: 7, CompletionTokens: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("askNaively (-want +got):\n%s", diff)
	}
	if prompt := "Translate the following Korean news article into English:\n\n" + s.text(); len(asked.Messages) != 1 || asked.Messages[0].Content != prompt {
		t.Errorf("askNaively asked %+v, want %q alone", asked.Messages, prompt)
	}

	keep := recorder{filepath.Join(t.TempDir(), "runs")}
	if !keep.missing("accident", "en", onePrompt) {
		t.Error("missing: got false before anything was written")
	}
	if err := keep.write(got); err != nil {
		t.Fatalf("write: %v", err)
	}
	kept, err := keep.read("accident", "en", onePrompt)
	if diff := cmp.Diff(got, kept); err != nil || diff != "" {
		t.Errorf("read: %v (-want +got):\n%s", err, diff)
	}
}

func TestPlaced(t *testing.T) {
	n := table{name: "n", header: []string{"what", "n"}}
	n.row("ü", 12)
	got, err := placed("by hand\n<!-- eval:n -->\nold\n<!-- /eval:n -->\nby hand\n", n)
	want := "by hand\n<!-- eval:n -->\n| what |   n |\n| ---- | --: |\n| ü    |  12 |\n<!-- /eval:n -->\nby hand\n"
	if err != nil || got != want {
		t.Errorf("placed: got %q, %v, want %q", got, err, want)
	}
	if _, err := placed("no place", n); err == nil {
		t.Error("placed without markers: got no error")
	}
}

// TestDocument: the document has a place for every table.
func TestDocument(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", document))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"alarms", "right", "power", "renderings", "faults", "injection", "model", "stories"} {
		if _, err := placed(string(data), table{name: name, header: []string{"x"}}); err != nil {
			t.Errorf("placed: %v", err)
		}
	}
}
