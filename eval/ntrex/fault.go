package ntrex

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	_ "embed"

	"golang.org/x/text/unicode/norm"

	"yeok/translate/check"
)

// Fault is one way to spoil a good translation.
type Fault struct {
	Name  string
	Check check.Name // that should find it; "" for any
	Least float64    // share that must be found

	// put is the spoiled translation of sentence i, false where it has no place
	// for the fault.
	put func(r *rand.Rand, s *Set, code string, i int, text string) (string, bool)
}

// Faults are all ways, with the shares of them that issue and tests demand.
func Faults() []Fault {
	return []Fault{
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
		{"Korean returned", "", 0.99, func(_ *rand.Rand, s *Set, _ string, i int, _ string) (string, bool) { return s.Korean[i], true }},
		{"other language", "", 0.99, otherLanguage},
		{"Traditional for Simplified", check.Script, 0.99, inTraditional},
		{"Vietnamese without marks", check.Script, 0.99, dropMarks},
		{"repeated", check.Repetition, 0.99, repeat},
		{"refusal", check.Refusal, 0.99, refuse},
		{"preamble", check.Preamble, 0.95, announce},
		{"name replaced", check.NameCheck, 0.82, replaceName},
	}
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
func shared(r *rand.Rand, s *Set, i int, text []rune) (digitRun, bool) {
	var fit []digitRun
	for _, run := range digitRuns(text) {
		korean := []rune(s.Korean[i])
		for _, same := range digitRuns(korean) {
			word := string(korean[same.start:same.end])
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

func changeDigit(r *rand.Rand, s *Set, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	run, ok := shared(r, s, i, runes)
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

func timesTen(r *rand.Rand, s *Set, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	run, ok := shared(r, s, i, runes)
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

func dropNumber(r *rand.Rand, s *Set, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	run, ok := shared(r, s, i, runes)
	if !ok {
		return "", false
	}
	return string(runes[:run.start]) + string(runes[run.end:]), true
}

func moveYear(r *rand.Rand, s *Set, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	for _, run := range digitRuns(runes) {
		word := string(runes[run.start:run.end])
		year, err := strconv.Atoi(word)
		if err != nil || year < 1900 || year > 2030 || !strings.Contains(s.Korean[i], word+"년") {
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

func changeMagnitude(_ *rand.Rand, _ *Set, code string, _ int, text string) (string, bool) {
	return exchanged(magnitudes[code], text, text)
}

func changeUnit(_ *rand.Rand, s *Set, code string, i int, text string) (string, bool) {
	return exchanged(units[code], s.Korean[i], text)
}

func inventNumber(r *rand.Rand, _ *Set, code string, _ int, text string) (string, bool) {
	n := 23 + r.IntN(900)
	added := map[string]string{
		"zh-Hans": "另有%d人受伤。", "en": " Another %d people were hurt.", "ja": "さらに%d人が負傷した。", "vi": " Thêm %d người bị thương.",
	}[code]
	return text + fmt.Sprintf(added, n), true
}

func swapNumbers(_ *rand.Rand, s *Set, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	runs := digitRuns(runes)
	for a := range runs {
		for b := a + 1; b < len(runs); b++ {
			x, y := string(runes[runs[a].start:runs[a].end]), string(runes[runs[b].start:runs[b].end])
			if x == y || !strings.Contains(s.Korean[i], x) || !strings.Contains(s.Korean[i], y) {
				continue
			}
			return string(runes[:runs[a].start]) + y + string(runes[runs[a].end:runs[b].start]) + x + string(runes[runs[b].end:]), true
		}
	}
	return "", false
}

func cutThird(_ *rand.Rand, s *Set, _ string, i int, text string) (string, bool) {
	runes := []rune(text)
	if len([]rune(s.Korean[i])) < 60 {
		return "", false
	}
	return strings.TrimSpace(string(runes[:len(runes)*2/3])), true
}

func leaveHangul(r *rand.Rand, s *Set, _ string, i int, text string) (string, bool) {
	words := strings.FieldsFunc(s.Korean[i], func(c rune) bool { return !unicode.Is(unicode.Hangul, c) })
	if len(words) == 0 {
		return "", false
	}
	runes := []rune(text)
	at := r.IntN(len(runes))
	return string(runes[:at]) + words[r.IntN(len(words))] + string(runes[at:]), true
}

func otherLanguage(_ *rand.Rand, s *Set, code string, i int, text string) (string, bool) {
	other := map[string]string{"zh-Hans": "ja", "en": "vi", "ja": "zh-Hans", "vi": "en"}[code]
	return s.Targets[other][i], len([]rune(s.Korean[i])) > 15
}

func repeat(_ *rand.Rand, _ *Set, _ string, _ int, text string) (string, bool) {
	runes := []rune(text)
	part := string(runes[len(runes)/2:])
	return text + part + part + part, len(runes) > 12
}

func refuse(r *rand.Rand, _ *Set, code string, _ int, _ string) (string, bool) {
	list := map[string][]string{
		"zh-Hans": {"抱歉，我无法翻译这段内容。", "对不起，我不能协助处理该请求。", "作为一个AI语言模型，我无法提供这类内容的翻译。"},
		"en":      {"I'm sorry, but I can't help with that.", "I cannot translate this text because it describes violence.", "As an AI language model, I am unable to assist with this request."},
		"ja":      {"申し訳ありませんが、その内容は翻訳できません。", "申し訳ございませんが、このリクエストには対応できません。"},
		"vi":      {"Xin lỗi, tôi không thể dịch nội dung này.", "Tôi rất tiếc nhưng tôi không thể hỗ trợ yêu cầu này."},
	}[code]
	return list[r.IntN(len(list))], true
}

func announce(r *rand.Rand, _ *Set, code string, _ int, text string) (string, bool) {
	list := map[string][]string{
		"zh-Hans": {"以下是翻译：\n", "译文：", "好的，以下是中文翻译：\n\n", "翻译如下："},
		"en":      {"Here is the translation:\n\n", "Translation: ", "Sure! Here's the English translation: ", "English: "},
		"ja":      {"以下は翻訳です：\n", "翻訳：", "はい、翻訳しました。\n", "日本語訳："},
		"vi":      {"Dưới đây là bản dịch:\n", "Bản dịch: ", "Chắc chắn rồi! Đây là bản dịch: "},
	}[code]
	return list[r.IntN(len(list))] + text, true
}

// people are invented names to put in for another, in Latin letters and katakana.
var people = [][]string{
	{"Vincent Carmody", "ヴィンセント・カーモディ"}, {"Olga Petrenko", "オルガ・ペトレンコ"},
	{"Bernard Delacroix", "ベルナール・ドラクロワ"}, {"Kim Do-hyun", "キム・ドヒョン"}, {"Sandra Whitlock", "サンドラ・ホイットロック"},
	{"Miguel Santander", "ミゲル・サンタンデル"}, {"Lee Seo-yeon", "イ・ソヨン"}, {"Park Min-jae", "パク・ミンジェ"},
	{"Choi Eun-ji", "チェ・ウンジ"}, {"Jung Tae-woo", "チョン・テウ"}, {"Emily Carter", "エミリー・カーター"},
	{"James Wilson", "ジェームズ・ウィルソン"}, {"David Thompson", "デイビッド・トンプソン"}, {"Sarah Miller", "サラ・ミラー"},
	{"Robert Johnson", "ロバート・ジョンソン"}, {"Kenji Tanaka", "ケンジ・タナカ"}, {"Yuki Nakamura", "ユキ・ナカムラ"},
	{"Wang Wei", "ワン・ウェイ"}, {"Li Xiaoming", "リー・シャオミン"}, {"Nguyen Van Minh", "グエン・バン・ミン"},
	{"Carlos Rodriguez", "カルロス・ロドリゲス"}, {"Hans Becker", "ハンス・ベッカー"}, {"Marco Rossi", "マルコ・ロッシ"},
}

// replaceName puts another person for a full name of the English sentence, in
// Japanese for the first name in katakana with a dot.
func replaceName(r *rand.Rand, s *Set, code string, i int, text string) (string, bool) {
	person := fullName(s, i)
	other := people[r.IntN(len(people))]
	switch {
	case person == "", code == "zh-Hans":
		return "", false
	case code == "ja":
		at := regexp.MustCompile(`[ァ-ヺー]{2,}・[ァ-ヺー]{3,}`).FindStringIndex(text)
		if at == nil {
			return "", false
		}
		return text[:at[0]] + other[1] + text[at[1]:], true
	}
	return strings.Replace(text, person, other[0], 1), strings.Contains(text, person)
}

// fullName is a person's name of the English sentence: two words with capitals
// behind a verb of saying, or before one, or that the Korean has in brackets.
func fullName(s *Set, i int) string {
	match := regexp.MustCompile(`\b([A-Z][a-z]+ [A-Z][a-z]{2,}) (?:said|told|says|is|was|has|had)\b|(?:said|President|Minister|Secretary|Senator|Judge) ([A-Z][a-z]+ [A-Z][a-z]{2,})\b`).FindStringSubmatch(s.Targets["en"][i])
	if match == nil { // or one that the source glosses
		match = append(regexp.MustCompile(`[가-힣]\(([A-Z][a-z]+ [A-Z][a-z]{2,})\)`).FindStringSubmatch(s.Korean[i]), "")
	}
	if len(match) < 2 || regexp.MustCompile(`^(The|A|An|In|And|But|North|South|United|White|National|Security|Supreme|Prime|State|Police)\b|(House|Council|Police|Court|Service|Agency|States|Korea|League|City|Center|University|Department|Party|Mews)$`).MatchString(match[1]+match[2]) {
		return ""
	}
	return match[1] + match[2]
}

//go:embed data/traditional.txt
var traditionalData string

// traditional puts traditional forms for simplified ones.
var traditional = sync.OnceValue(func() *strings.Replacer {
	var pairs []string
	for line := range strings.Lines(traditionalData) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, pair := range strings.Fields(line) {
			runes := []rune(pair)
			pairs = append(pairs, string(runes[0]), string(runes[1:]))
		}
	}
	return strings.NewReplacer(pairs...)
})

// inTraditional is a Chinese text in traditional characters.
func inTraditional(_ *rand.Rand, _ *Set, code string, _ int, text string) (string, bool) {
	return traditional().Replace(text), code == "zh-Hans"
}

// dropMarks is a Vietnamese text without its marks.
func dropMarks(_ *rand.Rand, s *Set, code string, i int, text string) (string, bool) {
	var b strings.Builder
	for _, c := range norm.NFD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, c):
		case c == 'đ':
			b.WriteRune('d')
		case c == 'Đ':
			b.WriteRune('D')
		default:
			b.WriteRune(c)
		}
	}
	return b.String(), code == "vi" && len([]rune(s.Korean[i])) > 15
}
