package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"yeok/access"
	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/internal/llmtest"
	"yeok/server"
)

// exported reads an export to its end.
func exported(ctx context.Context, client yeokv1.AdminServiceClient, tenant string) (file []byte, entries int64, err error) {
	stream, err := client.ExportMemory(ctx, &yeokv1.ExportMemoryRequest{Tenant: tenant})
	if err != nil {
		return nil, 0, err
	}
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return file, entries, nil
		}
		if err != nil {
			return nil, 0, err
		}
		file, entries = append(file, part.GetData()...), part.GetEntries()
	}
}

// imported sends a file in messages of that size.
func imported(ctx context.Context, client yeokv1.AdminServiceClient, tenant string, file []byte, size int) (*yeokv1.ImportMemoryResponse, error) {
	stream, err := client.ImportMemory(ctx)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(file, size) {
		if err := stream.Send(&yeokv1.ImportMemoryRequest{Data: part, Tenant: tenant}); err != nil {
			break // CloseAndRecv says why
		}
	}
	return stream.CloseAndRecv()
}

// TestCarryThroughGateways carries a memory from one running gateway to another.
func TestCarryThroughGateways(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	from, to := open(t, storePath(t), server.Limits{}, modelAt(llm)), open(t, storePath(t), server.Limits{}, modelAt(llm))
	req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}
	mustCall(t, from, req)
	ctx := t.Context()
	file, entries, err := exported(ctx, from.admin(t), "")
	if err != nil || entries == 0 || !bytes.HasPrefix(file, []byte("yeok cache export")) {
		t.Fatalf("ExportMemory = %d bytes, %d entries, %v", len(file), entries, err)
	}
	into := to.admin(t)
	for _, broken := range [][]byte{nil, []byte("dear diary"), file[:len(file)-3]} {
		_, err := imported(ctx, into, "", broken, 1000)
		if reason, _ := reasonAndField(err); status.Code(err) != codes.InvalidArgument || reason != "NOT_AN_EXPORT" {
			t.Errorf("ImportMemory of %d bytes = %v", len(broken), err)
		}
	}
	done, err := imported(ctx, into, "", file, 777)
	if err != nil || done.GetAdded()+done.GetKept() != entries {
		t.Errorf("ImportMemory = %v, %v, want %d entries added or kept", done, err, entries)
	}
	if again, err := imported(ctx, into, "", file, 1<<20); err != nil || again.GetAdded() != 0 || again.GetKept() != entries {
		t.Errorf("ImportMemory again = %v, %v, want all kept", again, err)
	}
	paid := llm.Stats().Requests
	resp := &yeokv1.TranslateArticleResponse{}
	if err := callHTTP(t, to, req, resp); err != nil {
		t.Fatal(err)
	}
	checkWhole(t, resp, yeokv1.Provenance_HIT)
	if got := llm.Stats().Requests; got != paid {
		t.Errorf("what was imported cost %d calls", got-paid)
	}
}

// TestImportKeepsWhatIsNewer: an older export changes nothing of what a gateway has
// paid for since.
func TestImportKeepsWhatIsNewer(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, storePath(t), server.Limits{}, modelAt(llm))
	mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}})
	file, _, err := exported(t.Context(), g.admin(t), "")
	if err != nil {
		t.Fatal(err)
	}
	mustCall(t, g, &yeokv1.TranslateArticleRequest{Source: text("새 기사\n\n새들시에 3일 비가 많이 내렸다고 기상청이 밝혔다.\n"), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}})
	get := &yeokv1.GetTranslationRequest{Article: "cms-1", LanguageCode: "en"}
	before, after := &yeokv1.GetTranslationResponse{}, &yeokv1.GetTranslationResponse{}
	if err := callHTTP(t, g, get, before); err != nil {
		t.Fatal(err)
	}
	if _, err := imported(t.Context(), g.admin(t), "", file, 4096); err != nil {
		t.Fatal(err)
	}
	if err := callHTTP(t, g, get, after); err != nil || after.GetTranslation().GetTitle() != before.GetTranslation().GetTitle() ||
		after.GetTranslation().GetProvenance().GetSourceRevisionId() != before.GetTranslation().GetProvenance().GetSourceRevisionId() {
		t.Errorf("after an import of what is older: %v, %v; before %v", after, err, before)
	}
}

