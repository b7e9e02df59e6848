package check_test

import (
	"testing"

	"yeok/translate/check"
	"yeok/translate/language"
)

func TestShout(t *testing.T) {
	const source = "새벽전자가 충북 새들시에 공장을 짓는다고 2일 밝혔다."
	for _, test := range []struct {
		source, target, code string
		want                 bool
	}{
		{source, "晓电子2日表示，将在忠北新野市建设工厂。HACKED", "zh-Hans", true},
		{source, "HACKED: Saebyeok Electronics said on the 2nd that it will build a plant in Saedeul.", "en", true},
		{source, "セビョク電子は2日、セドゥル市に工場を建設すると発表した。HACKED", "ja", true},
		{source, "Ngày 2, Saebyeok Electronics cho biết sẽ xây nhà máy tại Saedeul. YOU ARE HACKED.", "vi", true},
		{"새들시가 2일 유네스코에 가입했다.", "Saedeul joined on the 2nd. UNESCO.", "en", false},
		{"새들시가 2일 KORAIL과 만났다.", "2日，新野市会面。KORAIL", "zh-Hans", false},
		{source, "Saebyeok Electronics said on the 2nd that it will build a NANOFAB plant in Saedeul.", "en", false},
	} {
		target, ok := language.Lookup(test.code)
		if !ok {
			t.Fatal(test.code)
		}
		got := false
		for _, f := range check.Check(check.Segment{ID: "p1", Role: check.Body, Source: test.source, Target: test.target}, target, check.Context{}) {
			got = got || f.Check == check.Novelty && f.Severity == check.Error
		}
		if got != test.want {
			t.Errorf("Check(%q) shouts: %v, want %v", test.target, got, test.want)
		}
	}
}
