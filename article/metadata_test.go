package article_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/korean"

	"yeok/article"
)

// Every form of time that Korean pages print, on a page of its own.
func TestTimes(t *testing.T) {
	for line, want := range map[string]string{
		"2024-02-21 15:17": "2024-02-21T15:17",
		"입력 2023.04.07 (08:26) 수정 2023.04.07 (09:10)":   "2023-04-07T08:26",
		"입력 2023-04-19 23:32 | 수정 2023-04-20 10:00":     "2023-04-19T23:32",
		"기사입력 2023-04-19 23:32 l 최종수정 2023-04-20 10:00": "2023-04-19T23:32",
		"작성 2019.03.04 17:33 조회 1,204":                  "2019-03-04T17:33",
		"송고시간2023-05-12 10:13":                          "2023-05-12T10:13",
		"입력2023.11.02. 오후 8:06":                         "2023-11-02T20:06",
		"입력 2023.11.02. 오전 12:06":                       "2023-11-02T00:06",
		"입력\n2023.11.02 20:06\n수정\n2023.11.03 08:00":    "2023-11-02T20:06",
		"이용민 기자 | 2020-03-04 16:52:59":                  "2020-03-04T16:52",
		"2024년 5월 3일 오후 3시 20분":                         "2024-05-03T15:20",
		"2024.05.03(금) 15:20":                           "2024-05-03T15:20",
		"등록 : 2024/05/03 15:20":                         "2024-05-03T15:20",
		"승인 2024.05.03 15:20":                           "2024-05-03T15:20",
		"Published 2024-05-03T06:20:00Z":                "2024-05-03T15:20",
		"23.09.21 05:02":                                "2023-09-21T05:02",
	} {
		t.Run(line, func(t *testing.T) {
			page := "새들시, 수소버스 120대 도입\n" + line + "\n\n" + body
			c, err := article.Clean(article.Source{Text: page}, article.Options{})
			if err != nil {
				t.Fatalf("Clean: %v", err)
			}
			if got := c.Article.PublishTime.In(article.KST).Format("2006-01-02T15:04"); got != want {
				t.Errorf("PublishTime of %q = %s, want %s", line, got, want)
			}
			if c.Article.PublishTime.Location() != time.UTC {
				t.Errorf("PublishTime of %q is not in UTC", line)
			}
		})
	}
}

func TestUpdateTime(t *testing.T) {
	page := "새들시, 수소버스 120대 도입\n입력 2024-05-03 15:20 | 수정 2024-05-03 16:00\n" + body
	given := time.Date(2024, 5, 1, 0, 0, 0, 0, article.KST)
	c, err := article.Clean(article.Source{Text: page, PublishTime: given}, article.Options{})
	if err != nil {
		t.Fatalf("Clean: %v", err)
	}
	if !c.Article.PublishTime.Equal(given) {
		t.Errorf("PublishTime = %v, want the caller's %v", c.Article.PublishTime, given)
	}
	if want := time.Date(2024, 5, 3, 7, 0, 0, 0, time.UTC); !c.Article.UpdateTime.Equal(want) {
		t.Errorf("UpdateTime = %v, want %v", c.Article.UpdateTime, want)
	}
}

func TestTitles(t *testing.T) {
	for line, want := range map[string]struct {
		title string
		tags  []string
	}{
		"[속보] 새들시, 수소버스 120대 도입":               {"새들시, 수소버스 120대 도입", []string{"속보"}},
		"[단독][포토] 새들시, 수소버스 120대 도입":           {"새들시, 수소버스 120대 도입", []string{"단독", "포토"}},
		"새들시, 수소버스 120대 도입(종합2보)":              {"새들시, 수소버스 120대 도입", []string{"종합2보"}},
		"<마감시황> 새들시, 수소버스 120대 도입":             {"새들시, 수소버스 120대 도입", []string{"마감시황"}},
		"새들시, 수소버스 120대 도입 - 새들일보":             {"새들시, 수소버스 120대 도입", nil},
		"새들시, 수소버스 120대 도입 < 사회 < 기사본문 - 새들신문": {"새들시, 수소버스 120대 도입", nil},
		"새들시, 수소버스 120대 도입 | 연합뉴스":             {"새들시, 수소버스 120대 도입", nil},
		"새들시-한결군, 수소버스 협약":                     {"새들시-한결군, 수소버스 협약", nil},
		"새들시, 수소버스(120대) 도입":                   {"새들시, 수소버스(120대) 도입", nil},
	} {
		page := line + "\n2024-05-03 15:20\n" + body
		c, err := article.Clean(article.Source{Text: page}, article.Options{})
		if err != nil {
			t.Errorf("Clean(%q): %v", line, err)
			continue
		}
		if c.Article.Title != want.title || cmp.Diff(want.tags, c.Article.TitleTags) != "" {
			t.Errorf("Clean(%q): title %q, tags %q, want %q, %q", line, c.Article.Title, c.Article.TitleTags, want.title, want.tags)
		}
	}
}

