package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rest is what a gateway holds when nobody calls and nothing is under way.
type rest struct {
	at         time.Time
	heap       float64        // live, in MB
	anonymous  float64        // memory that is no file's, in MB: heap and stacks, also what is free in them
	mapped     float64        // memory that is a file's, in MB: the store's and the program's, which the kernel takes back when it needs it
	files      float64        // descriptors
	goroutines map[string]int // by what they were made by
	busy       float64        // calls and flights
}

// rest waits until nothing is under way, and measures.
func (g *gateway) rest(ctx context.Context) (r rest, err error) {
	web.CloseIdleConnections()
	for end := time.Now().Add(idleWithin); ; time.Sleep(200 * time.Millisecond) {
		if r.busy, err = g.busy(ctx); err != nil {
			return r, err
		}
		if r.busy == 0 || time.Now().After(end) || ctx.Err() != nil {
			break
		}
	}
	time.Sleep(500 * time.Millisecond) // for goroutines to end, and a last commit
	for range 2 {                      // what pools hold goes with the second collection
		if r.heap, err = g.liveHeap(ctx); err != nil {
			return r, err
		}
	}
	if r.goroutines, err = g.goroutines(ctx); err != nil {
		return r, err
	}
	web.CloseIdleConnections()
	yeok, _ := g.now()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", yeok.Pid()))
	if err != nil {
		return r, err
	}
	r.at, r.files = time.Now(), float64(len(files))
	r.anonymous, r.mapped, err = memoryOf(yeok.Pid())
	return r, err
}

// busy is the number of calls and flights that are under way.
func (g *gateway) busy(ctx context.Context) (float64, error) {
	calls, err := g.metric(ctx, "yeok_calls_in_flight")
	if err != nil {
		return 0, err
	}
	flights, err := g.metric(ctx, "yeok_flights")
	return calls + flights, err
}

var heapAlloc = regexp.MustCompile(`(?m)^# HeapAlloc = (\d+)$`)

// liveHeap collects garbage and returns what is left, in MB.
func (g *gateway) liveHeap(ctx context.Context) (float64, error) {
	yeok, _ := g.now()
	profile, err := get(ctx, "http://"+yeok.Admin+"/debug/pprof/heap?gc=1&debug=1")
	if err != nil {
		return 0, err
	}
	found := heapAlloc.FindStringSubmatch(profile)
	if found == nil {
		return 0, fmt.Errorf("the heap's profile names no HeapAlloc")
	}
	bytes, err := strconv.ParseFloat(found[1], 64)
	return bytes / (1 << 20), err
}

// memoryOf is the memory of a process in MB: what is no file's, and what is.
func memoryOf(pid int) (anonymous, mapped float64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(status)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "RssAnon:" && fields[0] != "RssFile:" {
			continue
		}
		kB, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return 0, 0, err
		}
		if fields[0] == "RssAnon:" {
			anonymous = kB / 1024
		} else {
			mapped = kB / 1024
		}
	}
	return anonymous, mapped, nil
}

// goroutines counts the gateway's goroutines by what they were made by. Those of
// open connections are left out: a pool keeps some for a while.
func (g *gateway) goroutines(ctx context.Context) (map[string]int, error) {
	yeok, _ := g.now()
	stacks, err := get(ctx, "http://"+yeok.Admin+"/debug/pprof/goroutine?debug=2")
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for stack := range strings.SplitSeq(stacks, "\n\n") {
		if strings.Contains(stack, "net/http.(*persistConn)") || strings.Contains(stack, "net/http.(*conn)") || strings.Contains(stack, "grpc/internal/transport") {
			continue
		}
		maker := "main"
		if _, after, ok := strings.Cut(stack, "created by "); ok {
			maker, _, _ = strings.Cut(after, " in goroutine")
		}
		counts[maker]++
	}
	return counts, nil
}

// judgeRests looks whether anything grew in the second half, after a first one in
// which all memory filled and all connections were made.
func judgeRests(rep *report, rests []rest) {
	second := rests[len(rests)/2:]
	grows := func(what string, slack float64, of func(rest) float64) {
		values := column(rests, of)
		rep.figure(what+": "+curve(values), fmt.Sprintf("%.1f – %.1f", slices.Min(values), slices.Max(values)))
		growth, sure := grown(second, of)
		told := fmt.Sprintf("growth of it in the second half, by its slope %+.2f", growth)
		if !sure {
			growth, told = 0, told+" that is chance"
		}
		rep.atMost(told, growth, slack)
	}
	mean := func(of func(rest) float64) float64 { return meanOf(column(second, of)) }
	heap := func(r rest) float64 { return r.heap }
	anonymous := func(r rest) float64 { return r.anonymous }
	grows("live heap at rest, MB", heapSlack*mean(heap), heap)
	if len(second) >= enough {
		grows("memory that is no file's, MB", memorySlack*mean(anonymous), anonymous)
	} else { // what the kernel was not given back yet leaps, and a line through few leaps says nothing
		rep.figure("memory that is no file's, MB: "+curve(column(rests, anonymous)), "")
	}
	grows("goroutines but for those of connections", idleSlack, func(r rest) float64 { return float64(sum(r.goroutines)) })
	grows("files and connections", idleSlack, func(r rest) float64 { return r.files })
	mapped := column(rests, func(r rest) float64 { return r.mapped })
	rep.figure("memory that the store's file is mapped to, MB: "+curve(mapped), fmt.Sprintf("%.1f – %.1f", slices.Min(mapped), slices.Max(mapped)))
	first, last := second[0], second[len(second)-1]
	rep.atMost("goroutines at the last rest", float64(sum(last.goroutines)), float64(sum(first.goroutines)+idleSlack), more(first.goroutines, last.goroutines)...)
	rep.promise("calls and flights at the last rest", int(last.busy), 0)
}

// grown is how much a figure grew from the first rest to the last, and whether that
// can be told from chance: the median of the slopes between any two rests (Theil and
// Sen) and the test that goes with it (Mann and Kendall), which a single rest that
// was caught at work does not sway.
func grown(rests []rest, of func(rest) float64) (growth float64, sure bool) {
	if len(rests) < 3 {
		return 0, false
	}
	var slopes []float64
	rising := 0.0 // pairs that rise, less those that fall
	for i, a := range rests {
		for _, b := range rests[i+1:] {
			rise := of(b) - of(a)
			slopes = append(slopes, rise/b.at.Sub(a.at).Seconds())
			rising += float64(cmp.Compare(rise, 0))
		}
	}
	slices.Sort(slopes)
	n := float64(len(rests))
	deviation := math.Sqrt(n * (n - 1) * (2*n + 5) / 18)
	span := rests[len(rests)-1].at.Sub(rests[0].at).Seconds()
	return slopes[len(slopes)/2] * span, rising-1 > unsure*deviation
}

func column(rests []rest, of func(rest) float64) (values []float64) {
	for _, r := range rests {
		values = append(values, of(r))
	}
	return values
}

func meanOf(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total / float64(len(values))
}

// more lists what there is more of now.
func more(before, now map[string]int) (list []string) {
	for maker, n := range now {
		if n > before[maker] {
			list = append(list, fmt.Sprintf("%d by %s, before %d", n, maker, before[maker]))
		}
	}
	return list
}

// curve is some of the values, in a line.
func curve(values []float64) string {
	const points = 10
	var out []string
	for i := range points {
		out = append(out, fmt.Sprintf("%.1f", values[i*(len(values)-1)/(points-1)]))
	}
	return strings.Join(out, " ")
}
