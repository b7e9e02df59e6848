package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"yeok/cache"
	"yeok/server"
	"yeok/translate"
)

// Bounds on clients that open a connection and then do nothing. There is none
// on reading a body or writing an answer as a whole: translations take minutes.
const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10
)

// lastWords is the time for answers to reach their callers once all calls have
// ended.
const lastWords = 2 * time.Second

// serveCmd is `yeok serve`.
type serveCmd struct {
	config
}

// Help says what no flag can.
func (serveCmd) Help() string {
	return `Flags win over the environment, the environment over the file.
Keys come from OPENAI_API_KEY, or from where the file's models say with apiKeyEnv or apiKeyFile; never from a flag.
SIGTERM and SIGINT let running calls end; a second one does not.`
}

// Run serves until a signal, then drains.
func (c *serveCmd) Run(ctx context.Context, h *host) error {
	f, mistakes := h.resolve(c)
	trust, untrusted := c.trust()
	_, _, untraced := traced(h.getenv)
	if err := misused(slices.Concat(mistakes, c.complete(f, h.getenv), untrusted, []error{untraced})); err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	return c.serve(ctx, h, trust)
}

func (c *serveCmd) serve(ctx context.Context, h *host, t trust) (err error) {
	log := c.logger(h.stderr)
	boundMemory(log)
	defer spaceCollections(h.getenv)()
	base := server.Config{Logger: log, Limits: c.limits(), Keys: t.keys, Hosts: c.AllowedHosts}
	traces, err := tracing(ctx, h, log)
	if err != nil {
		return misuse{err}
	}
	if traces != nil {
		base.TracerProvider = traces
		// A collector that is away must not make a failure of the stop.
		defer func() { _ = within(context.WithoutCancel(ctx), lastWords, traces.Shutdown) }()
	}
	srv, memory, err := c.newServer(c.storeConfig, base, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, memory.Close()) }()
	open, err := c.listen(h)
	if err != nil {
		return err
	}
	c.warn(h)
	following, stop := context.WithCancel(ctx)
	defer stop()
	t.watch(following, log)
	open.log = webLog(log)
	return open.serve(ctx, srv, t, time.Duration(c.DrainTimeout), h)
}

// newServer makes a server over the store, as `serve` and `translate` use it.
// The caller closes the cache after draining the server.
func (c *modelConfig) newServer(at storeConfig, base server.Config, log *slog.Logger) (*server.Server, *cache.Cache, error) {
	modelOptions := c.options(log)
	modelOptions.TracerProvider = base.TracerProvider
	translator, err := translate.New(modelOptions)
	if err != nil {
		return nil, nil, misuse{err}
	}
	options, err := at.options()
	if err != nil {
		return nil, nil, misuse{err}
	}
	options.MemoryBytes = int64(c.MemoryBytes)
	options.Recover = true // a newsroom would rather pay twice than wait
	options.Log = log
	memory, err := cache.Open(options)
	if err != nil {
		return nil, nil, err
	}
	if trouble := memory.Trouble(); trouble != nil {
		log.Error("the store is not as it should be", "error", trouble)
	}
	base.Translator, base.Cache, base.AnswerBytes = translator, memory, int64(c.MemoryBytes)
	base.Budgets = c.Budgets
	base.Glossary, base.FlightTimeout, base.Version = c.Glossary, time.Duration(c.FlightTimeout), currentVersion()
	srv, err := server.New(base)
	if err != nil {
		return nil, nil, errors.Join(err, memory.Close())
	}
	return srv, memory, nil
}

func (c *edgeConfig) logger(to io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

// warn tells what an operator would otherwise find out from a caller.
func (c *config) warn(h *host) {
	if c.NoModel != "" {
		h.say("no model: %s; until then only cleaning and what is remembered are served", c.NoModel)
	}
	c.warnOfTrust(h)
}

// doors are the open listeners.
type doors struct {
	http, grpc, admin net.Listener
	log               *log.Logger // of net/http
}

// listen opens all doors before anything is served, so that a taken port is an
// error at the start and port 0 is known before the first call.
func (c *config) listen(h *host) (doors, error) {
	var d doors
	var failures [3]error
	d.http, failures[0] = open("http-addr", c.HTTPAddr)
	d.grpc, failures[1] = open("grpc-addr", c.GRPCAddr)
	d.admin, failures[2] = open("admin-addr", c.AdminAddr)
	if err := errors.Join(failures[:]...); err != nil {
		d.close()
		return d, err
	}
	if c.KeysFile == "" && !(loopback(d.http) && loopback(d.grpc) && loopback(d.admin)) {
		d.close()
		return d, errNotLoopback
	}
	_, err := fmt.Fprintf(h.stderr, "http listening on %s\ngrpc listening on %s\nadmin listening on %s\n",
		d.http.Addr(), d.grpc.Addr(), d.admin.Addr())
	return d, err
}

func open(name string, at address) (net.Listener, error) {
	l, err := net.Listen("tcp", string(at))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return bounded(l), nil
}

func (d doors) close() {
	for _, l := range []net.Listener{d.http, d.grpc, d.admin} {
		if l != nil {
			_ = l.Close() // nothing was served on it yet
		}
	}
}

// serve serves until ctx ends or a door fails, then stops in order: no new
// calls, running calls and paid work to their end, then the HTTP connections,
// metrics last, so that the end can be watched.
func (d doors) serve(ctx context.Context, srv *server.Server, t trust, drain time.Duration, h *host) error {
	api := httpServer(srv.HTTP())
	d.http = srv.Attach(api, d.http)
	admin, adminDoor := t.admin(srv, d.admin)
	api.ErrorLog, admin.ErrorLog = d.log, d.log
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return unlessClosed(api.Serve(t.over(d.http, "h2", "http/1.1"))) })
	group.Go(func() error { return unlessClosed(admin.Serve(adminDoor)) })
	group.Go(func() error { return unlessClosed(srv.GRPC().Serve(t.over(d.grpc, "h2"))) })
	group.Go(func() error {
		<-ctx.Done()
		ctx := context.WithoutCancel(ctx)
		err := within(ctx, drain, srv.Drain)
		if errors.Is(err, context.DeadlineExceeded) {
			h.say("what still ran after %s was cut; finished blocks are kept", drain)
			err = nil
		}
		if within(ctx, lastWords, api.Shutdown) != nil {
			err = errors.Join(err, api.Close())
		}
		return errors.Join(err, admin.Close())
	})
	return group.Wait()
}

func within(ctx context.Context, limit time.Duration, stop func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return stop(ctx)
}

func httpServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}
}

// unlessClosed takes a stop that was asked for as success.
func unlessClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, grpc.ErrServerStopped) {
		return nil
	}
	return err
}