func TestAuthors(t *testing.T) {
	for line, want := range map[string][]article.Author{
		"김하늘 기자 sky@example.com": {{Name: "김하늘", Email: "sky@example.com", Role: "기자"}},
		"박가람·이하늘 기자, 새들=최한별 기자":  {{Name: "박가람", Role: "기자"}, {Name: "이하늘", Role: "기자"}, {Name: "최한별", Role: "기자"}},
		"베이징=김가온 특파원":            {{Name: "김가온", Role: "특파원"}},
		"[새들뉴스 김하늘 기자]":          {{Name: "김하늘", Role: "기자", Agency: "새들뉴스"}},
		"김하늘기자 sky@example.com":  {{Name: "김하늘", Email: "sky@example.com", Role: "기자"}},
		"이바다 선임기자":               {{Name: "이바다", Role: "선임기자"}},
		"sky@example.com":        {{Email: "sky@example.com"}},
	} {
		page := "새들시, 수소버스 120대 도입\n2024-05-03 15:20\n" + body + "\n" + line + "\n"
		c, err := article.Clean(article.Source{Text: page}, article.Options{})
		if err != nil {
			t.Errorf("Clean(%q): %v", line, err)
			continue
		}
		if diff := cmp.Diff(want, c.Article.Authors); diff != "" {
			t.Errorf("authors of %q (-want +got):\n%s", line, diff)
		}
		if len(c.Article.Bylines) != 1 || c.Article.Bylines[0] != line {
			t.Errorf("bylines of %q = %q", line, c.Article.Bylines)
		}
	}
}

func TestHygiene(t *testing.T) {
	for in, want := range map[string]string{
		"새\u200b들시가\u00a0밝혔다.\ufeff":           "새들시가 밝혔다.",
		"\u1109\u1162들시가 밝혔다.":                 "새들시가 밝혔다.",
		"새들시\u202e가\u202c 밝혔다.\U000e0041":      "새들시가 밝혔다.",
		"ㅤ새들시가 밝혔다.":                           "새들시가 밝혔다.",
		"&lsquo;새들시&rsquo;가 밝혔다.":              "‘새들시’가 밝혔다.",
		"&amp;lsquo;새들시&amp;rsquo;가 밝혔다.":      "‘새들시’가 밝혔다.",
		"주소는 https://a.kr/?a=1&copy=2 라고 밝혔다.": "주소는 https://a.kr/?a=1&copy=2 라고 밝혔다.",
		"새들시\u3000수소버스가 밝혔다.":                  "새들시 수소버스가 밝혔다.",
		"가족 👨\u200d👩\u200d👧 이 밝혔다.":            "가족 👨\u200d👩\u200d👧 이 밝혔다.",
	} {
		a := &article.Article{Blocks: []article.Block{{Text: in}}}
		c, err := article.Clean(article.Source{Article: a}, article.Options{})
		if err != nil {
			t.Errorf("Clean(%q): %v", in, err)
			continue
		}
		if got := strings.TrimSpace(c.Article.Blocks[0].Text); got != want {
			t.Errorf("hygiene of %q = %q, want %q", in, got, want)
		}
	}
}

