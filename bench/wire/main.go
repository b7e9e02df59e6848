// Command wire measures yeok beside what it could at best be, and beside what
// it would be by default, over loopback on one machine.
//
// The one idea to know: absolute figures mean little on another machine, so
// everything is a ratio to a peer that was measured in the same round. The
// server has one core to itself, clients the other; rounds alternate their
// order; medians and spread are told.
//
//	go run .                 # everything, printed
//	go run . -only a,d       # some of it
//	go run . -smoke          # everything, tiny: does it run?
//	go run . -write FILE     # and put the tables between the markers of FILE
//
// It needs Linux, two cores, and h2load, nginx, redis-server and
// redis-benchmark (Debian: nghttp2-client, nginx-light, redis-server); a peer
// that is not installed is left out and named.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// bench is one run of the driver.
type bench struct {
	ctx      context.Context // of the whole run
	size     size
	dir      string // scratch, removed at the end
	yeok     string // the program under test
	self     string // this program, which is its own children too
	children []*process
	env      []string      // of yeok, beside what all programs have
	profiles string        // folder for profiles; "" for none
	patience time.Duration // what is left of it for a machine that is not quiet
}

// size says how much is measured.
type size struct {
	rounds   int
	span     time.Duration // of one measurement under load
	calls    int           // of one measurement one at a time
	articles int           // that hits are spread over
	callers  int           // of one article at once
	crowd    int           // articles of the large fan-out
	stored   int           // articles of the large store
	ttft     time.Duration // of the paced model
	tokens   float64       // a second, of the paced model; 0 is at once
}

func full() size {
	return size{rounds: 5, span: 2 * time.Second, calls: 1000, articles: 32, callers: 1000, crowd: 20, stored: 100_000,
		ttft: 300 * time.Millisecond, tokens: 80}
}

func smoke() size {
	return size{rounds: 1, span: 300 * time.Millisecond, calls: 20, articles: 2, callers: 50, crowd: 3, stored: 200,
		ttft: 30 * time.Millisecond, tokens: 4000}
}

// scenario is one of the tables.
type scenario struct {
	letter, title string
	run           func(*bench) (report, error)
}

func scenarios() []scenario {
	return []scenario{
		{"a", "Hits under load", hits},
		{"b", "Hits one at a time", latency},
		{"c", "Hits from the store", cold},
		{"d", "What a miss adds", miss},
		{"e", "Fan-out", fanout},
		{"f", "A crowd with one wish", flights},
		{"g", "Tokens after an edit", tokens},
		{"h", "Memory and start", memory},
		{"i", "Overload", overload},
	}
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "wire:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) > 0 && args[0] == "child" {
		return child(ctx, args[1:])
	}
	if err := pinSelf(); err != nil {
		return err
	}
	flags := flag.NewFlagSet("wire", flag.ContinueOnError)
	only := flags.String("only", "", "letters of the scenarios to run, as a,d; all if empty")
	tiny := flags.Bool("smoke", false, "tiny rounds: only whether it runs")
	rounds := flags.Int("rounds", 0, "rounds instead of the usual number")
	write := flags.String("write", "", "Markdown file whose marked sections are replaced")
	limit := flags.Duration("limit", time.Hour, "end of the whole run")
	quiet := flags.Duration("quiet", 0, "how long to wait, in all, for other processes to be quiet before a measurement")
	profiles := flags.String("profiles", "", "folder for CPU profiles of yeok, of hits and misses; not for a run for the record")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := &bench{size: full(), patience: *quiet, profiles: *profiles}
	if *tiny {
		b.size = smoke()
	}
	if *rounds > 0 {
		b.size.rounds = *rounds
	}
	var cancel context.CancelFunc
	b.ctx, cancel = context.WithTimeout(ctx, *limit)
	defer cancel()
	return b.all(strings.FieldsFunc(*only, func(c rune) bool { return c == ',' }), *write)
}

// all runs the scenarios one after the other. One that fails does not keep the
// others from running.
func (b *bench) all(only []string, file string) error {
	if err := b.prepare(); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	var failures []error
	if file != "" {
		failures = append(failures, replaceSection(file, "machine", b.machine()))
	}
	for _, s := range scenarios() {
		if len(only) > 0 && !slices.Contains(only, s.letter) || b.ctx.Err() != nil {
			continue
		}
		began := time.Now()
		r, err := s.run(b)
		b.stopChildren()
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", s.letter, err))
			continue
		}
		text := r.markdown(s)
		fmt.Printf("%s\n(%.0f s)\n\n", text, time.Since(began).Seconds())
		if file != "" {
			failures = append(failures, replaceSection(file, s.letter, text))
		}
	}
	return errors.Join(append(failures, b.ctx.Err())...)
}

// prepare builds the program under test.
func (b *bench) prepare() error {
	var err error
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "yeok-bench-"); err != nil {
		return err
	}
	b.yeok = filepath.Join(b.dir, "yeok")
	build := exec.CommandContext(b.ctx, "taskset", "-c", fmt.Sprintf("%d,%d", serverCore, clientCore), "go", "build", "-trimpath", "-o", b.yeok, "./cmd/yeok")
	build.Dir = filepath.Join("..", "..")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build yeok (run this in its own folder): %w\n%s", err, said)
	}
	return nil
}

func (b *bench) stopChildren() {
	for _, p := range slices.Backward(b.children) {
		p.Stop()
	}
	b.children = nil
}

// child is what the driver starts of itself.
func child(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("child: which?")
	}
	switch name, args := args[0], args[1:]; name {
	case "model":
		return serveModel(ctx, args)
	case "crowd":
		return serveCrowd(ctx, args)
	case "plain":
		return servePlain(ctx, args)
	case "gateway":
		return serveGateway(ctx, args)
	case "grpc":
		return serveGRPC(ctx, args)
	default:
		return fmt.Errorf("child: there is no %q", name)
	}
}
