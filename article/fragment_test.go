package article

import (
	"strings"
	"testing"
)

func TestFragment(t *testing.T) {
	tests := []struct{ in, markup, text string }{
		{`그냥 글`, ``, `그냥 글`},
		{`1 &lt; 2 &amp; "셋"`, ``, `1 < 2 & "셋"`},
		{`<b>가</b>나`, `<b>가</b>나`, `가나`},
		{`<a href="https://example.com/?a=1&amp;b=2" rel="nofollow" class='x'>가</a>`, `<a href="https://example.com/?a=1&amp;b=2" rel="nofollow" class='x'>가</a>`, `가`},
		{`<span data-id="7" onclick="x()">가</span>`, `<span data-id="7">가</span>`, `가`},
		{`<a href="javascript:x()">가</a>`, `<a>가</a>`, `가`},
		{"<a href=\"java\tscript:x()\">가</a>", `<a>가</a>`, `가`},
		{`<a href="/p?a=b:c">가</a>`, `<a href="/p?a=b:c">가</a>`, `가`},
		{`가<br>나<br/>다`, `가<br>나<br/>다`, `가 나 다`},
		{`가<script>alert("나")</script>다`, ``, `가다`},
		{`<p><em>가<strong>나</em>다`, `<em>가<strong>나</strong></em>다`, `가나다`},
		{`가<!-- 나 -->다`, ``, `가다`},
		{`<img src="data:x" alt="사진">가`, `<img alt="사진">가`, `가`},
	}
	for _, test := range tests {
		markup, text := fragment(test.in)
		if markup != test.markup || text != test.text {
			t.Errorf("fragment(%q) = %q, %q; want %q, %q", test.in, markup, text, test.markup, test.text)
		}
	}
}

func FuzzFragment(f *testing.F) {
	f.Add(`<a href="x">가<b>나</a>`)
	f.Add(`<script>가</script`)
	f.Fuzz(func(t *testing.T, in string) {
		markup, text := fragment(in)
		again, sameText := fragment(markup)
		if markup != "" && (again != markup || sameText != text) {
			t.Errorf("fragment(%q) = %q, %q, but read again it is %q, %q", in, markup, text, again, sameText)
		}
		if strings.Contains(strings.ToLower(markup), "<script") {
			t.Errorf("fragment(%q) = %q lets a script through", in, markup)
		}
	})
}
