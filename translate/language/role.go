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

// roleTable is the same, in folded runes.
type roleTable struct {
	before, after         []roleForm // the longest first
	openings, openingsEnd [][]rune
	closings, closingsEnd [][]rune
	about                 [][]rune
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
	t.openings, t.openingsEnd = folded(d.Openings), folded(d.OpeningsEnd)
	t.closings, t.closingsEnd = folded(d.Closings), folded(d.ClosingsEnd)
	t.about = folded(d.About)
	return t
}

func folded(forms []string) [][]rune {
	var out [][]rune
	for _, form := range forms {
		out = append(out, fold([]rune(form)))
	}
	return out
}

// beside reads what stands directly before and behind every quantity: its role,
// and whether its months are the first or the last of a year.
func (r *reader) beside() {
	t := &r.style.roles
	kept := r.out[:0]
	for i := range r.out {
		q := &r.out[i]
		switch {
		case q.Unit != "months":
		case r.stands(q, t.openings, t.openingsEnd):
			q.Unit, q.OtherUnits = "ytd", append(q.OtherUnits, "months")
			if n := len(kept) - 1; n >= 0 && kept[n].End+1 == q.Start && !kept[n].Hard {
				kept = kept[:n] // the word first is no number here
			}
		case q.Value == Whole(6) && r.stands(q, t.closings, t.closingsEnd):
			q.Value, q.Unit, q.OtherUnits = Whole(2), "half", nil
		case q.Value == Whole(3) && r.stands(q, t.closings, t.closingsEnd):
			q.Value, q.Unit, q.OtherUnits = Whole(4), "quarter", nil
		}
		q.Role = r.role(q)
		if n := len(kept) - 1; q.Role == "" && r.Script == Han && n >= 0 && kept[n].Unit == "year" && r.is(kept[n].End, '的') && kept[n].End+1 == q.Start {
			q.Role = kept[n].Role // 从2021年的73亿美元
		}
		kept = append(kept, *q)
	}
	r.out = kept
}

// stands reports whether one of the forms stands directly before or behind q: the
// first nine months, 前九个月, 9 tháng đầu năm.
func (r *reader) stands(q *Quantity, before, behind [][]rune) bool {
	return slices.ContainsFunc(before, func(form []rune) bool { return r.endsBefore(form, q.Start) }) ||
		slices.ContainsFunc(behind, func(form []rune) bool { return r.startsBehind(form, q.End) })
}

// role is what the words behind q say of it, else the words before it.
func (r *reader) role(q *Quantity) Role {
	end := q.End
	if r.Script == Hangul {
		end = r.skipParticle(end)
	}
	if at := r.skipBracket(q.End); at > q.End {
		end = at // 18.42포인트(0.70%) 내린
	}
	if r.is(q.End, ')') && end == q.End { // 전년(68만원)보다
		end++
	}
	first, second := r.at(r.skipSpace(q.End)), r.at(r.skipSpace(end))
	for i := range r.style.roles.after {
		f := &r.style.roles.after[i]
		if c := f.form[0]; (c == first || c == second) && (r.startsBehind(f.form, q.End) || end != q.End && r.startsBehind(f.form, end)) {
			return f.role
		}
	}
	if r.Script == Japanese && q.End == q.numeral && isHan(r.at(q.End)) { // 7便から
		for i := range r.style.roles.after {
			if f := &r.style.roles.after[i]; r.startsBehind(f.form, q.End+1) {
				return f.role
			}
		}
	}
	if role := r.roleBefore(q.Start); role != "" {
		return role
	}
	for _, form := range r.style.roles.about {
		if r.endsBefore(form, q.Start) {
			at := q.Start - len(form)
			if r.is(q.Start-1, ' ') {
				at--
			}
			return r.roleBefore(at)
		}
	}
	return ""
}

// longestBracket is how long a bracket may be that explains a number.
const longestBracket = 12

// skipBracket is i, or the position behind a short bracket that begins there.
func (r *reader) skipBracket(i int) int {
	if !r.is(i, '(') {
		return i
	}
	for at := i + 1; at < len(r.text) && at-i <= longestBracket; at++ {
		if r.text[at] == ')' {
			return at + 1
		}
	}
	return i
}

// roleBefore is what the words before i say of the number there.
func (r *reader) roleBefore(i int) Role {
	before := r.at(i - 1)
	if before == ' ' {
		before = r.at(i - 2)
	}
	for k := range r.style.roles.before {
		f := &r.style.roles.before[k]
		if f.form[len(f.form)-1] == before && r.endsBefore(f.form, i) {
			return f.role
		}
	}
	return ""
}

func isHan(c rune) bool { return '一' <= c && c <= '鿿' }

// at is text[i], 0 outside the text.
func (r *reader) at(i int) rune {
	if i < 0 || i >= len(r.text) {
		return 0
	}
	return r.text[i]
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
