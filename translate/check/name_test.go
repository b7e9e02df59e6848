package check_test

import (
	"testing"

	"yeok/translate/check"
)

// nameCase is a sentence with a translation that names the right person or not.
type nameCase struct {
	code, source, target string
	want                 check.Severity // of the finding; "" for none
}

func (c nameCase) got(t *testing.T) check.Severity {
	t.Helper()
	var got check.Severity
	for _, f := range check.Check(check.Segment{ID: "p1", Source: c.source, Target: c.target}, target(t, c.code), check.Context{}) {
		if f.Check == check.NameCheck && got != check.Error {
			got = f.Severity
		}
	}
	return got
}

const (
	lee   = "이도윤 새벽전자 회장은 21일 서울에서 새 공장을 짓겠다고 말했다."
	tim   = "팀 로웰 재무장관은 서울에서 기자들과 만나 금리를 올리지 않겠다고 밝혔다."
	gloss = "브렛 할로웨이(Brett Holloway) 국장은 조사가 끝났다고 말했다."
	sato  = "사토 겐지 외무상은 도쿄에서 회담을 제안했다."
	hanja = "이서연(李瑞姸) 작가의 새 소설이 나왔다."
	linh  = "응우옌 티 린 주한 베트남 대사가 부산을 찾았다."
	wang  = "왕샤오밍 외교부 대변인은 베이징에서 이같이 밝혔다."
)

