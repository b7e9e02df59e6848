package translate

import (
	"fmt"
	"testing"
	"time"
)

func TestCutFor(t *testing.T) {
	tests := []struct {
		sizes          []int
		most, capacity int
		want           string // ends of the parts
		fits           bool
	}{
		{[]int{10, 10, 10, 10}, 8, 100, "[4]", true},
		{[]int{10, 10, 10, 10}, 8, 40, "[4]", true},
		{[]int{10, 10, 10, 10}, 8, 39, "[2 4]", true},
		{[]int{10, 10, 10, 10}, 8, 19, "[1 2 3 4]", true},
		{[]int{10, 10, 10, 10}, 2, 19, "[2 4]", false},
		{[]int{10, 50, 10, 10}, 8, 30, "[1 2 4]", false}, // one is too long; the others need not be alone
		{[]int{30, 10, 10, 30}, 8, 45, "[2 4]", true},
		{[]int{5}, 8, 0, "[1]", false},
		{[]int{5, 5}, 8, -100, "[1 2]", false},
	}
	for _, test := range tests {
		cut, fits := cutFor(test.sizes, test.most, test.capacity)
		if got := fmt.Sprint(cut); got != test.want || fits != test.fits {
			t.Errorf("cutFor(%v, %d, %d) = %s, %v; want %s, %v", test.sizes, test.most, test.capacity, got, fits, test.want, test.fits)
		}
	}
}

func TestPace(t *testing.T) {
	var p pace
	if first, rate, measured := p.now(); first != usualFirst || rate != usualRate || measured {
		t.Errorf("pace before any call: %v, %v, %v", first, rate, measured)
	}
	p.note(10*time.Second, time.Millisecond, 2, "en", 2) // a word says nothing
	p.note(300*time.Millisecond, 2*time.Second, 160, "en", 240)
	if first, rate, measured := p.now(); first != 300*time.Millisecond || rate != 80 || !measured {
		t.Errorf("pace after one call: %v, %v, %v; want 300ms, 80, true", first, rate, measured)
	}
	for code, want := range map[string]int{"en": 240, "ja": 160} { // of Japanese nothing is known
		if got := p.expected(code, 2*time.Second); got != want {
			t.Errorf("pace.expected(%s, 2s) = %d, want %d", code, got, want)
		}
	}
	for range 20 {
		p.note(time.Second, time.Second, 40, "ja", 400)
	}
	if first, rate, _ := p.now(); first < 950*time.Millisecond || rate > 41 {
		t.Errorf("pace after 20 slower calls: %v, %v; want near 1s, 40", first, rate)
	}
	if got := p.expected("ja", time.Second); got < 3*40 || got > 3*41 {
		t.Errorf("pace.expected(ja, 1s) = %d, want three times 40 and no more", got)
	}
}
