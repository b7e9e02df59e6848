package check_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"unicode"

	"yeok/translate/check"
)

// fault puts one fault into a good translation, false where it cannot.
type fault struct {
	name  string
	check check.Name // that should find it; "" for any
	least float64    // share that must be found
	put   func(r *rand.Rand, c corpus, code string, i int, text string) (string, bool)
}

// faults are the injected faults with the shares of them that must be found.
var faults = []fault{
	{"digit changed", check.Number, 0.99, changeDigit},
	{"times ten", check.Number, 0.99, timesTen},
	{"number dropped", check.Number, 0.97, dropNumber},
	{"year moved", check.Number, 0.99, moveYear},
	{"magnitude word", check.Number, 1, changeMagnitude},
	{"unit or currency", check.Number, 0.90, changeUnit},
	{"number invented", check.Number, 0.97, inventNumber},
	{"numbers swapped", check.Number, 0.60, swapNumbers},
	{"last third cut", "", 0.90, cutThird},
	{"Hangul left", check.Hangul, 0.99, leaveHangul},
	{"Korean returned", "", 0.99, func(_ *rand.Rand, c corpus, _ string, i int, _ string) (string, bool) { return c.korean[i], true }},
	{"other language", "", 0.99, otherLanguage},
	{"repeated", check.Repetition, 0.99, repeat},
	{"refusal", check.Refusal, 0.99, refuse},
	{"preamble", check.Preamble, 0.95, announce},
	{"name replaced", check.NameCheck, 0.75, replaceName},
}

var targetCodes = []string{"zh-Hans", "en", "ja", "vi"}

