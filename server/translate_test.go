package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
	"yeok/translate"
)

func modelAt(llm *llmtest.Server) translate.Model {
	return translate.Model{Name: llmtest.Model, BaseURL: llm.URL()}
}

// languages of every answer to a request that names none.
var languages = []string{"zh-Hans", "en", "ja", "vi"}

func TestTranslateArticle(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			path := storePath(t)
			g := open(t, path, server.Limits{}, modelAt(llm))
			req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}

			first := &yeokv1.TranslateArticleResponse{}
			if err := door.call(t, g, req, first); err != nil {
				t.Fatal(err)
			}
			checkWhole(t, first, yeokv1.Provenance_MISS)
			paid := llm.Stats().Requests
			if paid != len(languages) {
				t.Errorf("first call made %d model calls, want one a language", paid)
			}

			again := &yeokv1.TranslateArticleResponse{}
			if err := door.call(t, g, req, again); err != nil {
				t.Fatal(err)
			}
			checkWhole(t, again, yeokv1.Provenance_HIT)
			checkSameText(t, first, again)

			g.close()
			g = open(t, path, server.Limits{}, modelAt(llm))
			restarted := &yeokv1.TranslateArticleResponse{}
			if err := door.call(t, g, req, restarted); err != nil {
				t.Fatal(err)
			}
			checkWhole(t, restarted, yeokv1.Provenance_HIT)
			checkSameText(t, first, restarted)
			if got := llm.Stats().Requests; got != paid {
				t.Errorf("hits made %d model calls, want 0", got-paid)
			}
		})
	}
}

// checkWhole checks what must hold of every good answer to the test's page.
func checkWhole(t *testing.T, resp *yeokv1.TranslateArticleResponse, cached yeokv1.Provenance_CacheStatus) {
	t.Helper()
	a := resp.GetArticle()
	if a.GetTitle() != "새벽전자, 2공장 짓는다…1조2000억 투자" || len(a.GetSubtitles()) != 1 || len(a.GetBlocks()) != 3 {
		t.Errorf("article = %q, subtitles %q, %d blocks", a.GetTitle(), a.GetSubtitles(), len(a.GetBlocks()))
	}
	if got, want := a.GetPublishTime().AsTime().Format(time.RFC3339), "2026-03-02T00:30:00Z"; got != want {
		t.Errorf("publishTime = %s, want %s", got, want)
	}
	if len(resp.GetTranslations()) != len(languages) {
		t.Fatalf("%d translations, want %d", len(resp.GetTranslations()), len(languages))
	}
	for i, tr := range resp.GetTranslations() {
		p := tr.GetProvenance()
		if tr.GetLanguageCode() != languages[i] || tr.GetState() != yeokv1.Translation_COMPLETE || p.GetCacheStatus() != cached {
			t.Errorf("%s: state %v, %v, findings %v; want COMPLETE %v", tr.GetLanguageCode(), tr.GetState(), p.GetCacheStatus(), tr.GetFindings(), cached)
		}
		if want := a.GetName() + "/translations/" + languages[i]; tr.GetName() != want {
			t.Errorf("name = %q, want %q", tr.GetName(), want)
		}
		if p.GetSourceRevisionId() != a.GetRevisionId() || p.GetModel() == "" || p.GetPromptVersion() == "" {
			t.Errorf("%s: provenance %v lacks its revision, model or prompt", languages[i], p)
		}
		if paid := p.GetUsage().GetRequests() > 0; paid != (cached != yeokv1.Provenance_HIT) {
			t.Errorf("%s: %v with usage %v", languages[i], cached, p.GetUsage())
		}
		if len(tr.GetSubtitles()) != len(a.GetSubtitles()) || tr.GetTitle() == "" {
			t.Errorf("%s: title %q, subtitles %q", languages[i], tr.GetTitle(), tr.GetSubtitles())
		}
		checkBlocks(t, languages[i], a.GetBlocks(), tr.GetBlocks())
	}
}

func checkBlocks(t *testing.T, language string, source, target []*yeokv1.Block) {
	t.Helper()
	if len(target) != len(source) {
		t.Fatalf("%s: %d blocks, want %d", language, len(target), len(source))
	}
	for i, b := range target {
		if b.GetId() != source[i].GetId() || b.GetKind() != source[i].GetKind() || b.GetText() == "" || b.GetText() == source[i].GetText() {
			t.Errorf("%s: block %d = %v, want a translation of %v", language, i, b, source[i])
		}
	}
}

