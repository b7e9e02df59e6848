package check_test

import (
	"testing"

	"yeok/translate/check"
	"yeok/translate/language"
)

func target(t *testing.T, code string) *language.Language {
	t.Helper()
	l, ok := language.Lookup(code)
	if !ok {
		t.Fatalf("language.Lookup(%q) found nothing", code)
	}
	return l
}

func TestWorse(t *testing.T) {
	e, w := check.Finding{Severity: check.Error}, check.Finding{Severity: check.Warning}
	tests := []struct {
		name     string
		old, new []check.Finding
		want     bool
	}{
		{"both clean", nil, nil, false},
		{"error gone", []check.Finding{e}, nil, false},
		{"error for a warning", []check.Finding{e}, []check.Finding{w, w}, false},
		{"error added", []check.Finding{w}, []check.Finding{e}, true},
		{"warning added", []check.Finding{e}, []check.Finding{e, w}, true},
		{"as bad", []check.Finding{e}, []check.Finding{e}, false},
	}
	for _, test := range tests {
		if got := check.Worse(test.old, test.new); got != test.want {
			t.Errorf("%s: Worse() = %t, want %t", test.name, got, test.want)
		}
	}
}
