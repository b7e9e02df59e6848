package ntrex

import (
	"math/rand/v2"

	"yeok/translate/check"
	"yeok/translate/language"
)

// Alarm is a kind of finding.
type Alarm struct {
	Check    check.Name
	Severity check.Severity
}

// Most is the share of good sentences that a check may doubt; 1 where nothing is
// demanded. Some of the set's own translations do change a number, so that the
// number check must doubt more than the 1 % that may be false.
func (a Alarm) Most() float64 {
	switch {
	case a.Severity != check.Error:
		return 1
	case a.Check == check.Number:
		return 0.02
	case a.Check == check.NameCheck:
		return 0.005
	default:
		return 0.002
	}
}

// Alarms counts the sentences of the set that each check doubts, and lists those
// that pass without an error.
func (s *Set) Alarms(l *language.Language) (count map[Alarm]int, passing []int) {
	count = make(map[Alarm]int)
	for i, korean := range s.Korean {
		findings := check.Check(check.Segment{Source: korean, Target: s.Targets[l.Code][i]}, l, check.Context{})
		seen := make(map[Alarm]bool)
		for _, f := range findings {
			a := Alarm{f.Check, f.Severity}
			if !seen[a] {
				count[a]++
			}
			seen[a] = true
		}
		if !check.HasError(findings) {
			passing = append(passing, i)
		}
	}
	return count, passing
}

// Power is how many of the faults that were put in were found.
type Power struct {
	Found, Put int
	Missed     []Miss
}

// Share is the part that was found, 0 of nothing.
func (p Power) Share() float64 { return float64(p.Found) / float64(max(p.Put, 1)) }

// Miss is a fault that no check found.
type Miss struct {
	Line int // of the set, from 1
	Text string
}

// Power puts the fault into each of the given sentences, the same way in every
// run, and has the checks look for it.
func (s *Set) Power(f Fault, l *language.Language, sentences []int) Power {
	r := rand.New(rand.NewPCG(1, 2))
	var p Power
	for _, i := range sentences {
		good := s.Targets[l.Code][i]
		text, ok := f.put(r, s, l.Code, i, good)
		if !ok || text == good {
			continue
		}
		p.Put++
		if f.found(check.Check(check.Segment{Source: s.Korean[i], Target: text}, l, check.Context{})) {
			p.Found++
		} else {
			p.Missed = append(p.Missed, Miss{Line: i + 1, Text: text})
		}
	}
	return p
}

func (f Fault) found(findings []check.Finding) bool {
	for _, finding := range findings {
		if finding.Severity == check.Error && (f.Check == "" || finding.Check == f.Check) {
			return true
		}
	}
	return false
}
