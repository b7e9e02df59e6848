// Command eval measures how well yeok guards a translation, and prints the results
// as tables, or writes them into docs/eval.md.
//
// The one idea to know: a check may not be its own judge. Where there is a set with
// known right and wrong translations, the checks are held against it; where a real
// model writes, its output is held against facts that were written down by hand, and what
// counts is what was wrong and not marked.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"yeok/eval/ntrex"
	"yeok/translate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		stop()
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	root, shared, runs string
	write, model       bool
	baseURL, name      string
	only               string
	within             time.Duration
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	flags.StringVar(&o.root, "root", ".", "the repository's root")
	flags.StringVar(&o.shared, "shared", "", "folder of the sets that are no part of the project (default $YEOK_SHARED, else ../shared beside the root)")
	flags.BoolVar(&o.write, "write", false, "write the tables into docs/eval.md as well")
	flags.BoolVar(&o.model, "model", false, "ask a model for the translations that are not kept yet, and report on them alone")
	flags.StringVar(&o.baseURL, "base-url", "", "OpenAI-compatible server of the model (default: the demo's own, started)")
	flags.StringVar(&o.name, "model-name", localModel, "the model, as its server names it")
	flags.StringVar(&o.runs, "runs", "", "folder that keeps what the model wrote (default: yeok-eval in the user's cache folder)")
	flags.StringVar(&o.only, "stories", "", "names of the stories for the model, with commas (default: all)")
	flags.DurationVar(&o.within, "within", 2*time.Hour, "when the model is asked no more; what is kept is reported; 0 asks nothing")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	o.shared = cmp.Or(o.shared, os.Getenv("YEOK_SHARED"), filepath.Join(o.root, "..", "shared"))
	if o.runs == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return options{}, err
		}
		o.runs = filepath.Join(cache, "yeok-eval")
	}
	return o, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	list, err := stories(o.root, o.shared)
	if err != nil {
		return err
	}
	var tables []table
	if keep := (recorder{o.runs}); o.model {
		if err := o.ask(ctx, list, keep); err != nil {
			return err
		}
		tables, err = modelTables(os.Stderr, list, keep)
	} else {
		tables, err = o.setTables(ctx, list)
	}
	if err != nil {
		return err
	}
	return report(os.Stdout, o.root, tables, o.write)
}

// setTables measure the checks on sets of known translations. A set that is not
// there is said to be missing, and its tables in the document stay as they are.
func (o options) setTables(ctx context.Context, list []story) ([]table, error) {
	var tables []table
	set, err := ntrex.Read(o.shared)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(os.Stderr, "SKIPPED false alarms and power: %v; YEOK_SHARED names another folder\n", err)
	case err != nil:
		return nil, err
	default:
		tables = append(tables, ntrexTables(set)...)
	}
	for _, measure := range []func() (table, error){
		func() (table, error) { return rightTable(list), nil },
		func() (table, error) { return renderingTable(o.root) },
		numberTable,
		headlineTable,
		func() (table, error) { return faultTable(ctx) },
		func() (table, error) { return injectionTable(ctx) },
	} {
		t, err := measure()
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// ask has the model translate what is not kept yet.
func (o options) ask(ctx context.Context, list []story, keep recorder) error {
	ctx, cancel := context.WithTimeout(ctx, o.within)
	defer cancel()
	if o.within == 0 {
		return nil
	}
	m := translate.Model{Name: o.name, BaseURL: o.baseURL}
	if m.BaseURL == "" {
		url, err := startModel(ctx, o.root)
		if err != nil {
			return err
		}
		m.BaseURL = url
	}
	if o.only != "" {
		var wanted []story
		for _, name := range strings.Split(o.only, ",") {
			for _, s := range list {
				if s.name == name {
					wanted = append(wanted, s)
				}
			}
		}
		list = wanted
	}
	return askModel(ctx, o.root, m, list, keep)
}
