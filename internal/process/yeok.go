package process

import (
	"errors"
	"net"
	"os/exec"
	"strings"
	"time"
)

// Yeok is a running gateway.
type Yeok struct {
	*Process
	HTTP, GRPC, Admin string // addresses
}

// StartYeok starts a command that is `yeok serve` in one way or another, and
// waits until it listens on all of its doors.
func StartYeok(cmd *exec.Cmd, patience time.Duration) (*Yeok, error) {
	g := &Yeok{}
	doors := map[string]*string{"http": &g.HTTP, "grpc": &g.GRPC, "admin": &g.Admin}
	p, err := Start(cmd, patience, func(line string) bool {
		name, address, ok := strings.Cut(line, " listening on ")
		if door := doors[name]; ok && door != nil {
			*door = address
		}
		return g.HTTP != "" && g.GRPC != "" && g.Admin != ""
	})
	if err != nil {
		return nil, err
	}
	g.Process = p
	return g, nil
}

// RedisReady says whether a line of a Redis says that it is ready.
func RedisReady(line string) bool { return strings.Contains(line, "Ready to accept connections") }

// FreePort finds a port of loopback that nobody uses at the moment.
func FreePort() (port string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err = net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}
