// Package process runs real programs beside each other, for benchmarks and for
// chaos, which must not be in the process of what they measure or kill.
//
// The one idea to know: a child says by a line of its output that it is ready,
// and it ends with its parent, however that ends (on Linux).
package process

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// kept is how many lines of a child's output are remembered.
const kept = 20

// insist is how long a child may take to end when it is asked to.
const insist = 5 * time.Second

// Process is a child that is ready. It is safe for concurrent use.
type Process struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu   sync.Mutex
	said []string
}

// Start starts a child and reads what it says, on both outputs, until ready has
// seen enough, which must be within patience. ready is never called
// concurrently, nor after it said yes.
func Start(cmd *exec.Cmd, patience time.Duration, ready func(line string) bool) (*Process, error) {
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	endWithParent(cmd)
	p := &Process{cmd: cmd, ended: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", cmd.Path, err)
	}
	go func() {
		_ = cmd.Wait() // how it ended shows in what it said
		_ = write.Close()
		close(p.ended)
	}()
	isReady := make(chan struct{})
	go p.listen(read, ready, isReady)
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-isReady:
		return p, nil
	case <-p.ended:
		return nil, fmt.Errorf("%s ended: %s", cmd.Path, p.LastWords())
	case <-limit.C:
		p.Stop()
		return nil, fmt.Errorf("%s was not ready within %s: %s", cmd.Path, patience, p.LastWords())
	}
}

func (p *Process) listen(r io.Reader, ready func(string) bool, isReady chan struct{}) {
	waiting := true
	for lines := bufio.NewScanner(r); lines.Scan(); {
		p.mu.Lock()
		p.said = append(p.said[max(0, len(p.said)-kept):], lines.Text())
		p.mu.Unlock()
		if waiting && ready(lines.Text()) {
			close(isReady)
			waiting = false
		}
	}
	_, _ = io.Copy(io.Discard, r) // a line too long for the scanner
}

// LastWords are the last lines that the child said.
func (p *Process) LastWords() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.said, " | ")
}

// Pid is the number of the child.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Ended is closed when the child has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Stop asks the child to end, and insists after a while.
func (p *Process) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-p.ended:
	case <-time.After(insist):
		p.Kill()
	}
}

// Kill ends the child at once, as a crash would.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}
