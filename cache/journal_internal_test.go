package cache

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestJournalTornAtEveryByte cuts and damages a journal at each of its bytes.
func TestJournalTornAtEveryByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j, err := makeJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	var ends []int // of the frames, without what fills their last block
	for i, size := range []int{10, journalBlock - frameHeader, 1, 2*journalBlock + 5, 300} {
		ch := change{key: fmt.Append(nil, i), record: bytes.Repeat([]byte{byte('a' + i)}, size)}
		frame := j.frame([]change{ch})
		begin := int(j.halves[0].end)
		if err := j.append(frame, []change{ch}); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, begin+len(bytes.TrimRight(frame, "\x00")))
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	used := int(j.halves[0].end)
	state := journalState{id: j.id}
	content := whole[:used+journalBlock]
	for at := range used + 1 {
		complete := 0
		for complete < len(ends) && ends[complete] <= at {
			complete++
		}
		torn := make([]byte, len(content))
		copy(torn, content[:at])
		expectFrames(t, fmt.Sprintf("torn at %d", at), torn, state, complete, false)
		expectFrames(t, fmt.Sprintf("cut at %d", at), content[:at], state, complete, false)

		flipped := bytes.Clone(content)
		flipped[at] ^= 0x10
		read, err := parseJournal(flipped, state)
		lost := len(ends) - len(changesOf(read.halves[0].frames))
		inTail := complete == len(ends)-1
		if lost > 1 || lost == 1 && errors.Is(err, ErrDamaged) == inTail || lost == 0 && err != nil {
			t.Errorf("byte %d turned: %d frames lost, %v", at, lost, err)
		}
	}
}

func expectFrames(t *testing.T, how string, content []byte, state journalState, want int, damaged bool) {
	t.Helper()
	j, err := parseJournal(content, state)
	if got := len(changesOf(j.halves[0].frames)); got != want || errors.Is(err, ErrDamaged) != damaged {
		t.Errorf("%s: %d frames, %v, want %d, damaged %t", how, got, err, want, damaged)
	}
}

// TestJournalOfAnotherIsNotRead looks for frames of other journals, and for those
// that were moved.
func TestJournalOfAnotherIsNotRead(t *testing.T) {
	j := &journal{id: 1}
	content := j.frame([]change{{key: []byte("k"), record: []byte("r")}})
	expectFrames(t, "its own", content, journalState{id: 1}, 1, false)
	expectFrames(t, "another's", content, journalState{id: 2}, 0, false)
	expectFrames(t, "moved", content, journalState{id: 1, moved: 1}, 0, false)
	j.sequence = 2
	expectFrames(t, "after a gap", j.frame([]change{{key: []byte("k"), record: []byte("r")}}), journalState{id: 1, moved: 1}, 1, true)
}

func FuzzJournal(f *testing.F) {
	j := &journal{id: 1}
	f.Add(j.frame([]change{{key: []byte("k"), record: []byte("record")}}))
	f.Add([]byte{0, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, content []byte) {
		state := journalState{id: 1}
		_, _ = parseJournal(content, state)
		j := &journal{id: 1}
		ch := change{key: []byte("k"), record: append([]byte("r"), content...)}
		got, err := parseJournal(append(j.frame([]change{ch, ch}), content...), state)
		if changes := changesOf(got.halves[0].frames); len(changes) < 2 || !bytes.Equal(changes[1].record, ch.record) {
			t.Errorf("parseJournal(frame) = %v, %v", changes, err)
		}
	})
}
