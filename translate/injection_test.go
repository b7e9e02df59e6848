package translate_test

import (
	"context"
	"testing"

	"yeok/eval/injection"
	"yeok/translate"
	"yeok/translate/language"
)

// TestInjection: what a model writes that obeys the article is said, and never
// complete.
func TestInjection(t *testing.T) {
	attacks, err := injection.Attacks()
	if err != nil {
		t.Fatal(err)
	}
	for _, attack := range attacks {
		t.Run(attack.Name, func(t *testing.T) {
			t.Parallel()
			for _, trial := range attack.Trials() {
				got, err := trial.Run(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if got.Obeyed == 0 {
					t.Errorf("%s, %s: %+v: the model did not obey", trial.Place, trial.Target.Code, trial.Rule)
				}
				if trial.Accepted(got) {
					t.Errorf("%s, %s: %+v: Translate is Complete (%v) after %d requests with %q",
						trial.Place, trial.Target.Code, trial.Rule, got.Err, got.Requests, got.Result.Blocks)
				}
			}
		})
	}
}

// TestBenign: articles about instructions are none.
func TestBenign(t *testing.T) {
	articles, err := injection.Benign()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range articles {
		for _, l := range language.Targets() {
			got, err := injection.Translate(context.Background(), a, l)
			if err != nil {
				t.Fatal(err)
			}
			if got.Err != nil || got.Result.State != translate.Complete || got.Requests != 1 {
				t.Errorf("%s: %s: Translate: %v, state %v after %d requests, findings %+v, want Complete after 1",
					a.Title, l.Code, got.Err, got.Result.State, got.Requests, got.Result.Findings)
			}
		}
	}
}