func checkSameText(t *testing.T, want, got *yeokv1.TranslateArticleResponse) {
	t.Helper()
	ignore := protocmp.IgnoreFields(&yeokv1.Provenance{}, "cache_status", "usage")
	origin := protocmp.IgnoreFields(&yeokv1.Block{}, "origin")
	if diff := cmp.Diff(want, got, protocmp.Transform(), ignore, origin); diff != "" {
		t.Errorf("a remembered answer differs from the paid one (-paid +remembered):\n%s", diff)
	}
}

func TestAnEditPaysForWhatChanged(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	req := &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1", TargetLanguageCodes: []string{"en"}}
	first, second := &yeokv1.TranslateArticleResponse{}, &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, req, first); err != nil {
		t.Fatal(err)
	}
	req.Source = text(strings.Replace(page, "월 4만장", "월 5만장", 1))
	if err := callGRPC(t, g, req, second); err != nil {
		t.Fatal(err)
	}
	was, is := first.GetTranslations()[0], second.GetTranslations()[0]
	if got := is.GetProvenance().GetCacheStatus(); got != yeokv1.Provenance_PARTIAL {
		t.Errorf("cacheStatus after an edit = %v, want PARTIAL", got)
	}
	if requests := llm.Requests(); len(requests) != 2 || strings.Join(requests[1].Asked, " ") != "P2" {
		t.Errorf("the edit asked the model for %v, want P2 alone", requests[len(requests)-1].Asked)
	}
	for i := range was.GetBlocks() {
		if same := was.GetBlocks()[i].GetText() == is.GetBlocks()[i].GetText(); same != (i != 1) {
			t.Errorf("block %d unchanged: %v", i, same)
		}
	}
	if first.GetArticle().GetRevisionId() == second.GetArticle().GetRevisionId() {
		t.Error("an edit kept the revision id")
	}
	got := &yeokv1.GetTranslationResponse{}
	if err := callHTTP(t, g, &yeokv1.GetTranslationRequest{Article: "cms-1", LanguageCode: "EN-us"}, got); err != nil {
		t.Fatal(err)
	}
	if rev := got.GetTranslation().GetProvenance().GetSourceRevisionId(); rev != second.GetArticle().GetRevisionId() {
		t.Errorf("GetTranslation is of revision %s, want the newest, %s", rev, second.GetArticle().GetRevisionId())
	}
}

func TestCacheControl(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			g := open(t, "", server.Limits{}, modelAt(llm))
			req := &yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"ja"}}
			steps := []struct {
				control string
				calls   int // model calls after this step, over all
				want    yeokv1.Provenance_CacheStatus
			}{
				{"no-store", 1, yeokv1.Provenance_MISS},
				{"", 2, yeokv1.Provenance_MISS},
				{"", 2, yeokv1.Provenance_HIT},
				{"no-store", 2, yeokv1.Provenance_HIT},
				{"max-age=0, No-Cache", 3, yeokv1.Provenance_MISS},
				{"", 3, yeokv1.Provenance_HIT},
			}
			for i, step := range steps {
				resp := &yeokv1.TranslateArticleResponse{}
				if err := door.call(t, g, req, resp, "cache-control", step.control); err != nil {
					t.Fatal(err)
				}
				got := resp.GetTranslations()[0].GetProvenance().GetCacheStatus()
				if calls := llm.Stats().Requests; calls != step.calls || got != step.want {
					t.Errorf("step %d (%q): %v after %d calls, want %v after %d", i, step.control, got, calls, step.want, step.calls)
				}
			}
		})
	}
}

func TestCacheStatusHeader(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	body := []byte(`{"source":{"text":"새벽전자, 2공장 짓는다\n\n새벽전자가 충북 새들시에 두 번째 공장을 짓는다고 2일 밝혔다.\n"},"targetLanguageCodes":["en"]}`)
	for _, want := range []string{"yeok; fwd=miss; stored", "yeok; hit"} {
		answer, code, header := g.send(t, "POST", "/v1/articles:translate", body)
		if code != 200 || header.Get("Cache-Status") != want {
			t.Errorf("POST = %d, Cache-Status %q, want %q\n%s", code, header.Get("Cache-Status"), want, answer)
		}
	}
}

