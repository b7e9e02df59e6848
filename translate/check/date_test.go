package check_test

import (
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
