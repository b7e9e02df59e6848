package language

import "testing"

func TestLoad(t *testing.T) {
	if _, err := load(); err != nil {
		t.Fatalf("load() = %v", err)
	}
}

func TestLookup(t *testing.T) {
	tests := []struct{ code, want string }{
		{"zh-Hans", "zh-Hans"}, {"zh", "zh-Hans"}, {"ZH-cn", "zh-Hans"}, {"zh_SG", "zh-Hans"},
		{"en", "en"}, {"EN-us", "en"}, {"en-GB", "en"}, {"ja", "ja"}, {"ja-JP", "ja"}, {"vi-vn", "vi"},
		{"zh-Hant", ""}, {"zh-TW", ""}, {"ko", ""}, {"ko-KR", ""}, {"fr", ""}, {"", ""}, {"en-AU", ""},
	}
	for _, test := range tests {
		l, ok := Lookup(test.code)
		got := ""
		if ok {
			got = l.Code
		}
		if got != test.want {
			t.Errorf("Lookup(%q) = %q, want %q", test.code, got, test.want)
		}
	}
}

func TestTargets(t *testing.T) {
	want := []string{"zh-Hans", "en", "ja", "vi"}
	for i, l := range Targets() {
		if l.Code != want[i] {
			t.Errorf("Targets()[%d] = %q, want %q", i, l.Code, want[i])
		}
	}
}
