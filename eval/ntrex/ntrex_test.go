package ntrex_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yeok/eval/ntrex"
	"yeok/translate/check"
	"yeok/translate/language"
)

// tiny is a set of two invented sentences, the second with a wrong number.
func tiny(t *testing.T) *ntrex.Set {
	t.Helper()
	shared := t.TempDir()
	dir := filepath.Join(shared, "data", "ntrex-dev")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, lines := range map[string][]string{
		"documents.txt": {"a", "a"},
		"ko.txt":        {"새벽전자는 2024년에 직원 350명을 새로 뽑았다고 밝혔다.", "공장에는 기계 42대가 있다."},
		"zh-Hans.txt":   {"晓电子表示，2024年新招聘了350名员工。", "工厂里有43台机器。"},
		"en.txt":        {"Saebyeok Electronics said it had hired 350 new workers in 2024.", "The plant has 43 machines."},
		"ja.txt":        {"セビョク電子は2024年に新たに350人を採用したと明らかにした。", "工場には43台の機械がある。"},
		"vi.txt":        {"Saebyeok Electronics cho biết đã tuyển mới 350 nhân viên trong năm 2024.", "Nhà máy có 43 cỗ máy."},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := ntrex.Read(shared)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return set
}

func TestRead(t *testing.T) {
	if _, err := ntrex.Read(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of an empty folder: got %v, want fs.ErrNotExist", err)
	}
}

func TestAlarms(t *testing.T) {
	set := tiny(t)
	for _, l := range language.Targets() {
		count, passing := set.Alarms(l)
		if got := count[ntrex.Alarm{Check: check.Number, Severity: check.Error}]; got != 1 || len(passing) != 1 || passing[0] != 0 {
			t.Errorf("%s: Alarms: got %d of NUMBER, sentences %v pass, want 1 and the first", l.Code, got, passing)
		}
	}
}

// TestPower: each fault has a place in the good sentence of some language, and is
// found there.
func TestPower(t *testing.T) {
	set := tiny(t)
	roomless := map[string]bool{ // these need a longer sentence, or one with other things in it
		"magnitude word": true, "unit or currency": true, "last third cut": true, "name replaced": true,
	}
	for _, fault := range ntrex.Faults() {
		put := 0
		for _, l := range language.Targets() {
			p := set.Power(fault, l, []int{0})
			if p.Found != p.Put && fault.Least > 0.9 {
				t.Errorf("%s: Power(%s): %d of %d found: %v", l.Code, fault.Name, p.Found, p.Put, p.Missed)
			}
			put += p.Put
		}
		if put == 0 && !roomless[fault.Name] {
			t.Errorf("Power(%s) put the fault nowhere", fault.Name)
		}
	}
}
