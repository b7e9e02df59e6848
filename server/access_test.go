package server_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

// keyring makes a keys file with a key for each entry, and returns the keys
// themselves, in that order.
func keyring(t testing.TB, entries ...access.Key) (*access.Keys, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.jsonl")
	var texts []string
	for _, entry := range entries {
		if entry.Scopes == nil {
			entry.Scopes = []access.Scope{access.Clean, access.Translate, access.Read}
		}
		_, text, err := access.Create(path, entry, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	keys, err := access.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return keys, texts
}

// keyedCalls are one call of every unary RPC, with the scope that it needs.
func keyedCalls() map[access.Scope][]proto.Message {
	return map[access.Scope][]proto.Message{
		"":               {&yeokv1.ListLanguagesRequest{}},
		access.Clean:     {&yeokv1.CleanArticleRequest{Source: text(page)}},
		access.Translate: {&yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}, &yeokv1.TranslateTextRequest{Texts: []string{"가"}, TargetLanguageCode: "en"}},
		access.Read:      {&yeokv1.GetArticleRequest{Article: "cms-1"}, &yeokv1.GetTranslationRequest{Article: "cms-1", LanguageCode: "en"}},
	}
}

// TestWhoMayCall has every call made with every kind of key, through both doors,
// before and after its answer is stored.
func TestWhoMayCall(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	keys, texts := keyring(t,
		access.Key{}, access.Key{Expires: time.Now().Add(-time.Second)},
		access.Key{Scopes: []access.Scope{access.Clean}}, access.Key{Scopes: []access.Scope{access.Translate}},
		access.Key{Scopes: []access.Scope{access.Read}}, access.Key{Scopes: []access.Scope{access.Admin}})
	g := openWith(t, "", server.Config{Keys: keys}, modelAt(llm))
	all, expired := texts[0], texts[1]
	with := map[access.Scope]string{access.Clean: texts[2], access.Translate: texts[3], access.Read: texts[4], access.Admin: texts[5]}

	check := func(name string, door door, req proto.Message, code codes.Code, reason string, header ...string) {
		t.Helper()
		err := door.call(t, g, req, answerTo(req), header...)
		if got, _ := reasonAndField(err); status.Code(err) != code || got != reason {
			t.Errorf("%T over %s, %s: %v %s, want %v %s", req, door.name, name, err, got, code, reason)
		}
	}
	for range 3 { // the third answer is a stored one, where answers are stored
		for _, req := range storedCalls() {
			for _, door := range doors {
				if err := door.call(t, g, req.req, req.resp, "authorization", "Bearer "+all); err != nil && status.Code(err) != codes.NotFound {
					t.Fatal(err)
				}
			}
		}
		for scope, reqs := range keyedCalls() {
			for _, req := range reqs {
				for _, door := range doors {
					check("no key", door, req, codes.Unauthenticated, "KEY_MISSING")
					check("another scheme", door, req, codes.Unauthenticated, "KEY_INVALID", "authorization", "Basic "+all)
					check("no key of ours", door, req, codes.Unauthenticated, "KEY_INVALID", "authorization", "Bearer k")
					check("a wrong secret", door, req, codes.Unauthenticated, "KEY_INVALID", "authorization", "Bearer "+all[:len(all)-1]+"7")
					check("expired", door, req, codes.Unauthenticated, "KEY_EXPIRED", "authorization", "Bearer "+expired)
					check("good for it", door, req, codes.OK, "", "authorization", "bearer "+all)
					for other, key := range with {
						if other == scope || scope == "" {
							check("good for "+string(other), door, req, codes.OK, "", "authorization", "Bearer "+key)
						} else {
							check("good for "+string(other), door, req, codes.PermissionDenied, "SCOPE_MISSING", "authorization", "Bearer "+key)
						}
					}
				}
			}
		}
	}
}

// answerTo is an empty answer to a request.
func answerTo(req proto.Message) proto.Message {
	switch req.(type) {
	case *yeokv1.CleanArticleRequest:
		return &yeokv1.CleanArticleResponse{}
	case *yeokv1.TranslateArticleRequest:
		return &yeokv1.TranslateArticleResponse{}
	case *yeokv1.TranslateTextRequest:
		return &yeokv1.TranslateTextResponse{}
	case *yeokv1.GetArticleRequest:
		return &yeokv1.GetArticleResponse{}
	case *yeokv1.GetTranslationRequest:
		return &yeokv1.GetTranslationResponse{}
	default:
		return &yeokv1.ListLanguagesResponse{}
	}
}

func TestStreamsAskForAKey(t *testing.T) {
	keys, texts := keyring(t, access.Key{Scopes: []access.Scope{access.Read}})
	g := openWith(t, "", server.Config{Keys: keys})
	for key, code := range map[string]codes.Code{"": codes.Unauthenticated, texts[0]: codes.PermissionDenied} {
		as := g
		if key != "" {
			as = g.as(t, key)
		}
		if _, err := streamGRPC(t, as, streamRequest); status.Code(err) != code {
			t.Errorf("gRPC stream = %v, want %v", err, code)
		}
		for _, accept := range []string{"application/json", "text/event-stream"} {
			body, httpCode, header := as.send(t, "POST", "/v1/articles:streamTranslate", jsonOf(t, streamRequest), "Accept", accept)
			if err := errorIn(t, body); status.Code(err) != code || httpCode/100 != 4 {
				t.Errorf("HTTP stream of %s = %d %v, want %v", accept, httpCode, err, code)
			}
			if challenged := header.Get("WWW-Authenticate") != ""; challenged != (code == codes.Unauthenticated) {
				t.Errorf("HTTP %d with WWW-Authenticate %q", httpCode, header.Get("WWW-Authenticate"))
			}
		}
	}
}

func TestWhatNeedsNoKey(t *testing.T) {
	keys, texts := keyring(t, access.Key{})
	g := openWith(t, "", server.Config{Keys: keys})
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/openapi.json": 200, "/v1/languages": 401, "/v1/nothing": 401, "/": 401} {
		if _, code, _ := g.send(t, "GET", path, nil); code != want {
			t.Errorf("GET %s without a key = %d, want %d", path, code, want)
		}
	}
	if _, code, header := g.as(t, texts[0]).send(t, "GET", "/v1/languages", nil); code != 200 || !strings.HasPrefix(header.Get("Cache-Control"), "private") {
		t.Errorf("GET /v1/languages with a key = %d, Cache-Control %q", code, header.Get("Cache-Control"))
	}
	if _, code, header := g.as(t, texts[0]).send(t, "POST", "/v1/articles:clean", jsonOf(t, &yeokv1.CleanArticleRequest{Source: text(page)})); code != 200 || header.Get("Cache-Control") != "private" {
		t.Errorf("POST with a key = %d, Cache-Control %q", code, header.Get("Cache-Control"))
	}
	if _, code, _ := g.as(t, texts[0]).send(t, "GET", "/v1/nothing", nil); code != 404 {
		t.Errorf("GET of nothing with a key = %d, want 404", code)
	}
	if _, err := healthv1.NewHealthClient(g.conn).Check(t.Context(), &healthv1.HealthCheckRequest{}); err != nil {
		t.Errorf("health without a key = %v", err)
	}
	for _, as := range []*gate{g, g.as(t, texts[0])} {
		stream, err := reflectionv1.NewServerReflectionClient(as.conn).ServerReflectionInfo(t.Context())
		if err == nil {
			err = stream.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}})
		}
		if err == nil {
			_, err = stream.Recv()
		}
		if status.Code(err) == codes.OK != (as.key != "") {
			t.Errorf("reflection with the key %q = %v", as.key, err)
		}
	}
}

