package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"yeok/internal/llmtest"
	"yeok/internal/process"
)

// readyWithin is how long a child may take until it listens, on a busy machine.
const readyWithin = time.Minute

// secondModel is the model of the same server that takes over from the first.
const secondModel = "second-" + llmtest.Model

// gateway is a yeok that may be killed and started again, under the same name, in
// the same folder, elsewhere on loopback.
type gateway struct {
	name string
	run  *run
	wrap []string // what the program is started through
	args []string
	env  []string
	dir  string

	mu   sync.Mutex
	yeok *process.Yeok
	conn *grpc.ClientConn
}

// newGateway prepares a gateway in front of the model. It knocks there with its
// name, so that the model knows who asks.
func (r *run) newGateway(name string, model *truth, args ...string) (*gateway, error) {
	g := &gateway{name: name, run: r, dir: filepath.Join(r.dir, name), env: append(os.Environ(), "YEOK_CHAOS_KEY="+name)}
	if err := os.MkdirAll(g.dir, 0o700); err != nil {
		return nil, err
	}
	config := filepath.Join(g.dir, "yeok.yaml")
	text := "models:\n"
	for _, name := range []string{llmtest.Model, secondModel} {
		text += fmt.Sprintf("  - {name: %s, baseUrl: %s, apiKeyEnv: YEOK_CHAOS_KEY}\n", name, model.URL())
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	const anyPort = "127.0.0.1:0"
	g.args = append([]string{"serve", "--config", config, "--http-addr", anyPort, "--grpc-addr", anyPort, "--admin-addr", anyPort,
		"--stall-timeout", "5s", "--max-retry-wait", "5s", "--model-timeout", "20s", "--drain-timeout", "5s", "--max-request-bytes", "1MiB"}, args...)
	return g, nil
}

// start starts the gateway, anew if it has ended.
func (g *gateway) start() error {
	all := append(append(g.wrap[:len(g.wrap):len(g.wrap)], g.run.yeok), g.args...)
	cmd := exec.CommandContext(g.run.ctx, all[0], all[1:]...)
	cmd.Env, cmd.Dir = g.env, g.dir
	yeok, err := process.StartYeok(cmd, readyWithin)
	if err != nil {
		return fmt.Errorf("%s: %w", g.name, err)
	}
	conn, err := grpc.NewClient("passthrough:///"+yeok.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		yeok.Kill()
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.yeok, g.conn = yeok, conn
	return nil
}

func (g *gateway) now() (*process.Yeok, *grpc.ClientConn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.yeok, g.conn
}

func (g *gateway) address() string {
	yeok, _ := g.now()
	return "http://" + yeok.HTTP
}

// alive says whether the gateway has not ended.
func (g *gateway) alive() bool {
	yeok, _ := g.now()
	select {
	case <-yeok.Ended():
		return false
	default:
		return true
	}
}

func (g *gateway) kill() {
	yeok, conn := g.now()
	yeok.Kill()
	_ = conn.Close() // to nobody
}

func (g *gateway) stop() {
	yeok, conn := g.now()
	if yeok != nil {
		yeok.Stop()
		_ = conn.Close() // to nobody
	}
}

// addresses are those of the doors.
func (g *gateway) addresses() (http, grpc string) {
	yeok, _ := g.now()
	return yeok.HTTP, yeok.GRPC
}

// redis is a Redis that keeps what it has acknowledged, and may be restarted at
// its address.
type redis struct {
	run  *run
	port string
	dir  string
	*process.Process
}

func (r *run) startRedis() (*redis, error) {
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	s := &redis{run: r, port: port, dir: filepath.Join(r.dir, "redis")}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	return s, s.start()
}

func (s *redis) start() (err error) {
	cmd := exec.CommandContext(s.run.ctx, "redis-server", "--port", s.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--dir", s.dir)
	s.Process, err = process.Start(cmd, readyWithin, process.RedisReady)
	return err
}

func (s *redis) url() string { return "redis://127.0.0.1:" + s.port + "/0" }
