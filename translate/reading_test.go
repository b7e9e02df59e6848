package translate_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/article"
	"yeok/internal/llmtest"
	"yeok/translate"
	"yeok/translate/language"
)

// TestReadingChangesNoKey: whoever has an article read once for all languages gets
// the keys that a request makes by itself, also when all languages ask at once.
func TestReadingChangesNoKey(t *testing.T) {
	tr := keyed(t, "model")
	for _, a := range []article.Article{sample(), numbered(), {Title: "靑·與, 윤 대표 21일 소환", Blocks: []article.Block{
		{ID: "p1", Text: "윤가람 대표는 21일 2조5000억원을 투자한다고 밝혔다."}, {ID: "p2", Text: "국세청은 이날 답하지 않았다."}, {ID: "p3", Text: "3위"},
	}}, {}} {
		for _, independent := range []bool{false, true} {
			reading := translate.Read(a, independent)
			var all sync.WaitGroup
			for _, l := range language.Targets() {
				all.Go(func() {
					r := translate.Request{Tenant: "t", Name: "n", Article: a, Target: l, Glossary: terms(), Independent: independent}
					whole, segments := tr.Fingerprint(r), tr.SegmentFingerprints(r)
					r.Reading = reading
					for range 2 {
						if got := tr.Fingerprint(r); got != whole {
							t.Errorf("Fingerprint of %q in %s with a reading differs from that without", a.Title, l.Code)
						}
						if diff := cmp.Diff(segments, tr.SegmentFingerprints(r)); diff != "" {
							t.Errorf("SegmentFingerprints of %q in %s with a reading (-without +with):\n%s", a.Title, l.Code, diff)
						}
					}
				})
			}
			all.Wait()
		}
	}
}

// TestReadingOfAnotherArticle: such a reading is not used.
func TestReadingOfAnotherArticle(t *testing.T) {
	tr := keyed(t, "model")
	r := translate.Request{Article: numbered(), Target: target(t, "en")}
	want := tr.SegmentFingerprints(r)
	other := numbered()
	other.Blocks = append([]article.Block{{ID: "p0", Text: "다른 기사다."}}, other.Blocks...)
	for _, reading := range []*translate.Reading{translate.Read(other, false), translate.Read(r.Article, true)} {
		r.Reading = reading
		if diff := cmp.Diff(want, tr.SegmentFingerprints(r)); diff != "" {
			t.Errorf("SegmentFingerprints with another article's reading (-want +got):\n%s", diff)
		}
	}
}

// TestReadingIsNotWrittenTo: translating at once into all languages from one reading
// gives what each gives alone.
func TestReadingIsNotWrittenTo(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	tr := translator(t, model(llm, translate.Profile{}))
	reading := translate.Read(into(t, "en").Article, false)
	var all sync.WaitGroup
	for _, l := range language.Targets() {
		all.Go(func() {
			req := into(t, l.Code)
			want, err := tr.Translate(t.Context(), req)
			if err != nil {
				t.Error(err)
			}
			req.Article, req.Reading = reading.Article(), reading
			got, err := tr.Translate(t.Context(), req)
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(fmt.Sprint(want.Blocks, want.Findings), fmt.Sprint(got.Blocks, got.Findings)); diff != "" {
				t.Errorf("Translate into %s with a reading (-without +with):\n%s", l.Code, diff)
			}
		})
	}
	all.Wait()
}
