// Command chaos breaks everything around yeok, and yeok itself, and looks whether
// it keeps its promises all the same: every article ends as complete, as
// doubtful or with an error that says why; nothing that a client was given is
// lost; nothing bad passes for complete; nothing is paid twice that need not be.
//
// The one idea to know: the real program runs, several times over a real Redis, and
// the fake model keeps the books. It knows what an honest answer would have been
// and whom it gave one, so nothing has to be believed that yeok says of itself.
//
//	go run ./chaos              # everything, in the sizes for the record
//	go run ./chaos -smoke       # everything, small
//	go run ./chaos -only kills  # some of it
//
// Everything is on loopback and ends with the command. A Redis is needed (Debian:
// redis-server), and for a full and a read-only disk the right to mount; what is
// missing is skipped, loudly.
package main

import (
	"cmp"
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

// run is one run of the command.
type run struct {
	ctx  context.Context
	size size
	dir  string // scratch, removed at the end
	yeok string // the program
}

// size says how much is broken.
type size struct {
	articles int           // of the gateways
	callers  int           // at once
	kills    int           // of the one gateway
	churn    time.Duration // of the long run, without its rests
	rounds   int           // of the long run
	seed     uint64
}

func full() size {
	return size{articles: 1000, callers: 24, kills: 200, churn: 10 * time.Minute, rounds: 30}
}
func smoke() size {
	return size{articles: 50, callers: 12, kills: 8, churn: 20 * time.Second, rounds: 10}
}

// scenario is one way to break things.
type scenario struct {
	name, title string
	run         func(*run, *report) error
}

func scenarios() []scenario {
	return []scenario{
		{"gateways", "Two gateways, a Redis, a model that fails", (*run).gateways},
		{"kills", "A gateway that is killed", (*run).kills},
		{"disk", "A disk that is full, read-only, broken", (*run).disk},
		{"churn", "A long run", (*run).churn},
	}
}

func main() {
	if err := chaos(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func chaos(args []string) error {
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	small := flags.Bool("smoke", false, "the small sizes")
	only := flags.String("only", "", "names of scenarios, as kills,disk; all if empty")
	articles := flags.Int("articles", 0, "articles for two gateways, instead of the usual number")
	kills := flags.Int("kills", 0, "kills of one gateway, instead of the usual number")
	churn := flags.Duration("churn", 0, "length of the long run, instead of the usual one")
	seed := flags.Uint64("seed", uint64(time.Now().UnixNano()), "what chance begins with")
	limit := flags.Duration("limit", time.Hour, "end of the whole run")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r := &run{size: full()}
	if *small {
		r.size = smoke()
	}
	r.size.seed = *seed
	r.size.articles = cmp.Or(*articles, r.size.articles)
	r.size.kills = cmp.Or(*kills, r.size.kills)
	r.size.churn = cmp.Or(*churn, r.size.churn)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var cancel context.CancelFunc
	r.ctx, cancel = context.WithTimeout(ctx, *limit)
	defer cancel()
	return r.all(strings.FieldsFunc(*only, func(c rune) bool { return c == ',' }))
}

// all runs the scenarios one after the other. One that fails does not keep the
// others from running.
func (r *run) all(only []string) error {
	err := r.prepare()
	defer func() { _ = os.RemoveAll(r.dir) }()
	if err != nil {
		return err
	}
	fmt.Printf("seed %d\n", r.size.seed)
	var failures []error
	for _, s := range scenarios() {
		if len(only) > 0 && !slices.Contains(only, s.name) || r.ctx.Err() != nil {
			continue
		}
		began := time.Now()
		rep := &report{}
		if err := s.run(r, rep); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", s.name, err))
		}
		fmt.Printf("\n### %s\n\n%s\n(%.0f s)\n", s.title, rep.markdown(), time.Since(began).Seconds())
		for _, broken := range rep.broken {
			fmt.Printf("broken promise: %s\n", broken)
			failures = append(failures, fmt.Errorf("%s: broken promise: %.100s", s.name, broken))
		}
	}
	return errors.Join(append(failures, r.ctx.Err())...)
}

// prepare builds the program.
func (r *run) prepare() error {
	var err error
	if r.dir, err = os.MkdirTemp("", "yeok-chaos-"); err != nil {
		return err
	}
	r.yeok = filepath.Join(r.dir, "yeok")
	build := exec.CommandContext(r.ctx, "go", "build", "-o", r.yeok, "yeok/cmd/yeok")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build yeok: %w\n%s", err, said)
	}
	return nil
}
