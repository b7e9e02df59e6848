package translate

import (
	"fmt"
	"testing"
	"time"

	"yeok/article"
	"yeok/translate/check"
	"yeok/translate/language"
)

// BenchmarkFactsAndChecks is all that an article of 2,400 characters costs beside its
// model, in four languages: terms, dates, hanja and amounts, then every check of
// every segment and of the whole. 5 ms is what it may take.
func BenchmarkFactsAndChecks(b *testing.B) {
	korean := "새벽전자는 21일 올해 1분기 매출이 2조5000억원으로 지난해 같은 기간보다 12.5% 늘었다고 밝혔다. 영업이익은 3400억원, 직원은 1만2500명이며 서울 본사에서 오후 3시에 열린 설명회에는 서른 명이 참석했다. 회사 측은 하반기에도 성장이 이어질 것으로 전망했다."
	targets := map[string]string{
		"zh-Hans": "晓电子21日表示，今年第一季度销售额为2.5万亿韩元，比去年同期增长12.5%。营业利润为3400亿韩元，员工为1.25万名，下午3点在首尔总部举行的说明会有三十人参加。公司方面预计下半年也将继续增长。",
		"en":      "Saebyeok Electronics said on the 21st that sales in the first quarter of this year rose 12.5 percent from a year earlier to 2.5 trillion won. Operating profit was 340 billion won, the company has 12,500 employees, and thirty people attended a briefing at 3 p.m. at its Seoul headquarters. The company expects growth to continue in the second half.",
		"ja":      "セビョク電子は21日、今年第1四半期の売上高が前年同期比12.5%増の2兆5000億ウォンだったと明らかにした。営業利益は3400億ウォン、従業員は1万2500人で、午後3時にソウル本社で開かれた説明会には30人が出席した。会社側は下半期も成長が続く見通しだとした。",
		"vi":      "Saebyeok Electronics ngày 21 cho biết doanh thu quý I năm nay đạt 2.500 tỷ won, tăng 12,5% so với cùng kỳ năm ngoái. Lợi nhuận hoạt động là 340 tỷ won, công ty có 12.500 nhân viên và ba mươi người đã dự buổi thuyết trình lúc 3 giờ chiều tại trụ sở Seoul. Phía công ty dự kiến đà tăng trưởng sẽ tiếp tục trong nửa cuối năm.",
	}
	req := Request{Article: article.Article{Title: "새벽전자 1분기 매출 2조5000억원…靑 “환영”", PublishTime: time.Unix(1_750_000_000, 0)}}
	for i := range 17 {
		req.Article.Blocks = append(req.Article.Blocks, article.Block{ID: fmt.Sprintf("p%d", i+1), Text: korean})
	}
	b.ReportAllocs()
	for b.Loop() {
		req.Reading = Read(req.Article, false)
		for _, l := range language.Targets() {
			req.Target = l
			units := req.Reading.unitsFor(req)
			var segments []check.Segment
			for _, u := range units[1:] {
				segments = append(segments, u.checked(targets[l.Code]))
			}
			check.Article(segments, l, check.Context{PublishTime: req.Article.PublishTime})
		}
	}
}
