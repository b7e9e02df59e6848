package server

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"yeok/cache"
)

// filer is a server with a memory, and a job whose article is to be filed.
func filer(t *testing.T) (*Server, *job) {
	t.Helper()
	memory, err := cache.Open(cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = memory.Close() })
	s := &Server{log: slog.New(slog.DiscardHandler), cache: memory}
	t.Cleanup(s.inMemory.Wait)
	return s, &job{id: "cms-1", revision: "one"}
}

// TestAFilingIsTakenOnce: who takes a filing is the one who does it, everybody else
// waits for him, and hears when he failed.
func TestAFilingIsTakenOnce(t *testing.T) {
	for name, test := range map[string]struct {
		does func(*articleFiling)
		want error
	}{
		"done":   {(*articleFiling).done, nil},
		"failed": {func(*articleFiling) {}, errPanicked},
	} {
		s, j := filer(t)
		s.fileArticle(t.Context(), j)
		taken := j.takeFiling()
		if taken == nil || j.takeFiling() != nil {
			t.Fatalf("%s: takeFiling: %v at first, and again the second time", name, taken)
		}
		told := make(chan error)
		go func() { told <- s.awaitFiled(context.Background(), j) }()
		test.does(taken)
		s.endFiling(j, taken)
		if err := <-told; !errors.Is(err, test.want) || s.isNewest(j) {
			t.Errorf("%s: awaitFiled = %v, want %v; filed by who waited: %t", name, err, test.want, s.isNewest(j))
		}
	}
}

// TestAwaitingFiles: an article that nobody stores anything of is filed by who waits
// for it; and of two revisions the one that came last is the newest, although the
// first cannot be stored with a translation any more.
func TestAwaitingFiles(t *testing.T) {
	s, first := filer(t)
	second := &job{id: first.id, revision: "two"}
	s.fileArticle(t.Context(), first)
	s.fileArticle(t.Context(), second)
	if second.takeFiling() != nil {
		t.Error("a filing is taken that another revision's goes before")
	}
	if err := s.awaitFiled(t.Context(), second); err != nil || !s.isNewest(second) {
		t.Errorf("awaitFiled = %v, the newest revision is %q", err, s.newest("", "cms-1"))
	}
	if err := s.awaitFiled(t.Context(), first); err != nil || !s.isNewest(second) {
		t.Errorf("awaitFiled of the first = %v, the newest revision is %q", err, s.newest("", "cms-1"))
	}
	if s.articleAt(revisionKey("", "cms-1", "one")) == nil {
		t.Error("the earlier revision is not kept")
	}
}

// TestAnArticleIsFiledByItself: when the model takes its time and nobody waits.
func TestAnArticleIsFiledByItself(t *testing.T) {
	s, j := filer(t)
	s.fileArticle(t.Context(), j)
	s.inMemory.Wait()
	if !s.isNewest(j) || len(s.filings.newest) != 0 {
		t.Errorf("the newest revision is %q, %d claims are left", s.newest("", "cms-1"), len(s.filings.newest))
	}
}