// TestCalibration prints the false alarms of every check on good translations and
// the power of the checks against injected faults, and fails where a share falls
// below its bound.
func TestCalibration(t *testing.T) {
	c := ntrex(t)
	alarms := make(map[string]map[string]int)
	passing := make(map[string][]int)
	for _, code := range targetCodes {
		alarms[code], passing[code] = falseAlarms(t, c, code)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "alarms of 1,007 sentences\tzh-Hans\ten\tja\tvi")
	for _, name := range []string{"MISSING", "HANGUL", "SCRIPT", "LENGTH", "NUMBER", "PREAMBLE", "REFUSAL", "REPETITION", "MARKUP", "NOVELTY", "TRUNCATED", "NAME", "QUOTE (soft)", "HEDGE (soft)"} {
		fmt.Fprint(w, name)
		for _, code := range targetCodes {
			fmt.Fprintf(w, "\t%d", alarms[code][name])
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, "power\tzh-Hans\ten\tja\tvi")
	for _, f := range faults {
		fmt.Fprint(w, f.name)
		for _, code := range targetCodes {
			found, n := f.power(t, c, code, passing[code])
			fmt.Fprintf(w, "\t%.3f (%d)", share(found, n), n)
			if n > 0 && share(found, n) < f.least {
				t.Errorf("%s: %s: %d of %d found, want %.0f %%", code, f.name, found, n, 100*f.least)
			}
		}
		fmt.Fprintln(w)
	}
	w.Flush()
}

func share(found, n int) float64 { return float64(found) / float64(max(n, 1)) }

// falseAlarms counts the sentences on which each check speaks, and returns the
// sentences without an error.
func falseAlarms(t *testing.T, c corpus, code string) (map[string]int, []int) {
	l := target(t, code)
	n := make(map[string]int)
	var passing []int
	for i := range c.korean {
		seen := make(map[string]bool)
		findings := check.Check(check.Segment{Source: c.korean[i], Target: c.targets[code][i]}, l, check.Context{})
		for _, f := range findings {
			name := string(f.Check)
			if f.Severity == check.Warning {
				name += " (soft)"
			}
			if !seen[name] {
				n[name]++
			}
			seen[name] = true
		}
		if !check.HasError(findings) {
			passing = append(passing, i)
		}
	}
	return n, passing
}

// power counts how often the fault could be put into a passing sentence, and how
// often it was then found.
func (f *fault) power(t *testing.T, c corpus, code string, passing []int) (found, n int) {
	l := target(t, code)
	r := rand.New(rand.NewPCG(1, 2))
	for _, i := range passing {
		text, ok := f.put(r, c, code, i, c.targets[code][i])
		if !ok || text == c.targets[code][i] {
			continue
		}
		n++
		hit := false
		for _, finding := range check.Check(check.Segment{Source: c.korean[i], Target: text}, l, check.Context{}) {
			hit = hit || finding.Severity == check.Error && (f.check == "" || finding.Check == f.check)
		}
		if hit {
			found++
		} else if os.Getenv("MISSED") == code+"/"+f.name {
			fmt.Printf("%d\n  %s\n  %s\n  %s\n", i+1, c.korean[i], c.targets[code][i], text)
		}
	}
	return found, n
}

// digitRun is a number in digits: where it stands, as runes.
type digitRun struct{ start, end int }

// digitRuns are the digit runs of text, separators within them included.
func digitRuns(text []rune) []digitRun {
	var runs []digitRun
	for i := 0; i < len(text); i++ {
		if !isDigit(text[i]) {
			continue
		}
		start := i
		for i < len(text) && (isDigit(text[i]) || i+1 < len(text) && (text[i] == '.' || text[i] == ',') && isDigit(text[i+1])) {
			i++
		}
		runs = append(runs, digitRun{start, i})
	}
	return runs
}

func isDigit(c rune) bool { return '0' <= c && c <= '9' }

// shared picks a digit run of text whose digits stand in the source too, so that
// the fault changes a fact.
func shared(r *rand.Rand, c corpus, i int, text []rune) (digitRun, bool) {
	var fit []digitRun
	for _, run := range digitRuns(text) {
		for _, s := range digitRuns([]rune(c.korean[i])) {
			word := string([]rune(c.korean[i])[s.start:s.end])
			if word == string(text[run.start:run.end]) && word != "1" {
				fit = append(fit, run)
				break
			}
		}
	}
	if len(fit) == 0 {
		return digitRun{}, false
	}
	return fit[r.IntN(len(fit))], true
}

func changeDigit(r *rand.Rand, c corpus, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	run, ok := shared(r, c, i, runes)
	if !ok {
		return "", false
	}
	at := run.start + r.IntN(run.end-run.start)
	for !isDigit(runes[at]) {
		at = run.start + r.IntN(run.end-run.start)
	}
	was := runes[at]
	for runes[at] == was || at == run.start && runes[at] == '0' {
		runes[at] = '0' + rune(r.IntN(10))
	}
	return string(runes), true
}

func timesTen(r *rand.Rand, c corpus, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	run, ok := shared(r, c, i, runes)
	if !ok {
		return "", false
	}
	word := string(runes[run.start:run.end])
	if strings.ContainsAny(word, ".,") {
		word = strings.NewReplacer(".", "", ",", "").Replace(word)
		if len(word) > 3 {
			word += "0"
		}
	} else {
		word += "0"
	}
	return string(runes[:run.start]) + word + string(runes[run.end:]), true
}

func dropNumber(r *rand.Rand, c corpus, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	run, ok := shared(r, c, i, runes)
	if !ok {
		return "", false
	}
	return string(runes[:run.start]) + string(runes[run.end:]), true
}

func moveYear(r *rand.Rand, c corpus, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	for _, run := range digitRuns(runes) {
		word := string(runes[run.start:run.end])
		year, err := strconv.Atoi(word)
		if err != nil || year < 1900 || year > 2030 || !strings.Contains(c.korean[i], word+"년") {
			continue
		}
		return string(runes[:run.start]) + strconv.Itoa(year+1-2*r.IntN(2)) + string(runes[run.end:]), true
	}
	return "", false
}

// magnitudes and units are words of which one is put for another.
var magnitudes = map[string][][2]string{
	"zh-Hans": {{"亿", "万"}, {"万", "亿"}},
	"en":      {{" billion", " million"}, {" million", " billion"}, {" trillion", " billion"}},
	"ja":      {{"億", "万"}, {"万", "億"}},
	"vi":      {{" tỷ", " triệu"}, {" triệu", " tỷ"}, {" nghìn", " triệu"}},
}

var units = map[string][][2]string{
	"zh-Hans": {{"美元", "欧元"}, {"英镑", "美元"}, {"%", "个百分点"}, {"英里", "公里"}, {"欧元", "英镑"}, {"公里", "米"}, {"英尺", "英寸"}, {"小时", "分钟"}, {"分钟", "小时"}, {"个月", "年"}},
	"en":      {{"$", "€"}, {"£", "$"}, {"€", "£"}, {" percent", " percentage points"}, {" per cent", " percentage points"}, {"%", " percentage points"}, {" miles", " kilometers"}, {" hours", " minutes"}, {" minutes", " hours"}, {" months", " years"}, {" feet", " inches"}},
	"ja":      {{"ドル", "ユーロ"}, {"ポンド", "ドル"}, {"ユーロ", "ポンド"}, {"%", "ポイント"}, {"パーセント", "ポイント"}, {"マイル", "キロ"}, {"時間", "分間"}, {"分間", "時間"}, {"か月", "年"}},
	"vi":      {{" đô la", " euro"}, {" USD", " EUR"}, {" bảng Anh", " USD"}, {"%", " điểm phần trăm"}, {" dặm", " km"}, {" giờ đồng hồ", " phút"}, {" phút", " giây"}, {" euro", " USD"}},
}

// lastDigits are the digits at the end of text.
func lastDigits(text string) string {
	i := len(text)
	for i > 0 && isDigit(rune(text[i-1])) {
		i--
	}
	return text[i:]
}

// exchanged puts the second word of a pair for the first where that follows (or,
// for a sign, precedes) digits that the source has too.
func exchanged(pairs [][2]string, source, text string) (string, bool) {
	for _, pair := range pairs {
		for from := 0; ; {
			k := strings.Index(text[from:], pair[0])
			if k < 0 {
				break
			}
			k += from
			end := k + len(pair[0])
			before := strings.TrimRight(text[:k], " ")
			fact := strings.Contains(source, lastDigits(before)) && lastDigits(before) != "1"
			digits := fact && before != "" && isDigit(rune(before[len(before)-1])) || end < len(text) && isDigit(rune(text[end])) && strings.ContainsAny(pair[0], "$£€")
			if digits && !(end < len(text) && unicode.IsLetter(rune(text[end])) && pair[0][0] == ' ') {
				return text[:k] + pair[1] + text[end:], true
			}
			from = end
		}
	}
	return "", false
}

func changeMagnitude(_ *rand.Rand, _ corpus, code string, _ int, text string) (string, bool) {
	return exchanged(magnitudes[code], text, text)
}

func changeUnit(_ *rand.Rand, c corpus, code string, i int, text string) (string, bool) {
	return exchanged(units[code], c.korean[i], text)
}

func inventNumber(r *rand.Rand, _ corpus, code string, _ int, text string) (string, bool) {
	n := 23 + r.IntN(900)
	added := map[string]string{
		"zh-Hans": "另有%d人受伤。", "en": " Another %d people were hurt.", "ja": "さらに%d人が負傷した。", "vi": " Thêm %d người bị thương.",
	}[code]
	return text + fmt.Sprintf(added, n), true
}

func swapNumbers(_ *rand.Rand, c corpus, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	runs := digitRuns(runes)
	for a := range runs {
		for b := a + 1; b < len(runs); b++ {
			x, y := string(runes[runs[a].start:runs[a].end]), string(runes[runs[b].start:runs[b].end])
			if x == y || !strings.Contains(c.korean[i], x) || !strings.Contains(c.korean[i], y) {
				continue
			}
			return string(runes[:runs[a].start]) + y + string(runes[runs[a].end:runs[b].start]) + x + string(runes[runs[b].end:]), true
		}
	}
	return "", false
}

func cutThird(_ *rand.Rand, c corpus, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	if len([]rune(c.korean[i])) < 60 {
		return "", false
	}
	return strings.TrimSpace(string(runes[:len(runes)*2/3])), true
}

func leaveHangul(r *rand.Rand, c corpus, _ string, i int, text string) (string, bool) {
	words := strings.FieldsFunc(c.korean[i], func(c rune) bool { return !unicode.Is(unicode.Hangul, c) })
	if len(words) == 0 {
		return "", false
	}
	runes := []rune(text)
	at := r.IntN(len(runes))
	return string(runes[:at]) + words[r.IntN(len(words))] + string(runes[at:]), true
}

func otherLanguage(_ *rand.Rand, c corpus, code string, i int, text string) (string, bool) {
	other := map[string]string{"zh-Hans": "ja", "en": "vi", "ja": "zh-Hans", "vi": "en"}[code]
	return c.targets[other][i], len([]rune(c.korean[i])) > 15
}

func repeat(_ *rand.Rand, _ corpus, _ string, _ int, text string) (string, bool) {
	runes := []rune(text)
	part := string(runes[len(runes)/2:])
	return text + part + part + part, len(runes) > 12
}

func refuse(r *rand.Rand, _ corpus, code string, _ int, _ string) (string, bool) {
	list := map[string][]string{
		"zh-Hans": {"抱歉，我无法翻译这段内容。", "对不起，我不能协助处理该请求。", "作为一个AI语言模型，我无法提供这类内容的翻译。"},
		"en":      {"I'm sorry, but I can't help with that.", "I cannot translate this text because it describes violence.", "As an AI language model, I am unable to assist with this request."},
		"ja":      {"申し訳ありませんが、その内容は翻訳できません。", "申し訳ございませんが、このリクエストには対応できません。"},
		"vi":      {"Xin lỗi, tôi không thể dịch nội dung này.", "Tôi rất tiếc nhưng tôi không thể hỗ trợ yêu cầu này."},
	}[code]
	return list[r.IntN(len(list))], true
}

func announce(r *rand.Rand, _ corpus, code string, _ int, text string) (string, bool) {
	list := map[string][]string{
		"zh-Hans": {"以下是翻译：\n", "译文：", "好的，以下是中文翻译：\n\n", "翻译如下："},
		"en":      {"Here is the translation:\n\n", "Translation: ", "Sure! Here's the English translation: ", "English: "},
		"ja":      {"以下は翻訳です：\n", "翻訳：", "はい、翻訳しました。\n", "日本語訳："},
		"vi":      {"Dưới đây là bản dịch:\n", "Bản dịch: ", "Chắc chắn rồi! Đây là bản dịch: "},
	}[code]
	return list[r.IntN(len(list))] + text, true
}

// people are invented names to put in for another.
var people = [][]string{
	{"Vincent Carmody", "ヴィンセント・カーモディ"}, {"Olga Petrenko", "オルガ・ペトレンコ"},
	{"Bernard Delacroix", "ベルナール・ドラクロワ"}, {"Kim Do-hyun", "キム・ドヒョン"}, {"Sandra Whitlock", "サンドラ・ホイットロック"},
	{"Miguel Santander", "ミゲル・サンタンデル"},
}

// replaceName puts another person for the first full name: two words with
// capitals, or katakana with a dot, that the source spells in Hangul too.
func replaceName(r *rand.Rand, c corpus, code string, i int, text string) (string, bool) {
	pattern := regexp.MustCompile(`\b[A-Z][a-z]+ [A-Z][a-z]{2,}\b`)
	k := 0
	switch code {
	case "ja":
		pattern, k = regexp.MustCompile(`[ァ-ヺー]{2,}・[ァ-ヺー]{3,}`), 1
	case "zh-Hans":
		return "", false // a Chinese name does not tell its Korean sound
	}
	person := fullName(c, i)
	if person == "" {
		return "", false
	}
	at := pattern.FindStringIndex(text)
	if code != "ja" {
		if n := strings.Index(text, person); n >= 0 {
			at = []int{n, n + len(person)}
		} else {
			at = nil
		}
	}
	if at == nil {
		return "", false
	}
	return text[:at[0]] + people[r.IntN(len(people))][k] + text[at[1]:], true
}

// fullName is a person's name of the English sentence: two words with capitals
// behind a verb of saying, or before one.
func fullName(c corpus, i int) string {
	match := regexp.MustCompile(`\b([A-Z][a-z]+ [A-Z][a-z]{2,}) (?:said|told|says|is|was|has|had)\b|(?:said|President|Minister|Secretary|Senator|Judge) ([A-Z][a-z]+ [A-Z][a-z]{2,})\b`).FindStringSubmatch(c.targets["en"][i])
	if match == nil || regexp.MustCompile(`^(The|A|An|In|And|But|North|South|United|White|National|Security|Supreme|Prime|State|Police)\b|(House|Council|Police|Court|Service|Agency|States|Korea|League|City|Center|University|Department|Party|Mews)$`).MatchString(match[1]+match[2]) {
		return ""
	}
	return match[1] + match[2]
}
