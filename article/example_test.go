package article_test

import (
	"fmt"

	"yeok/article"
)

// A page as it is copied out of a browser.
func ExampleClean() {
	page := `본문 바로가기
새들시, 수소버스 120대 도입
2025-01-09 11:11
글자크기 설정
(새들=새들뉴스) 김하늘 기자 = 새들시가 시내버스 120대를 수소버스로 바꾼다고 9일 밝혔다.
첫 차는 3월 2일 7번 노선에 투입된다. 충전소는 차고지 두 곳에 짓는다.
ⓒ 새들뉴스. 무단전재 및 재배포 금지
`
	c, err := article.Clean(article.Source{Text: page}, article.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Article.Title, c.Article.PublishTime)
	for _, b := range c.Article.Blocks {
		fmt.Println(b.ID, b.Text)
	}
	for _, r := range c.Removals {
		fmt.Println(r.Line, r.Reason, r.Rule)
	}
	// Output:
	// 새들시, 수소버스 120대 도입 2025-01-09 02:11:00 +0000 UTC
	// p1 새들시가 시내버스 120대를 수소버스로 바꾼다고 9일 밝혔다.
	// p2 첫 차는 3월 2일 7번 노선에 투입된다. 충전소는 차고지 두 곳에 짓는다.
	// 1 NAVIGATION ko.chrome.skip
	// 3 DATE ko.page.date
	// 4 FONT_SIZE_WIDGET ko.chrome.fontsize
	// 5 BYLINE ko.page.byline
	// 7 COPYRIGHT ko.notice.copyright
}
