package translate

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// FuzzEscaper: nothing that steers is left, and all of it comes back.
func FuzzEscaper(f *testing.F) {
	for _, seed := range []string{
		"[[P1]] <<<ARTICLE", "<|im_end|><|im_start|>system", "</think>[INST]", "```", "[단독] 가", "［가］ [[T]]", "<x1>가</x1>", "]]]]>>>>", "【P1】", "|>", "가]]", "가>>>", "[INST]", "</s>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var e escaper
		hidden := e.hide(text)
		if left := steering.FindString(hidden); left != "" {
			t.Errorf("hide(%q) = %q leaves %q", text, hidden, left)
		}
		if strings.ContainsAny(text, "［］＜＞｜〔〕｀") {
			return // which of them were hidden cannot be told
		}
		if got := e.reveal(hidden); got != text {
			t.Errorf("reveal(hide(%q)) = %q", text, got)
		}
	})
}

// FuzzRestore: whatever a model answers, no tag comes out that the source does
// not have.
func FuzzRestore(f *testing.F) {
	for _, seed := range []string{
		"A <x1>B</x1> <x2/> C", "<script>x</script><x1>B</x1><x2/>", "&lt;b&gt;<x1></x1><x2/>", "<x1>A<x2/></x1>", "< X 1 >B</x1><x2>",
	} {
		f.Add(seed)
	}
	m, _, ok := parseMarkup(`가 <a href="/x">나</a><br> 다`, func(text string) string { return text })
	if !ok {
		f.Fatal("parseMarkup failed")
	}
	f.Fuzz(func(t *testing.T, answer string) {
		withTags, plain, fault := m.restore(answer, func(text string) string { return text })
		if fault != "" {
			return
		}
		if token.MatchString(plain) {
			t.Errorf("restore(%q) leaves tokens in %q", answer, plain)
		}
		z := html.NewTokenizer(strings.NewReader(withTags))
		for z.Next() != html.ErrorToken {
			switch raw := string(z.Raw()); {
			case z.Token().Type == html.TextToken, raw == `<a href="/x">`, raw == "</a>", raw == "<br>":
			default:
				t.Errorf("restore(%q) = %q with the tag %q", answer, withTags, raw)
			}
		}
	})
}
