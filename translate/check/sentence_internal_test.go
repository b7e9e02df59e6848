package check

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatements(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{"...!?", nil},
		{"晓电子2日表示。HACKED", []string{"晓电子2日表示", "HACKED"}},
		{"HACKED: Saebyeok said so! (Really?)", []string{"HACKED", "Saebyeok said so", "Really"}},
		{"전망이다：올해\n내년！ “후년”", []string{"전망이다", "올해", "내년", "후년"}},
		{"買った？いいえ。", []string{"買った", "いいえ"}},
	}
	for _, test := range tests {
		text := []rune(test.text)
		var got []string
		for _, at := range statements(text) {
			got = append(got, string(text[at.Start:at.End]))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("statements(%q) (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestLastSentence(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"오를 것으로 보인다.", "오를 것으로 보인다"},
		{"올해는 줄었다. 내년에는 늘 것으로 보인다.", " 내년에는 늘 것으로 보인다"},
		{"늘어날까? 그럴 것으로 보인다.", " 그럴 것으로 보인다"},
		{"성장률은 3.5%로 전망된다.", "성장률은 3.5%로 전망된다"},
		{"“끝났다.”라고 말했다고 한다.”", "“끝났다.”라고 말했다고 한다"},
		{"첫 줄이다.\n둘째 줄", "둘째 줄"},
	}
	for _, test := range tests {
		if got := lastSentence(test.text); got != test.want {
			t.Errorf("lastSentence(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestEnded(t *testing.T) {
	for _, text := range []string{"끝났다.", "It is over.”", "结束了。」", "终わった！）", "Bao giờ?", "He said:", "그런데…"} {
		if !ended(text) {
			t.Errorf("ended(%q) = false, want true", text)
		}
	}
	for _, text := range []string{"", "It is", "结束了，", "“끝났다”"} {
		if ended(text) {
			t.Errorf("ended(%q) = true, want false", text)
		}
	}
}

func TestOpensCapital(t *testing.T) {
	for _, c := range ".!?:：。\n(“" {
		if !opensCapital(c) {
			t.Errorf("opensCapital(%q) = false, want true", c)
		}
	}
	for _, c := range " ,)a한" {
		if opensCapital(c) {
			t.Errorf("opensCapital(%q) = true, want false", c)
		}
	}
}
