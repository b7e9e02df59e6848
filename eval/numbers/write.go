package numbers

import (
	"fmt"
	"math/big"
	"strings"
)

// write makes a number of the kind.
func (w *writer) write(kind string) (writing, error) {
	switch kind {
	case row:
		return w.tableRow()
	case "money":
		return w.money(), nil
	case "moneyrange":
		return w.moneyRange(), nil
	case "count":
		return w.amount(kind, w.whole(2, 8)), nil
	case "measure", "percent", "point":
		return w.decimal(kind), nil
	case "date":
		return w.date(), nil
	case "clock":
		return w.clock(), nil
	case "year":
		return w.year(), nil
	}
	return writing{}, fmt.Errorf("unknown kind %q", kind)
}

// tableRow is the next row; how often it has had its turn says which of its
// writings are taken.
func (w *writer) tableRow() (writing, error) {
	r := w.data.rows[w.row%len(w.data.rows)]
	turn := w.row / len(w.data.rows)
	w.row++
	value, ok := new(big.Rat).SetString(r.Value)
	if !ok {
		return writing{}, fmt.Errorf("rows.yaml: %s: %q is no number", r.Korean, r.Value)
	}
	out := writing{ko: r.Korean, right: make(map[string]string), wrong: make(map[string]string), fault: r.Fault, want: []Amount{{value, r.Unit, r.Vague}}}
	for _, code := range codes {
		right, wrong := r.Right[code], r.Wrong[code]
		if len(right) == 0 || len(wrong) == 0 {
			return writing{}, fmt.Errorf("rows.yaml: %s: nothing in %s", r.Korean, code)
		}
		out.right[code], out.wrong[code] = right[turn%len(right)], wrong[turn%len(wrong)]
	}
	return out, nil
}

// whole is a number of two to four figures with zeros behind, of so many digits.
func (w *writer) whole(least, most int) int64 {
	digits := least + w.IntN(most-least+1)
	n := int64(1+w.IntN(9))*10 + int64(1+w.IntN(9))
	for k := 2; k < digits; k++ {
		n *= 10
		if k < 4 {
			n += int64(w.IntN(10))
		}
	}
	return n
}

func (w *writer) money() writing { return w.amount("money", w.whole(6, 15)) }

// amount writes n of some unit of the kind. Its faults are a digit, the magnitude
// and the unit.
func (w *writer) amount(kind string, n int64) writing {
	units := w.data.units[kind]
	u := units[w.IntN(len(units))]
	variant := w.IntN(2)
	out := writing{ko: korean(n, variant) + u.Word["ko"], right: make(map[string]string), wrong: make(map[string]string), want: []Amount{{new(big.Rat).SetInt64(n), u.Unit, false}}}
	if u.Unit == "vehicle" || u.Unit == "case" || variant == 1 {
		out.ko = korean(n, variant) + " " + u.Word["ko"]
	}
	other, word := n, u.Word
	switch faults := w.IntN(3); {
	case faults == 0 && u.Slip != nil:
		out.fault, word = "currency", u.Slip
	case faults == 1:
		out.fault, other = "magnitude", n*10
	default:
		out.fault, other = "digit", n+pow10(len(fmt.Sprint(n))-2)
	}
	for _, code := range codes {
		out.right[code] = written(code, n, variant) + u.Word[code]
		out.wrong[code] = written(code, other, variant) + word[code]
	}
	return out
}

// moneyRange writes two amounts that share their scale and unit; the wrong one has
// another end.
func (w *writer) moneyRange() writing {
	scale := pow10(8 + 4*w.IntN(2)) // 억, 조
	from := int64(10 * (1 + w.IntN(8)))
	to, other := from+10, from+20
	u := w.data.units["money"][w.IntN(3)]
	group := map[int64]string{100_000_000: "억", 1_000_000_000_000: "조"}[scale]
	out := writing{
		ko:    fmt.Sprintf("%d~%d%s%s", from, to, group, u.Word["ko"]),
		right: make(map[string]string), wrong: make(map[string]string), fault: "end of a range",
		want: []Amount{{big.NewRat(from*scale, 1), u.Unit, false}, {big.NewRat(to*scale, 1), u.Unit, false}},
	}
	join := map[string]string{"zh-Hans": "至", "en": " to ", "ja": "〜", "vi": " đến "}
	for _, code := range codes {
		begin := written(code, from*scale, 0) + u.Word[code] + join[code]
		out.right[code] = begin + written(code, to*scale, 0) + u.Word[code]
		out.wrong[code] = begin + written(code, other*scale, 0) + u.Word[code]
	}
	return out
}