func TestAHundredCallersPayOnce(t *testing.T) {
	llm, answer := thinking(t)
	g := open(t, "", server.Limits{}, modelAt(llm))
	req := &yeokv1.TranslateArticleRequest{Source: text(page)}

	// The first caller hangs up while the model thinks.
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	left := make(chan error, 1)
	go func() {
		_, err := g.grpc.TranslateArticle(ctx, req)
		left <- err
	}()
	waitFor(t, "all languages are asked for", func() bool { return llm.Stats().Requests == len(languages) })
	hangUp()
	if err := <-left; status.Code(err) != codes.Canceled {
		t.Fatalf("first caller got %v, want his own end", err)
	}
	var callers sync.WaitGroup
	var started atomic.Int64
	results := make(chan *yeokv1.TranslateArticleResponse, 100)
	for i := range 100 {
		callers.Go(func() {
			resp := &yeokv1.TranslateArticleResponse{}
			started.Add(1)
			if err := doors[i%2].call(t, g, req, resp); err != nil {
				t.Errorf("%s: %v", doors[i%2].name, err)
				return
			}
			results <- resp
		})
	}
	// One of them has joined the flight; the others wait behind him, since they say the
	// same, or are on their way.
	waitFor(t, "the crowd is there", func() bool {
		return started.Load() == 100 && metric(t, g, `yeok_recalls_total{language="vi",outcome="joined"}`) >= 1
	})
	answer()
	callers.Wait()
	close(results)
	for resp := range results {
		checkWhole(t, resp, yeokv1.Provenance_HIT) // the one who left has paid
	}
	if got := llm.Stats(); got.Requests != len(languages) {
		t.Errorf("100 callers and one who left made %d model calls (%v), want one a language", got.Requests, got.ByLanguage)
	}
}

func TestOneLanguageFails(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			llm.Fail(llmtest.Rule{Fault: llmtest.Refusal, Language: "ja"})
			g := open(t, "", server.Limits{}, modelAt(llm))
			resp := &yeokv1.TranslateArticleResponse{}
			if err := door.call(t, g, &yeokv1.TranslateArticleRequest{Source: text(page)}, resp); err != nil {
				t.Fatal(err)
			}
			for _, tr := range resp.GetTranslations() {
				want := yeokv1.Translation_COMPLETE
				if tr.GetLanguageCode() == "ja" {
					want = yeokv1.Translation_FAILED
				}
				if tr.GetState() != want {
					t.Errorf("%s: state %v, want %v", tr.GetLanguageCode(), tr.GetState(), want)
				}
			}
			ja := resp.GetTranslations()[2]
			if reason, _ := reasonAndField(status.FromProto(ja.GetError()).Err()); reason != "MODEL_BAD_ANSWER" {
				t.Errorf("ja: error %v, want MODEL_BAD_ANSWER", ja.GetError())
			}
			if len(ja.GetBlocks()) != 0 || ja.GetProvenance().GetUsage().GetRequests() == 0 {
				t.Errorf("ja: blocks %v, usage %v; want no text, and what it cost", ja.GetBlocks(), ja.GetProvenance().GetUsage())
			}

			// For a while it is known to fail; who does not believe it pays.
			paid := llm.Stats().Requests
			if err := door.call(t, g, &yeokv1.TranslateArticleRequest{Source: text(page)}, resp); err != nil {
				t.Fatal(err)
			}
			ja = resp.GetTranslations()[2]
			reason, _ := reasonAndField(status.FromProto(ja.GetError()).Err())
			if got := llm.Stats().Requests; got != paid || ja.GetState() != yeokv1.Translation_FAILED || reason != "MODEL_BAD_ANSWER" || ja.GetProvenance().GetUsage().GetRequests() != 0 {
				t.Errorf("ja asked again at once: %d requests, %v %s, usage %v; want the same failure for nothing", got-paid, ja.GetState(), reason, ja.GetProvenance().GetUsage())
			}
			llm.Heal()
			if err := door.call(t, g, &yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"zh-Hans", "en", "ja"}}, resp, "cache-control", "no-cache"); err != nil {
				t.Fatal(err)
			}
			if got := resp.GetTranslations()[2].GetState(); got != yeokv1.Translation_COMPLETE {
				t.Errorf("ja after the model healed: %v, want COMPLETE", got)
			}
		})
	}
}

