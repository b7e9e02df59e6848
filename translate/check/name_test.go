package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
		{"zh-Hans", "이하늘 새벽전자 대표가 물러났다.", "晓电子代表李荷娜卸任。", check.Warning},
		{"zh-Hans", "이하늘 새벽전자 대표가 물러났다.", "晓电子代表朴民宰卸任。", check.Error},
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

// TestEntities wants one name of the authority put for another found, and nothing
// where a translation says it in another way.
func TestEntities(t *testing.T) {
	entities := map[string]*check.Entities{
		"en": check.NewEntities([]check.Entity{
			{Source: "새벽전자", Forms: []string{"Saebyeok Electronics"}, Kind: "company"},
			{Source: "한빛전자", Forms: []string{"Hanbit Electronics"}, Kind: "company"},
			{Source: "가람당", Forms: []string{"Garam Party"}, Kind: "party"},
			{Source: "나래국", Forms: []string{"Narae", "Naraean"}, Kind: "country"},
			{Source: "다온국", Forms: []string{"Daon", "Daonese"}, Kind: "country"},
			{Source: "서하늘", Forms: []string{"Seo Ha-neul", "Seo Haneul"}, Kind: "person"},
			{Source: "오로프", Forms: []string{"Orov"}, Kind: "person"},
		}),
		"zh-Hans": check.NewEntities([]check.Entity{
			{Source: "새벽전자", Forms: []string{"晓电子"}, Kind: "company"},
			{Source: "한빛전자", Forms: []string{"韩光电子"}, Kind: "company"},
			{Source: "오로프", Forms: []string{"奥罗夫"}, Kind: "person"},
			{Source: "나래국", Forms: []string{"纳来", "纳"}, Kind: "country"},
			{Source: "다온국", Forms: []string{"达温", "达"}, Kind: "country"},
			{Source: "해돋국", Forms: []string{"日升", "日"}, Kind: "country"},
		}),
	}
	entities["ja"] = check.NewEntities([]check.Entity{
		{Source: "새벽전자", Forms: []string{"セビョク電子"}, Kind: "company"},
		{Source: "한빛전자", Forms: []string{"ハンビ"}, Kind: "company"},
	})
	tests := []nameCase{
		{"ja", "새벽전자가 공장을 짓는다.", "ハンビは工場を建てる。", check.Error},
		{"ja", "새벽전자가 공장을 짓는다.", "ハンビロクは工場を建てる。", ""},
		{"en", "새벽전자가 공장을 짓는다.", "Saebyeok Electronics will build a plant.", ""},
		{"en", "새벽전자가 공장을 짓는다.", "Hanbit Electronics will build a plant.", check.Error},
		{"en", "새벽전자가 공장을 짓는다.", "Saebyeok will build a plant with Hanbit Electronics.", ""},
		{"en", "새벽 공장을 짓는다.", "Saebyeok Electronics will build a plant.", ""},
		{"en", "가람당과 나래국 의회가 만났다.", "The Garam Party met the assembly of Daon.", check.Error},
		{"en", "다온국 의회가 열렸다.", "The Daonese assembly met.", ""},
		{"en", "나래국과 회담을 했다.", "They held talks with Daon.", check.Error},
		{"en", "오로프가 말했다.", "Orov said so.", ""},
		{"en", "회사가 말했다.", "The company said so to Orov.", check.Error},
		{"en", "대통령은 이렇게 말했다.", "President Orov said so.", check.Warning},
		{"en", "서 의원은 반대했다.", "Rep. Seo Ha-neul objected.", ""},
		{"en", "회사는 반대했다.", "Seo Haneul objected to the company.", check.Error},
		{"zh-Hans", "새벽전자가 공장을 짓는다.", "韩光电子将建设工厂。", check.Error},
		{"zh-Hans", "새벽전자가 공장을 짓는다.", "晓电子将建设工厂。", ""},
		{"zh-Hans", "나래국과 회담을 했다.", "与达温举行了会谈。", check.Error},
		{"zh-Hans", "한나래국 회담을 했다.", "韩纳举行了会谈。", ""},
		{"zh-Hans", "회사가 말했다.", "奥罗夫表示。", check.Error},
		{"zh-Hans", "21일 해돋국과 회담을 했다.", "21日与达温举行了会谈。", check.Error},
	}
	for _, test := range tests {
		var got check.Severity
		for _, f := range check.Check(check.Segment{Source: test.source, Target: test.target}, target(t, test.code), check.Context{Entities: entities[test.code]}) {
			if f.Check == check.NameCheck {
				got = f.Severity
			}
		}
		if got != test.want {
			t.Errorf("%s: Check(%q, %q): NAME %q, want %q", test.code, test.source, test.target, got, test.want)
		}
	}
}

// TestOneFindingACountry wants a country put for another said once, by the check that
// knows both, and one put in beside another said as well.
func TestOneFindingACountry(t *testing.T) {
	entities := check.NewEntities([]check.Entity{
		{Source: "프랑스", Forms: []string{"France", "French"}, Kind: "country"},
		{Source: "독일", Forms: []string{"Germany", "German"}, Kind: "country"},
	})
	tests := []struct{ target, want string }{
		{"Germany said so in the assembly on the 21st.", "프랑스 is not Germany."},
		{"France said so in the assembly of Germany on the 21st.", "The source does not speak of this country."},
	}
	for _, test := range tests {
		const source = "프랑스는 21일 의회에서 이렇게 밝혔다."
		var got []string
		for _, f := range check.Check(check.Segment{Source: source, Target: test.target}, target(t, "en"), check.Context{Entities: entities}) {
			if f.Check == check.NameCheck {
				got = append(got, f.Message)
			}
		}
		if diff := cmp.Diff([]string{test.want}, got); diff != "" {
			t.Errorf("Check(%q, %q): NAME (-want +got):\n%s", source, test.target, diff)
		}
	}
}