// TestTheLimitOfAKey counts a call once, at whichever door, whether its answer is
// stored or not.
func TestTheLimitOfAKey(t *testing.T) {
	keys, texts := keyring(t, access.Key{RequestsPerMinute: 1, Burst: 8}, access.Key{RequestsPerMinute: 1})
	g := openWith(t, "", server.Config{Keys: keys})
	g, other := g.as(t, texts[0]), g.as(t, texts[1])
	ok := &yeokv1.ListLanguagesRequest{}
	for i := range 4 {
		for _, door := range doors {
			if err := door.call(t, g, ok, answerTo(ok)); err != nil {
				t.Fatalf("call %d over %s = %v", 2*i, door.name, err)
			}
		}
	}
	for _, door := range doors {
		err := door.call(t, g, ok, answerTo(ok))
		reason, _ := reasonAndField(err)
		var wait time.Duration
		var quota *errdetails.QuotaFailure
		for _, detail := range status.Convert(err).Details() {
			switch d := detail.(type) {
			case *errdetails.RetryInfo:
				wait = d.GetRetryDelay().AsDuration()
			case *errdetails.QuotaFailure:
				quota = d
			}
		}
		if status.Code(err) != codes.ResourceExhausted || reason != "CALLER_LIMIT" || wait < 30*time.Second || wait > time.Minute || len(quota.GetViolations()) != 1 {
			t.Errorf("%s: a call too many = %v %s, wait %v, quota %v", door.name, err, reason, wait, quota)
		}
		if err := door.call(t, g, &yeokv1.GetArticleRequest{Article: "x"}, &yeokv1.GetArticleResponse{}); status.Code(err) != codes.ResourceExhausted {
			t.Errorf("%s: another call too many = %v", door.name, err)
		}
	}
	if _, code, header := g.send(t, "GET", "/v1/languages", nil); code != http.StatusTooManyRequests || header.Get("Retry-After") == "" {
		t.Errorf("a call too many = %d, Retry-After %q", code, header.Get("Retry-After"))
	}
	if err := callHTTP(t, other, ok, answerTo(ok)); err != nil {
		t.Errorf("another key pays for the first: %v", err)
	}
}