func TestModelErrors(t *testing.T) {
	tests := []struct {
		fault  llmtest.Fault
		code   codes.Code
		reason string
		retry  bool
	}{
		{llmtest.Unauthorized, codes.Internal, "MODEL_REJECTED_US", false},
		{llmtest.InsufficientQuota, codes.Internal, "MODEL_REJECTED_US", false},
		{llmtest.TooManyRequestsMillis, codes.ResourceExhausted, "MODEL_BUSY", true},
		{llmtest.Unavailable, codes.Unavailable, "MODEL_BUSY", true},
		{llmtest.BadGateway, codes.Unavailable, "MODEL_UNAVAILABLE", true},
		{llmtest.Refusal, codes.Internal, "MODEL_BAD_ANSWER", false},
	}
	for _, test := range tests {
		for _, door := range doors {
			t.Run(string(test.fault)+"/"+door.name, func(t *testing.T) {
				llm := llmtest.New(t, llmtest.Options{})
				llm.Fail(llmtest.Rule{Fault: test.fault})
				g := open(t, "", server.Limits{}, modelAt(llm))
				err := door.call(t, g, &yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}}, &yeokv1.TranslateArticleResponse{})
				reason, _ := reasonAndField(err)
				if status.Code(err) != test.code || reason != test.reason {
					t.Errorf("got %v %s (%v), want %v %s", status.Code(err), reason, err, test.code, test.reason)
				}
				if strings.Contains(err.Error(), "llmtest") || strings.Contains(err.Error(), "<html") {
					t.Errorf("the model server's own words got out: %v", err)
				}
				retry := false
				for _, d := range status.Convert(err).Details() {
					_, is := d.(*errdetails.RetryInfo)
					retry = retry || is
				}
				if retry != test.retry {
					t.Errorf("RetryInfo: %v, want %v", retry, test.retry)
				}
			})
		}
	}
}

func TestADoubtfulTranslationIsMarkedAndRemembered(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	llm.Fail(llmtest.Rule{Fault: llmtest.ChangedNumber, Language: "en", Block: "P1"})
	g := open(t, storePath(t), server.Limits{}, modelAt(llm))
	req := &yeokv1.TranslateArticleRequest{Source: text(page), TargetLanguageCodes: []string{"en"}}
	for _, cached := range []yeokv1.Provenance_CacheStatus{yeokv1.Provenance_MISS, yeokv1.Provenance_HIT} {
		resp := &yeokv1.TranslateArticleResponse{}
		if err := callGRPC(t, g, req, resp); err != nil {
			t.Fatal(err)
		}
		en := resp.GetTranslations()[0]
		if en.GetState() != yeokv1.Translation_NEEDS_REVIEW || en.GetProvenance().GetCacheStatus() != cached {
			t.Errorf("state %v %v, want NEEDS_REVIEW %v", en.GetState(), en.GetProvenance().GetCacheStatus(), cached)
		}
		doubts := map[string]yeokv1.Finding_Check{}
		for _, f := range en.GetFindings() {
			if f.GetSeverity() == yeokv1.Finding_ERROR && f.GetMessage() != "" {
				doubts[f.GetBlockId()] = f.GetCheck()
			}
		}
		if diff := cmp.Diff(map[string]yeokv1.Finding_Check{"p1": yeokv1.Finding_NUMBER}, doubts); diff != "" {
			t.Errorf("errors found, by block (-want +got):\n%s", diff)
		}
	}
}

