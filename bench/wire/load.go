package main

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// inFlight is how many requests are under way at a time under load: as many
// connections over HTTP/1.1 and to Redis, four times four streams over HTTP/2.
const inFlight = 16

// errNotInstalled is returned for a peer or client that is not on this machine.
var errNotInstalled = errors.New("is not installed")

// result is what one measurement of one contender came to.
type result struct {
	rate     float64       // requests a second
	cpu      time.Duration // of the server, a request
	p50, p99 time.Duration
	others   float64 // cores that processes which are no part of this took
}

// h2load is one measurement: a request, how it is sent, and what must come.
type h2load struct {
	url    string
	input  string   // file of paths to go round, instead of url's own; "" for none
	data   string   // file to post; "" for a GET
	header []string // "name: value"
	h2     bool
	single bool // one request at a time
	rps    int  // requests a second on each of four connections; 0 is as many as go
	want   string
}

// clientArgs is h2load's command line for a measurement of that length.
func (l h2load) clientArgs(log string, span time.Duration, calls int) []string {
	args := []string{"-t", "1", "--log-file", log}
	clients, streams := inFlight, 1
	switch {
	case l.single:
		clients = 1
	case l.rps > 0:
		clients = 4
	case l.h2:
		clients, streams = 4, inFlight/4
	}
	args = append(args, "-c", strconv.Itoa(clients), "-m", strconv.Itoa(streams))
	if l.single {
		args = append(args, "-n", strconv.Itoa(calls))
	} else {
		args = append(args, "-D", fmt.Sprintf("%dms", span.Milliseconds()))
	}
	if l.rps > 0 {
		args = append(args, "--rps", strconv.Itoa(l.rps))
	}
	if !l.h2 {
		args = append(args, "--h1")
	}
	if l.data != "" {
		args = append(args, "-d", l.data)
	}
	for _, h := range l.header {
		args = append(args, "-H", h)
	}
	if l.input != "" {
		args = append(args, "-i", l.input, "-B", l.url)
		return args
	}
	return append(args, l.url)
}

var finishedLine = regexp.MustCompile(`finished in [^,]+, ([0-9.]+) req/s`)

// h2load measures server under l.
func (b *bench) h2load(server *process, l h2load) (result, error) {
	log := filepath.Join(b.dir, "h2load.log")
	_ = os.Remove(log) // h2load appends
	return b.watched(server, command(b.ctx, clientCore, "h2load", l.clientArgs(log, b.size.span, b.size.calls)...),
		func(said string) (count int, r result, err error) {
			times, err := readTimes(log, cmp.Or(l.want, "200"))
			if err != nil {
				return 0, r, fmt.Errorf("%w: %s", err, l.url)
			}
			found := finishedLine.FindStringSubmatch(said)
			if found == nil {
				return 0, r, fmt.Errorf("h2load said: %s", said)
			}
			r.rate, err = strconv.ParseFloat(found[1], 64)
			r.p50, r.p99 = percentile(times, 0.5), percentile(times, 0.99)
			return len(times), r, err
		})
}

// readTimes reads h2load's log: start, status, microseconds.
func readTimes(log, want string) ([]time.Duration, error) {
	f, err := os.Open(log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var times []time.Duration
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 || fields[1] != want {
			return nil, fmt.Errorf("h2load got %q instead of %s", fields, want)
		}
		us, err := strconv.Atoi(fields[2])
		if err != nil {
			return nil, err
		}
		times = append(times, time.Duration(us)*time.Microsecond)
	}
	if len(times) == 0 {
		return nil, errors.New("h2load got no answer")
	}
	return times, nil
}

// redisGet measures GETs of one key.
func (b *bench) redisGet(server *process, port, key string, single bool) (result, error) {
	const usual = 80_000 // a second, so that this takes as long as the others
	clients, count := inFlight, int(usual*b.size.span.Seconds())
	if single {
		clients, count = 1, b.size.calls
	}
	args := []string{"-p", port, "-c", strconv.Itoa(clients), "-n", strconv.Itoa(count), "--csv", "GET", key}
	return b.watched(server, command(b.ctx, clientCore, "redis-benchmark", args...), func(said string) (int, result, error) {
		rows, err := csv.NewReader(strings.NewReader(said)).ReadAll()
		if err != nil || len(rows) < 2 {
			return 0, result{}, fmt.Errorf("redis-benchmark said: %s", said)
		}
		value := func(name string) float64 {
			i := slices.Index(rows[0], name)
			if i < 0 {
				return 0
			}
			v, _ := strconv.ParseFloat(rows[1][i], 64) // 0 shows in the table
			return v
		}
		milliseconds := func(name string) time.Duration {
			return time.Duration(value(name) * float64(time.Millisecond))
		}
		return count, result{rate: value("rps"), p50: milliseconds("p50_latency_ms"), p99: milliseconds("p99_latency_ms")}, nil
	})
}

// watched runs a client against a server and adds what the server computed.
func (b *bench) watched(server *process, client *exec.Cmd, read func(said string) (int, result, error)) (result, error) {
	if client.Err != nil {
		return result{}, client.Err
	}
	busy, err := machineCPU()
	before, err2 := server.cpu()
	if err := errors.Join(err, err2); err != nil {
		return result{}, err
	}
	began := time.Now()
	said, err := client.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return result{}, fmt.Errorf("%s: %w: %.500s", client.Args[min(3, len(client.Args)-1)], err, said)
	}
	after, err := server.cpu()
	busyAfter, err2 := machineCPU()
	if err := errors.Join(err, err2); err != nil {
		return result{}, err
	}
	count, r, err := read(string(said))
	if err != nil {
		return r, err
	}
	own := client.ProcessState.UserTime() + client.ProcessState.SystemTime()
	r.cpu = (after - before) / time.Duration(count)
	r.others = max(0, (busyAfter-busy-(after-before)-own).Seconds()/took.Seconds())
	return r, nil
}

// unless is err, or nil if it is known.
func unless(err, known error) error {
	if errors.Is(err, known) {
		return nil
	}
	return err
}

// percentile is the value at that part of the sorted list. It sorts in place.
func percentile[T cmp.Ordered](values []T, part float64) T {
	var zero T
	if len(values) == 0 {
		return zero
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(part*float64(len(values))))]
}

func median[T cmp.Ordered](values []T) T { return percentile(slices.Clone(values), 0.5) }

// contender is one of those who are measured side by side.
type contender struct {
	name    string
	measure func() (result, error)
}

// sideBySide measures all contenders in every round, in reversed order in every
// second one, and returns each one's results by round. One whose program is
// not installed is left out.
func (b *bench) sideBySide(all []contender) (map[string][]result, error) {
	results := map[string][]result{}
	for round := range b.size.rounds {
		order := slices.Clone(all)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, c := range order {
			b.awaitQuiet()
			r, err := c.measure()
			if errors.Is(err, errNotInstalled) || errors.Is(err, exec.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			results[c.name] = append(results[c.name], r)
		}
	}
	return results, nil
}
