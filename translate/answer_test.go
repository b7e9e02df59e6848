package translate

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// read feeds an answer in pieces of so many bytes and returns what was emitted.
func read(t testing.TB, text string, piece int, tags ...string) (map[string]string, *answer) {
	t.Helper()
	got := make(map[string]string)
	a := newAnswer(tags, 1<<20, func(tag, text string) {
		if _, again := got[tag]; again {
			t.Errorf("answer(%q) emitted %s twice", text, tag)
		}
		got[tag] = text
	})
	for len(text) > 0 {
		n := min(piece, len(text))
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n++
		}
		if err := a.write(text[:n]); err != nil {
			t.Fatalf("answer.write(%q): %v", text[:n], err)
		}
		text = text[n:]
	}
	a.close()
	return got, a
}

func TestAnswer(t *testing.T) {
	two := map[string]string{"T": "Title", "P1": "One."}
	tests := []struct {
		name, text string
		want       map[string]string
	}{
		{"plain", "[[T]] Title\n[[P1]] One.", two},
		{"text on the next line", "[[T]]\nTitle\n\n[[P1]]\nOne.\n", two},
		{"one line", "[[T]] Title [[P1]] One.", two},
		{"preamble", "Sure, here it is:\n\n[[T]] Title\n[[P1]] One.", two},
		{"fences", "```text\n[[T]] Title\n[[P1]] One.\n```\n", two},
		{"echoed fence", "<<<ARTICLE 0a1b\n[[T]] Title\n[[P1]] One.\nARTICLE 0a1b>>>", two},
		{"single brackets", "[T] Title\n[P1]: One.", two},
		{"bold", "**[[T]]** Title\n**[[P1]] One.**", two},
		{"Chinese brackets", "【T】Title\n【P1】One.", two},
		{"lower case", "[[t]] Title\n[[p1]] One.", two},
		{"colon", "[[T]]: Title\n[[P1]]： One.", two},
		{"closing markers", "[[T]] Title [[/T]]\n[[P1]] One.[[/P1]]\nAnything else?", two},
		{"thinking", "<think>[[T]] no\n[[P1]] no</think>[[T]] Title\n[[P1]] One.", two},
		{"thinking never closed", "<think>[[T]] no\n[[P1]] no", map[string]string{}},
		{"stranger", "[[T]] Title\n[[P9]] Nobody asked.\n[[P1]] One.", two},
		{"same text twice", "[[T]] Title\n[[P1]] One.\n[[T]] Title", two},
		{"missing", "[[T]] Title", map[string]string{"T": "Title"}},
		{"empty segment", "[[T]]\n[[P1]] One.", map[string]string{"P1": "One."}},
		{"no marker", "Title\nOne.", map[string]string{}},
		{"brackets inside a text", "[[T]] Title\n[[P1]] One [P1] more.", map[string]string{"T": "Title", "P1": "One [P1] more."}},
		{"bold inside a text", "[[T]] **Title**\n[[P1]] One.", map[string]string{"T": "**Title**", "P1": "One."}},
		{"lines inside a text", "[[T]] Title\n[[P1]] One.\nTwo.", map[string]string{"T": "Title", "P1": "One.\nTwo."}},
		{"nothing", "", map[string]string{}},
	}
	for _, test := range tests {
		for _, piece := range []int{1, 3, 1 << 20} {
			got, _ := read(t, test.text, piece, "T", "P1")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s: answer(%q) in pieces of %d (-want +got):\n%s", test.name, test.text, piece, diff)
			}
		}
	}
}

