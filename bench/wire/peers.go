package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	children "yeok/internal/process"
)

// recording holds one article's answers as yeok gave them, for peers to give
// again. It is a folder: the files below, and under site the answer to GET at
// its own path.
type recording struct{ dir string }

const (
	postedJSON = "posted.json" // answer to POST translatePath
	postedWire = "posted.pb"   // the same as a TranslateArticleResponse
	gottenWire = "gotten.pb"   // a GetTranslationResponse
	site       = "site"
)

func (r recording) read(name string) ([]byte, error) { return os.ReadFile(filepath.Join(r.dir, name)) }

// recordingFlag reads the flags of a peer.
func recordingFlag(args []string) (rec recording, mode string, err error) {
	flags := flag.NewFlagSet("peer", flag.ContinueOnError)
	flags.StringVar(&rec.dir, "dir", "", "folder of the recording")
	flags.StringVar(&mode, "mode", "", "how to serve")
	return rec, mode, flags.Parse(args)
}

// startPeer starts one of the driver's own peers.
func (b *bench) startPeer(rec recording, name, mode string) (p *process, address string, err error) {
	cmd := command(b.ctx, serverCore, b.self, "child", name, "-dir", rec.dir, "-mode", mode)
	p, err = b.launch(cmd, func(line string) bool {
		address = line
		return true
	})
	return p, address, err
}

// serve serves on a port of its own until ctx ends.
func serve(ctx context.Context, run func(net.Listener) error, stop func()) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	context.AfterFunc(ctx, stop)
	if err := run(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func serveHTTP(ctx context.Context, handler http.Handler) error {
	server := &http.Server{Handler: handler}
	return serve(ctx, server.Serve, func() { _ = server.Close() })
}

// servePlain is the limit of HTTP in Go: a bare handler that reads the request
// and writes bytes that it has.
func servePlain(ctx context.Context, args []string) error {
	rec, _, err := recordingFlag(args)
	if err != nil {
		return err
	}
	posted, err := rec.read(postedJSON)
	if err != nil {
		return err
	}
	pages, err := rec.pages()
	if err != nil {
		return err
	}
	const tag = `"1f0b24d0c6f74d5f8a0d4b9dd6a5d7f4"`
	write := func(w http.ResponseWriter, body []byte) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // the client may have left
	}
	return serveHTTP(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if _, err := io.ReadAll(r.Body); err == nil {
				write(w, posted)
			}
			return
		}
		body, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		write(w, body)
	}))
}

// pages are the answers to GET by their paths.
func (r recording) pages() (map[string][]byte, error) {
	pages := map[string][]byte{}
	root := filepath.Join(r.dir, site)
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		pages[strings.TrimPrefix(path, root)], err = os.ReadFile(path)
		return err
	})
	return pages, err
}

// stored is the service as a newcomer would write it: messages in a map, and
// the libraries do the rest.
type stored struct {
	yeokv1.UnimplementedTranslationServiceServer

	posted *yeokv1.TranslateArticleResponse
	gotten map[string]*yeokv1.GetTranslationResponse
}

func newStored(rec recording) (*stored, error) {
	s := &stored{posted: &yeokv1.TranslateArticleResponse{}, gotten: map[string]*yeokv1.GetTranslationResponse{}}
	posted, err := rec.read(postedWire)
	gotten, err2 := rec.read(gottenWire)
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	one := &yeokv1.GetTranslationResponse{}
	if err := errors.Join(proto.Unmarshal(posted, s.posted), proto.Unmarshal(gotten, one)); err != nil {
		return nil, err
	}
	s.gotten[one.GetTranslation().GetName()] = one
	return s, nil
}

func (s *stored) TranslateArticle(context.Context, *yeokv1.TranslateArticleRequest) (*yeokv1.TranslateArticleResponse, error) {
	return s.posted, nil
}

