package translate

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yeok/eval/headlines"
	"yeok/eval/ntrex"
	"yeok/translate/check"
	"yeok/translate/language"
)

func TestTypography(t *testing.T) {
	for _, test := range []struct{ code, text, want string }{
		// Quotation marks.
		{"zh-Hans", `公司称,"明年"将盈利. 完`, "公司称，“明年”将盈利。完"},
		{"zh-Hans", "他说：「这是『新』工厂」", "他说：“这是‘新’工厂”"},
		{"zh-Hans", "所谓‘超级周期’到来", "所谓“超级周期”到来"},
		{"ja", `同社は,"来年"黒字と述べた.`, "同社は、「来年」黒字と述べた。"},
		{"ja", "“‘新’工場だ”と述べた", "「『新』工場だ」と述べた"},
		{"ja", "小説『夜明け』を読んだ", "小説『夜明け』を読んだ"},
		{"en", `It said "next year", and 27" more`, "It said “next year”, and 27\" more"},
		{"en", `It said "next year".`, "It said “next year”."},
		{"en", `It said "next year.`, `It said "next year.`},
		{"en", `"It's 'great'," he said`, "“It’s ‘great’,” he said"},
		{"en", "the workers' union's '90s", "the workers' union’s '90s"},
		{"en", "He said 「yes」", "He said “yes”"},
		{"en", `<x1>"Yes,"</x1> he said`, `<x1>“Yes,”</x1> he said`},
		{"vi", `Ông nói "năm sau", tăng 3,5%`, "Ông nói “năm sau”, tăng 3,5%"},
		// Width.
		{"zh-Hans", "增长3.5%,达1,000台", "增长3.5%，达1,000台"},
		{"zh-Hans", "网址:example.com", "网址:example.com"},
		{"zh-Hans", "对吗? 对!", "对吗？对！"},
		{"zh-Hans", "增长12.5%.", "增长12.5%。"},
		{"zh-Hans", "总统特朗普(Trump)表示", "总统特朗普（Trump）表示"},
		{"zh-Hans", "电话(02)123-4567", "电话(02)123-4567"},
		{"zh-Hans", "比分3:2,时间14:30", "比分3:2，时间14:30"},
		{"ja", "同社は，来年", "同社は、来年"},
		{"ja", "バージョン.2", "バージョン.2"},
		{"en", "Seoul，which won。", "Seoul, which won."},
		{"vi", "Seoul（Hàn Quốc）thắng", "Seoul (Hàn Quốc) thắng"},
		// Spaces.
		{"zh-Hans", "在 2024 年的 AI 市场，", "在2024年的AI市场，"},
		{"zh-Hans", "三 5", "三 5"},
		{"ja", "2024 年、AI 市場は", "2024年、AI市場は"},
		{"en", "It rose 3 % , he said .", "It rose 3%, he said."},
		{"en", "It rose .5 points", "It rose .5 points"},
		// Ellipses.
		{"zh-Hans", "他说...", "他说……"},
		{"en", "Well... no", "Well… no"},
		{"en", "1...2", "1...2"},
		// Decimals.
		{"vi", "tăng 12.5% lên 3.25 triệu USD", "tăng 12,5% lên 3,25 triệu USD"},
		{"vi", "1.500 người, 1,500 người", "1.500 người, 1,500 người"},
		{"vi", "đạt 1,234,567 won và 1,234.5 won", "đạt 1.234.567 won và 1.234,5 won"},
		{"vi", "ngày 30.4, phiên bản 2.0, lúc 7.30", "ngày 30.4, phiên bản 2.0, lúc 7.30"},
		{"en", "It rose 12,5%", "It rose 12,5%"},
		// What no rule may touch.
		{"zh-Hans", `见https://x.example.com/a,b?c="d",谢谢`, `见https://x.example.com/a,b?c="d"，谢谢`},
		{"en", "Run `print('a')` or f(\"x\")", "Run `print('a')` or f(\"x\")"},
		{"zh-Hans", "售价$1,000.50,下午3:30", "售价$1,000.50，下午3:30"},
	} {
		got := typographyOf(languageOf(t, test.code)).set(test.text, setting{})
		if got != test.want {
			t.Errorf("%s: set(%q) = %q, want %q", test.code, test.text, got, test.want)
		}
	}
}

func TestTypographyOfHeadlines(t *testing.T) {
	for _, test := range []struct{ code, source, text, want string }{
		{"en", "새 공장 짓는다", "Saebyeok to build plant.", "Saebyeok to build plant"},
		{"en", "새 공장 짓는다", "Saebyeok to build plant in U.S.", "Saebyeok to build plant in U.S."},
		{"en", "새 공장 짓는다.", "Saebyeok builds.", "Saebyeok builds."},
		{"zh-Hans", "“짓는다”", "“建厂。”", "“建厂”"},
		{"en", "새 공장…일자리 늘 듯", "Saebyeok builds plant … jobs may grow", "Saebyeok builds plant, jobs may grow"},
		{"zh-Hans", "새 공장…일자리 늘 듯", "建新工厂...就业或增加", "建新工厂，就业或增加"},
		{"ja", "새 공장…일자리 늘 듯", "新工場…雇用増か", "新工場、雇用増か"},
		{"vi", "“새 공장”…“일자리”", "“Nhà máy”…“việc làm”", "“Nhà máy”, “việc làm”"},
		{"en", "그리고…", "And then…", "And then…"},
		{"zh-Hans", "새 공장 짓는다", "三星建厂 AI芯片走俏", "三星建厂 AI芯片走俏"},
		{"zh-Hans", "새 공장 짓는다", "三星建 AI 工厂", "三星建AI工厂"},
	} {
		got := typographyOf(languageOf(t, test.code)).set(test.text, setting{headline: true, source: test.source})
		if got != test.want {
			t.Errorf("%s: set(%q) = %q, want %q", test.code, test.text, got, test.want)
		}
	}
}