// TestNobodyCanNameAnotherCaller sends what the in-memory connection uses among
// ourselves.
func TestNobodyCanNameAnotherCaller(t *testing.T) {
	keys, texts := keyring(t, access.Key{Tenant: "a"}, access.Key{Tenant: "b"})
	g := openWith(t, "", server.Config{Keys: keys})
	id := strings.Split(texts[0], "_")[1]
	req := &yeokv1.ListLanguagesRequest{}
	for _, header := range []string{"yeok-caller", "Grpc-Metadata-Yeok-Caller", "Grpcgateway-Yeok-Caller"} {
		for _, door := range doors {
			if err := door.call(t, g, req, answerTo(req), header, id); status.Code(err) != codes.Unauthenticated {
				t.Errorf("%s with %s alone = %v", door.name, header, err)
			}
		}
	}
	llm := llmtest.New(t, llmtest.Options{})
	g = openWith(t, "", server.Config{Keys: keys}, modelAt(llm))
	a, b := g.as(t, texts[0]), g.as(t, texts[1])
	mustCall(t, a, &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"})
	get := &yeokv1.GetArticleRequest{Article: "cms-1"}
	for _, header := range []string{"yeok-caller", "Grpc-Metadata-Yeok-Caller"} {
		for _, door := range doors {
			if err := door.call(t, b, get, answerTo(get), header, id); status.Code(err) != codes.NotFound {
				t.Errorf("%s with %s beside a key = %v, want NOT_FOUND", door.name, header, err)
			}
		}
	}
}

// twoTenants is one gate with the keys of two tenants.
func twoTenants(t *testing.T, llm *llmtest.Server) (a, b *gate) {
	t.Helper()
	keys, texts := keyring(t, access.Key{Tenant: "a"}, access.Key{Tenant: "b"})
	g := openWith(t, storePath(t), server.Config{Keys: keys}, modelAt(llm))
	return g.as(t, texts[0]), g.as(t, texts[1])
}

// TestTenantsDoNotShareWhatIsRemembered: articles, translations, segments,
// strings, filings and stored answers of one tenant are nothing to the other,
// through both doors.
func TestTenantsDoNotShareWhatIsRemembered(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			a, b := twoTenants(t, llm)
			for range 3 { // until all answers are stored
				for _, call := range []string{"TranslateArticle", "GetArticle", "GetTranslation", "TranslateText"} {
					c := storedCalls()[call]
					if err := door.call(t, a, c.req, c.resp); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, call := range []string{"TranslateArticle", "GetArticle", "GetTranslation", "TranslateText"} {
				if a.stored(t, call) == 0 {
					t.Errorf("%s: a tenant's own third call was not answered with stored bytes", call)
				}
			}
			paid := llm.Stats().Requests
			for range 2 {
				for _, call := range []string{"GetArticle", "GetTranslation"} {
					c := storedCalls()[call]
					if err := door.call(t, b, c.req, c.resp); status.Code(err) != codes.NotFound {
						t.Errorf("%s of another tenant's = %v, want NOT_FOUND", call, err)
					}
				}
			}
			for _, call := range []string{"TranslateArticle", "TranslateText"} {
				c := storedCalls()[call]
				if err := door.call(t, b, c.req, c.resp); err != nil {
					t.Fatal(err)
				}
				if got := cacheStatusIn(c.resp); got != yeokv1.Provenance_MISS {
					t.Errorf("%s as another tenant has sent it: %v, want MISS", call, got)
				}
			}
			if got := llm.Stats().Requests; got != 2*paid {
				t.Errorf("one tenant made %d model calls, the next %d", paid, got-paid)
			}
			// What one files and purges is nothing to the other.
			mustCall(t, b, &yeokv1.TranslateArticleRequest{Source: text("새 기사\n\n새들시가 3일 다리를 놓는다고 밝혔다.\n"), ArticleId: "cms-1", TargetLanguageCodes: []string{"ja"}})
			c := storedCalls()["GetArticle"]
			if err := door.call(t, a, c.req, c.resp); err != nil || !strings.Contains(c.resp.(*yeokv1.GetArticleResponse).GetArticle().GetTitle(), "2공장") {
				t.Errorf("after another tenant's revision of the same id: %v, %v", c.resp, err)
			}
		})
	}
}

