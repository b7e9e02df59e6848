package language

import "slices"

// Role is what a number is in what its sentence tells: where a change began, where
// it led, or how large it was. 182%에서 97%로 85%p 낮아졌다 has all three.
type Role string

// The roles.
const (
	Old    Role = "old"    // where it was: 에서, from, compared with
	New    Role = "new"    // where it is now: 로, to, at
	Change Role = "change" // by how much: 오른, by
)

// roleForms are the words that give a number its role.
type roleForms struct {
	Before []string `yaml:"before"` // end where the number begins
	After  []string `yaml:"after"`  // begin where it ends
}

// roleTable is the same, in folded runes; the longest forms first.
type roleTable struct {
	before, after         []roleForm
	openings, openingsEnd [][]rune
}

type roleForm struct {
	form []rune
	role Role
}

func (d *numberData) roleTable() roleTable {
	var t roleTable
	for role, forms := range d.Roles {
		for _, form := range forms.Before {
			t.before = append(t.before, roleForm{fold([]rune(form)), role})
		}
		for _, form := range forms.After {
			t.after = append(t.after, roleForm{fold([]rune(form)), role})
		}
	}
	longest := func(a, b roleForm) int { return len(b.form) - len(a.form) }
	slices.SortFunc(t.before, longest)
	slices.SortFunc(t.after, longest)
	for _, form := range d.Openings {
		t.openings = append(t.openings, fold([]rune(form)))
	}
	for _, form := range d.OpeningsEnd {
		t.openingsEnd = append(t.openingsEnd, fold([]rune(form)))
	}
	return t
}

// beside reads what stands directly before and behind every quantity: its role,
// and whether its months are the first of a year.
func (r *reader) beside() {
	kept := r.out[:0]
	for i := range r.out {
		q := &r.out[i]
		if q.Unit == "months" && r.opensYear(q) {
			q.Unit, q.OtherUnits = "ytd", append(q.OtherUnits, "months")
			if n := len(kept) - 1; n >= 0 && kept[n].End+1 == q.Start && !kept[n].Hard {
				kept = kept[:n] // the word first is no number here
			}
		}
		q.Role = r.role(q)
		kept = append(kept, *q)
	}
	r.out = kept
}

// opensYear reports whether the months of q are the first of a year: the first
// nine months, 前九个月, 9 tháng đầu năm.
func (r *reader) opensYear(q *Quantity) bool {
	for _, form := range r.style.roles.openings {
		if r.endsBefore(form, q.Start) {
			return true
		}
	}
	return slices.ContainsFunc(r.style.roles.openingsEnd, func(form []rune) bool { return r.startsBehind(form, q.End) })
}

// role is what the words behind q say of it, else the words before it.
func (r *reader) role(q *Quantity) Role {
	end := q.End
	if r.Script == Hangul {
		end = r.skipParticle(end)
	}
	for _, f := range r.style.roles.after {
		if r.startsBehind(f.form, q.End) || end != q.End && r.startsBehind(f.form, end) {
			return f.role
		}
	}
	for _, f := range r.style.roles.before {
		if r.endsBefore(f.form, q.Start) {
			return f.role
		}
	}
	return ""
}

// skipParticle is i, or the position behind a subject or object particle at i.
func (r *reader) skipParticle(i int) int {
	if i+1 < len(r.text) && r.text[i+1] == ' ' && slices.Contains([]rune("이가은는을를씩나도"), r.text[i]) {
		return i + 1
	}
	return i
}

// startsBehind reports whether form stands at i or behind one space.
func (r *reader) startsBehind(form []rune, i int) bool {
	at := r.skipSpace(i)
	return hasPrefix(r.text[at:], form) && bounded(r.text, at, at+len(form))
}

// endsBefore reports whether form ends at i or before one space or sign of money.
func (r *reader) endsBefore(form []rune, i int) bool {
	if r.is(i-1, ' ') {
		i--
	}
	start := i - len(form)
	return start >= 0 && hasPrefix(r.text[start:], form) && bounded(r.text, start, i)
}
