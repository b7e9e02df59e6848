package language_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yeok/translate/language"
)

func TestQuotations(t *testing.T) {
	for _, test := range []struct {
		text  string
		pairs []string // the quoted texts, from the outside inwards
		loose []int
	}{
		{"", nil, nil},
		{"no marks", nil, nil},
		{`"a" and "b"`, []string{"a", "b"}, nil},
		{"“a ‘b’ c”", []string{"a ‘b’ c", "b"}, nil},
		{"「a『b』」", []string{"a『b』", "b"}, nil},
		{`"so," he said, "and ‘so’."`, []string{"so,", "and ‘so’.", "so"}, nil},
		{`"He said "yes," then left."`, []string{`He said "yes," then left.`, "yes,"}, nil},
		{`a 27" screen`, nil, nil},
		{"it's the workers' and the ’90s", nil, nil},
		{"'quoted' and don't", []string{"quoted"}, nil},
		{"“so“ he said", []string{"so"}, nil},
		{`“so" he said`, []string{"so"}, nil},
		{"“so", nil, []int{0}},
		{"so”", nil, []int{2}},
		{`He said "so`, nil, []int{8}},
		{"“a 「b” c」", []string{"a 「b"}, []int{3, 8}},
		{"《a》", nil, nil},
	} {
		runes := []rune(test.text)
		pairs, loose := language.Quotations(runes)
		var got []string
		for _, p := range pairs {
			got = append(got, string(runes[p.Open+1:p.Close]))
		}
		if diff := cmp.Diff(test.pairs, got); diff != "" {
			t.Errorf("Quotations(%q) pairs (-want +got):\n%s", test.text, diff)
		}
		if diff := cmp.Diff(test.loose, loose); diff != "" {
			t.Errorf("Quotations(%q) loose (-want +got):\n%s", test.text, diff)
		}
	}
}
