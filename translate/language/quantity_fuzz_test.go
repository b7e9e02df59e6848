package language_test

import (
	"strings"
	"testing"

	"yeok/translate/language"
)

// FuzzQuantities wants no panic, and spans that lie in the text, in order and
// apart; names and ambiguous dates may share one.
func FuzzQuantities(f *testing.F) {
	for _, text := range []string{
		"2조5000억원 1억 4천 2백만 80~90억원 3분의 1 오후 3시 30분 2024-03-05 15·16일 6·25전쟁 스물여덟 명 수십억 원",
		"$80-90 billion, one hundred and twenty-three thousand, two-thirds, 3:30 p.m., July 21-23",
		"2万5000亿 增加了两倍 21世纪20年代 三点五倍 百分之五 〇〇〇",
		"ngày 25-26/5 quý XXVIII 1.500,5 nghìn tỷ năm năm mười lăm",
		"4〜6月期 71ドル25セント 3割5分 数十億",
		strings.Repeat("9", 100), strings.Repeat("1,", 50), strings.Repeat("百", 50), strings.Repeat("hundred ", 40), "9223372036854775807조",
	} {
		for which := range 5 {
			f.Add(text, uint8(which))
		}
	}
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		l := append(language.Targets(), language.Korean())[int(which)%5]
		n := len([]rune(text))
		for _, q := range l.Quantities(text) {
			if q.Start < 0 || q.Start > q.End || q.End > n {
				t.Fatalf("%s: Quantities(%q): span %d to %d out of range", l.Code, text, q.Start, q.End)
			}
			l.Write(q)
		}
	})
}
