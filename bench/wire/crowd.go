package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// callerLimit is how long one of a crowd waits for his answer.
const callerLimit = time.Minute

// caller is one of a crowd, with a connection to the first of his addresses. A
// thousand of net/http's clients would compute longer than the gateway that answers
// them, so he sends bytes that are ready.
type caller struct {
	addresses []string
	conn      net.Conn
	answers   *bufio.Reader
}

// callers are a crowd, spread over the addresses and connected.
func (b *bench) callers(addresses []string) ([]*caller, error) {
	callers := make([]*caller, b.size.callers)
	var group errgroup.Group
	group.SetLimit(50)
	for i := range callers {
		c := &caller{answers: bufio.NewReader(nil)}
		for j := range addresses {
			c.addresses = append(c.addresses, addresses[(i+j)%len(addresses)])
		}
		callers[i] = c
		group.Go(func() error {
			if err := c.connect(c.addresses[0]); err != nil {
				return err
			}
			return c.ask([]byte("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
		})
	}
	return callers, group.Wait()
}

func hangUp(callers []*caller) {
	for _, c := range callers {
		_ = c.conn.Close() // of some it is closed
	}
}

func (c *caller) connect(address string) (err error) {
	if c.conn, err = net.Dial("tcp", address); err != nil {
		return err
	}
	c.answers.Reset(c.conn)
	return c.conn.SetDeadline(time.Now().Add(callerLimit))
}

// ask sends a request and reads its answer.
func (c *caller) ask(request []byte) error {
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	resp, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // all of it is read
	if _, err = io.Copy(io.Discard, resp.Body); err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	return err
}

// persist asks at one address after the other.
func (c *caller) persist(request []byte) error {
	err := c.ask(request)
	for _, next := range c.addresses[1:] {
		if err == nil {
			break
		}
		_ = c.conn.Close() // it is of no more use
		if err = c.connect(next); err == nil {
			err = c.ask(request)
		}
	}
	return err
}

// leave asks and goes away.
func (c *caller) leave(request []byte, after time.Duration) {
	if _, err := c.conn.Write(request); err == nil {
		time.Sleep(after)
	}
	_ = c.conn.Close() // that it ends is what is wanted
}

// crowdOrder is what a crowd asks for.
func crowdOrder(languages []string) []byte { return order("crowd", article(600, 10), languages...) }

// posted is an order as it is sent.
func posted(body []byte) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", translatePath, len(body), body)
}

// crowdOfNobody measures a crowd before a bare net/http.
func (b *bench) crowdOfNobody() ([]string, error) {
	defer b.stopChildren()
	kind := crowds()[0]
	rec := recording{filepath.Join(b.dir, "crowd")}
	if err := b.recordCrowd(rec, kind.languages); err != nil {
		return nil, err
	}
	_, address, err := b.startPeer(rec, "crowd", b.size.ttft.String())
	if err != nil {
		return nil, err
	}
	a, err := b.press([]string{address}, kind, nil)
	if err != nil {
		return nil, err
	}
	load := b.size.ttft
	return []string{plainName, fmt.Sprint(len(kind.languages)), "", "", fmt.Sprint(a.answered), fmt.Sprint(a.failed),
		fmt.Sprintf("%.0f", millis(load)), fmt.Sprintf("%.0f", millis(a.first)), fmt.Sprintf("%.0f", millis(a.last)),
		fmt.Sprintf("**%.0f**", millis(a.last-load)), ""}, nil
}

// recordCrowd keeps what yeok answers the second time.
func (b *bench) recordCrowd(rec recording, languages []string) error {
	f, err := b.startFleet(1)
	if err != nil {
		return err
	}
	body := crowdOrder(languages)
	if _, err := f.gateways[0].post(b.ctx, body); err != nil {
		return err
	}
	answer, err := f.gateways[0].post(b.ctx, body)
	if err != nil {
		return err
	}
	b.stopChildren()
	return errors.Join(os.MkdirAll(filepath.Join(rec.dir, site), 0o700), os.WriteFile(filepath.Join(rec.dir, postedJSON), answer, 0o600))
}

// serveCrowd has the bytes for everybody when mode is over, counted from the first who asks.
func serveCrowd(ctx context.Context, args []string) error {
	rec, mode, err := recordingFlag(args)
	if err != nil {
		return err
	}
	load, err := time.ParseDuration(mode)
	if err != nil {
		return err
	}
	answer, err := rec.read(postedJSON)
	if err != nil {
		return err
	}
	ready := make(chan struct{})
	first := sync.OnceFunc(func() { time.AfterFunc(load, func() { close(ready) }) })
	return serveHTTP(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			return
		}
		if _, err := io.ReadAll(r.Body); err != nil {
			return
		}
		first()
		<-ready
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		_, _ = w.Write(answer) // the client may have left
	}))
}