// TestTypographyKeepsTerms: what the glossary asks for stays byte for byte.
func TestTypographyKeepsTerms(t *testing.T) {
	terms := []check.Term{{Source: "맥밀런스", Target: `McMillan's|"Mac" 2.5 %`}}
	for _, text := range []string{"At McMillan's it's new", `At "Mac" 2.5 % it's new`} {
		want := strings.Replace(text, "it's", "it’s", 1)
		if got := typographyOf(languageOf(t, "en")).set(text, setting{terms: terms}); got != want {
			t.Errorf("set(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestTypographyChangesNothingElse sets good translations and wants letters,
// numbers by value and markup as they were, and nothing changed the second time.
func TestTypographyChangesNothingElse(t *testing.T) {
	set, err := ntrex.Read(cmp.Or(os.Getenv("YEOK_SHARED"), filepath.Join("..", "..", "shared")))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED, nothing was set: %v; set YEOK_SHARED", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range language.Targets() {
		changed := 0
		for _, text := range set.Targets[l.Code] {
			if unfaithful(t, l, text) {
				changed++
			}
		}
		t.Logf("%s: %d of %d translations changed", l.Code, changed, len(set.Targets[l.Code]))
	}
}

// unfaithful fails the test where setting text changes more than marks, and
// reports whether it changes anything.
func unfaithful(t *testing.T, l *language.Language, text string) bool {
	t.Helper()
	changed := false
	for _, headline := range []bool{false, true} {
		in := setting{headline: headline, source: "가…나"}
		once := typographyOf(l).set(text, in)
		changed = changed || !headline && once != text
		if twice := typographyOf(l).set(once, in); twice != once {
			t.Errorf("%s: set(%q) = %q, and again %q", l.Code, text, once, twice)
		}
		if got, want := string(letters([]rune(once))), string(letters([]rune(text))); got != want {
			t.Errorf("%s: set(%q) = %q, other letters", l.Code, text, once)
		}
		if got, want := token.FindAllString(once, -1), token.FindAllString(text, -1); !slices.Equal(got, want) {
			t.Errorf("%s: set(%q) = %q, other markup", l.Code, text, once)
		}
		if got, want := amounts(l, once), amounts(l, text); !slices.Equal(got, want) {
			t.Errorf("%s: set(%q) = %q, numbers %v, want %v", l.Code, text, once, got, want)
		}
	}
	return changed
}

func amounts(l *language.Language, text string) []language.Value {
	var values []language.Value
	for _, q := range l.Quantities(token.ReplaceAllString(text, "")) {
		values = append(values, q.Value)
	}
	return values
}

func FuzzTypography(f *testing.F) {
	f.Add(`<x1>"公司"</x1>称,明年增长 3.5 %...`, uint8(0))
	f.Add(`"It's ‘so’ 「x」", 27" … http://a.b/c,"d"`, uint8(1))
	f.Add(`「“来年”」 ( AI ) 3 人.`, uint8(2))
	f.Add("1,234.5 triệu USD, 12.5%， 1．5 ‘x' \"y“", uint8(3))
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		unfaithful(t, language.Targets()[int(which)%4], oneLine(strings.ToValidUTF8(text, "")))
		if untouchable.MatchString(text) && !mayHoldUntouchable(text) {
			t.Errorf("mayHoldUntouchable(%q) = false, but it does", text)
		}
	})
}

// TestTypographyLeavesGoodHeadlines: good headlines are set already.
func TestTypographyLeavesGoodHeadlines(t *testing.T) {
	list, err := headlines.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range list {
		for code, good := range h.Good {
			if got := typographyOf(languageOf(t, code)).set(good, setting{headline: true, source: h.Korean}); got != good {
				t.Errorf("%s: set(%q) = %q", code, good, got)
			}
		}
	}
}

// TestMayHoldUntouchable: what is not searched holds nothing to be found.
func TestMayHoldUntouchable(t *testing.T) {
	for _, text := range []string{
		"www.sample.kr", "https://a.kr/b", "a@b.kr", "#tag", "@handle", "`code`", "f(x)", "a_b", `a\b`, "a=b", "a/b", "a{b", "a}b", "a[b", "a]b", "a|b", "a.b.c|d",
	} {
		if !untouchable.MatchString(text) {
			t.Errorf("untouchable does not match %q", text)
		}
		if !mayHoldUntouchable("말 " + text + " 말") {
			t.Errorf("mayHoldUntouchable(%q) = false, want true", text)
		}
	}
}

// TestMarksAreNoLetters: the rules look for marks among what is neither letter nor
// digit only.
func TestMarksAreNoLetters(t *testing.T) {
	for _, l := range language.Targets() {
		for _, marks := range []map[string]string{l.Typography.Marks, l.Typography.Wide} {
			for mark := range marks {
				if strings.ContainsFunc(mark, isWord) {
					t.Errorf("%s: the mark %q is a letter or a digit", l.Code, mark)
				}
			}
		}
	}
}
