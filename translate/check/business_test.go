package check_test

import (
	"os"
	"strings"
	"testing"

	"yeok/translate/check"
)

// business is one phrase of testdata/business.txt.
type business struct {
	korean string
	right  map[string][]string
	wrong  map[string][]string
}

func readBusiness(t *testing.T) []business {
	t.Helper()
	data, err := os.ReadFile("testdata/business.txt")
	if err != nil {
		t.Fatal(err)
	}
	var list []business
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if korean, ok := strings.CutPrefix(line, "= "); ok {
			list = append(list, business{korean: korean, right: map[string][]string{}, wrong: map[string][]string{}})
			continue
		}
		code, rest, ok := strings.Cut(line, " ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		right, wrong, ok := strings.Cut(rest, " ! ")
		if !ok || len(list) == 0 {
			t.Fatalf("testdata/business.txt: %q has no !", line)
		}
		b := &list[len(list)-1]
		b.right[code] = strings.Split(right, " | ")
		b.wrong[code] = strings.Split(wrong, " | ")
	}
	return list
}

// frames are sentences around a phrase, in Korean and the targets.
var frames = []map[string]string{
	{"ko": "새벽전자는 %라고 밝혔다.", "zh-Hans": "晓电子表示：%。", "en": "Saebyeok Electronics said: %.", "ja": "セビョク電子は「%」と明らかにした。", "vi": "Saebyeok Electronics cho biết: %."},
	{"ko": "가람시 관계자는 지난해와 관련해 “%”라며 이같이 설명했다.", "zh-Hans": "嘉蓝市有关人士就去年的情况说明称，“%”。", "en": "An official of Garam City explained about last year, “%.”", "ja": "カラム市の関係者は昨年について「%」と説明した。", "vi": "Một quan chức thành phố Garam giải thích về năm ngoái: “%”."},
	{"ko": "이에 따라 %가 앞으로 시장에 미칠 영향에 관심이 쏠린다.", "zh-Hans": "因此，%今后对市场的影响备受关注。", "en": "Attention is therefore on how % will affect the market.", "ja": "これにより、%が今後市場に与える影響に関心が集まっている。", "vi": "Vì vậy, dư luận quan tâm đến việc % sẽ ảnh hưởng thế nào đến thị trường."},
}

// TestBusinessNumbers wants at most 1 % of right renderings to be doubted and at
// least 95 % of wrong ones to be found, in every language.
func TestBusinessNumbers(t *testing.T) {
	list := readBusiness(t)
	for _, code := range targetCodes {
		l := target(t, code)
		var right, alarms, wrong, missed int
		for _, b := range list {
			for _, frame := range frames {
				source := strings.Replace(frame["ko"], "%", b.korean, 1)
				doubted := func(rendering string) []check.Finding {
					text := strings.Replace(frame[code], "%", rendering, 1)
					findings := check.Check(check.Segment{Source: source, Target: text}, l, check.Context{})
					var errors []check.Finding
					for _, f := range findings {
						if f.Severity == check.Error && f.Check == check.Number {
							errors = append(errors, f)
						}
					}
					return errors
				}
				for _, rendering := range b.right[code] {
					right++
					if findings := doubted(rendering); len(findings) > 0 {
						alarms++
						t.Logf("%s: right %q for %q doubted: %s", code, rendering, b.korean, findings[0].Message)
					}
				}
				for _, rendering := range b.wrong[code] {
					wrong++
					if len(doubted(rendering)) == 0 {
						missed++
						t.Logf("%s: wrong %q for %q not found in %q", code, rendering, b.korean, frame[code])
					}
				}
			}
		}
		t.Logf("%s: %d of %d right renderings doubted, %d of %d wrong ones missed", code, alarms, right, missed, wrong)
		if 100*alarms > right || 20*missed > wrong {
			t.Errorf("%s: %d of %d right renderings doubted, %d of %d wrong ones missed; want at most 1 %% and 5 %%", code, alarms, right, missed, wrong)
		}
	}
}