func cacheStatusIn(m proto.Message) yeokv1.Provenance_CacheStatus {
	switch m := m.(type) {
	case *yeokv1.TranslateArticleResponse:
		return m.GetTranslations()[0].GetProvenance().GetCacheStatus()
	case *yeokv1.TranslateTextResponse:
		return m.GetProvenance().GetCacheStatus()
	}
	return yeokv1.Provenance_CACHE_STATUS_UNSPECIFIED
}

// TestTenantsDoNotShareStreams: what one tenant has streamed is streamed to the
// other anew.
func TestTenantsDoNotShareStreams(t *testing.T) {
	for _, door := range streamDoors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			a, b := twoTenants(t, llm)
			for _, as := range []*gate{a, a, b} {
				events, err := door.read(t, as, streamRequest)
				if err != nil {
					t.Fatal(err)
				}
				want := yeokv1.Provenance_HIT
				if as == b || llm.Stats().Requests == 2 && events[len(events)-1].GetDone().GetUsage().GetRequests() > 0 {
					want = yeokv1.Provenance_MISS
				}
				for _, e := range events {
					if tr := e.GetTranslation(); tr != nil && tr.GetProvenance().GetCacheStatus() != want {
						t.Errorf("%s: %v, want %v", tr.GetLanguageCode(), tr.GetProvenance(), want)
					}
				}
			}
			if got := llm.Stats().Requests; got != 4 {
				t.Errorf("two tenants and two languages made %d model calls, want 4", got)
			}
		})
	}
}

// TestTenantsDoNotShareFlights: one tenant's paid call in flight is not joined by
// the other, while his own second caller joins it.
func TestTenantsDoNotShareFlights(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{TTFT: 500 * time.Millisecond})
	a, b := twoTenants(t, llm)
	var calls sync.WaitGroup
	call := func(as *gate) {
		for _, req := range []proto.Message{
			&yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}},
			&yeokv1.TranslateTextRequest{Texts: []string{"새벽전자가 공장을 짓는다."}, TargetLanguageCode: "en"},
		} {
			calls.Go(func() {
				if err := callGRPC(t, as, req, answerTo(req)); err != nil {
					t.Errorf("%T: %v", req, err)
				}
			})
		}
	}
	call(a)
	waitFor(t, "two flights of one tenant", func() bool { return llm.Stats().InFlight == 2 })
	call(a)
	call(b)
	waitFor(t, "two flights of each tenant", func() bool { return llm.Stats().Requests == 4 })
	calls.Wait()
	if got := llm.Stats().Requests; got != 4 {
		t.Errorf("%d model calls, want two of each tenant", got)
	}
}

