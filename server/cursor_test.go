package server

import (
	"testing"

	yeokv1 "yeok/api/yeok/v1"
)

func TestCursorResumes(t *testing.T) {
	a := &yeokv1.Article{RevisionId: "rev1"}
	for _, id := range []string{"p1", "p2", "p3", "p4", "p5"} {
		a.Blocks = append(a.Blocks, &yeokv1.Block{Id: id})
	}
	block := func(code, id string) *yeokv1.StreamTranslateArticleResponse {
		return blockEvent(&yeokv1.TranslatedBlock{LanguageCode: code, Id: id})
	}
	whole := func(code string) *yeokv1.StreamTranslateArticleResponse {
		return translationEvent(&yeokv1.Translation{LanguageCode: code})
	}
	first := newCursor(a, "")
	sent := []*yeokv1.StreamTranslateArticleResponse{articleEvent(a), block("en", "p2"), block("zh-Hans", "p1"), block("en", "p1"), block("en", "p5"), whole("ja")}
	for _, event := range sent {
		if first.seen(event) {
			t.Errorf("seen(%v) = true on a fresh stream, want false", event)
		}
	}
	if got, want := first.String(), "rev1;en=13;ja=0!;zh-Hans=1"; got != want {
		t.Errorf("cursor = %q, want %q", got, want)
	}

	again := newCursor(a, first.String())
	for _, event := range sent {
		if !again.seen(event) {
			t.Errorf("seen(%v) = false after resuming, want true", event)
		}
	}
	for _, event := range []*yeokv1.StreamTranslateArticleResponse{block("en", "p3"), block("ja", "p1"), whole("en"), doneEvent(nil)} {
		if again.seen(event) {
			t.Errorf("seen(%v) = true after resuming, want false: it was never sent", event)
		}
	}
	for _, id := range []string{"rev2;en=13", "nonsense", "rev1;en=zz;ja", "rev1;en=-1", "rev1;en=ffffffffffffffffffff"} {
		if newCursor(a, id).seen(block("en", "p1")) {
			t.Errorf("newCursor(%q) hides p1, want it to count for nothing", id)
		}
	}
}
