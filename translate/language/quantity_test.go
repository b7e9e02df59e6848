package language_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/translate/language"
)

func find(t *testing.T, code string) *language.Language {
	t.Helper()
	if code == "ko" {
		return language.Korean()
	}
	l, ok := language.Lookup(code)
	if !ok {
		t.Fatalf("language.Lookup(%q) found nothing", code)
	}
	return l
}

// TestQuantities writes a quantity as its value, other values behind |, its unit,
// and ~ when it is soft.
func TestQuantities(t *testing.T) {
	tests := []struct{ code, text, want string }{
		{"ko", "9300조원, 1억 4천 2백만 달러", "9300000000000000 KRW; 142000000 USD"},
		{"ko", "1경3000조원", "13000000000000000 KRW"},
		{"ko", "80~90억원", "80|8000000000 KRW; 9000000000 KRW"},
		{"ko", "30여 명, 3.5%p, 25bp", "30 person; 3.5 point; 25 basispoint"},
		{"ko", "3분의 1", "1/3 ratio"},
		{"ko", "오후 3시 30분, 밤 12시, 오전 9~11시", "930 clock; 0 clock; 540 clock; 660 clock"},
		{"ko", "2024년 3월 5일부터 3년", "2024 year; 3 month; 5 day; 3 years"},
		{"ko", "스물여덟 명, 마흔두 살, 서너 곳", "28 person ~; 42 age ~; 3|4 place ~"},
		{"ko", "열세 개, 열세 살, 스물세 명", "13 item ~; 13 age ~; 23 person ~"},
		{"ko", "두 잔 반으로, 3년 반도체", "2.5 item ~; 3 years"},
		{"ko", "셋 중 하나는", "3 ~; 1 ~"},
		{"ko", "수십억 원, 수천 명", "1000000000 KRW ~; 1000 person ~"},
		{"ko", "2배로, 2배 늘어", "2 multiple; 2|3 multiple"},
		{"ko", "이 사람은 이번 일로 세상을 구조했다", ""},
		{"ko", "코로나19", "19 ~"},
		{"zh-Hans", "2万5000亿韩元, 1.25 亿英镑", "2500000000000 KRW; 125000000 GBP"},
		{"zh-Hans", "3兆瓦，5千米", "3 MW; 5 km"},
		{"zh-Hans", "三分之一，百分之五，3成", "1/3 ratio ~; 0.05 ratio ~; 3 tenth"},
		{"zh-Hans", "3年半，3年半导体，2020年半数", "3.5 years; 3 years; 2020 year; 0.5 ratio ~"},
		{"zh-Hans", "增加了两倍，增至2倍", "3 multiple ~; 2 multiple"},
		{"zh-Hans", "下午3点半，14:00，零点", "930 clock; 840 clock; 0 clock ~"},
		{"en", "$80-90 billion", "80|80000000000 USD; 90000000000 USD"},
		{"en", "one hundred and twenty-three people", "123 person ~"},
		{"en", "tens of billions of won", "10000000000 KRW ~"},
		{"en", "March 5, 2024; we may go", "3 month; 5 day; 2024"},
		{"en", "in 2024, in 3000", "2024 year; 3000"},
		{"en", "a third, two-thirds", "1/3|3 ratio ~; 2/3 ratio ~"},
		{"en", "1.7 million four years ago", "1700000; 4 years ~"},
		{"ja", "71ドル25セント、4〜6月期", "71.25 USD; 4 month; 6 month"},
		{"ja", "3年半、3年半導体", "3.5 years; 3 years"},
		{"ja", "二十八歳の三人", "28 age ~; 3 person ~"},
		{"vi", "9.300 nghìn tỷ won, 1 tỷ 234 triệu", "9300000000000000 KRW; 1234000000"},
		{"vi", "71,25 và 71.250", "71.25; 71250"},
		{"vi", "mười năm, năm năm, quý II", "10 years ~; 5 years ~; 2 quarter ~"},
		{"vi", "ngày 25-26/5, 15h30, 3 giờ chiều", "25 day; 26 day; 5 month; 930 clock; 900 clock"},
		{"vi", "ngày 25-26 tháng 10 năm 2025", "25 day; 26 day; 10 month; 2025 year"},
		{"ko", "추경 9조3000억 이달 처리, 2억 이천만원", "9300000000000; 220000000 KRW"},
		{"vi", "ngày 45 triệu, ngày 45 người, ngày 25", "45000000; 45 person; 25 day"},
		{"vi", "cổ tức quý 361 won, quý 2", "361 KRW; 2 quarter"},
		{"vi", "sau 2 giờ 10 phút", "130 clock"},
		{"vi", "3 tháng 10 ngày", "3 months; 10 days"},
	}
	for _, test := range tests {
		var parts []string
		for _, q := range find(t, test.code).Quantities(test.text) {
			part := q.Value.String()
			for _, other := range q.Others {
				part += "|" + other.String()
			}
			if q.Unit != "" {
				part += " " + q.Unit
			}
			if !q.Hard {
				part += " ~"
			}
			parts = append(parts, part)
		}
		if diff := cmp.Diff(test.want, strings.Join(parts, "; ")); diff != "" {
			t.Errorf("%s: Quantities(%q) (-want +got):\n%s", test.code, test.text, diff)
		}
	}
}

func TestWrite(t *testing.T) {
	tests := []struct{ korean, code, want string }{
		{"9300조원", "en", "9,300 trillion won"},
		{"9300조원", "zh-Hans", "9300万亿韩元"},
		{"9300조원", "ja", "9300兆ウォン"},
		{"9300조원", "vi", "9.300 nghìn tỷ won"},
		{"1억4200만달러", "en", "142 million dollars"},
		{"1억4200만달러", "ja", "1億4200万ドル"},
		{"3.5%", "vi", "3,5%"},
		{"오후 3시", "en", "15:00"},
		{"2024년", "en", "2024"},
	}
	for _, test := range tests {
		q := language.Korean().Quantities(test.korean)
		if len(q) != 1 {
			t.Errorf("Quantities(%q) = %v, want one", test.korean, q)
			continue
		}
		if got := find(t, test.code).Write(q[0]); got != test.want {
			t.Errorf("%s: Write(%s) = %q, want %q", test.code, test.korean, got, test.want)
		}
	}
}