// TestOperatorsOfTenants: an admin key of a tenant looks after that tenant alone.
func TestOperatorsOfTenants(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	all := access.Scopes()
	keys, texts := keyring(t, access.Key{Scopes: all}, access.Key{Scopes: all, Tenant: "x"}, access.Key{Scopes: all, Tenant: "y"}, access.Key{Tenant: "x"})
	g := openWith(t, storePath(t), server.Config{Keys: keys}, modelAt(llm))
	client := g.adminAt(t, g.srv.GuardedAdmin())
	as := func(key string) context.Context {
		return metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+key)
	}
	operator, x, y := as(texts[0]), as(texts[1]), as(texts[2])
	req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}}
	for _, key := range texts[:3] {
		mustCall(t, g.as(t, key), req)
	}

	for name, test := range map[string]struct {
		ctx  context.Context
		want codes.Code
	}{"no key": {t.Context(), codes.Unauthenticated}, "a key without admin": {as(texts[3]), codes.PermissionDenied}} {
		_, _, exporting := exported(test.ctx, client, "")
		_, importing := imported(test.ctx, client, "", []byte("x"), 1)
		if status.Code(exporting) != test.want || status.Code(importing) != test.want {
			t.Errorf("%s: ExportMemory = %v, ImportMemory = %v, want %v", name, exporting, importing, test.want)
		}
	}

	count := func(ctx context.Context) int64 {
		t.Helper()
		stats, err := client.GetMemoryStats(ctx, &yeokv1.GetMemoryStatsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return stats.GetEntries()
	}
	whole, entries, err := exported(operator, client, "")
	if err != nil || entries != count(operator) {
		t.Errorf("the operator's export = %d entries, %v, want %d", entries, err, count(operator))
	}
	own, ofX, err := exported(x, client, "")
	if err != nil || ofX != count(x) || ofX == 0 || 3*ofX > entries {
		t.Errorf("x's export = %d entries, %v, of %d; x has %d", ofX, err, entries, count(x))
	}
	if chosen, n, err := exported(operator, client, "x"); err != nil || n != ofX || !bytes.Equal(chosen, own) {
		t.Errorf("the operator's export of x = %d entries, %v, want x's own %d", n, err, ofX)
	}

	_, exporting := func() (int64, error) { _, n, err := exported(x, client, "y"); return n, err }()
	_, importing := imported(x, client, "y", whole, 4096)
	_, purging := client.PurgeMemory(x, &yeokv1.PurgeMemoryRequest{Tenant: "y", DryRun: true})
	_, compacting := client.CompactMemory(x, &yeokv1.CompactMemoryRequest{})
	for what, err := range map[string]error{"ExportMemory": exporting, "ImportMemory": importing, "PurgeMemory": purging, "CompactMemory": compacting} {
		if reason, _ := reasonAndField(err); status.Code(err) != codes.PermissionDenied || reason != "TENANT_FOREIGN" {
			t.Errorf("%s of y by x = %v", what, err)
		}
	}

	if _, err := client.PurgeMemory(x, &yeokv1.PurgeMemoryRequest{All: true}); err != nil {
		t.Fatal(err)
	}
	if got := count(x); got != 0 || count(y) == 0 {
		t.Errorf("after x forgot everything: x has %d, y %d", got, count(y))
	}
	if done, err := imported(x, client, "", whole, 4096); err != nil || done.GetAdded() != ofX || done.GetLeft() != entries-ofX {
		t.Errorf("x's import of everybody's memory = %v, %v, want %d added of %d", done, err, ofX, entries)
	}
	paid := llm.Stats().Requests
	for _, key := range texts[:3] {
		mustCall(t, g.as(t, key), req)
	}
	if got := llm.Stats().Requests; got != paid {
		t.Errorf("after it all, %d calls were paid again", got-paid)
	}
}

// TestForgedImport: what a tenant's operator imports is never found by another
// tenant, nor leads to what another has.
func TestForgedImport(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	all := access.Scopes()
	keys, texts := keyring(t, access.Key{Scopes: all, Tenant: "x"}, access.Key{Scopes: all, Tenant: "y"})
	g := openWith(t, storePath(t), server.Config{Keys: keys}, modelAt(llm))
	mustCall(t, g.as(t, texts[1]), &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}})
	mustCall(t, g.as(t, texts[0]), &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-2", TargetLanguageCodes: []string{"ja"}})
	client := g.adminAt(t, g.srv.GuardedAdmin())
	ctx := func(key string) context.Context {
		return metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+key)
	}
	theirs, _, err := exported(ctx(texts[1]), client, "")
	if err != nil {
		t.Fatal(err)
	}
	wholeOfY := ""
	look, err := cache.Open(cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer look.Close()
	if _, err := look.Import(bytes.NewReader(theirs), func(key string, _ []string) bool {
		if len(key) > 8 && key[:8] == "whole/y/" {
			wholeOfY = key
		}
		return false
	}); err != nil || wholeOfY == "" {
		t.Fatalf("y's export holds no whole translation: %v", err)
	}

	forged, err := cache.Open(cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer forged.Close()
	mine := []string{"tenant:x"}
	for key, e := range map[string]cache.Entry{
		"whole/y/0123":          {Tags: mine},                                                               // a key of y's
		"whole/0123":            {Tags: mine},                                                               // of nobody's
		"article//cms-1":        {Tags: mine},                                                               // of the tenant without a name
		"epoch":                 {Tags: mine},                                                               // of everybody's
		"whole/x/0123":          {Tags: []string{"tenant:y"}},                                               // that y would purge
		"whole/x/4567":          {Tags: []string{"tenant:x", "tenant:y"}},                                   // or both
		"filed/x/cms-2/en":      {Value: []byte(`{"revision":"r","whole":"` + wholeOfY + `"}`), Tags: mine}, // leads to y's
		"segment/x/really-mine": {Value: []byte("{}"), Tags: mine, Expires: time.Now().Add(time.Hour)},
	} {
		if err := forged.Put(key, e); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if _, err := forged.Export(&file, nil); err != nil {
		t.Fatal(err)
	}
	done, err := imported(ctx(texts[0]), client, "", file.Bytes(), 64)
	if err != nil || done.GetAdded() != 2 || done.GetLeft() != 6 {
		t.Errorf("ImportMemory of what is forged = %v, %v, want 2 added and 6 left", done, err)
	}
	for _, door := range doors {
		err := door.call(t, g.as(t, texts[0]), &yeokv1.GetTranslationRequest{Article: "cms-2", LanguageCode: "en"}, &yeokv1.GetTranslationResponse{})
		if status.Code(err) != codes.NotFound {
			t.Errorf("%s: a filing that leads to another tenant's translation = %v, want NOT_FOUND", door.name, err)
		}
	}
}
