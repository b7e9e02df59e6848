// Command yeok turns Korean news articles into checked Chinese, English,
// Japanese and Vietnamese: as a server, and one article at a time.
//
// The one idea to know: this is the only package that reads flags, environment
// and files of settings. Every other package is handed what it needs, so all
// wiring is in sight here, and nothing happens that a command does not start.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitMisuse  = 2
)

// commands is the grammar of the command line.
type commands struct {
	Serve     serveCmd     `cmd:"" help:"Serve the API over gRPC and HTTP."`
	Clean     cleanCmd     `cmd:"" help:"Find the article in a page; no model."`
	Translate translateCmd `cmd:"" help:"Translate one article."`
	Check     checkCmd     `cmd:"" help:"Check translations that exist already; no model."`
	Cache     cacheCmd     `cmd:"" help:"Look after what is remembered."`
	Keys      keysCmd      `cmd:"" help:"Say who may call."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

// host is the world outside the process, as a command sees it.
type host struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	flags          flagTexts
}

func main() {
	os.Exit(run(context.Background(), os.Args[1:], &host{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		getenv: os.Getenv, flags: flagTexts{},
	}))
}

// run runs one command line and returns the exit code.
func run(ctx context.Context, args []string, h *host) int {
	exit := -1
	parser, err := kong.New(&commands{},
		kong.Name("yeok"),
		kong.Description("Korean news articles in; checked Chinese, English, Japanese and Vietnamese out."),
		kong.Writers(h.stdout, h.stderr),
		kong.Exit(func(code int) { exit = code }), // --help; run itself goes on to return
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.NamedMapper(settingMapper, h.flags),
		kong.PostBuild(leaveDefaults),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.ValueFormatter(settingHelp),
	)
	if err != nil {
		return h.fail(err)
	}
	command, err := parser.Parse(args)
	switch {
	case exit >= 0:
		return exit
	case err != nil:
		return h.fail(misuse{fmt.Errorf("%w; see yeok --help", err)})
	}
	return h.fail(command.Run(h))
}

// fail prints the mistakes, one a line, and returns the exit code for them.
func (h *host) fail(err error) int {
	if err == nil {
		return exitOK
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		h.say("%s", line)
	}
	var wrong misuse
	if errors.As(err, &wrong) {
		return exitMisuse
	}
	return exitFailure
}

// say tells the person at the terminal something. Nobody can be told that
// standard error is gone.
func (h *host) say(format string, args ...any) {
	_, _ = fmt.Fprintf(h.stderr, "yeok: "+format+"\n", args...)
}

// terminal tells whether a stream is looked at by a person.
func (h *host) terminal(stream io.Writer) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && h.getenv("TERM") != "dumb"
}

// interruptible returns a context that ends with the first SIGINT or SIGTERM.
// The second ends the process: whoever asks twice does not want to wait.
func interruptible(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitFailure)
	}()
	return ctx, cancel
}
