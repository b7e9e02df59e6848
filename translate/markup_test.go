package translate

import (
	"strings"
	"testing"

	"yeok/article"
)

func same(text string) string { return text }

func TestMarkup(t *testing.T) {
	tests := []struct {
		name, source, shown, answer, want string
	}{
		{"link", `가 <a href="/x?a=1&amp;b=2" rel=nofollow>나</a> 다`, "가 <x1>나</x1> 다",
			"A <x1>B</x1> C", `A <a href="/x?a=1&amp;b=2" rel=nofollow>B</a> C`},
		{"moved", `<b>가</b> 나 <i>다</i>`, "<x1>가</x1> 나 <x2>다</x2>",
			"<x2>C</x2> B <x1>A</x1>", "<i>C</i> B <b>A</b>"},
		{"nested", `가 <b>나 <i>다</i></b>`, "가 <x1>나 <x2>다</x2></x1>",
			"A <x1><x2>C</x2> B</x1>", "A <b><i>C</i> B</b>"},
		{"void", `가<br/>나 <img src=a.png> 다`, "가<x1/>나 <x2/> 다",
			"A <x1/> B <x2/> C", "A <br/> B <img src=a.png> C"},
		{"around all", `<b><i>가</i></b>`, "가", "A", "<b><i>A</i></b>"},
		{"entities", `가 &lt;script&gt; <b>나</b> &amp; 다`, "가 <script> <x1>나</x1> & 다",
			"A <script> <x1>B</x1> & C", "A &lt;script&gt; <b>B</b> &amp; C"},
		{"quotes are no markup in text", `"가" '나' <a title="&quot;">다</a>`, `"가" '나' <x1>다</x1>`,
			`"A" 'B' & <x1>C</x1>`, `"A" 'B' &amp; <a title="&quot;">C</a>`},
		{"opaque", `가 <code>x < 1</code> 나`, "가 <x1/> 나", "A <x1/> B", "A <code>x < 1</code> B"},
		{"not to be translated", `가 <span translate="no">나 <span>다</span></span> 라`, "가 <x1/> 라", "A <x1/> D",
			`A <span translate="no">나 <span>다</span></span> D`},
		{"sloppy tokens", `가 <b>나</b>`, "가 <x1>나</x1>", "A < X1 >B</ x1>", "A <b>B</b>"},
	}
	for _, test := range tests {
		m, shown, ok := parseMarkup(test.source, same)
		if !ok || shown != test.shown {
			t.Errorf("%s: parseMarkup(%q) = %q, %v, want %q", test.name, test.source, shown, ok, test.shown)
			continue
		}
		got, _, fault := m.restore(test.answer, same)
		if fault != "" || got != test.want {
			t.Errorf("%s: restore(%q) = %q, fault %q, want %q", test.name, test.answer, got, fault, test.want)
		}
	}
}

func TestMarkupFaults(t *testing.T) {
	const source = `가 <b>나</b> <i>다</i>`
	for answer, want := range map[string]string{
		"A B C":                                  "<x1> is missing",
		"A <x1>B C":                              "<x1> is not closed",
		"A B</x1> <x2>C</x2>":                    "</x1> closes nothing",
		"A <x1>B</x1> <x1>B</x1>":                "<x1> came twice",
		"A <x1>B</x1> <x2>C</x2> <x3>D</x3>":     "<x3> is not in the source",
		"A <x1>B <x2>C</x1></x2>":                "</x1> closes nothing",
		"A <x1>B</x1> <x2>C</x2> <x99999999>D":   "",
		"A <x1>B</x1> <x2>C</x2> <script>D":      "",
		"A <x1>B</x1> <x2>C</x2> <x0>D</x0> end": "<x0> is not in the source",
	} {
		m, _, ok := parseMarkup(source, same)
		if !ok {
			t.Fatalf("parseMarkup(%q) failed", source)
		}
		withTags, plain, fault := m.restore(answer, same)
		if want == "" && fault != "" || !strings.Contains(fault, want) {
			t.Errorf("restore(%q) has fault %q, want %q", answer, fault, want)
		}
		if fault != "" && withTags != "" {
			t.Errorf("restore(%q) = %q in spite of its fault", answer, withTags)
		}
		if strings.Contains(plain, "<x1>") {
			t.Errorf("restore(%q) leaves tokens in plain text %q", answer, plain)
		}
		if strings.Contains(withTags, "<script>") {
			t.Errorf("restore(%q) lets markup through: %q", answer, withTags)
		}
	}
}