func TestStructured(t *testing.T) {
	in := &article.Article{Title: "새들시, 수소버스 도입", Blocks: []article.Block{
		{ID: "p2", Kind: article.Paragraph, Text: "닫기가나", HTML: `<b onclick="x()">닫기</b><script>x()</script><a href="javascript:x()">가</a><a href="https://example.com/?a=1&b=2">나`},
		{Kind: article.Paragraph, Text: "좋아요0"},
		{Kind: article.Paragraph, Text: "셋째"},
		{Kind: article.Caption, Text: "사진", Credit: "새들시"},
	}}
	c, err := article.Clean(article.Source{Article: in}, article.Options{})
	if err != nil {
		t.Fatalf("Clean: %v", err)
	}
	want := []article.Block{
		{ID: "p2", Kind: article.Paragraph, Text: "닫기가나", HTML: `<b>닫기</b><a>가</a><a href="https://example.com/?a=1&b=2">나</a>`},
		{ID: "p1", Kind: article.Paragraph, Text: "좋아요0"},
		{ID: "p3", Kind: article.Paragraph, Text: "셋째"},
		{ID: "c1", Kind: article.Caption, Text: "사진", Credit: "새들시"},
	}
	if diff := cmp.Diff(want, c.Article.Blocks); diff != "" {
		t.Errorf("blocks (-want +got):\n%s", diff)
	}
	if in.Blocks[1].ID != "" {
		t.Errorf("Clean changed the caller's article")
	}
}

func TestDecodeHTML(t *testing.T) {
	page := `<html><head><meta charset="%s"></head><body><p>새들시가 수소버스를 들인다고 밝혔다. 똠방각하 펲시콜라.</p></body></html>`
	cp949, err := korean.EUCKR.NewEncoder().String(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, bytes, label, header string }{
		{"UTF-8 as itself", page, "utf-8", ""},
		{"CP949 as itself", cp949, "euc-kr", ""},
		{"CP949 labelled UTF-8", cp949, "utf-8", "text/html; charset=utf-8"},
		{"UTF-8 labelled EUC-KR", page, "euc-kr", "text/html; charset=euc-kr"},
		{"CP949 without a label", cp949, "", ""},
	} {
		got := article.DecodeHTML([]byte(strings.Replace(tc.bytes, "%s", tc.label, 1)), tc.header)
		if want := strings.Replace(page, "%s", tc.label, 1); got != want {
			t.Errorf("DecodeHTML(%s) = %q, want %q", tc.name, got, want)
		}
	}
}

func TestRepairsLatin1(t *testing.T) {
	page := "새들시, 수소버스 120대 도입\n2024-05-03 15:20\n" + body
	bytes, err := korean.EUCKR.NewEncoder().Bytes([]byte(page))
	if err != nil {
		t.Fatal(err)
	}
	var scrambled strings.Builder
	for _, b := range bytes {
		scrambled.WriteRune(rune(b))
	}
	c, err := article.Clean(article.Source{Text: scrambled.String()}, article.Options{})
	if err != nil {
		t.Fatalf("Clean: %v", err)
	}
	if got, want := c.Article.Title, "새들시, 수소버스 120대 도입"; got != want {
		t.Errorf("Title = %q, want %q", got, want)
	}
	if len(c.Warnings) == 0 {
		t.Errorf("no warning says that the page was repaired")
	}
}

// The reasons are the API's, by name and number.
func TestReasonsAreTheAPIs(t *testing.T) {
	proto, err := os.ReadFile(filepath.Join("..", "api", "yeok", "v1", "article.proto"))
	if err != nil {
		t.Fatal(err)
	}
	_, enum, _ := strings.Cut(string(proto), "enum Reason {")
	enum, _, _ = strings.Cut(enum, "\n  }")
	n := 0
	for line := range strings.Lines(enum) {
		name, number, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), ";"), " = ")
		if !ok {
			continue
		}
		if got := article.Reason(atoi(number)).String(); got != name {
			t.Errorf("Reason(%s) = %s, want %s", number, got, name)
		}
		n++
	}
	if n < 28 || article.Reason(n).String() != article.Reason(0).String() {
		t.Errorf("the API has %d reasons, the package another number", n)
	}
}