func (s *stored) GetTranslation(_ context.Context, req *yeokv1.GetTranslationRequest) (*yeokv1.GetTranslationResponse, error) {
	resp, ok := s.gotten["articles/"+req.GetArticle()+"/translations/"+req.GetLanguageCode()]
	if !ok {
		return nil, os.ErrNotExist
	}
	return resp, nil
}

// serveGateway is grpc-gateway in the same process, as it comes.
func serveGateway(ctx context.Context, args []string) error {
	rec, _, err := recordingFlag(args)
	if err != nil {
		return err
	}
	s, err := newStored(rec)
	if err != nil {
		return err
	}
	mux := runtime.NewServeMux()
	if err := yeokv1.RegisterTranslationServiceHandlerServer(ctx, mux, s); err != nil {
		return err
	}
	return serveHTTP(ctx, mux)
}

// serveGRPC is grpc-go: as it comes, or, in mode raw, at its limit, where bytes
// go out as they are stored.
func serveGRPC(ctx context.Context, args []string) error {
	rec, mode, err := recordingFlag(args)
	if err != nil {
		return err
	}
	var server *grpc.Server
	if mode == "raw" {
		server, err = rawServer(rec)
	} else {
		var s *stored
		s, err = newStored(rec)
		server = grpc.NewServer()
		yeokv1.RegisterTranslationServiceServer(server, s)
	}
	if err != nil {
		return err
	}
	return serve(ctx, server.Serve, server.Stop)
}

// rawCodec passes bytes through.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("raw codec: %T", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	b, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("raw codec: %T", v)
	}
	*b = data.Materialize()
	return nil
}

func rawServer(rec recording) (*grpc.Server, error) {
	posted, err := rec.read(postedWire)
	gotten, err2 := rec.read(gottenWire)
	answer := func(bytes []byte) grpc.MethodHandler {
		return func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			var in []byte
			return bytes, decode(&in)
		}
	}
	server := grpc.NewServer(grpc.ForceServerCodecV2(rawCodec{}), grpc.NumStreamWorkers(4), grpc.WriteBufferSize(128<<10))
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: yeokv1.TranslationService_ServiceDesc.ServiceName,
		Methods: []grpc.MethodDesc{
			{MethodName: "TranslateArticle", Handler: answer(posted)},
			{MethodName: "GetTranslation", Handler: answer(gotten)},
		},
	}, nil)
	return server, errors.Join(err, err2)
}

const nginxConf = `daemon off;
master_process off;
pid %[1]s/nginx.pid;
error_log stderr notice;
events { worker_connections 1024; }
http {
  access_log off;
  default_type application/json;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=1000;
  keepalive_requests 100000000;
  client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
  server { listen 127.0.0.1:%[2]s; root %[3]s; }
}
`

// startNginx serves the recording's site as files.
func (b *bench) startNginx(rec recording) (*process, string, error) {
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			return nil, "", errNotInstalled
		}
	}
	port, err := children.FreePort()
	if err != nil {
		return nil, "", err
	}
	conf := filepath.Join(rec.dir, "nginx.conf")
	text := fmt.Sprintf(nginxConf, rec.dir, port, filepath.Join(rec.dir, site))
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, "", err
	}
	p, err := b.launch(command(b.ctx, serverCore, program, "-c", conf), func(line string) bool {
		return strings.Contains(line, "using the \"epoll\" event method") || strings.Contains(line, "built by")
	})
	return p, "127.0.0.1:" + port, err
}

// startRedis starts an empty Redis that keeps nothing on disk.
func (b *bench) startRedis(core int) (p *process, port string, err error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, "", errNotInstalled
	}
	if port, err = children.FreePort(); err != nil {
		return nil, "", err
	}
	cmd := command(b.ctx, core, "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", b.dir)
	p, err = b.launch(cmd, children.RedisReady)
	return p, port, err
}

// setRedis stores one value.
func setRedis(port, key string, value []byte) error {
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", len(key), key, len(value), value); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.HasPrefix(answer, "+OK") {
		err = fmt.Errorf("redis: %s", answer)
	}
	return err
}
