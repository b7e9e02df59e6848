package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	children "yeok/internal/process"
)

// The cores: what is measured has one to itself; clients, the model and the
// driver share the other. On a machine with one core they share that.
const (
	serverCore = 0
	clientCore = 1
)

// tick is the unit of the CPU times in /proc: Linux promises 100 a second to
// programs whatever the kernel uses.
const tick = 10 * time.Millisecond

// readyTimeout is how long a child may take until it listens. A store of a
// hundred thousand articles is opened in it.
const readyTimeout = time.Minute

// pinned is set in the environment of a driver that is bound to its core.
const pinned = "YEOK_BENCH_PINNED"

// pinSelf binds the driver to the clients' core by starting it anew in its own
// place, because a Go program cannot bind threads that it has already.
func pinSelf() error {
	if os.Getenv(pinned) != "" {
		return nil
	}
	if runtime.NumCPU() < 2 {
		return errors.New("two cores are needed")
	}
	taskset, err := exec.LookPath("taskset")
	if err != nil {
		return fmt.Errorf("%w (Debian: util-linux)", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := append([]string{"taskset", "-c", strconv.Itoa(clientCore), self}, os.Args[1:]...)
	return syscall.Exec(taskset, args, append(os.Environ(), pinned+"=1"))
}

// process is a child of the driver. It ends with the driver, whatever happens.
type process struct{ *children.Process }

// command is a program bound to a core.
func command(ctx context.Context, core int, name string, args ...string) *exec.Cmd {
	// taskset becomes the program: same process, same number.
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", strconv.Itoa(core), name}, args...)...)
	if _, err := exec.LookPath(name); err != nil {
		cmd.Err = err
	}
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	return cmd
}

// launch starts a child and reads what it says until ready has seen enough. The
// child lives until it is stopped, or the end of the driver.
func (b *bench) launch(cmd *exec.Cmd, ready func(line string) bool) (*process, error) {
	child, err := children.Start(cmd, readyTimeout, ready)
	if err != nil {
		return nil, err
	}
	p := &process{child}
	b.children = append(b.children, p)
	return p, nil
}

// cpu is the time that the child has computed since it began. The times in /proc are
// sampled by the tick of the clock, which counts a program that wakes by the same
// clock several times over; this is the scheduler's own account.
func (p *process) cpu() (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED, clock_getcpuclockid(3)
	var spent unix.Timespec
	if err := unix.ClockGettime(int32(^p.Pid())<<3|scheduled, &spent); err != nil {
		return 0, err
	}
	return time.Duration(spent.Nano()), nil
}

// anonymous is the child's memory that is not a file's: its heap and stacks, in
// bytes.
func (p *process) anonymous() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Pid()))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if kB, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kB), "kB")), 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("/proc/PID/status has no RssAnon")
}

// machineCPU is the time that all processes together have computed.
func machineCPU() (time.Duration, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	var busy int
	for i, field := range strings.Fields(line) {
		const idle, wait, guest = 4, 5, 9 // guest time is counted in user time too
		if i == 0 || i == idle || i == wait || i >= guest {
			continue
		}
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		busy += n
	}
	return time.Duration(busy) * tick, nil
}

// awaitQuiet waits until other processes take less than a tenth of a core, as
// long as there is patience left. The driver's own children must be idle.
func (b *bench) awaitQuiet() {
	const look = 500 * time.Millisecond
	for b.patience > 0 && b.ctx.Err() == nil {
		before, err := machineCPU()
		time.Sleep(look)
		after, err2 := machineCPU()
		if err != nil || err2 != nil || after-before <= look/10 {
			return
		}
		b.patience -= look
	}
}
