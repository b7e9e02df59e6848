package check_test

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"yeok/eval/ntrex"
	"yeok/translate/language"
)

// TestCalibration logs the false alarms of every check on good translations and
// the power of the checks against injected faults, and fails where a share falls
// below its bound. `make eval` prints the same as tables.
func TestCalibration(t *testing.T) {
	shared := cmp.Or(os.Getenv("YEOK_SHARED"), filepath.Join("..", "..", "..", "shared"))
	set, err := ntrex.Read(shared)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED, nothing was calibrated: %v; set YEOK_SHARED", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range language.Targets() {
		alarms, passing := set.Alarms(l)
		for alarm, n := range alarms {
			t.Logf("%s: %s %s: %d of %d sentences", l.Code, alarm.Check, alarm.Severity, n, len(set.Korean))
			if share := float64(n) / float64(len(set.Korean)); share > alarm.Most() {
				t.Errorf("%s: %s doubts %d of %d good sentences, want at most %.1f %%", l.Code, alarm.Check, n, len(set.Korean), 100*alarm.Most())
			}
		}
		for _, fault := range ntrex.Faults() {
			power := set.Power(fault, l, passing)
			t.Logf("%s: %s: %.3f of %d found", l.Code, fault.Name, power.Share(), power.Put)
			if power.Put > 0 && power.Share() < fault.Least {
				t.Errorf("%s: %s: %d of %d found, want %.0f %%", l.Code, fault.Name, power.Found, power.Put, 100*fault.Least)
			}
			for _, miss := range power.Missed {
				if os.Getenv("MISSED") == l.Code+"/"+fault.Name {
					t.Logf("line %d\n  %s\n  %s\n  %s", miss.Line, set.Korean[miss.Line-1], set.Targets[l.Code][miss.Line-1], miss.Text)
				}
			}
		}
	}
}
