package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"runtime"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/test/bufconn"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/desk"
)

// defaultFlightTimeout ends a paid call that hangs. It is long because a small
// local model needs minutes for an article and its work is not to be lost.
const defaultFlightTimeout = 15 * time.Minute

// memoryConnBytes is the buffer of the in-memory connection between the HTTP
// gateway and the gRPC server.
const memoryConnBytes = 256 << 10

// defaultAnswerBytes is some 2,500 articles in four languages over HTTP.
const defaultAnswerBytes = 64 << 20

// A stored answer of 12 KB then leaves in one write, on a goroutine whose stack
// has grown already: together a fifth of what a hit costs. A worker is busy for
// as long as its call; when all are, a call gets a goroutine of its own.
const (
	writeBufferBytes = 128 << 10
	streamWorkers    = 16 // for each processor; with 4, two calls of three at once grew a stack of their own
)

// maxStreams bounds the calls of one connection at a time. The HTTP gateway's
// calls share one connection, so it is as many as there may be HTTP connections.
const maxStreams = 4096

// New makes a server. Nothing listens yet: the caller serves GRPC, HTTP and
// Admin on listeners of its own, and calls Drain before it closes the cache.
func New(c Config) (*Server, error) {
	if c.Translator == nil || c.Cache == nil {
		return nil, errors.New("server: a translator and a cache are needed")
	}
	timeout := cmp.Or(c.FlightTimeout, defaultFlightTimeout)
	s := &Server{
		translator:       c.Translator,
		cache:            c.Cache,
		glossary:         c.Glossary,
		glossaryRevision: glossaryRevisionOf("", c.Glossary),
		limits:           c.Limits.WithDefaults(),
		keys:             c.Keys,
		hosts:            c.Hosts,
		anybody:          access.Anybody(),
		log:              cmp.Or(c.Logger, slog.Default()),
		tracer:           tracerOf(c.TracerProvider),
		requestIDs:       newRequestIDs(),
		routes:           routesOf(),
		health:           health.NewServer(),
		memory:           bufconn.Listen(memoryConnBytes),
	}
	var err error
	if s.answers, err = newAnswers(c.Cache, cmp.Or(c.AnswerBytes, defaultAnswerBytes)); err != nil {
		return nil, err
	}
	s.turns.answers = s.answers
	if s.desk, err = desk.New(runtime.GOMAXPROCS(0)); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	s.flights.Timeout, s.texts.Timeout, s.urgency.longest = timeout, timeout, timeout
	s.flights.Leases, s.texts.Leases = c.Cache.Leases(), c.Cache.Leases()
	s.flights.Shared, s.texts.Shared = sharedFlight, sharedFlight
	s.metrics = newMetrics(c.Version, func() float64 { return float64(s.flights.Len() + s.texts.Len()) })
	s.metrics.registry.MustRegister(newModelMetrics(c.Translator), modelsOf(c.Translator), newQueueMetrics(c.Translator))
	s.budgets = budgets{list: c.Budgets, cache: c.Cache, tenants: make(map[string]bool), note: s.noteAccount}
	s.metrics.registry.MustRegister(newBudgetMetrics(&s.budgets))
	s.metrics.registry.MustRegister(newCacheMetrics(c.Cache))
	s.grpc = s.newGRPC()
	conn, err := grpc.NewClient("passthrough:///yeok",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return s.memory.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()), // it never leaves the process
		grpc.WithAuthority("localhost"),
		grpc.WithUnaryInterceptor(carryUnary),
		grpc.WithStreamInterceptor(carryStream),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(4*min(s.limits.RequestBytes, math.MaxInt/4)), grpc.MaxCallSendMsgSize(s.limits.RequestBytes)),
	)
	if err != nil {
		return nil, fmt.Errorf("server: in-memory connection: %w", err)
	}
	s.conn = conn
	s.inMemory.Go(func() { s.memoryErr = s.grpc.Serve(memoryListener{s.memory}) })
	return s, nil
}

func (s *Server) newGRPC() *grpc.Server {
	edge := edge{s, s.admitCall}
	srv := grpc.NewServer(
		grpc.ForceServerCodecV2(newStrictCodec()),
		grpc.MaxRecvMsgSize(s.limits.RequestBytes),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.WriteBufferSize(writeBufferBytes),
		grpc.NumStreamWorkers(uint32(runtime.GOMAXPROCS(0)*streamWorkers)),
		grpc.ChainUnaryInterceptor(edge.unary),
		grpc.ChainStreamInterceptor(edge.stream),
		// A client that sends pings more often than this is cut; a quiet
		// connection is asked after two minutes whether anybody is there.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 2 * time.Minute, Timeout: 20 * time.Second}),
	)
	srv.RegisterService(edge.admitFirst(yeokv1.TranslationService_ServiceDesc), s)
	healthv1.RegisterHealthServer(srv, s.health)
	s.health.SetServingStatus(yeokv1.TranslationService_ServiceDesc.ServiceName, healthv1.HealthCheckResponse_SERVING)
	reflection.Register(srv)
	return srv
}

// GRPC returns the gRPC server, with health and reflection, ready to Serve.
func (s *Server) GRPC() *grpc.Server { return s.grpc }

// Client returns a client in the same process. Its calls pass the same
// interceptors as everybody's; where keys are asked for, only those of an HTTP
// request that was let in get through.
func (s *Server) Client() yeokv1.TranslationServiceClient {
	return yeokv1.NewTranslationServiceClient(s.conn)
}

// Drain stops the server in order: it says that it is not serving, refuses new
// calls, and waits for the running ones and for the work that they started,
// until ctx ends; then it cuts what is left and returns ctx's error. Segments
// that were good by then are stored all the same. Call it once, and close the
// cache after it.
func (s *Server) Drain(ctx context.Context) error {
	s.draining.Store(true)
	s.health.Shutdown()
	s.direct.stop()
	stopped := make(chan struct{})
	go func() {
		s.grpc.GracefulStop()
		s.direct.running.Wait()
		close(stopped)
	}()
	var err error
	select {
	case <-stopped:
	case <-ctx.Done():
		err = ctx.Err()
		s.grpc.Stop()
	}
	err = errors.Join(err, s.flights.Close(ctx), s.texts.Close(ctx))
	<-stopped // what was cut has left by now
	err = errors.Join(err, s.conn.Close())
	s.inMemory.Wait()
	return errors.Join(err, s.memoryErr, s.desk.Close())
}