// TestArticleNames wants one spelling of a name over the article, and characters
// that nothing gives marked in Chinese.
func TestArticleNames(t *testing.T) {
	const (
		first  = "이도윤 새벽전자 회장은 공장을 짓겠다고 말했다."
		second = "이도윤 회장은 내년에 문을 연다고 덧붙였다."
		given  = "이도윤(李道允) 새벽전자 회장은 공장을 짓겠다고 말했다."
	)
	entities := check.NewEntities([]check.Entity{{Source: "이도윤", Forms: []string{"李道允"}, Kind: "person"}})
	tests := []struct {
		code, source, target, second string
		ctx                          check.Context
		want                         int // warnings
	}{
		{"en", first, "Saebyeok Electronics Chairman Lee Do-yun said he would build a plant.", "Lee Do-yun added that it opens next year.", check.Context{}, 0},
		{"en", first, "Saebyeok Electronics Chairman Lee Do-yun said he would build a plant.", "Lee added that it opens next year.", check.Context{}, 0},
		{"en", first, "Saebyeok Electronics Chairman Lee Do-yun said he would build a plant.", "Yi Doyoon added that it opens next year.", check.Context{}, 1},
		{"ja", first, "セビョク電子のイ・ドユン会長は工場を建設すると述べた。", "イ・ドユン会長は来年開業すると付け加えた。", check.Context{}, 0},
		{"ja", first, "セビョク電子のイ・ドユン会長は工場を建設すると述べた。", "イ・ドヨン会長は来年開業すると付け加えた。", check.Context{}, 1},
		{"zh-Hans", first, "晓电子会长李道允表示将建设工厂。", "李道允会长补充说将于明年开业。", check.Context{}, 1},
		{"zh-Hans", first, "晓电子会长李道允表示将建设工厂。", "李度润会长补充说将于明年开业。", check.Context{}, 2},
		{"zh-Hans", first, "晓电子会长李道允表示将建设工厂。", "李会长补充说将于明年开业。", check.Context{Entities: entities}, 0},
		{"zh-Hans", first, "晓电子会长李道允表示将建设工厂。", "李会长补充说将于明年开业。", check.Context{Glossary: []check.Term{{Source: "이도윤", Target: "李道允"}}}, 0},
		{"zh-Hans", given, "晓电子会长李道允表示将建设工厂。", "李会长补充说将于明年开业。", check.Context{}, 0},
	}
	for _, test := range tests {
		segments := []check.Segment{{ID: "p1", Source: test.source, Target: test.target}, {ID: "p2", Source: second, Target: test.second}}
		var got []string
		for _, f := range check.Article(segments, target(t, test.code), test.ctx) {
			if f.Check == check.NameCheck {
				got = append(got, string(f.Severity)+": "+f.Message)
			}
			if f.Check == check.NameCheck && f.Severity == check.Error {
				t.Errorf("%s: Article(%q, %q): %s, want no error", test.code, test.target, test.second, f.Message)
			}
		}
		if len(got) != test.want {
			t.Errorf("%s: Article(%q, %q): NAME %q, want %d", test.code, test.target, test.second, got, test.want)
		}
	}
}

// TestKoreanNames takes forty people in every writing: the right one is never
// doubted, and another of them in place of one is found.
func TestKoreanNames(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "names.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var people [][]string
	for line := range strings.Lines(string(data)) {
		if fields := strings.Split(strings.TrimSpace(line), " | "); len(fields) == 5 {
			people = append(people, fields)
		}
	}
	tests := []struct {
		code   string
		column int // of names.txt
		target string
		least  float64 // share of wrong ones found
	}{
		{"en", 1, "Company chairman %s announced a new plan at a meeting on the 21st.", 0.9},
		{"vi", 1, "Chủ tịch công ty %s đã công bố kế hoạch mới tại cuộc họp ngày 21.", 0.9},
		{"ja", 2, "%s会長は21日の会議で新しい計画を発表した。", 0.9},
		{"ja", 4, "%s会長は21日の会議で新しい計画を発表した。", 0.9},
		{"zh-Hans", 3, "公司会长%s在21日的会议上公布了新计划。", 0.9},
	}
	for _, test := range tests {
		found, n := 0, 0
		for i, person := range people {
			for k, other := range people {
				c := nameCase{code: test.code, source: person[0] + " 회장은 21일 회의에서 새 계획을 발표했다.", target: fmt.Sprintf(test.target, other[test.column])}
				got := c.got(t)
				switch {
				case i == k && got != "":
					t.Errorf("%s: Check(%q, %q): NAME %q, want none", c.code, c.source, c.target, got)
				case i != k:
					n++
					if got == check.Error {
						found++
					} else if testing.Verbose() && (i+k)%7 == 0 {
						t.Logf("missed: %s for %s", other[test.column], person[0])
					}
				}
			}
		}
		t.Logf("%s: column %d: %d of %d found", test.code, test.column, found, n)
		if share := float64(found) / float64(n); share < test.least {
			t.Errorf("%s: column %d: %d of %d wrong names found, want %.0f %%", test.code, test.column, found, n, 100*test.least)
		}
	}
}
