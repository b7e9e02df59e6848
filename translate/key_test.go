package translate_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yeok/article"
	"yeok/translate"
	"yeok/translate/glossary"
)

// numbered is an article with numbers, terms and short segments.
func numbered() article.Article {
	return article.Article{
		Title:       "새벽전자, 1조2000억 투자",
		PublishTime: time.Date(2025, 7, 21, 5, 30, 0, 0, time.UTC),
		Blocks: []article.Block{
			{ID: "p1", Kind: article.Paragraph, Text: "새벽전자는 21일 1조2000억원을 투자한다고 밝혔다."},
			{ID: "p2", Kind: article.Paragraph, Text: "공장은 남쪽 바닷가의 오래된 항구 도시에 세워질 예정이다."},
			{ID: "q1", Kind: article.Quote, Text: "네."},
		},
	}
}

func terms() []glossary.Entry {
	return []glossary.Entry{
		{Source: "새벽전자", Targets: map[string]string{"en": "Saebyeok Electronics", "ja": "セビョク電子"}, Strict: true},
		{Source: "노을중공업", Targets: map[string]string{"en": "Noeul Heavy Industries"}},
	}
}

func keyed(t testing.TB, models ...string) *translate.Translator {
	t.Helper()
	var list []translate.Model
	for _, name := range models {
		list = append(list, translate.Model{Name: name, BaseURL: "http://127.0.0.1:1/v1"})
	}
	return translator(t, list...)
}

// TestFingerprintChanges: what changes the answer changes the key, and what does
// not, does not.
func TestFingerprintChanges(t *testing.T) {
	base := func() translate.Request {
		return translate.Request{Tenant: "a", Name: "cms-1", Article: numbered(), Target: target(t, "en"), Glossary: terms()}
	}
	tests := []struct {
		name    string
		change  func(*translate.Request)
		whole   bool     // the key of the article changes
		changed []string // segments that cannot be reused
	}{
		{"nothing", func(*translate.Request) {}, false, nil},
		{"tenant", func(r *translate.Request) { r.Tenant = "b" }, true, []string{"title", "p1", "p2", "q1"}},
		{"target", func(r *translate.Request) { r.Target = target(t, "ja") }, true, []string{"title", "p1", "p2", "q1"}},
		{"independent", func(r *translate.Request) { r.Independent = true }, true, []string{"title", "p1", "p2", "q1"}},
		{"one paragraph", func(r *translate.Request) {
			r.Article.Blocks[0].Text = "새벽전자는 투자하지 않는다고 밝혔다."
		}, true, []string{"p1"}},
		{"a paragraph before a short segment", func(r *translate.Request) { r.Article.Blocks[1].Text += " 아마도." }, true, []string{"p2"}},
		{"one before a short segment, in another article", func(r *translate.Request) {
			r.Name = "cms-2"
			r.Article.Blocks[1].Text += " 아마도."
		}, true, []string{"p1", "p2", "q1"}},
		{"the same in another article", func(r *translate.Request) { r.Name = "cms-2" }, false, nil},
		{"the same in an article without a name", func(r *translate.Request) { r.Name = "" }, false, nil},
		{"markup", func(r *translate.Request) { r.Article.Blocks[1].HTML = "<b>공장</b>은 …" }, true, []string{"p2"}},
		{"kind", func(r *translate.Request) { r.Article.Blocks[1].Kind = article.Caption }, true, []string{"p2"}},
		{"order of blocks", func(r *translate.Request) {
			b := r.Article.Blocks
			b[0], b[1] = b[1], b[0]
		}, true, nil},
		{"minute of publication", func(r *translate.Request) { r.Article.PublishTime = r.Article.PublishTime.Add(time.Minute) }, false, nil},
		{"day of publication", func(r *translate.Request) { r.Article.PublishTime = r.Article.PublishTime.AddDate(0, 0, 1) }, true, nil},
		{"month of publication", func(r *translate.Request) { r.Article.PublishTime = r.Article.PublishTime.AddDate(0, 1, 1) }, true, []string{"p1"}},
		{"a term that occurs", func(r *translate.Request) { r.Glossary[0].Targets["en"] = "Dawn Electronics" }, true, []string{"title", "p1"}},
		{"a term that must be kept to", func(r *translate.Request) { r.Glossary[0].Strict = false }, true, []string{"title", "p1"}},
		{"a term that does not hold yet", func(r *translate.Request) { r.Glossary[0].ValidFrom = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }, true, []string{"title", "p1"}},
		{"a term that does not occur", func(r *translate.Request) { r.Glossary[1].Targets["en"] = "Sunset" }, false, nil},
		{"a term's other language", func(r *translate.Request) { r.Glossary[0].Targets["ja"] = "暁電子" }, false, nil},
		{"known segments", func(r *translate.Request) { r.Known = map[string]translate.Segment{"p1": {Text: "x"}} }, false, nil},
	}
	tr := keyed(t, "model")
	whole, segments := tr.Fingerprint(base()), tr.SegmentFingerprints(base())
	for _, test := range tests {
		r := base()
		test.change(&r)
		if got := tr.Fingerprint(r) != whole; got != test.whole {
			t.Errorf("%s: Fingerprint changed: %v, want %v", test.name, got, test.whole)
		}
		want := make(map[string]bool)
		for _, id := range test.changed {
			want[id] = true
		}
		for id, keys := range tr.SegmentFingerprints(r) {
			if got := !share(keys, segments[id]); got != want[id] {
				t.Errorf("%s: SegmentFingerprints[%s] changed: %v, want %v", test.name, id, got, want[id])
			}
		}
	}
}