func TestETag(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	if err := callGRPC(t, g, &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}, &yeokv1.TranslateArticleResponse{}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/articles/cms-1", "/v1/articles/cms-1/translations/zh-CN"} {
		body, code, header := g.send(t, "GET", path, nil)
		tag := header.Get("ETag")
		if code != 200 || !strings.HasPrefix(tag, `"`) || !strings.Contains(header.Get("Cache-Control"), "private") || !bytes.Contains(body, []byte(`"name":"articles/cms-1`)) {
			t.Errorf("GET %s = %d, ETag %s, Cache-Control %q\n%.200s", path, code, tag, header.Get("Cache-Control"), body)
		}
		for _, match := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			if body, code, _ := g.send(t, "GET", path, nil, "If-None-Match", match); code != http.StatusNotModified || len(body) != 0 {
				t.Errorf("GET %s, If-None-Match %s = %d with %d bytes, want 304 with none", path, match, code, len(body))
			}
		}
		if _, code, _ := g.send(t, "GET", path, nil, "If-None-Match", `"other"`); code != 200 {
			t.Errorf("GET %s with another ETag = %d, want 200", path, code)
		}
		if head, code, header := g.send(t, "HEAD", path, nil); code != 200 || len(head) != 0 || header.Get("ETag") != tag || header.Get("Content-Length") != fmt.Sprint(len(body)) {
			t.Errorf("HEAD %s = %d, %d bytes, headers %v", path, code, len(head), header)
		}
	}
}

func TestStrictTermIsUsedOrSaid(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	resp := &yeokv1.TranslateArticleResponse{}
	err := callHTTP(t, g, &yeokv1.TranslateArticleRequest{
		Source: text(page), TargetLanguageCodes: []string{"en"},
		GlossaryEntries: []*yeokv1.GlossaryEntry{{Source: "새벽전자", Targets: map[string]string{"EN-US": "Saebyeok Electronics"}, Strict: true}},
	}, resp)
	if err != nil {
		t.Fatal(err)
	}
	en := resp.GetTranslations()[0]
	for _, b := range en.GetBlocks()[:1] {
		used := strings.Contains(b.GetText(), "Saebyeok Electronics")
		said := false
		for _, f := range en.GetFindings() {
			said = said || f.GetBlockId() == b.GetId() && f.GetCheck() == yeokv1.Finding_GLOSSARY
		}
		if used == said {
			t.Errorf("%s: term used %v, finding %v: %q", b.GetId(), used, said, b.GetText())
		}
	}
}

func TestStructureComesBack(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			g := open(t, "", server.Limits{}, modelAt(llm))
			html := `새벽전자가 <a href="https://example.com/?a=1&amp;b=2" rel="nofollow">두 번째 <strong>공장</strong></a>을 짓는다.`
			source := &yeokv1.Article{Title: "새벽전자, 2공장 짓는다", Blocks: []*yeokv1.Block{
				{Id: "lead:1", Kind: yeokv1.Block_PARAGRAPH, Html: &html},
				{Id: "글-2", Kind: yeokv1.Block_CAPTION, Text: "글자크기 설정 화면을 보여 주는 직원.", Credit: proto.String("새들일보")},
				{Id: "7f3a", Text: "공유하기"}, // chrome elsewhere; a CMS means what it says
			}}
			resp := &yeokv1.TranslateArticleResponse{}
			if err := door.call(t, g, &yeokv1.TranslateArticleRequest{Source: &yeokv1.ArticleSource{Content: &yeokv1.ArticleSource_Article{Article: source}}}, resp); err != nil {
				t.Fatal(err)
			}
			for _, tr := range resp.GetTranslations() {
				checkBlocks(t, tr.GetLanguageCode(), resp.GetArticle().GetBlocks(), tr.GetBlocks())
				first := tr.GetBlocks()[0]
				for _, tag := range []string{`<a href="https://example.com/?a=1&amp;b=2"`, "<strong>", "</strong>", "</a>"} {
					if strings.Count(first.GetHtml(), tag) != 1 {
						t.Errorf("%s: html %q lost %s", tr.GetLanguageCode(), first.GetHtml(), tag)
					}
				}
				if strings.ContainsAny(first.GetText(), "<>") || tr.GetBlocks()[1].GetHtml() != "" {
					t.Errorf("%s: text %q, html of a plain block %q", tr.GetLanguageCode(), first.GetText(), tr.GetBlocks()[1].GetHtml())
				}
			}
			if got := resp.GetArticle().GetBlocks(); got[0].GetId() != "lead:1" || got[1].GetId() != "글-2" || got[2].GetId() != "7f3a" || got[0].GetText() == "" {
				t.Errorf("article's blocks = %v", got)
			}
		})
	}
}
