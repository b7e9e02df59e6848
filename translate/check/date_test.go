package check_test

import (
	"slices"
	"testing"
	"time"

	"yeok/translate/check"
	"yeok/translate/language"
)

// TestDatesMadeFull lets a translator complete a date from the day of
// publication, and no further.
func TestDatesMadeFull(t *testing.T) {
	published := time.Date(2025, 9, 17, 1, 42, 0, 0, time.UTC)
	tests := []struct {
		source, target, code string
		wrong                bool
	}{
		{"물결에너지는 다음 달 25~26일 공청회를 열기로 했다.", "Công ty Mulgyeol Energy sẽ tổ chức buổi điều trần công khai vào ngày 25-26 tháng 10 năm 2025.", "vi", false},
		{"물결에너지는 다음 달 25~26일 공청회를 열기로 했다.", "Công ty Mulgyeol Energy sẽ tổ chức buổi điều trần công khai vào ngày 25-26 tháng 10 năm 2031.", "vi", true},
		{"물결에너지는 다음 달 25~26일 공청회를 열기로 했다.", "Mulgyeol Energy will hold a public hearing on Oct. 25-26, 2025.", "en", false},
		{"물결에너지는 다음 달 25~26일 공청회를 열기로 했다.", "Mulgyeol Energy will hold a public hearing on Oct. 25-27.", "en", true},
	}
	for _, test := range tests {
		target, _ := language.Lookup(test.code)
		findings := check.Check(check.Segment{ID: "p1", Source: test.source, Target: test.target}, target, check.Context{PublishTime: published})
		if got := check.HasError(findings); got != test.wrong {
			t.Errorf("Check(%q, %q) found %v, want an error: %v", test.source, test.target, findings, test.wrong)
		}
	}
}

func TestRefusalByNotUnderstanding(t *testing.T) {
	for code, target := range map[string]string{
		"vi":      "Tôi không hiểu rõ nội dung của đoạn văn này.",
		"en":      "I don't understand this passage.",
		"ja":      "意味がわかりません。もう一度お願いします。",
		"zh-Hans": "我不明白这段话的意思。",
	} {
		l, _ := language.Lookup(code)
		findings := check.Check(check.Segment{ID: "subtitle1", Role: check.Subtitle, Source: "어민 반발은 과제…다음 달 공청회", Target: target}, l, check.Context{})
		refused := false
		for _, f := range findings {
			refused = refused || f.Check == check.Refusal
		}
		if !refused {
			t.Errorf("Check(%q) found %v, want a refusal", target, findings)
		}
	}
}

// TestRefusalAfterTheTranslation has a model that translates and then declines, in
// English.
func TestRefusalAfterTheTranslation(t *testing.T) {
	const source = "소재 값은 한때 2205달러까지 올랐다가 지금은 절반 아래로 내려왔다. 전문가들은 값이 더 떨어질 때를 대비해야 한다고 본다."
	for code, target := range map[string]string{
		"vi":      "Giá nguyên liệu từng lên tới 2.205 đô la rồi nay xuống dưới một nửa. Các chuyên gia cho rằng phải chuẩn bị cho lúc giá giảm thêm.",
		"en":      "Prices of the material once rose to $2,205 and are now below half of that. Experts see a need to prepare for a time when prices fall further.",
		"ja":      "素材の価格は一時2205ドルまで上がり、今は半分以下に下がった。専門家らは価格がさらに下がるときに備えなければならないとみている。",
		"zh-Hans": "材料价格一度涨到2205美元，如今跌到一半以下。专家认为，必须为价格进一步下跌做好准备。",
	} {
		l, _ := language.Lookup(code)
		for said, want := range map[string]bool{"": false, " I’m sorry, but I can’t help with that.": true} {
			findings := check.Check(check.Segment{ID: "p1", Role: check.Body, Source: source, Target: target + said}, l, check.Context{})
			got := false
			for _, f := range findings {
				got = got || f.Check == check.Refusal
			}
			if got != want {
				t.Errorf("Check(%q) found %v; a refusal is wanted: %t", target+said, findings, want)
			}
		}
	}
	l, _ := language.Lookup("vi")
	headline := check.Segment{ID: "title", Role: check.Title, Source: "물결에너지, 솔내시에 2988억원 들여 소재 공장 짓는다",
		Target: "Mulgyeol Energy chi 298,8 tỷ won xây nhà máy vật liệu tại Solnae I'm sorry, but I can't help with that"}
	if findings := check.Check(headline, l, check.Context{}); !slices.ContainsFunc(findings, func(f check.Finding) bool { return f.Check == check.Refusal }) {
		t.Errorf("Check(%q) found %v, want a refusal", headline.Target, findings)
	}
}
