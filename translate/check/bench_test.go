package check_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"yeok/translate/check"
	"yeok/translate/language"
)

// article is an invented article of about 2,400 Korean characters with a
// translation of the usual length.
func article(code string) []check.Segment {
	var segments []check.Segment
	korean := "새벽전자는 21일 올해 1분기 매출이 2조5000억원으로 지난해 같은 기간보다 12.5% 늘었다고 밝혔다. 영업이익은 3400억원, 직원은 1만2500명이며 서울 본사에서 오후 3시에 열린 설명회에는 서른 명이 참석했다. 회사 측은 하반기에도 성장이 이어질 것으로 전망했다."
	targets := map[string]string{
		"zh-Hans": "晓电子21日表示，今年第一季度销售额为2.5万亿韩元，比去年同期增长12.5%。营业利润为3400亿韩元，员工为1.25万名，下午3点在首尔总部举行的说明会有三十人参加。公司方面预计下半年也将继续增长。",
		"en":      "Saebyeok Electronics said on the 21st that sales in the first quarter of this year rose 12.5 percent from a year earlier to 2.5 trillion won. Operating profit was 340 billion won, the company has 12,500 employees, and thirty people attended a briefing at 3 p.m. at its Seoul headquarters. The company expects growth to continue in the second half.",
		"ja":      "セビョク電子は21日、今年第1四半期の売上高が前年同期比12.5%増の2兆5000億ウォンだったと明らかにした。営業利益は3400億ウォン、従業員は1万2500人で、午後3時にソウル本社で開かれた説明会には30人が出席した。会社側は下半期も成長が続く見通しだとした。",
		"vi":      "Saebyeok Electronics ngày 21 cho biết doanh thu quý I năm nay đạt 2.500 tỷ won, tăng 12,5% so với cùng kỳ năm ngoái. Lợi nhuận hoạt động là 340 tỷ won, công ty có 12.500 nhân viên và ba mươi người đã dự buổi thuyết trình lúc 3 giờ chiều tại trụ sở Seoul. Phía công ty dự kiến đà tăng trưởng sẽ tiếp tục trong nửa cuối năm.",
	}
	for i := range 17 {
		segments = append(segments, check.Segment{ID: fmt.Sprintf("p%d", i+1), Source: korean, Target: targets[code]})
	}
	return segments
}

// BenchmarkArticle is all checks of a 2,400-character article in four languages;
// 5 ms is what it may take.
func BenchmarkArticle(b *testing.B) {
	segments := make(map[string][]check.Segment)
	for _, l := range language.Targets() {
		segments[l.Code] = article(l.Code)
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range segments["en"] { // once for all languages, as translate does
			read := check.ReadSource(segments["en"][i].Source)
			for _, l := range language.Targets() {
				segments[l.Code][i].Read = read
			}
		}
		for _, l := range language.Targets() {
			check.Article(segments[l.Code], l, check.Context{PublishTime: time.Unix(1_750_000_000, 0)})
		}
	}
}

// FuzzCheck wants no panic, and every span within its text.
func FuzzCheck(f *testing.F) {
	f.Add("매출 2조5000억원, 3~4%", "2.5 trillion won, 3-4%", uint8(1))
	f.Add("오후 3시 30분 3분의 1 15·16일", "下午3点半三分之一15日、16日", uint8(0))
	f.Add("“한국” 2024-03-05 010-1234-5678 a@b.kr", "14:00 3割5分 71ドル25セント", uint8(2))
	f.Add("수십억 원 스물여덟 명 제22대", "ngày 25-26/5 quý II 1.500,5 hàng chục tỷ", uint8(3))
	f.Add("<x1>가</x1>", "</x1><x1>", uint8(1))
	f.Add(strings.Repeat("1 ", 300), strings.Repeat("1억 ", 300), uint8(2))
	f.Fuzz(func(t *testing.T, source, target string, which uint8) {
		l := language.Targets()[int(which)%4]
		inside := func(s check.Span, text string) bool {
			return 0 <= s.Start && s.Start <= s.End && s.End <= len([]rune(text))
		}
		for _, finding := range check.Check(check.Segment{Source: source, Target: target}, l, check.Context{}) {
			if !inside(finding.SourceSpan, source) || !inside(finding.TargetSpan, target) {
				t.Errorf("Check(%q, %q): span out of range: %+v", source, target, finding)
			}
		}
		check.Looping(target)
	})
}
