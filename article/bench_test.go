package article_test

import (
	"fmt"
	"strings"
	"testing"

	"yeok/article"
)

// sampleText is a page of about n bytes: menu, article, lists.
func sampleText(n int) string {
	var b strings.Builder
	b.WriteString("본문 바로가기\n메뉴\n정치\n경제\n사회\n\n새들시, 수소버스 120대 도입…940억원 투입\n\n입력 2025-01-09 11:11\n글자크기 설정\n\n")
	for i := 0; b.Len() < n-1500; i++ {
		fmt.Fprintf(&b, "새들시는 %d일 시내버스 %d대를 수소버스로 바꾼다고 밝혔다. 사업비는 국비를 포함해 %d억원이며, 충전소는 차고지 두 곳에 짓는다. 시 관계자는 \"안전 검사를 끝냈다\"고 말했다.\n\n", i%30+1, i, i*3)
	}
	b.WriteString("김하늘 기자 sky@example.com\n\nⓒ 새들일보. 무단전재 및 재배포 금지\n\n많이 본 뉴스\n")
	for i := range 20 {
		fmt.Fprintf(&b, "%d\n한결군 저수지 수위 %d년 만에 최저\n", i, i)
	}
	return b.String()
}

// sampleHTML is a page of about n bytes, most of it menus, scripts and lists, as
// real pages are.
func sampleHTML(n int) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><html><head><meta charset="utf-8"><title>새들시, 수소버스 120대 도입 - 새들일보</title><meta property="og:title" content="새들시, 수소버스 120대 도입"></head><body><div class="gnb"><ul>`)
	for i := range 200 {
		fmt.Fprintf(&b, `<li class="item depth-%d"><a href="https://news.example.com/section/%d" class="link">메뉴 항목 %d</a></li>`, i%3, i, i)
	}
	b.WriteString(`</ul></div><h1>새들시, 수소버스 120대 도입</h1><p class="date">입력 2025.01.09 11:11</p><div id="articleBody">`)
	for i := range 40 {
		fmt.Fprintf(&b, "<p>새들시는 %d일 시내버스 %d대를 <b>수소버스</b>로 바꾼다고 <a href=\"https://example.com/%d\">밝혔다</a>. 사업비는 국비를 포함해 %d억원이며, 충전소는 차고지 두 곳에 짓는다.</p>\n", i%30+1, i, i, i*3)
	}
	b.WriteString(`</div><p>ⓒ 새들일보. 무단전재 및 재배포 금지</p>`)
	for i := 0; b.Len() < n; i++ {
		if i%4 == 0 {
			fmt.Fprintf(&b, "<script>window.__ads = window.__ads || []; window.__ads.push({slot: %d, size: [300, 250], targeting: {section: 'society'}});</script>\n", i)
			continue
		}
		fmt.Fprintf(&b, `<div class="card"><a href="https://news.example.com/article/%d"><img src="https://img.example.com/%d.jpg" alt=""><strong class="tit">한결군 저수지 수위 %d년 만에 최저</strong></a><span class="date">2025.01.%02d</span></div>`, i, i, i, i%28+1)
	}
	b.WriteString("</body></html>")
	return b.String()
}

func benchmarkClean(b *testing.B, src article.Source, size int) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := article.Clean(src, article.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkText(b *testing.B) {
	for _, n := range []int{12 << 10, 500 << 10, 5 << 20} {
		text := sampleText(n)
		b.Run(fmt.Sprintf("%dkB", n>>10), func(b *testing.B) { benchmarkClean(b, article.Source{Text: text}, len(text)) })
	}
}

func BenchmarkHTML(b *testing.B) {
	for _, n := range []int{300 << 10, 5 << 20} {
		page := sampleHTML(n)
		b.Run(fmt.Sprintf("%dkB", n>>10), func(b *testing.B) { benchmarkClean(b, article.Source{HTML: page}, len(page)) })
	}
}

// hostile are inputs that take quadratic time or deep stacks in careless code.
// Each returns about n bytes.
func hostile() map[string]func(n int) article.Source {
	text := func(unit string) func(int) article.Source {
		return func(n int) article.Source {
			return article.Source{Text: "제목입니다 이것은 제목\n2024-01-01 10:00\n" + strings.Repeat(unit, n/len(unit))}
		}
	}
	markup := func(unit string) func(int) article.Source {
		return func(n int) article.Source {
			return article.Source{HTML: "<h1>제목</h1><p>새들시가 시내버스를 수소버스로 바꾼다고 밝혔다.</p>" + strings.Repeat(unit, n/len(unit))}
		}
	}
	return map[string]func(int) article.Source{
		"lines":           text("가\n"),
		"blank lines":     text("\n"),
		"same sentence":   text("새들시가 수소버스를 들인다고 밝혔다.\n"),
		"headlines":       text("한결군 저수지 수위 삼년 만에 최저\n"),
		"one line":        text("새들시가 수소버스를 들인다고 밝혔다."),
		"one word":        text("가"),
		"dots":            text("다."),
		"at signs":        text("a@b.c "),
		"dates":           text("2024-01-01 10:00 "),
		"glue":            text("관련기사좋아요1 "),
		"hashtags":        text("#가 "),
		"rights":          text("ⓒ무단전재 "),
		"separators":      text("제목 - 제목 | "),
		"brackets":        text("[("),
		"entities":        text("&lt;&"),
		"summary headers": text("AI 요약\n"),
		"deep":            markup("<div>"),
		"deep inline":     markup("<b><i>"),
		"formatting":      markup("<b id=1><p>"),
		"unclosed":        markup("<p><a href=x><td>가"),
		"closers":         markup("</div></p></a>"),
		"tables":          markup("<table><tr><td>"),
		"attributes":      markup("<p a=1 b=2 class='x y z'>가나다라</p>"),
		"comments":        markup("<!-- -->"),
		"angle":           markup("<"),
		"list":            markup("<li><a href=/x>한결군 저수지 수위</a>"),
		"json":            markup("<script>__DATA__={\"a\":[[[[</script>"),
		"scripts":         markup("<script type='application/ld+json'>{\"@type\":\"NewsArticle\"}</script>"),
	}
}

// Time per byte must not grow with the page. Run it with a small -benchtime and
// compare the MB/s of each pair.
func BenchmarkHostile(b *testing.B) {
	for name, make := range hostile() {
		for _, n := range []int{256 << 10, 4 << 20} {
			src := make(n)
			b.Run(fmt.Sprintf("%s/%dkB", name, n>>10), func(b *testing.B) {
				b.SetBytes(int64(n))
				for b.Loop() {
					article.Clean(src, article.Options{})
				}
			})
		}
	}
}
