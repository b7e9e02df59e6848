package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
)

// serveTagged answers GET and HEAD with a strong ETag over the bytes of the
// answer, and 304 to a caller who has them already.
func (g *gateway) serveTagged(w http.ResponseWriter, r *http.Request, caller *access.Caller, route *route) {
	key := g.s.answers.key(caller.Tenant, "GET", []byte(r.URL.Path))
	if route != nil {
		if conn := connOf(r); conn != nil {
			conn.learn(r)
		}
		if g.serveStored(w, r, key, route.method, time.Now()) {
			return
		}
	}
	g.s.nameRequest(w, r)
	r = r.WithContext(withCaller(r.Context(), caller))
	if route != nil {
		if g.serveDecoded(w, r, key, route, route.requestOf(r.URL.Path)) {
			return
		}
	}
	get := r
	if r.Method == http.MethodHead {
		get = r.Clone(r.Context())
		get.Method = http.MethodGet
	}
	fresh := &buffered{header: http.Header{}, code: http.StatusOK}
	g.mux.ServeHTTP(fresh, get)
	header := w.Header()
	for key, values := range fresh.header {
		header[key] = values
	}
	if fresh.code == http.StatusOK {
		tag := tagOf(fresh.body.Bytes())
		header.Set("ETag", tag)
		header.Set("Cache-Control", keepPrivately)
		header["Vary"] = varyHeader
		if matches(r.Header.Get("If-None-Match"), tag) {
			header.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	header.Set("Content-Length", strconv.Itoa(fresh.body.Len()))
	w.WriteHeader(fresh.code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(fresh.body.Bytes()) // the caller may have left
	}
}

// matches compares as RFC 9110, section 13.1.2 says: weakly, against a list.
func matches(ifNoneMatch, tag string) bool {
	for candidate := range strings.SplitSeq(ifNoneMatch, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
			return true
		}
	}
	return false
}

// buffered is a response that is held back until its ETag is known.
type buffered struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (b *buffered) Header() http.Header         { return b.header }
func (b *buffered) WriteHeader(code int)        { b.code = code }
func (b *buffered) Write(p []byte) (int, error) { return b.body.Write(p) }

// serveHealth says that the process lives.
func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, `{"status":"SERVING"}`)
}

// serveReady says whether new calls are welcome. A missing or broken model does
// not make a server unready: cleaning and remembered translations work without
// one. How the models are is told beside it.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) {
	resp, err := s.health.Check(r.Context(), &healthv1.HealthCheckRequest{
		Service: yeokv1.TranslationService_ServiceDesc.ServiceName,
	})
	if err != nil || resp.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		writeJSON(w, http.StatusServiceUnavailable, `{"status":"NOT_SERVING"}`)
		return
	}
	body, err := json.Marshal(readiness{"SERVING", s.modelStates()})
	if err != nil {
		body = []byte(`{"status":"SERVING"}`) // states are words and numbers, which always have a JSON form
	}
	writeJSON(w, http.StatusOK, string(body))
}

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, string(yeokv1.OpenAPI))
}

func writeJSON(w http.ResponseWriter, code int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(body)) // the caller may have left
}