func TestName(t *testing.T) {
	tests := []nameCase{
		{"en", lee, "Lee Do-yun, chairman of Saebyeok Electronics, said in Seoul on the 21st that he would build a plant.", ""},
		{"en", lee, "Saebyeok Electronics Chairman Lee said in Seoul on the 21st that it would build a plant.", ""},
		{"en", lee, "Rhee Doyoon, chairman of Saebyeok Electronics, said in Seoul on the 21st that a plant will be built.", ""},
		{"en", lee, "Vladimir Rostov, chairman of Saebyeok Electronics, said in Seoul on the 21st that a plant will be built.", check.Error},
		{"en", lee, "Saebyeok Electronics Chairman Rostov said in Seoul on the 21st that a plant will be built.", check.Error},
		{"en", lee, "Park Min-jae, chairman of Saebyeok Electronics, said in Seoul on the 21st that a plant will be built.", check.Error},
		{"en", lee, "Lee Jae-hoon, chairman of Saebyeok Electronics, said in Seoul on the 21st that a plant will be built.", check.Error},
		{"en", lee, "He said in Seoul on the 21st that he would build a plant.", check.Warning},
		{"en", tim, "Treasury Secretary Tim Lowell told reporters in Seoul that he would not raise interest rates.", ""},
		{"en", tim, "Treasury Secretary Lowell told reporters in Seoul that he would not raise interest rates.", ""},
		{"en", tim, "Treasury Secretary Bernard Delacroix told reporters in Seoul that he would not raise interest rates.", check.Error},
		{"en", tim, "Treasury Secretary Kim Do-hyun told reporters in Seoul that he would not raise interest rates.", check.Error},
		{"en", gloss, "Director Brett Holloway said the investigation was over.", ""},
		{"en", gloss, "Director Holloway said the investigation was over.", ""},
		{"en", gloss, "Director Carmody said the investigation was over.", check.Error},
		{"en", sato, "Foreign Minister Kenji Sato proposed talks in Tokyo.", ""},
		{"en", sato, "Foreign Minister Yuki Nakamura proposed talks in Tokyo.", check.Error},
		{"en", wang, "Foreign Ministry spokesperson Wang Xiaoming said so in Beijing.", ""},
		{"en", wang, "Foreign Ministry spokesperson Zhao Guoqiang said so in Beijing.", check.Error},
		{"en", linh, "Nguyen Thi Linh, the Vietnamese ambassador to South Korea, visited Busan.", ""},
		{"en", linh, "Tran Quoc Bao, the Vietnamese ambassador to South Korea, visited Busan.", check.Error},

		{"vi", lee, "Chủ tịch Saebyeok Electronics Lee Do-yun ngày 21 cho biết tại Seoul rằng sẽ xây nhà máy mới.", ""},
		{"vi", lee, "Chủ tịch Saebyeok Electronics Park Min-jae ngày 21 cho biết tại Seoul rằng sẽ xây nhà máy mới.", check.Error},
		{"vi", lee, "Chủ tịch Saebyeok Electronics Phạm Quốc Bảo ngày 21 cho biết tại Seoul rằng sẽ xây nhà máy mới.", check.Error},
		{"vi", tim, "Bộ trưởng Tài chính Tim Lowell nói với các phóng viên tại Seoul rằng ông sẽ không tăng lãi suất.", ""},
		{"vi", tim, "Bộ trưởng Tài chính Sandra Whitlock nói với các phóng viên tại Seoul rằng bà sẽ không tăng lãi suất.", check.Error},
		{"vi", linh, "Đại sứ Việt Nam tại Hàn Quốc Nguyễn Thị Linh đã đến Busan.", ""},
		{"vi", linh, "Đại sứ Việt Nam tại Hàn Quốc Phạm Quốc Bảo đã đến Busan.", check.Error},
		{"vi", "스페인 정부는 이를 거부했다.", "Chính phủ Tây Ban Nha đã từ chối điều này.", ""},

		{"ja", lee, "セビョク電子のイ・ドユン会長は21日、ソウルで新工場を建設すると述べた。", ""},
		{"ja", lee, "セビョク電子の李道允会長は21日、ソウルで新工場を建設すると述べた。", ""},
		{"ja", lee, "セビョク電子の李会長は21日、ソウルで新工場を建設すると述べた。", ""},
		{"ja", lee, "セビョク電子のパク・ミンジェ会長は21日、ソウルで新工場を建設すると述べた。", check.Error},
		{"ja", lee, "セビョク電子の朴民載会長は21日、ソウルで新工場を建設すると述べた。", check.Error},
		{"ja", lee, "セビョク電子の李在勲会長は21日、ソウルで新工場を建設すると述べた。", check.Error},
		{"ja", lee, "セビョク電子の安倍晋三会長は21日、ソウルで新工場を建設すると述べた。", check.Error},
		{"ja", lee, "李道允会長は21日、安倍晋三首相とソウルで新工場を建設すると述べた。", check.Error},
		{"ja", tim, "ティム・ローウェル財務長官はソウルで記者団に対し、金利を上げないと明らかにした。", ""},
		{"ja", tim, "ベルナール・ドラクロワ財務長官はソウルで記者団に対し、金利を上げないと明らかにした。", check.Error},
		{"ja", sato, "佐藤健二外相は東京で会談を提案した。", ""},
		{"ja", sato, "中村裕樹外相は東京で会談を提案した。", check.Error},
		{"ja", hanja, "李瑞妍作家の新しい小説が出た。", ""},
		{"ja", hanja, "イ・ソヨン作家の新しい小説が出た。", check.Warning},
		{"ja", hanja, "李書衍作家の新しい小説が出た。", check.Error},

		{"zh-Hans", lee, "晓电子会长李道允21日在首尔表示将建设新工厂。", ""},
		{"zh-Hans", lee, "晓电子李会长21日在首尔表示将建设新工厂。", ""},
		{"zh-Hans", lee, "晓电子会长朴民宰21日在首尔表示将建设新工厂。", check.Error},
		{"zh-Hans", lee, "晓电子会长李在勋21日在首尔表示将建设新工厂。", check.Error},
		{"zh-Hans", lee, "晓电子会长安倍晋三21日在首尔表示将建设新工厂。", check.Error},
		{"zh-Hans", tim, "财政部长蒂姆·洛厄尔在首尔对记者表示，不会提高利率。", ""},
		{"zh-Hans", tim, "财政部长文森特·卡莫迪在首尔对记者表示，不会提高利率。", check.Error},
		{"zh-Hans", sato, "佐藤健二外相在东京提议举行会谈。", ""},
		{"zh-Hans", hanja, "作家李瑞妍的新小说出版了。", ""},
		{"zh-Hans", hanja, "作家李书衍的新小说出版了。", check.Error},
	}
	for _, test := range tests {
		if got := test.got(t); got != test.want {
			t.Errorf("%s: Check(%q, %q): NAME %q, want %q", test.code, test.source, test.target, got, test.want)
		}
	}
}
