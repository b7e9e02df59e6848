package server

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestUrgencyForgetsFlightsThatAreOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := urgency{longest: time.Minute}
		batch := u.of("new", true)
		if !batch() {
			t.Error("a flight that batch work began is urgent")
		}
		if u.of("new", false)(); batch() {
			t.Error("a flight that somebody waits for is batch work")
		}
		// Whoever comes when his flight has just called forget is never forgotten.
		for i := range 100 * fewNotes {
			u.of(fmt.Sprint(i), true)
			time.Sleep(time.Second)
		}
		if got, most := len(u.noted), 2*fewNotes; got > most {
			t.Errorf("%d notes are kept of flights of a minute, one a second; want at most %d", got, most)
		}
	})
}