func TestAnswerThinkingWithoutOpening(t *testing.T) {
	got := make(map[string][]string)
	a := newAnswer([]string{"P1"}, 1<<20, func(tag, text string) { got[tag] = append(got[tag], text) })
	if err := a.write("The user wants P1.\n</think>\n[[P1]] One."); err != nil {
		t.Fatal(err)
	}
	a.close()
	want := map[string][]string{"P1": {"One."}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestAnswerOneSegmentNeedsNoMarker(t *testing.T) {
	for text, want := range map[string]string{
		"One.\n":             "One.",
		"```\nOne.\n```":     "One.",
		"[[P1]] One.":        "One.",
		"Here:\n[[P1]] One.": "One.",
		"[[P2]] Two.":        "",
	} {
		got, _ := read(t, text, 2, "P1")
		if got["P1"] != want {
			t.Errorf("answer(%q) = %q, want %q", text, got["P1"], want)
		}
	}
}

func TestAnswerTwice(t *testing.T) {
	got, a := read(t, "[[P1]] One.\n[[P2]] Two.\n[[P1]] Another.\n[[X7]] what", 5, "P1", "P2")
	if diff := cmp.Diff(map[string]string{"P1": "One.", "P2": "Two."}, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"P1"}, a.twice); diff != "" {
		t.Errorf("answer.twice (-want +got):\n%s", diff)
	}
	if a.alien != 1 {
		t.Errorf("answer.alien = %d, want 1", a.alien)
	}
}

// TestAnswerEmitsEarly: a segment is out as soon as the next marker has come, not
// at the end of its line.
func TestAnswerEmitsEarly(t *testing.T) {
	var got []string
	a := newAnswer([]string{"P1", "P2"}, 1<<20, func(tag, _ string) { got = append(got, tag) })
	if err := a.write("[[P1]] One.\n[[P2]]"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"P1"}, got); diff != "" {
		t.Errorf("emitted before the end (-want +got):\n%s", diff)
	}
}

// TestAnswerHuge: reading takes time linear in the answer, also when it is one
// line, and an answer without an end is given up.
func TestAnswerHuge(t *testing.T) {
	const limit = 1 << 20
	a := newAnswer([]string{"P1"}, limit, func(string, string) {})
	words := rand.New(rand.NewPCG(1, 2)) // so that it is no loop
	for written := 0; ; {
		piece := fmt.Sprintf("%x ", words.Uint32())
		err := a.write(piece)
		if written += len(piece); written > limit {
			if !errors.Is(err, errHuge) {
				t.Errorf("answer.write after %d bytes: %v, want errHuge", written, err)
			}
			return
		}
		if err != nil {
			t.Fatalf("answer.write after %d bytes: %v", written, err)
		}
	}
}

func TestAnswerLoop(t *testing.T) {
	a := newAnswer([]string{"P1"}, 1<<20, func(string, string) {})
	for i := range 200 {
		if err := a.write("and so on, and so forth, "); errors.Is(err, errLoop) {
			if i > 40 {
				t.Errorf("a loop was found after %d rounds only", i)
			}
			return
		}
	}
	t.Error("no loop was found")
}

func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"[[T]] Title\n[[P1]] One.", "**[[T]]**: a [[P1]] b", "<think>x</think>[P1] y", "```\n[[P1]]\n```",
		"<<<ARTICLE a\n[[T]]】", "[[T]] a\n[[T]] b", "【P1】c[[/P1]]", "[[P1]][[P1]]]", "[T", "</THINK>\n[[t ]]",
	} {
		f.Add(seed, 1)
		f.Add(seed, 7)
	}
	f.Fuzz(func(t *testing.T, text string, piece int) {
		if !utf8.ValidString(text) || piece < 1 {
			t.Skip()
		}
		if strings.Contains(strings.ToLower(text), "think") {
			// A segment may be out before a stray </think> says that it was thinking.
			a := newAnswer([]string{"T", "P1"}, 1<<20, func(string, string) {})
			_ = a.write(text)
			a.close()
			return
		}
		whole, _ := read(t, text, len(text)+1, "T", "P1")
		pieces, _ := read(t, text, piece, "T", "P1")
		if diff := cmp.Diff(whole, pieces); diff != "" {
			t.Errorf("answer(%q) depends on the size of its pieces (%d):\n%s", text, piece, diff)
		}
		for tag, got := range whole {
			if tag != "T" && tag != "P1" || strings.TrimSpace(got) == "" || !utf8.ValidString(got) {
				t.Errorf("answer(%q) emitted %q: %q", text, tag, got)
			}
		}
	})
}