// lockedLog is a log that many goroutines write.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestKeysAreNeverTold makes calls of every kind with recognisable keys, good and
// bad, and looks for the keys in all that leaves the process.
func TestKeysAreNeverTold(t *testing.T) {
	const modelKey = "sk-recognisable-0123456789"
	llm := llmtest.New(t, llmtest.Options{})
	keys, texts := keyring(t, access.Key{Tenant: "a"}, access.Key{Expires: time.Now().Add(-time.Hour)}, access.Key{RequestsPerMinute: 1}, access.Key{Scopes: []access.Scope{access.Admin}})
	log := &lockedLog{}
	model := modelAt(llm)
	model.APIKey = modelKey
	g := openWith(t, "", server.Config{Keys: keys, Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, model)
	texts = append(texts, "yeok_recognis_able", "recognisable")
	secrets := []string{modelKey, "recognis_able", "recognisable"}
	for _, text := range texts[:4] {
		secrets = append(secrets, strings.Split(text, "_")[2])
	}
	var told strings.Builder
	tell := func(req proto.Message, header ...string) {
		for _, door := range doors {
			resp := answerTo(req)
			err := door.call(t, g, req, resp, header...)
			fmt.Fprintln(&told, resp, err, status.Convert(err).Details())
		}
	}
	for _, key := range texts {
		for _, form := range []string{"Bearer %s", "Basic %s", "%s"} {
			header := []string{"authorization", fmt.Sprintf(form, key)}
			for _, reqs := range keyedCalls() {
				for _, req := range reqs {
					tell(req, header...)
				}
			}
			body, _, answered := g.send(t, "POST", "/v1/articles:streamTranslate", jsonOf(t, streamRequest), header...)
			fmt.Fprintln(&told, string(body), answered)
			body, _, answered = g.send(t, "DELETE", "/v1/languages", nil, header...)
			fmt.Fprintln(&told, string(body), answered)
		}
	}
	for _, fault := range []llmtest.Fault{llmtest.Unauthorized, llmtest.Forbidden, llmtest.ModelNotFound} {
		llm.Fail(llmtest.Rule{Fault: fault})
		tell(&yeokv1.TranslateTextRequest{Texts: []string{"새들시에 비가 내렸다. " + string(fault)}, TargetLanguageCode: "en"}, "authorization", "Bearer "+texts[0])
	}
	metrics := httptest.NewRecorder()
	g.srv.Admin().ServeHTTP(metrics, httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost/metrics", nil))
	if !strings.Contains(metrics.Body.String(), `yeok_key_refusals_total{reason="KEY_EXPIRED"}`) || !strings.Contains(log.String(), "tenant=a") {
		t.Error("neither metrics nor log tell of the calls")
	}
	for _, secret := range secrets {
		for where, text := range map[string]string{"log": log.String(), "metrics": metrics.Body.String(), "answers": told.String()} {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%q stands in the %s: %.300s", secret, where, text[max(0, at-200):])
			}
		}
	}
}

// TestGuardedAdmin asks for an admin key on metrics, profiles and the AdminService. A
// tenant's is good for the last alone, since the others show all tenants.
func TestGuardedAdmin(t *testing.T) {
	admin := []access.Scope{access.Admin}
	keys, texts := keyring(t, access.Key{Scopes: admin}, access.Key{}, access.Key{Scopes: admin, Tenant: "x"})
	g := openWith(t, "", server.Config{Keys: keys})
	client := g.adminAt(t, g.srv.GuardedAdmin())
	for key, want := range map[string]struct{ pages, service int }{
		"": {401, 401}, texts[0]: {200, 200}, texts[1]: {403, 403}, texts[2]: {403, 200},
	} {
		for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1", "/debug/pprof/trace?seconds=1"} {
			if strings.Contains(path, "seconds") && want.pages == 200 {
				continue // it takes a second, and is let in as the others are
			}
			r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
			if key != "" {
				r.Header.Set("Authorization", "Bearer "+key)
			}
			w := httptest.NewRecorder()
			g.srv.GuardedAdmin().ServeHTTP(w, r)
			if w.Code != want.pages {
				t.Errorf("GET %s with the key %q = %d, want %d", path, key, w.Code, want.pages)
			}
		}
		ctx := t.Context()
		if key != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
		}
		_, err := client.GetMemoryStats(ctx, &yeokv1.GetMemoryStatsRequest{})
		if got := map[codes.Code]int{codes.OK: 200, codes.Unauthenticated: 401, codes.PermissionDenied: 403}[status.Code(err)]; got != want.service {
			t.Errorf("GetMemoryStats with the key %q = %v, want %d", key, err, want.service)
		}
	}
}
