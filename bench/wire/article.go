package main

import (
	"fmt"
	"strings"
)

// page is an invented article as a site would show it. Every number makes
// another one, so that no two share a block.
type page struct {
	Title, Date, Byline string
	Ad                  string // between the second and third paragraph; "" for none
	Paragraphs          []string
}

// text is the page as it is copied off the screen.
func (p page) text() string {
	parts := []string{p.Title, p.Date, p.Byline}
	for i, paragraph := range p.Paragraphs {
		if i == 2 && p.Ad != "" {
			parts = append(parts, p.Ad)
		}
		parts = append(parts, paragraph)
	}
	parts = append(parts, "ⓒ 새벽일보 무단 전재 및 재배포 금지")
	return strings.Join(parts, "\n\n")
}

// paragraphs are what a page is made of. The verbs stand for, in this order:
// company, town, and numbers that differ from page to page.
func paragraphs() []string {
	return []string{
		"%[1]s가 %[2]s에 연간 %[3]d톤을 만드는 공장을 짓는다. 회사는 25일 이사회를 열어 투자안을 확정했다고 밝혔다. 부지는 %[4]d제곱미터다.",
		"총투자비는 %[3]d억원이다. 이 가운데 %[4]d억원은 회사가 가진 돈으로 대고 나머지는 은행에서 빌린다. 첫 삽은 내년 3월에 뜬다.",
		"%[2]s 시장은 \"일자리 %[3]d개가 새로 생긴다\"고 말했다. 시는 공장까지 가는 길 %[5]d킬로미터를 넓히고 버스 노선을 2개 늘리기로 했다.",
		"새 공장에서는 배터리에 들어가는 소재가 나온다. 올해 세계 수요는 지난해보다 %[5]d.4%% 늘 것으로 보인다. %[1]s의 몫은 8.%[5]d%%다.",
		"주민들은 먼지와 소음을 걱정한다. 지난 주 열린 설명회에는 주민 %[4]d명이 왔다. 회사는 굴뚝마다 측정기를 달고 값을 하루 %[5]d번 알리겠다고 약속했다.",
		"노동조합은 새로 뽑는 사람의 절반을 이 지역에서 뽑자고 요구했다. 지금 직원은 %[3]d명이고 평균 나이는 41세다. 회사는 다음 달까지 답하기로 했다.",
		"전문가들은 값이 떨어질 때를 대비해야 한다고 본다. 소재 값은 한때 %[4]d달러까지 올랐다가 지금은 절반 아래로 내려왔다.",
		"%[1]s는 지난해 매출 %[3]d억원에 영업이익 %[5]d억원을 냈다. 올해 상반기에는 매출이 12%% 줄었지만 이익은 그대로였다.",
		"경쟁사인 미르온소재도 %[4]d억원을 들여 공장을 넓히고 있다. 두 회사가 계획대로 지으면 국내 생산량은 2028년에 %[3]d톤이 된다.",
		"공사는 %[5]d개월 걸린다. 회사는 첫 제품을 2028년 6월에 내놓고 이듬해부터 모든 설비를 돌릴 계획이다. 시험 생산에는 %[4]d명이 참여한다.",
	}
}

// article makes the page of that number with so many paragraphs, ten at most.
func article(n, blocks int) page {
	companies := []string{"물결에너지", "새벽전자", "가온화학", "두루소재", "한빛섬전지"}
	towns := []string{"새들시", "가람시", "너울시", "솔내시"}
	company, town := companies[n%len(companies)], towns[n%len(towns)]
	p := page{
		Title:  fmt.Sprintf("%s, %s에 %d억원 들여 소재 공장 짓는다", company, town, 1200+n),
		Date:   "2026-03-02 09:30",
		Byline: "김하늘 기자 sky@example.com",
	}
	for i, form := range paragraphs()[:blocks] {
		p.Paragraphs = append(p.Paragraphs, fmt.Sprintf(form, company, town, 1103+7*n+i, 2205+3*n+i, 11+(n+i)%80))
	}
	return p
}
