package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"

	yeokv1 "yeok/api/yeok/v1"
	children "yeok/internal/process"
)

// gateway is a yeok under test: the real program.
type gateway struct {
	*process
	http, grpc, admin string // addresses
	client            *http.Client
}

// startYeok starts a yeok in front of a model that takes whatever comes at once.
// Its store is a file of its own unless args say otherwise.
func (b *bench) startYeok(core int, m *model, args ...string) (*gateway, error) {
	const noLimit = 4000
	return b.startYeokWith(core, m, noLimit, args...)
}

// startYeokWith starts a yeok in front of a model that takes so many calls at a
// time.
func (b *bench) startYeokWith(core int, m *model, concurrency int, args ...string) (*gateway, error) {
	dir, err := os.MkdirTemp(b.dir, "yeok-")
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "yeok.yaml")
	text := fmt.Sprintf("models:\n  - name: fake-model\n    baseUrl: %s\n    profile: {concurrency: %d}\n", m.url, concurrency)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	const anyPort = "127.0.0.1:0"
	args = append([]string{"serve", "--config", config, "--store", filepath.Join(dir, "yeok.db"), "--drain-timeout", "2s",
		"--http-addr", anyPort, "--grpc-addr", anyPort, "--admin-addr", anyPort}, args...)
	cmd := command(b.ctx, core, b.yeok, args...)
	cmd.Env = append(cmd.Env, b.env...)
	yeok, err := children.StartYeok(cmd, readyTimeout)
	if err != nil {
		return nil, err
	}
	g := &gateway{process: &process{yeok.Process}, http: yeok.HTTP, grpc: yeok.GRPC, admin: yeok.Admin, client: newClient()}
	b.children = append(b.children, g.process)
	return g, nil
}

// newClient is an HTTP client that keeps the connections of a crowd.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConns: 5000, MaxIdleConnsPerHost: 5000, DisableCompression: true}}
}

// order is the JSON body that asks for a page in the languages; none means all.
func order(id string, p page, languages ...string) []byte {
	body, err := json.Marshal(map[string]any{
		"source":              map[string]string{"text": p.text()},
		"targetLanguageCodes": languages,
		"articleId":           id,
	})
	if err != nil {
		return []byte(err.Error()) // strings do not fail
	}
	return body
}

// translate posts an order and reads the answer.
func (g *gateway) translate(ctx context.Context, body []byte, headers ...string) (*yeokv1.TranslateArticleResponse, error) {
	answer, err := g.post(ctx, body, headers...)
	if err != nil {
		return nil, err
	}
	resp := &yeokv1.TranslateArticleResponse{}
	if err := protojson.Unmarshal(answer, resp); err != nil {
		return nil, err
	}
	for _, t := range resp.GetTranslations() {
		if t.GetState() != yeokv1.Translation_COMPLETE {
			return nil, fmt.Errorf("%s is %s: %v", t.GetLanguageCode(), t.GetState(), t.GetFindings())
		}
	}
	return resp, nil
}

const translatePath = "/v1/articles:translate"

// post sends an order and returns the bytes of the answer. headers come in
// pairs.
func (g *gateway) post(ctx context.Context, body []byte, headers ...string) ([]byte, error) {
	return send(ctx, g.client, "http://"+g.http+translatePath, body, headers...)
}

func send(ctx context.Context, client *http.Client, url string, body []byte, headers ...string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	_, answer, err := fetch(client, req)
	return answer, err
}

// get fetches a path of the API.
func (g *gateway) get(ctx context.Context, path string) (http.Header, []byte, error) {
	return g.getAt(ctx, g.http, path)
}

func (g *gateway) getAt(ctx context.Context, address, path string) (http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return nil, nil, err
	}
	return fetch(g.client, req)
}

// fetch makes a request whose answer must be 200, and reads all of it.
func fetch(client *http.Client, req *http.Request) (http.Header, []byte, error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %.300s", req.Method, req.URL.Path, resp.Status, answer)
	}
	return resp.Header, answer, err
}

// dial is a gRPC connection to a server of this run.
func dial(address string) (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
}

// fill has yeok translate articles 0 to n-1 into all languages, under the ids
// that articleID makes.
func (g *gateway) fill(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for i := range n {
		if _, err := g.translate(ctx, order(articleID(i), article(i, 10))); err != nil {
			return fmt.Errorf("fill article %d: %w", i, err)
		}
	}
	return nil
}

func articleID(n int) string { return fmt.Sprintf("bench-%06d", n) }
