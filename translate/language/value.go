package language

import (
	"fmt"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Value is an exact number: a fraction in lowest terms. Values compare with ==.
// The zero value is 0. Numbers from 10^18 on are not represented; news does not
// count that far, and a longer row of digits is a code, not a number.
type Value struct {
	num int64
	den int64 // 0 stands for 1, so that the zero value is a number
}

const maxValue = 1_000_000_000_000_000_000

// Whole is n as a Value.
func Whole(n int64) Value { return Value{num: n} }

// Fraction is num/den in lowest terms, false when den is not positive or either
// is out of range.
func Fraction(num, den int64) (Value, bool) {
	if den <= 0 || num < 0 || num > maxValue || den > maxValue {
		return Value{}, false
	}
	g := gcd(num, den)
	num, den = num/g, den/g
	if den == 1 {
		den = 0
	}
	return Value{num: num, den: den}, true
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (v Value) denominator() int64 {
	if v.den == 0 {
		return 1
	}
	return v.den
}

// Times is v·w, false when the product is out of range.
func (v Value) Times(w Value) (Value, bool) {
	// Dividing crosswise first keeps the factors small.
	g, h := gcd(v.num, w.denominator()), gcd(w.num, v.denominator())
	num, ok1 := product(v.num/max(g, 1), w.num/max(h, 1))
	den, ok2 := product(v.denominator()/max(h, 1), w.denominator()/max(g, 1))
	if !ok1 || !ok2 {
		return Value{}, false
	}
	return Fraction(num, den)
}

// Plus is v+w, false when the sum is out of range.
func (v Value) Plus(w Value) (Value, bool) {
	a, ok1 := product(v.num, w.denominator())
	b, ok2 := product(w.num, v.denominator())
	den, ok3 := product(v.denominator(), w.denominator())
	if !ok1 || !ok2 || !ok3 {
		return Value{}, false
	}
	return Fraction(a+b, den)
}

// Over is v/w, false when w is 0 or the quotient is out of range.
func (v Value) Over(w Value) (Value, bool) {
	if w.num == 0 {
		return Value{}, false
	}
	return v.Times(Value{num: w.denominator(), den: w.num})
}

func product(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > maxValue {
		return 0, false
	}
	return int64(lo), true
}

// Int is v as a whole number, false when it is none.
func (v Value) Int() (int64, bool) { return v.num, v.den == 0 }

// Rat is v for arithmetic.
func (v Value) Rat() *big.Rat { return big.NewRat(v.num, v.denominator()) }

// Float is the nearest float64, for comparing sizes.
func (v Value) Float() float64 { return float64(v.num) / float64(v.denominator()) }

// String is v in decimals, or as num/den where decimals do not end within four
// places.
func (v Value) String() string {
	if v.den == 0 {
		return strconv.FormatInt(v.num, 10)
	}
	if 10_000%v.den != 0 {
		return fmt.Sprintf("%d/%d", v.num, v.den)
	}
	return strings.TrimRight(v.Rat().FloatString(4), "0")
}

// decimal is a row of digits on its way to a value.
type decimal struct {
	num      int64
	digits   int // without zeros in front
	fraction int // how many of them stand behind the decimal sign
}

func (d *decimal) add(digits []rune) {
	for _, c := range digits {
		if d.digits > 0 || c != '0' {
			d.digits++
		}
		if d.digits <= mostDigits {
			d.num = d.num*10 + int64(c-'0')
		}
	}
}

// mostDigits is how many digits a value may have.
const mostDigits = 18

func (d *decimal) value() (Value, bool) {
	if d.digits > mostDigits || d.fraction > mostDigits {
		return Value{}, false
	}
	den := int64(1)
	for range d.fraction {
		den *= 10
	}
	return Fraction(d.num, den)
}

// parseValue reads a value of a data file: "12", "0.5" or "1/3".
func parseValue(s string) (Value, error) {
	rat, ok := new(big.Rat).SetString(s)
	if !ok || !rat.Num().IsInt64() || !rat.Denom().IsInt64() {
		return Value{}, fmt.Errorf("%q is no number", s)
	}
	v, ok := Fraction(rat.Num().Int64(), rat.Denom().Int64())
	if !ok {
		return Value{}, fmt.Errorf("%q is out of range", s)
	}
	return v, nil
}