func TestMarkupNotNested(t *testing.T) {
	for _, source := range []string{"<b>가", "가</b>", "<b><i>가</b></i>", "그냥", ""} {
		if _, shown, ok := parseMarkup(source, same); ok {
			t.Errorf("parseMarkup(%q) = %q, want not ok", source, shown)
		}
	}
}

// translated stands in for a translation: it marks every run.
func translated(blocks []article.Block) []article.Block {
	for i, b := range blocks {
		blocks[i].Text = "«" + b.Text + "»"
		if b.HTML != "" {
			blocks[i].HTML = "«" + b.HTML + "»"
		}
	}
	return blocks
}

func TestSplitHTML(t *testing.T) {
	for source, want := range map[string]string{
		`안녕`:                                    `«안녕»`,
		`<p> 가 <b>나</b></p>`:                    `<p> «가 <b>나</b>»</p>`,
		`<ul><li>가<li>나</ul>`:                   `<ul><li>«가»<li>«나»</ul>`,
		`<p>가</p><!-- 나 --><p>다</p>`:            `<p>«가»</p><!-- 나 --><p>«다»</p>`,
		`<script>var 가 = "<p>";</script>나`:      `<script>var 가 = "<p>";</script>«나»`,
		`<style>가</style><pre>나 <b>다</b></pre>`: `<style>가</style><pre>나 <b>다</b></pre>`,
		`&lt;script&gt; 가 &amp; 나`:              `«&lt;script&gt; 가 &amp; 나»`,
		`<td>***</td><td>1,000</td>`:            `<td>***</td><td>1,000</td>`,
		`<p><b>가</p><p>나</b></p>`:               `<p><b>«가»</p><p>«나»</b></p>`,
		`<p>가 <x id="1"/> 나</p>`:                `<p>«가 <x id="1"/> 나»</p>`,
		`<p>`:                                   `<p>`,
		``:                                      ``,
		`가 < 나`:                                 `«가 &lt; 나»`,
		`<a href="<p>">가</a>`:                   `«<a href="<p>">가</a>»`,
		"<div\n가":                               "<div\n가",
	} {
		blocks, skeleton := SplitHTML(source)
		if got := skeleton.Join(translated(blocks)); got != want {
			t.Errorf("SplitHTML(%q), translated and joined = %q, want %q", source, got, want)
		}
	}
}

func TestSplitHTMLBlocks(t *testing.T) {
	blocks, _ := SplitHTML(`<h2>제목 &amp; 끝</h2><p>가 <b>나</b>  다</p>`)
	if len(blocks) != 2 {
		t.Fatalf("SplitHTML gave %d blocks, want 2", len(blocks))
	}
	if got := blocks[0]; got.Kind != article.Subhead || got.Text != "제목 & 끝" || got.HTML != "" {
		t.Errorf("first block = %+v", got)
	}
	if got := blocks[1]; got.Kind != article.Paragraph || got.Text != "가 나 다" || got.HTML != "가 <b>나</b>  다" {
		t.Errorf("second block = %+v", got)
	}
}

func TestSplitLines(t *testing.T) {
	const source = "가\n\n  나 <b>\r\n---\n다"
	blocks, skeleton := SplitLines(source)
	if got, want := skeleton.Join(translated(blocks)), "«가»\n\n  «나 <b>»\r\n---\n«다»"; got != want {
		t.Errorf("SplitLines(%q), translated and joined = %q, want %q", source, got, want)
	}
}

// FuzzSplitHTML: what is not translated comes back as it was.
func FuzzSplitHTML(f *testing.F) {
	for _, seed := range []string{`<p>가 <b>나</b></p>`, `<a href="<p>">가</a>`, "<div\n가", `<script>가</script>`, `<p><b>가</p>나</b>`, `&lt;가`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		blocks, skeleton := SplitHTML(source)
		got := skeleton.Join(blocks)
		again, skeleton2 := SplitHTML(got)
		if len(again) != len(blocks) || skeleton2.Join(again) != got {
			t.Errorf("SplitHTML(%q) joins to %q, which does not split alike", source, got)
		}
		lines, skeleton := SplitLines(source)
		if len(lines) == 0 && skeleton.Join(nil) != source {
			t.Errorf("SplitLines(%q) without lines joins to %q", source, skeleton.Join(nil))
		}
	})
}
