package check_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yeok/translate/check"
	"yeok/translate/language"
)

// business is one phrase or sentence of a file of renderings.
type business struct {
	korean string
	right  map[string][]string
	wrong  map[string][]string
}

// readBusiness reads a file of Korean texts with right and wrong renderings. A
// wrong rendering "this => that" is the first right one that holds this, with
// that in its place.
func readBusiness(t *testing.T, file string) []business {
	t.Helper()
	data, err := os.ReadFile(file)
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
			t.Fatalf("%s: %q has no !", file, line)
		}
		b := &list[len(list)-1]
		b.right[code] = strings.Split(right, " | ")
		for edit := range strings.SplitSeq(wrong, " | ") {
			rendering, ok := edited(b.right[code], edit)
			if !ok {
				t.Fatalf("%s: no rendering holds what %q changes, or holds it twice", file, edit)
			}
			b.wrong[code] = append(b.wrong[code], rendering)
		}
	}
	return list
}

func edited(right []string, edit string) (string, bool) {
	this, that, ok := strings.Cut(edit, " => ")
	if !ok {
		return edit, true
	}
	for _, rendering := range right {
		if n := strings.Count(rendering, this); n > 0 {
			return strings.Replace(rendering, this, that, 1), n == 1
		}
	}
	return "", false
}

// frames are sentences around a phrase, in Korean and the targets.
var frames = []map[string]string{
	{"ko": "새벽전자는 %라고 밝혔다.", "zh-Hans": "晓电子表示：%。", "en": "Saebyeok Electronics said: %.", "ja": "セビョク電子は「%」と明らかにした。", "vi": "Saebyeok Electronics cho biết: %."},
	{"ko": "가람시 관계자는 지난해와 관련해 “%”라며 이같이 설명했다.", "zh-Hans": "嘉蓝市有关人士就去年的情况说明称，“%”。", "en": "An official of Garam City explained about last year, “%.”", "ja": "カラム市の関係者は昨年について「%」と説明した。", "vi": "Một quan chức thành phố Garam giải thích về năm ngoái: “%”."},
	{"ko": "이에 따라 %가 앞으로 시장에 미칠 영향에 관심이 쏠린다.", "zh-Hans": "因此，%今后对市场的影响备受关注。", "en": "Attention is therefore on how % will affect the market.", "ja": "これにより、%が今後市場に与える影響に関心が集まっている。", "vi": "Vì vậy, dư luận quan tâm đến việc % sẽ ảnh hưởng thế nào đến thị trường."},
}

// bare is the frame of a whole sentence.
var bare = []map[string]string{{"ko": "%", "zh-Hans": "%", "en": "%", "ja": "%", "vi": "%"}}

// TestBusinessNumbers wants at most 1 % of right renderings to be doubted and at
// least 95 % of wrong ones to be found, in every language and every set.
func TestBusinessNumbers(t *testing.T) {
	t.Run("phrases", func(t *testing.T) {
		judge(t, readBusiness(t, "testdata/business.txt"), frames)
	})
	sets, err := filepath.Glob("testdata/sentences/*.txt")
	if err != nil || len(sets) == 0 {
		t.Fatalf("no sets of sentences: %v", err)
	}
	for _, file := range sets {
		t.Run(filepath.Base(file), func(t *testing.T) {
			judge(t, readBusiness(t, file), bare)
		})
	}
}

// tally counts the renderings of one language.
type tally struct{ right, alarms, wrong, missed int }

func judge(t *testing.T, list []business, frames []map[string]string) {
	for _, code := range targetCodes {
		l := target(t, code)
		var n tally
		for _, b := range list {
			for _, frame := range frames {
				n.count(t, b, frame, code, l)
			}
		}
		t.Logf("%s: %d of %d right renderings doubted, %d of %d wrong ones missed", code, n.alarms, n.right, n.missed, n.wrong)
		if 100*n.alarms > n.right || 20*n.missed > n.wrong {
			t.Errorf("%s: %d of %d right renderings doubted, %d of %d wrong ones missed; want at most 1 %% and 5 %%", code, n.alarms, n.right, n.missed, n.wrong)
		}
	}
}

func (n *tally) count(t *testing.T, b business, frame map[string]string, code string, l *language.Language) {
	source := strings.Replace(frame["ko"], "%", b.korean, 1)
	for _, rendering := range b.right[code] {
		n.right++
		if doubt := numberError(source, strings.Replace(frame[code], "%", rendering, 1), l); doubt != "" {
			n.alarms++
			t.Logf("%s: right doubted: %s\n\t%s\n\t%s", code, doubt, b.korean, rendering)
		}
	}
	for _, rendering := range b.wrong[code] {
		n.wrong++
		if numberError(source, strings.Replace(frame[code], "%", rendering, 1), l) == "" {
			n.missed++
			t.Logf("%s: wrong not found:\n\t%s\n\t%s", code, b.korean, rendering)
		}
	}
}

// numberError is what the number check says against the rendering, "" if nothing.
func numberError(source, rendering string, l *language.Language) string {
	for _, f := range check.Check(check.Segment{Source: source, Target: rendering}, l, check.Context{}) {
		if f.Severity == check.Error && f.Check == check.Number {
			return f.Message
		}
	}
	return ""
}
