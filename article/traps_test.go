package article_test

import (
	"strings"
	"testing"

	"yeok/article"
)

// True content that rules of the simple kind delete, and chrome that hides in
// content. Each case names what must be in the article and what must not.
func TestTraps(t *testing.T) {
	const head = "새들시, 수소버스 120대 도입\n\n2025-01-09 11:11\n\n"
	for _, tc := range []struct {
		name, page string
		keep, drop []string
	}{
		{"chrome words inside other words",
			"日, 경제보복 카드 다시 꺼내나\n2024-01-01 10:00\n정부는 '경제보복'이라는 문제보다 공급망이 먼저라고 설명했다.\n\n제보자는 공장에서 17년을 일했다고 밝혔다. 제보 내용은 사실로 확인됐다.\n",
			[]string{"日, 경제보복", "경제보복'이라는", "제보자는", "제보 내용은"}, nil},
		{"a body about comments and portals",
			"포털 댓글 정책 바뀐다\n2024-01-01 10:00\n댓글은 앞으로 하루 열 개까지만 쓸 수 있다고 포털이 밝혔다.\n\n최신순 정렬을 없애자는 의견도 나왔다고 위원회는 전했다.\n\n관련 기사에는 댓글이 1200개 달렸고 절반은 욕설이었다고 한다.\n\n네이버와 다음은 다음 달부터 새 규정을 적용한다고 설명했다.\n\n재배포 금지 문구를 지운 사례도 많았다고 조사팀은 밝혔다.\n",
			[]string{"댓글은 앞으로", "최신순 정렬을", "관련 기사에는", "네이버와 다음은", "재배포 금지 문구를"}, nil},
		{"quoted names of buttons and languages",
			head + "그가 만든 단추는 '닫기'다. 누르면 처음으로 돌아간다고 그는 설명했다.\n\n\"닫기만 눌러도 된다.\"\n\n지원하는 언어는 중국어, 영어, 일본어, 베트남어다.\n\n새 기능은 다음 달부터 모든 사람이 쓸 수 있다고 회사는 밝혔다.\n",
			[]string{"'닫기'다", "\"닫기만 눌러도 된다.\"", "중국어, 영어"}, nil},
		{"short lines",
			head + "문: 올해 안에 모두 바꾸는가.\n\n네.\n\n이번 일은 시장이 맡은 첫 사업.\n\n새들시가 시내버스를 수소버스로 바꾸기로 한 것은 대기질 때문이라고 시는 설명했다.\n\n하지만 갈 길은 멉니다,\n\n충전소를 어디에 지을지를 두고 주민과 시가 다섯 달째 맞서고 있기 때문이다.\n",
			[]string{"네.", "이번 일은", "하지만 갈 길은"}, nil},
		{"decks of nine characters",
			"새들시, 수소버스 120대 도입\n3월 2일 첫차\n사업비 940억원\n2025-01-09 11:11\n" + body,
			[]string{"3월 2일 첫차", "사업비 940억원"}, nil},
		{"a reporter inside the script",
			head + "[앵커]\n\n새들시에 큰비가 내렸습니다. 취재기자 연결합니다. 나혜인 기자!\n\n[기자]\n\n네, 새들천에 나와 있습니다. 물이 다리 아래까지 차올랐습니다.\n\n▶ 스탠딩 : 박누리 / 기자\n\n\"비는 내일 아침까지 이어지겠습니다.\"\n",
			[]string{"나혜인 기자!", "네, 새들천에", "스탠딩"}, nil},
		{"a caption that names a reporter",
			head + "새들시청 앞에 선 수소버스. 사진=백승철 기자\n\n" + body,
			[]string{"새들시청 앞에 선"}, nil},
		{"a byline before the lead is trimmed, not dropped",
			head + "[새들=새들뉴스] 김하늘 기자 = 새들시가 시내버스 120대를 수소버스로 바꾼다고 밝혔다.\n\n" + body,
			[]string{"새들시가 시내버스 120대를 수소버스로 바꾼다고 밝혔다."}, []string{"김하늘", "새들뉴스"}},
		{"old and new forms of bylines",
			head + "새들경제 김하늘 기자 = 새들시가 첫째로 발표한 계획은 수소버스라고 밝혔다.\n\n새들경제=이바다 기자 새들시가 둘째로 발표한 계획은 충전소라고 밝혔다.\n\n(새들경제 박가람 기자) 새들시가 셋째로 발표한 계획은 안전 검사라고 밝혔다.\n\n베이징=최한별 특파원 | 새들시가 넷째로 발표한 계획은 해외 수출이라고 밝혔다.\n",
			[]string{"새들시가 첫째로", "새들시가 둘째로", "새들시가 셋째로", "새들시가 넷째로"}, []string{"김하늘", "이바다", "박가람", "최한별", "베이징="}},
		{"mail and rights behind the last sentence",
			head + body + "\n시의회는 다음 주 예산안을 심의한다고 시가 설명했다.부산=김하늘 sky@example.com\n\n공사는 내년 봄에 끝난다고 시가 거듭 설명했다. 이바다 기자 bada@example.com <저작권자(c) 새들뉴스, 무단전재-재배포 금지>\n",
			[]string{"심의한다고 시가 설명했다.", "거듭 설명했다."}, []string{"sky@", "bada@", "무단전재"}},
		{"glued widgets cut out of a one-line article",
			"새들시 불꽃축제 10분\n2018-10-04 14:00\n새들시 불꽃축제가 열렸다. 가장 가까운 자리에서 찍은 영상을 확인해보세요. 관련기사새들시, 축제 예산 두 배로불꽃축제 안전요원 1200명 배치 이미지 확대 [사진=이하늘 기자] #불꽃축제 #새들시 좋아요0 화나요0 ©새들경제. 무단전재·재배포 금지\n",
			[]string{"불꽃축제가 열렸다.", "사진=이하늘 기자"}, []string{"관련기사", "예산 두 배로", "좋아요", "#새들시", "무단전재"}},
		{"the body goes on after a related list",
			head + body + "\n관련 기사\n\n한결군, 전기버스 50대 도입\n\n버스 기사 300명 새로 뽑는다\n\n시의회는 다음 주 예산안을 심의한다.\n\n착공은 4월이다.\n\nⓒ 새들일보. 무단전재 및 재배포 금지\n",
			[]string{"시의회는 다음 주", "착공은 4월이다."}, []string{"한결군, 전기버스", "버스 기사 300명"}},
		{"a caption with rights words in mid-article",
			head + body + "\n새들시청 앞에 선 수소버스. [사진=새들뉴스, 무단전재 및 재배포 금지]\n\n시의회는 다음 주 예산안을 심의한다고 시가 설명했다.\n\n착공은 4월이라고 시는 덧붙였다.\n",
			[]string{"새들시청 앞에 선", "시의회는 다음 주", "착공은 4월"}, nil},
		{"a summary that repeats sentences",
			head + "AI 요약\n사업비는 국비를 포함해 940억원이다.\n첫 차는 3월 2일 7번 노선에 투입된다.\n글자크기 설정\n\n" + body,
			[]string{"밝혔다. 사업비는 국비를 포함해 940억원이다.", "투입된다. 충전소는"}, []string{"AI 요약"}},
		{"a body printed twice",
			head + body + "\n" + head + body,
			[]string{"첫 차는 3월 2일"}, nil},
		{"the headline in a list below",
			head + body + "\nⓒ 새들일보. 무단전재 및 재배포 금지\n\n많이 본 뉴스\n새들시, 수소버스 120대 도입\n한결군 저수지 수위 최저\n",
			[]string{"첫 차는"}, []string{"한결군 저수지"}},
		{"other headlines between headline and body",
			"새들시, 수소버스 120대 도입\n2025-01-09 11:11\n이 시각 주요뉴스\n한결군 저수지 수위 3년 만에 최저\n\"금리 내린다\" 베팅 늘어난 채권시장\n섬마을에 간 오케스트라 이야기\n개미는 왜 팔았나 순매도 상위 종목\n" + body,
			[]string{"첫 차는"}, []string{"한결군 저수지", "채권시장", "섬마을에 간", "개미는 왜"}},
		{"list items, tags and addresses in the body",
			head + "새들시가 내놓은 대책은 네 가지라고 시는 설명했다.\n\n▲ 수소버스 120대 도입\n\n△ 충전소 두 곳 신설\n\n▷ 정비사 40명 채용\n\n① 노선 개편\n\n- 요금 동결\n\n자세한 내용은 아래에서 볼 수 있다고 시는 밝혔다.\n\nhttps://saedeul.example.com/bus\n\n해시태그 #수소버스 를 단 글이 3만 건을 넘었다고 시는 설명했다.\n",
			[]string{"▲ 수소버스", "△ 충전소", "▷ 정비사", "① 노선", "- 요금 동결", "https://saedeul", "#수소버스 를"}, nil},
		{"entities and lost characters",
			"새들시, &lsquo;수소버스&rsquo; 120대 도입\n2025-01-09 11:11\n새들시는 &quot;안전이 먼저&quot;라고 밝혔다. 전기\uFFFD수소 버스를 함께 늘린다고 설명했다.\n",
			[]string{"‘수소버스’", "\"안전이 먼저\"라고", "전기\uFFFD수소"}, []string{"&quot;"}},
		{"a whole article on one line, headline and times too",
			"새들시, 수소버스 120대 도입…940억원 투입기사입력 2025.01.09 11:11 최종수정 2025.01.09 13:20 기사원문새들시가 시내버스 120대를 수소버스로 바꾼다고 9일 밝혔다.사업비는 국비를 포함해 940억원이다.첫 차는 3월 2일 7번 노선에 투입된다.충전소는 차고지 두 곳에 짓고 검사를 마쳤다.김하늘 기자 sky@example.com<저작권자 ⓒ 새들일보, 무단전재 및 재배포 금지>\n",
			[]string{"940억원 투입\n", "새들시가 시내버스", "첫 차는 3월 2일"}, []string{"기사원문", "기사입력", "김하늘", "무단전재"}},
		{"programme data above an interview",
			"[인터뷰] \"새들시 물값, 올릴 이유 없다\"\n2024-05-14 10:20\n■ 방송 : 새벽FM 98.1 (07:20~09:00)\n■ 진행 : 김하늘 앵커\n◇ 김하늘> 오늘은 새들시 상수도 이야기를 해 보겠습니다.\n◆ 도하나> 네. 안녕하세요.\n◇ 김하늘> 물값이 오릅니까?\n◆ 도하나> 아닙니다. 요금은 3년 동안 그대로입니다.\n저작권자 © 새벽라디오 무단전재 및 재배포 금지\n",
			[]string{"■ 진행 : 김하늘 앵커", "◆ 도하나> 네.", "그대로입니다."}, nil},
		{"a headline that starts as a widget does",
			"네이버에서 사라진 댓글, 어디로 갔나\n2024-01-01 10:00\n글자크기 설정\n댓글을 달던 이용자 310만 명은 새 의견 창구로 옮겨 갔다고 포털이 밝혔다. 네이버에서 사라진 댓글은 하루 20만 건이다.\n\n구독하기 단추를 없앤 뒤 뉴스 체류 시간은 12% 줄었다고 조사팀은 설명했다.\n\n대표이사 교체설도 나왔다. 회사는 사실이 아니라고 반박했다.\n",
			[]string{"네이버에서 사라진 댓글, 어디로", "댓글을 달던", "구독하기 단추를", "대표이사 교체설도"}, nil},
		{"a headline that asks",
			"\"아이 셋 낳으면 집 준다\"…출산율 0.6명 시대, 새들시의 파격 실험은 과연 성공할 수 있을까?\n2024-01-01 10:00\n김하늘 기자\n" + body,
			[]string{"성공할 수 있을까?\n새들시가"}, nil},
		{"a headline that ends in a verb",
			"여야, 추경안 놓고 밤샘 협상…이 대표 \"민생 앞에 정쟁 없다\" 與 \"숫자부터 다시 따져 봐야 한다\"\n2024-01-01 10:00\n" + body,
			[]string{"따져 봐야 한다\"\n새들시가"}, nil},
		{"a summary without a notice",
			head + "새들시가 시내버스 120대를 수소버스로 바꾼다고 9일 밝혔다.\n\n충전소는 차고지 두 곳에 짓고 안전 검사를 마쳤다.\n\n" + body,
			[]string{"밝혔다. 사업비는 국비를", "투입된다. 충전소는 차고지"}, []string{"9일 밝혔다.\n", "도입\n충전소는"}},
		{"leads of other articles right below the body",
			head + body + "\n시의회는 다음 주 예산안을 심의하고 시민 공청회를 두 차례 연다고 밝혔다. 정비사 40명도 새로 뽑는다.\n\n버스 노선은 내년 봄에 모두 바뀐다. 시는 노선도를 정류장 310곳에 붙이고 휴대전화로도 알린다.\n\n출근길 지하철 40분 멈춘 까닭\n\n20일 아침 3호선 열차가 신호 고장으로 멈춰 승객 2000명이 걸어서 빠져나왔다.\n\n국악 공연 예매 한 해 만에 두 배\n\n젊은 관객이 늘면서 국악 공연 예매가 크게 늘었다. 전통 악기와 전자음악을 섞은 무대가 인기다.\n",
			[]string{"노선도를 정류장"}, []string{"3호선 열차", "국악 공연"}},
		{"an arrow to another article in mid-body",
			head + body + "\n▶ 한결군 저수지 수위 3년 만에 최저로 떨어져\n\n시의회는 다음 주 예산안을 심의한다고 시가 설명했다.\n",
			[]string{"시의회는 다음 주"}, []string{"한결군 저수지"}},
		{"a subhead that starts as a widget does",
			head + "글자 크기를 두 배로 키운 안내판이 새들시 정류장 310곳에 걸렸다. 노인 승객이 노선을 읽지 못한다는 민원이 잦았다.\n\n새들시는 지난달 정류장마다 조명도 새로 달았다. 밤길 사고가 12% 줄었다는 조사가 나왔다.\n\n글자 크기 키운 새들시 안내판\n\n시는 글자 크기를 정할 때 노인 42명에게 물었다고 밝혔다. 안내판 값은 한 개에 12만원이다.\n\n승객들은 멀리서도 노선이 보인다고 말했다. 시는 내년에 안내판을 골목 정류장에도 건다.\n\n교통약자 단체는 음성 안내도 함께 늘려야 한다고 요구했다. 시는 예산 3억원을 더 마련하겠다고 답했다.\n",
			[]string{"글자 크기 키운 새들시 안내판", "글자 크기를 정할 때"}, nil},
		{"a headline of another article above, printed twice",
			"한결군 저수지 수위 3년 만에 최저\n섬마을에 간 오케스트라\n한결군 저수지 수위 3년 만에 최저\n새들시, 수소버스 120대 도입\n2025-01-09 11:11\n" + body + "\n시의회는 다음 주 예산안을 심의하고 시민 공청회를 두 차례 연다고 밝혔다. 정비사 40명도 새로 뽑는다.\n\n버스 노선은 내년 봄에 모두 바뀐다. 시는 노선도를 정류장 310곳에 붙이고 휴대전화로도 알린다.\n",
			[]string{"새들시, 수소버스 120대 도입"}, []string{"한결군 저수지"}},
		{"a chronicle and numbered chapters",
			head + body + "\n#1\n\n2024년 5월 3일 오후 3시\n\n새들시가 계획을 처음 발표했다. 시의회는 반대했다고 시는 설명했다.\n\n#2\n\n2024년 9월 1일 오전 10시\n\n시의회가 예산 940억원을 의결했다. 착공은 이듬해 봄으로 정했다고 밝혔다.\n",
			[]string{"#1", "2024년 5월 3일 오후 3시", "#2", "2024년 9월 1일 오전 10시"}, nil},
		{"a polite script about a portal",
			"포털, 뉴스 댓글 없앤다\n2024-01-01 10:00\n[앵커]\n포털이 뉴스 댓글 서비스를 다음 달에 없애기로 했습니다. 이용자 의견은 갈렸습니다.\n[기자]\n한 해 동안 신고된 뉴스 댓글은 310만 건이 넘었습니다. 포털은 새 의견 창구를 만들겠다고 설명했습니다.\n뉴스 댓글 서비스는 이제 종료됩니다.\n새벽뉴스 김하늘입니다.\n",
			[]string{"없애기로 했습니다", "310만 건이", "뉴스 댓글 서비스는 이제 종료됩니다."}, []string{"김하늘입니다"}},
		{"a column that ends politely",
			head + body + "\n새들시 수소버스의 안전을 시민이 함께 지켜봐 주시기 바랍니다.\n\nⓒ 새들일보. 무단전재 및 재배포 금지\n",
			[]string{"지켜봐 주시기 바랍니다."}, nil},
		{"a flash whose body is its headline",
			"[속보] 한은, 기준금리 연 3.25%로 인하\n2024-10-11 09:50\n글자크기 설정\n[속보] 한은, 기준금리 연 3.25%로 인하\nⓒ 새들일보. 무단전재 및 재배포 금지\n",
			[]string{"한은, 기준금리 연 3.25%로 인하"}, []string{"글자크기"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := article.Clean(article.Source{Text: tc.page}, article.Options{})
			if err != nil {
				t.Fatalf("Clean: %v", err)
			}
			got := keptText(c)
			for _, s := range tc.keep {
				if !strings.Contains(got, s) {
					t.Errorf("lost %q", s)
				}
			}
			for _, s := range tc.drop {
				if strings.Contains(got, s) {
					t.Errorf("kept %q", s)
				}
			}
			if c.Article.Title == "" {
				t.Errorf("no headline")
			}
			if strings.Count(got, "첫 차는 3월 2일") > 1 {
				t.Errorf("the body is kept twice")
			}
			if t.Failed() {
				t.Logf("kept:\n%s", got)
				for _, r := range c.Removals {
					t.Logf("removed: %+v", r)
				}
			}
		})
	}
}

// keptText is the headline, decks and blocks as they stood on the page.
func keptText(c article.Cleaning) string {
	var b strings.Builder
	for _, l := range c.Lines {
		for _, s := range l.Kept {
			b.WriteString(l.Text[s.Start:s.End] + "\n")
		}
	}
	return b.String()
}