// decimal writes a number with one or two decimals. Its faults are the unit, a
// digit, and a decimal sign read as a grouping one.
func (w *writer) decimal(kind string) writing {
	units := w.data.units[kind]
	u := units[w.IntN(len(units))]
	n := int64(101 + w.IntN(8899)) // hundredths
	if w.IntN(2) == 0 {
		n = n/10*10 + 10
	}
	out := writing{ko: hundredths(n, ".") + u.Word["ko"], right: make(map[string]string), wrong: make(map[string]string), want: []Amount{{big.NewRat(n, 100), u.Unit, false}}}
	other, word := n, u.Word
	switch w.IntN(3) {
	case 0:
		out.fault, word = "unit", u.Slip
	case 1:
		out.fault, other = "digit", n+1000
	default:
		out.fault, other = "decimal sign", n*100
	}
	for _, code := range codes {
		sign := "."
		if code == "vi" {
			sign = ","
		}
		out.right[code] = hundredths(n, sign) + u.Word[code]
		out.wrong[code] = hundredths(other, sign) + word[code]
	}
	return out
}

func hundredths(n int64, sign string) string {
	if n%100 == 0 {
		return fmt.Sprint(n / 100)
	}
	return strings.TrimRight(fmt.Sprintf("%d%s%02d", n/100, sign, n%100), "0")
}

var months = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

// date writes a month and a day; the wrong one has them exchanged, or another day.
func (w *writer) date() writing {
	m, d := 1+w.IntN(12), 1+w.IntN(12)
	if m == d {
		d += 13
	}
	om, od, fault := d, m, "month and day"
	if d > 12 {
		om, od, fault = m, d+1, "day"
	}
	out := writing{ko: fmt.Sprintf("%d월 %d일", m, d), fault: fault, want: []Amount{{big.NewRat(int64(m), 1), "month", false}, {big.NewRat(int64(d), 1), "day", false}}}
	say := func(m, d int) map[string]string {
		return map[string]string{"zh-Hans": fmt.Sprintf("%d月%d日", m, d), "en": fmt.Sprintf("%s %d", months[m-1], d), "ja": fmt.Sprintf("%d月%d日", m, d), "vi": fmt.Sprintf("%d/%d", d, m)}
	}
	out.right, out.wrong = say(m, d), say(om, od)
	return out
}

// clock writes a time of day; the wrong one is in the other half of the day, or
// half an hour off.
func (w *writer) clock() writing {
	h, half, pm := 1+w.IntN(11), w.IntN(2) == 1, w.IntN(2) == 1
	minutes := h * 60
	ko := fmt.Sprintf("%s %d시", map[bool]string{false: "오전", true: "오후"}[pm], h)
	if half {
		minutes += 30
		ko += " 30분"
	}
	total := minutes
	if pm {
		total += 12 * 60
	}
	out := writing{ko: ko, right: clock(h, half, pm, w.IntN(2)), want: []Amount{{big.NewRat(int64(total), 1), "clock", false}}}
	if w.IntN(3) == 0 {
		out.fault, out.wrong = "digit", clock(h, !half, pm, 0)
	} else {
		out.fault, out.wrong = "half of the day", clock(h, half, !pm, 0)
	}
	return out
}

func clock(h int, half, pm bool, variant int) map[string]string {
	if variant == 1 { // all 24 hours
		if pm {
			h += 12
		}
		minutes := map[bool]int{true: 30}[half]
		say := fmt.Sprintf("%d:%02d", h, minutes)
		return map[string]string{"zh-Hans": say, "en": say, "ja": fmt.Sprintf("%d時%02d分", h, minutes), "vi": fmt.Sprintf("%dh%02d", h, minutes)}
	}
	index := map[bool]int{true: 1}[pm]
	zh, en, ja, vi := fmt.Sprintf("%s%d点", [...]string{"上午", "下午"}[index], h), fmt.Sprint(h), fmt.Sprintf("%s%d時", [...]string{"午前", "午後"}[index], h), fmt.Sprintf("%d giờ", h)
	if half {
		zh, en, ja, vi = zh+"30分", en+":30", ja+"半", vi+" 30 phút"
	}
	return map[string]string{"zh-Hans": zh, "en": en + [...]string{" a.m.", " p.m."}[index], "ja": ja, "vi": vi + [...]string{" sáng", " chiều"}[index]}
}

func (w *writer) year() writing {
	y := 1981 + w.IntN(60)
	say := func(y int) map[string]string {
		return map[string]string{"zh-Hans": fmt.Sprintf("%d年", y), "en": fmt.Sprint(y), "ja": fmt.Sprintf("%d年", y), "vi": fmt.Sprintf("năm %d", y)}
	}
	return writing{ko: fmt.Sprintf("%d년", y), right: say(y), wrong: say(y + 1 - 2*w.IntN(2)), fault: "year", want: []Amount{{big.NewRat(int64(y), 1), "year", false}}}
}