// share reports whether a segment with the one list of keys may be reused for the
// other.
func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(key string) bool { return slices.Contains(b, key) })
}

// TestFingerprintOfLongSegment: a long segment is the same wherever it stands, a
// short one only between the same neighbours, and of two equal short ones in one
// article neither is the other.
func TestFingerprintOfLongSegment(t *testing.T) {
	const long = "새벽전자는 남쪽 바닷가의 오래된 항구 도시에 두 번째 공장을 세우고 내후년부터 반도체를 만들 예정이라고 밝혔다."
	const short = "공장은 남쪽 바닷가에 세워진다."
	tr := keyed(t, "model")
	keysOf := func(name string, texts ...string) map[string][]string {
		a := article.Article{}
		for i, text := range texts {
			a.Blocks = append(a.Blocks, article.Block{ID: fmt.Sprint("p", i+1), Kind: article.Paragraph, Text: text})
		}
		return tr.SegmentFingerprints(translate.Request{Name: name, Article: a, Target: target(t, "en")})
	}
	here, there := keysOf("cms-1", "가나다", long, short), keysOf("cms-2", short, long, "라마바")
	if !share(here["p2"], there["p2"]) {
		t.Error("SegmentFingerprints: a long segment is not reused in another article")
	}
	if share(here["p3"], there["p1"]) {
		t.Error("SegmentFingerprints: a short segment is reused between other neighbours")
	}
	if twice := keysOf("cms-1", "네.", long, "네."); share(twice["p1"], twice["p3"]) {
		t.Error("SegmentFingerprints: two answers to two questions are one")
	}
}

