package language_test

import (
	"testing"

	"yeok/translate/language"
)

// TestLike compares a Korean quantity with one of a translation.
func TestLike(t *testing.T) {
	tests := []struct {
		korean, code, text string
		want               language.Likeness
	}{
		{"1조2000억원", "en", "1.2 trillion won", language.SameQuantity},
		{"1조2000억원", "en", "1.2 billion won", language.Different},
		{"1조2000억원", "en", "1.2 trillion dollars", language.OtherUnit},
		{"3km", "en", "3,000 meters", language.SameQuantity},
		{"한 시간", "en", "one minute", language.OtherUnit},
		{"24년", "en", "24 years", language.SameQuantity},
		{"2018년", "en", "18", language.SameNumber},
		{"2018년", "en", "17", language.Different},
		{"60일", "en", "two months", language.SameNumber},
		{"61일", "en", "two months", language.Different},
		{"오후 3시", "en", "3", language.SameNumber},
		{"오후 3시", "en", "39", language.Different}, // as if days had 36 hours more
		{"수백 명", "en", "100 people", language.Different},
		{"수백 명", "en", "hundreds of people", language.SameQuantity},
		{"코로나19", "en", "19", language.SameNumber},
		{"코로나19", "en", "19%", language.Different},
		{"상반기", "en", "1", language.Different},
		{"1967", "en", "$1,967", language.Different},
		{"1968", "en", "1968", language.SameNumber},
		{"2배 늘어", "en", "3 times", language.SameQuantity},
	}
	for _, test := range tests {
		q, p := one(t, "ko", test.korean), one(t, test.code, test.text)
		if got := q.Like(&p); got != test.want {
			t.Errorf("Like(%s, %s) = %d, want %d", test.korean, test.text, got, test.want)
		}
	}
}

func one(t *testing.T, code, text string) language.Quantity {
	t.Helper()
	list := find(t, code).Quantities(text)
	if len(list) != 1 {
		t.Fatalf("%s: Quantities(%q) = %v, want one", code, text, list)
	}
	return list[0]
}

// TestValueRange: what is out of range is said to be, not wrapped around.
func TestValueRange(t *testing.T) {
	large, _ := language.Fraction(929_999_999_999_999_999, 10)
	if got, ok := large.Plus(large); ok {
		t.Errorf("%s + %s = %s, want out of range", large, large, got)
	}
	if got, ok := language.Whole(999_999_999_999_999_999).Times(language.Whole(10)); ok {
		t.Errorf("Times() = %s, want out of range", got)
	}
	if got, ok := language.Whole(1).Over(language.Whole(0)); ok {
		t.Errorf("1 over 0 = %s, want out of range", got)
	}
}
