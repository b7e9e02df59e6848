package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"yeok/translate"
	"yeok/translate/language"
)

// localModel is the demo's, as its server names it.
const localModel = "qwen2.5-coder-1.5b-instruct-q4_k_m"

// startModel runs the demo's model until ctx ends; it returns the base URL. The
// first time, it is fetched.
func startModel(ctx context.Context, root string) (string, error) {
	cmd := exec.CommandContext(ctx, "python3", filepath.Join(root, "demo", "model.py"), "serve", "--with-parent")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url := strings.TrimSpace(lines.Text()); strings.HasPrefix(url, "http://") {
			return url, nil
		}
	}
	return "", fmt.Errorf("the local model did not start: %w", cmd.Wait())
}

// askModel has both methods translate every story that was not translated yet, the
// languages of a story side by side in the table and so one after the other here.
// It stops between two translations when ctx ends.
func askModel(ctx context.Context, root string, m translate.Model, list []story, keep recorder) error {
	t, err := translator(root, m)
	if err != nil {
		return err
	}
	for _, s := range list {
		for _, l := range language.Targets() {
			for _, how := range []method{throughYeok, onePrompt} {
				if ctx.Err() != nil || !keep.missing(s.name, l.Code, how) {
					continue
				}
				if err := askOnce(ctx, t, m, s, l, how, keep); err != nil {
					return fmt.Errorf("%s, %s, %s: %w", s.name, l.Code, how, err)
				}
			}
		}
	}
	return nil
}

func askOnce(ctx context.Context, t *translate.Translator, m translate.Model, s story, l *language.Language, how method, keep recorder) error {
	fmt.Fprintf(os.Stderr, "%s  %s into %s, %s …", time.Now().Format(time.TimeOnly), s.name, l.Code, how)
	o, err := outcome{}, error(nil)
	if how == throughYeok {
		o = askYeok(ctx, t, s, l)
	} else {
		o, err = askNaively(ctx, m, s, l)
	}
	if err != nil || ctx.Err() != nil {
		return err // what was cut short is not kept
	}
	fmt.Fprintf(os.Stderr, " %s, %d tokens in %.0f s %s\n", o.State, o.CompletionTokens, o.Seconds, o.Failure)
	return keep.write(o)
}