// TestFingerprintFacts: a fact that comes from another paragraph is part of a
// segment's key.
func TestFingerprintFacts(t *testing.T) {
	tr := keyed(t, "model")
	keysOf := func(lead string) map[string][]string {
		return tr.SegmentFingerprints(translate.Request{Name: "cms-1", Target: target(t, "en"), Article: article.Article{
			Title:       "李 회장, 오늘 새 공장 열어",
			PublishTime: time.Date(2025, 7, 21, 5, 30, 0, 0, time.UTC),
			Blocks: []article.Block{
				{ID: "p1", Kind: article.Paragraph, Text: lead},
				{ID: "p2", Kind: article.Paragraph, Text: "공장은 이날 남쪽 바닷가의 오래된 항구 도시에 문을 열었다."},
				{ID: "p3", Kind: article.Paragraph, Text: "공장은 남쪽 바닷가의 오래된 항구 도시에 문을 열었다."},
			},
		}})
	}
	first := keysOf("이도윤 회장은 21일 밝혔다.")
	for lead, want := range map[string][]string{
		"이도윤 회장은 18일 밝혔다.":  {"p1", "p2"},
		"이서준 회장은 21일 밝혔다.":  {"p1", "title"},
		"이도윤 회장은 21일 말했다.":  {"p1"},
		"이도윤 회장은 21일 밝혔다. ": {"p1"},
	} {
		var got []string
		for id, key := range keysOf(lead) {
			if !share(key, first[id]) {
				got = append(got, id)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("SegmentFingerprints after %q: changed (-want +got):\n%s", lead, diff)
		}
	}
}

// TestFingerprintOfLooseDate: a date that cannot be resolved means another day when
// the article is of another day; one that can has its fact for that.
func TestFingerprintOfLooseDate(t *testing.T) {
	tr := keyed(t, "model")
	keysOf := func(day int) map[string][]string {
		return tr.SegmentFingerprints(translate.Request{Name: "cms-1", Target: target(t, "en"), Article: article.Article{
			PublishTime: time.Date(2025, 7, day, 5, 30, 0, 0, time.UTC),
			Blocks: []article.Block{
				{ID: "p1", Kind: article.Paragraph, Text: "회사는 올해 3일부터 공장을 돌린다."},
				{ID: "p2", Kind: article.Paragraph, Text: "회사는 2025년 3월 3일부터 공장을 돌린다."},
			},
		}})
	}
	first, second := keysOf(21), keysOf(22)
	if share(first["p1"], second["p1"]) {
		t.Error("SegmentFingerprints: a date that nobody can resolve is the same a day later")
	}
	if !share(first["p2"], second["p2"]) {
		t.Error("SegmentFingerprints: a full date is another a day later")
	}
}

// TestFingerprintBoundaries: what stands on one side of a boundary cannot be
// moved to the other.
func TestFingerprintBoundaries(t *testing.T) {
	tr := keyed(t, "model")
	request := func(tenant string, a article.Article) translate.Request {
		return translate.Request{Tenant: tenant, Article: a, Target: target(t, "en")}
	}
	block := func(id, text string) article.Block { return article.Block{ID: id, Kind: article.Paragraph, Text: text} }
	pairs := []struct {
		name string
		a, b translate.Request
	}{
		{"title and subtitle", request("", article.Article{Title: "가나", Subtitles: []string{"다"}}), request("", article.Article{Title: "가", Subtitles: []string{"나다"}})},
		{"subtitles", request("", article.Article{Subtitles: []string{"가", ""}}), request("", article.Article{Subtitles: []string{"가"}})},
		{"id and text", request("", article.Article{Blocks: []article.Block{block("p1", "1가")}}), request("", article.Article{Blocks: []article.Block{block("p11", "가")}})},
		{"two blocks and one", request("", article.Article{Blocks: []article.Block{block("p1", "가"), block("p2", "나")}}), request("", article.Article{Blocks: []article.Block{block("p1", "가나")}})},
		{"tenant and target", request("e", article.Article{Title: "가"}), request("", article.Article{Title: "e가"})},
		{"subtitle and block", request("", article.Article{Subtitles: []string{"가"}}), request("", article.Article{Blocks: []article.Block{block("subtitle1", "가")}})},
	}
	for _, pair := range pairs {
		if tr.Fingerprint(pair.a) == tr.Fingerprint(pair.b) {
			t.Errorf("%s: Fingerprint is equal for different requests", pair.name)
		}
	}
}

// TestFingerprintStable: the order of a map has no say.
func TestFingerprintStable(t *testing.T) {
	tr := keyed(t, "model")
	var whole string
	var segments map[string][]string
	for i := range 1000 {
		entries := make([]glossary.Entry, 0, 2)
		for _, e := range terms() {
			e.Targets = maps.Clone(e.Targets)
			for n := range i % 7 {
				e.Targets[fmt.Sprint("x", n)] = "y"
			}
			entries = append(entries, e)
		}
		r := translate.Request{Article: numbered(), Target: target(t, "en"), Glossary: entries}
		if i == 0 {
			whole, segments = tr.Fingerprint(r), tr.SegmentFingerprints(r)
			continue
		}
		if got := tr.Fingerprint(r); got != whole {
			t.Fatalf("Fingerprint = %s in round %d, want %s", got, i, whole)
		}
		if got := tr.SegmentFingerprints(r); !maps.EqualFunc(got, segments, slices.Equal) {
			t.Fatalf("SegmentFingerprints differ in round %d", i)
		}
	}
}

// TestFingerprintModel: snapshots and resellers of a model share a key, and so do
// chains with other helpers.
func TestFingerprintModel(t *testing.T) {
	r := translate.Request{Article: numbered(), Target: target(t, "en")}
	want := keyed(t, "gpt-4o").Fingerprint(r)
	for _, models := range [][]string{{"gpt-4o-2024-08-06"}, {"openai/gpt-4o"}, {"GPT-4o-latest"}, {"gpt-4o", "other"}} {
		if got := keyed(t, models...).Fingerprint(r); got != want {
			t.Errorf("Fingerprint with models %q differs from that with gpt-4o", models)
		}
	}
	for _, models := range [][]string{{"gpt-4o-mini"}, {"other", "gpt-4o"}, {"qwen2.5:7b"}} {
		if got := keyed(t, models...).Fingerprint(r); got == want {
			t.Errorf("Fingerprint with models %q equals that with gpt-4o", models)
		}
	}
	if keyed(t, "qwen2.5:7b").Fingerprint(r) == keyed(t, "qwen2.5:14b").Fingerprint(r) {
		t.Error("Fingerprint is equal for two sizes of a model")
	}
}

func BenchmarkSegmentFingerprints(b *testing.B) {
	tr := keyed(b, "model")
	r := translate.Request{Article: sample(), Target: target(b, "en"), Glossary: terms()}
	for b.Loop() {
		tr.SegmentFingerprints(r)
	}
}

func BenchmarkFingerprint(b *testing.B) {
	tr := keyed(b, "model")
	r := translate.Request{Article: sample(), Target: target(b, "en"), Glossary: terms()}
	for range 4 { // some 2,000 characters
		r.Article.Blocks = append(r.Article.Blocks, r.Article.Blocks...)
	}
	for b.Loop() {
		tr.Fingerprint(r)
	}
}
