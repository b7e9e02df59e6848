package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

// admin opens the admin listener and returns a client of it.
func (g *gate) admin(t *testing.T) yeokv1.AdminServiceClient {
	t.Helper()
	return g.adminAt(t, g.srv.Admin())
}

func (g *gate) adminAt(t *testing.T, handler http.Handler) yeokv1.AdminServiceClient {
	t.Helper()
	return yeokv1.NewAdminServiceClient(g.adminConn(t, handler))
}

func (*gate) adminConn(t testing.TB, handler http.Handler) *grpc.ClientConn {
	t.Helper()
	web := httptest.NewUnstartedServer(handler)
	web.Config.Protocols = new(http.Protocols)
	web.Config.Protocols.SetHTTP1(true)
	web.Config.Protocols.SetUnencryptedHTTP2(true)
	web.Start()
	t.Cleanup(web.Close)
	conn, err := grpc.NewClient(web.Listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestPurge(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, storePath(t), server.Limits{}, modelAt(llm))
	term := &yeokv1.GlossaryEntry{Source: "새벽전자", Targets: map[string]string{"en": "Saebyeok Electronics"}}
	resp := &yeokv1.TranslateArticleResponse{}
	req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", GlossaryEntries: []*yeokv1.GlossaryEntry{term}}
	if err := callGRPC(t, g, req, resp); err != nil {
		t.Fatal(err)
	}
	mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: text("다른 기사\n\n새들시에 3일 비가 많이 내렸다고 기상청이 밝혔다.\n"), ArticleId: "cms-2"})
	revision := resp.GetTranslations()[0].GetProvenance().GetGlossaryRevision()
	if revision == "" {
		t.Fatal("provenance names no glossary revision")
	}
	client := g.admin(t)
	before, err := client.GetMemoryStats(t.Context(), &yeokv1.GetMemoryStatsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		req  *yeokv1.PurgeMemoryRequest
		some bool // of the entries, but not all, have the marks
	}{
		{"article", &yeokv1.PurgeMemoryRequest{ArticleId: "cms-1"}, true},
		{"language, by an alias", &yeokv1.PurgeMemoryRequest{LanguageCode: "zh-CN"}, true},
		{"model", &yeokv1.PurgeMemoryRequest{Model: llmtest.Model}, true},
		{"glossary", &yeokv1.PurgeMemoryRequest{GlossaryRevision: revision}, true},
		{"both marks", &yeokv1.PurgeMemoryRequest{GlossaryRevision: revision, ArticleId: "cms-2"}, false},
		{"unknown article", &yeokv1.PurgeMemoryRequest{ArticleId: "cms-3"}, false},
	}
	for _, test := range tests {
		test.req.DryRun = true
		counted, err := client.PurgeMemory(t.Context(), test.req)
		if n := counted.GetEntries(); err != nil || (n > 0 && n < before.GetEntries()) != test.some || (counted.GetBytes() > 0) != test.some {
			t.Errorf("%s: PurgeMemory, dry run = %v, %v; the memory holds %d entries", test.name, counted, err, before.GetEntries())
		}
	}
	if after, err := client.GetMemoryStats(t.Context(), &yeokv1.GetMemoryStatsRequest{}); err != nil || after.GetEntries() != before.GetEntries() {
		t.Errorf("dry runs left %d entries of %d, %v", after.GetEntries(), before.GetEntries(), err)
	}
	if _, err := client.PurgeMemory(t.Context(), &yeokv1.PurgeMemoryRequest{GlossaryRevision: revision}); err != nil {
		t.Fatal(err)
	}
	paid := llm.Stats().Requests
	mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: text("다른 기사\n\n새들시에 3일 비가 많이 내렸다고 기상청이 밝혔다.\n"), ArticleId: "cms-2"})
	if got := llm.Stats().Requests - paid; got != 0 {
		t.Errorf("what was made without the glossary cost %d calls after the purge", got)
	}
	mustCall(t, g, req)
	if got := llm.Stats().Requests - paid; got != len(languages) {
		t.Errorf("what was purged cost %d calls, want %d", got, len(languages))
	}
	if compact, err := client.CompactMemory(t.Context(), &yeokv1.CompactMemoryRequest{}); err != nil || compact.GetFileBytes() == 0 {
		t.Errorf("CompactMemory = %v, %v", compact, err)
	}
}

// TestPurgeOfATenant: what a tenant has had made, strings among it, can be forgotten by
// its name, and nobody else's with it.
func TestPurgeOfATenant(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	a, b := twoTenants(t, llm)
	req := &yeokv1.TranslateTextRequest{Texts: []string{"새들시에 3일 비가 많이 내렸다고 기상청이 밝혔다."}, TargetLanguageCode: "en"}
	ask := func(g *gate) {
		t.Helper()
		if err := callGRPC(t, g, req, &yeokv1.TranslateTextResponse{}); err != nil {
			t.Fatal(err)
		}
	}
	ask(a)
	ask(b)
	client := a.admin(t)
	for tenant, some := range map[string]bool{"a": true, "b": true, "c": false} {
		counted, err := client.PurgeMemory(t.Context(), &yeokv1.PurgeMemoryRequest{Tenant: tenant, DryRun: true})
		if err != nil || (counted.GetEntries() > 0) != some {
			t.Errorf("PurgeMemory(%s), dry run = %v, %v; want some: %v", tenant, counted, err, some)
		}
	}
	if _, err := client.PurgeMemory(t.Context(), &yeokv1.PurgeMemoryRequest{Tenant: "a"}); err != nil {
		t.Fatal(err)
	}
	paid := llm.Stats().Requests
	ask(b)
	if got := llm.Stats().Requests - paid; got != 0 {
		t.Errorf("the other tenant paid %d calls after the purge", got)
	}
	ask(a)
	if got := llm.Stats().Requests - paid; got != 1 {
		t.Errorf("what was purged cost %d calls, want 1", got)
	}
}

func TestPurgeNeedsAChoice(t *testing.T) {
	g := open(t, "", server.Limits{})
	client := g.admin(t)
	for _, test := range []struct {
		req           *yeokv1.PurgeMemoryRequest
		reason, field string
	}{
		{&yeokv1.PurgeMemoryRequest{}, "NOTHING_CHOSEN", "all"},
		{&yeokv1.PurgeMemoryRequest{All: true, Model: "m"}, "MARKS_AND_ALL", "all"},
		{&yeokv1.PurgeMemoryRequest{LanguageCode: "xx"}, "LANGUAGE_UNSUPPORTED", "languageCode"},
	} {
		_, err := client.PurgeMemory(t.Context(), test.req)
		reason, field := reasonAndField(err)
		if status.Code(err) != codes.InvalidArgument || reason != test.reason || field != test.field {
			t.Errorf("PurgeMemory(%v) = %v, reason %s, field %s; want %s, %s", test.req, err, reason, field, test.reason, test.field)
		}
	}
	if err := g.conn.Invoke(t.Context(), yeokv1.AdminService_PurgeMemory_FullMethodName, &yeokv1.PurgeMemoryRequest{All: true}, &yeokv1.PurgeMemoryResponse{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("AdminService on the public listener = %v, want UNIMPLEMENTED", err)
	}
}
