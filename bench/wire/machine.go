package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// machine says what was measured where.
func (b *bench) machine() string {
	first := func(name string, args ...string) string {
		cmd := exec.CommandContext(b.ctx, name, args...)
		out, _ := cmd.CombinedOutput() // what is missing is empty in the table
		line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		return line
	}
	var r report
	r.table(
		[]string{"", ""},
		[]string{"yeok", first("git", "describe", "--tags", "--always", "--dirty")},
		[]string{"date", time.Now().UTC().Format(time.DateOnly)},
		[]string{"processor", processorName()},
		[]string{"kernel", first("uname", "-sr")},
		[]string{"Go", runtime.Version()},
		[]string{"h2load", first("h2load", "--version")},
		[]string{"nginx", first("/usr/sbin/nginx", "-v")},
		[]string{"Redis", first("redis-server", "--version")},
		[]string{"rounds", fmt.Sprintf("%d of %s", b.size.rounds, b.size.span)},
	)
	return r.parts[0]
}

func processorName() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
