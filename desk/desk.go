// Package desk bounds how much work computes at once, so that what is quick need
// not wait behind it.
//
// The one idea to know: Go runs goroutines in the order in which they come, and
// looks at the network only when none is left. Ten articles that arrive together
// would so hold up every remembered answer until the last of them has been read.
// Here the rest of them waits beside the scheduler, not in it, and an article
// gives its place away after every piece of its work.
package desk

import (
	"slices"
	"sync"
	"time"
)

// batchTurn is which turn in a row goes to batch work although somebody waits for
// another: it must not stand still in a newsroom that never does.
const batchTurn = 8

const (
	// long is what may run on end before the network is looked at again. A look
	// costs some microseconds.
	long = 100 * time.Microsecond

	// moreLooks bounds how often whoever the network has something for goes before
	// the next piece: a processor that hits keep busy must do the rest too.
	moreLooks = 2
)

// Precedence lets what somebody waits for go before batch work, but for one turn in
// eight. The zero value is ready; it is not safe for concurrent use.
type Precedence struct {
	hasty int // turns that went before waiting batch work since the last one of that
}

// Batch takes a turn where both wait, and reports whether it is batch work's.
func (p *Precedence) Batch() bool {
	if p.hasty < batchTurn-1 {
		p.hasty++
		return false
	}
	p.hasty = 0
	return true
}

// Desk has places for work that computes. Those who wait take turns, one piece
// each. It is safe for concurrent use.
type Desk struct {
	bell *bell // nil where a processor is left for the network

	mu     sync.Mutex
	rung   time.Time     // when a look at the network was last asked for
	leaver chan struct{} // who had a long piece and waits for a look at the network; nil if nobody does
	looks  int           // at the network since the last piece, beyond those that there always are
	free   int
	lines  []*line // that wait, the next one first
	order  Precedence
}

// line is the work of one article that waits.
type line struct{ waiting []ticket }

type ticket struct {
	batch func() bool // nil: somebody waits
	ready chan struct{}
}

// New returns a desk on so many processors. It has a place for each but one, which
// is left for the network. On a single one it has one place, and the network is
// looked at between two pieces of work. Call Close when nothing is done at it any
// more.
func New(processors int) (*Desk, error) {
	d := &Desk{free: max(1, processors-1)}
	if processors > 1 {
		return d, nil
	}
	var err error
	d.bell, err = newBell(d.looked)
	return d, err
}

// Close ends the desk. Work that is still done at it goes on, but nobody looks at
// the network between.
func (d *Desk) Close() error {
	if d.bell == nil {
		return nil
	}
	return d.bell.close()
}

// Turn is what an article does its work by. The work of all its languages is that
// of one article. The zero value waits for nobody.
type Turn struct {
	desk  *Desk
	line  *line
	batch func() bool
}

// Turn returns the turn of another article. batch reports whether nobody waits for
// it; nil means that somebody does. It is asked, under a lock, whenever a piece of
// the work could go.
func (d *Desk) Turn(batch func() bool) Turn { return Turn{d, new(line), batch} }

// While is t with another batch: that of one of its languages.
func (t Turn) While(batch func() bool) Turn {
	t.batch = batch
	return t
}

// Do does a piece of work when there is a place for it. A piece should take a few
// hundred microseconds, so that whoever waits for the network waits no longer. It
// must not do another one, and whoever calls must hold no lock that a piece takes:
// either could wait for itself.
func (t Turn) Do(piece func()) {
	if t.desk == nil {
		piece()
		return
	}
	t.desk.enter(t)
	began := time.Now()
	defer func() { t.desk.giveWay(time.Since(began)) }()
	piece()
}

func (d *Desk) enter(t Turn) {
	d.mu.Lock()
	if d.free > 0 && len(d.lines) == 0 {
		d.free--
		d.mu.Unlock()
		return
	}
	if len(t.line.waiting) == 0 {
		d.lines = append(d.lines, t.line)
	}
	own := ticket{t.batch, make(chan struct{})}
	t.line.waiting = append(t.line.waiting, own)
	d.mu.Unlock()
	<-own.ready
}

// giveWay ends a piece that took so long. Its place is free as soon as the network
// was looked at. After a long one that happens before its goroutine goes on, which
// may have more to do than to come back here, and once more after that.
func (d *Desk) giveWay(took time.Duration) {
	if d.bell == nil {
		d.leave()
		return
	}
	var looked chan struct{}
	if took > long {
		looked = make(chan struct{})
	}
	d.mu.Lock()
	d.leaver, d.looks, d.rung = looked, 0, time.Now()
	d.mu.Unlock()
	switch {
	case !d.bell.ring():
		d.leave()
	case looked != nil:
		<-looked
	}
}

// looked goes on after a look at the network, and reports whether there should be
// another one. Where it was long in coming, since others were at work, there should:
// more may have come for them or for others.
func (d *Desk) looked() (again bool) {
	d.mu.Lock()
	now := time.Now()
	switch {
	case now.Sub(d.rung) > long && d.looks < moreLooks:
		d.looks++
		again = true
	case d.leaver != nil:
		close(d.leaver)
		d.leaver = nil
		again = true
	}
	d.rung = now
	d.mu.Unlock()
	if !again {
		d.leave()
	}
	return again
}

// leave gives a place to who is next.
func (d *Desk) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	next, ok := d.next()
	if !ok {
		d.free++
		return
	}
	close(next.ready)
}

// next takes the next piece out of its line, which goes to the end.
func (d *Desk) next() (t ticket, ok bool) {
	urgent, i := d.first(false)
	batch, k := d.first(true)
	switch {
	case urgent == nil && batch == nil:
		return t, false
	case batch == nil:
	case urgent == nil:
		d.order = Precedence{} // it had its turn
		urgent, i = batch, k
	case d.order.Batch():
		urgent, i = batch, k
	}
	t = urgent.waiting[i]
	urgent.waiting = slices.Delete(urgent.waiting, i, i+1)
	d.lines = slices.DeleteFunc(d.lines, func(l *line) bool { return l == urgent })
	if len(urgent.waiting) > 0 {
		d.lines = append(d.lines, urgent)
	}
	return t, true
}

// first is the first piece of its kind in the order of turns: its line, and its
// place there; nil if there is none.
func (d *Desk) first(batch bool) (*line, int) {
	for _, l := range d.lines {
		for i, t := range l.waiting {
			if (t.batch != nil && t.batch()) == batch {
				return l, i
			}
		}
	}
	return nil, 0
}
