package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/internal/llmtest"
	"yeok/server"
)

// tenBlocks is an invented article of ten paragraphs, long ones and short ones.
func tenBlocks() []string {
	return []string{
		"누리조선이 북유럽 선사로부터 1조2000억원 규모의 컨테이너선 6척을 수주했다고 2일 밝혔다. 지난해 같은 기간보다 두 배 많은 물량이다.",
		"이번에 수주한 선박은 길이 366m의 대형선으로, 2028년 하반기까지 차례로 인도된다. 연료는 메탄올과 중유를 함께 쓴다.",
		"회사는 올해 들어 모두 14척을 수주해 연간 목표의 62%를 채웠다. 수주 잔량은 3년 치 일감에 해당하며 더 늘고 있다.",
		"시장 반응은 차분했다.",
		"누리조선 관계자는 “선가가 오른 배만 골라 받고 있어 내년에는 흑자 폭이 더 커질 것으로 예상된다”고 말했다.",
		"업계에서는 중국 조선소의 저가 공세가 이어지면 수주가 줄어들 수 있다는 우려도 나온다. 후판 가격도 변수로 꼽힌다.",
		"노동조합은 임금을 7% 올려 달라고 요구하고 있다. 노사는 다음 달 16일 다시 만나 협상을 이어가기로 했다고 전했다.",
		"정부는 조선소 협력업체에 500억원을 지원할 방침이다.",
		"새들대 교수는 “기술 격차를 지키려면 젊은 기술자를 길러야 한다”며 “지금처럼 외국인 인력에 기대면 오래가지 못한다”고 지적했다.",
		"누리조선 주가는 이날 전날보다 3.4% 오른 4만1500원에 거래를 마쳤다. 거래량은 210만주로 한 달 만에 가장 많았다.",
	}
}

// pageOf is a page with the paragraphs and all that a page has around them.
func pageOf(head string, paragraphs []string, tail string) *yeokv1.ArticleSource {
	return text("누리조선, 컨테이너선 6척 수주…1조2000억 규모\n\n" + head + "\n\n" + strings.Join(paragraphs, "\n\n") + "\n\n" + tail)
}

const (
	plainHead = "2026-03-02 09:30"
	plainTail = "김하늘 기자 sky@example.com\n\nⓒ 새들일보. 무단전재 및 재배포 금지"
)

func ship(source *yeokv1.ArticleSource) *yeokv1.TranslateArticleRequest {
	return &yeokv1.TranslateArticleRequest{Source: source, ArticleId: "cms-7"}
}

// edited answers a revision and what it cost.
func edited(t *testing.T, g *gate, llm *llmtest.Server, req *yeokv1.TranslateArticleRequest) (*yeokv1.TranslateArticleResponse, llmtest.Stats) {
	t.Helper()
	before := llm.Stats()
	resp := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, req, resp); err != nil {
		t.Fatal(err)
	}
	after := llm.Stats()
	return resp, llmtest.Stats{
		Requests:         after.Requests - before.Requests,
		CompletionTokens: after.CompletionTokens - before.CompletionTokens,
		PromptTokens:     after.PromptTokens - before.PromptTokens,
	}
}

// TestWhatAnEditCosts edits an article of ten blocks in every way that the desk
// knows, and asks for all languages.
func TestWhatAnEditCosts(t *testing.T) {
	changed := tenBlocks()
	changed[2] = strings.Replace(changed[2], "62%", "64%", 1)
	tests := []struct {
		name   string
		source *yeokv1.ArticleSource
		tokens float64 // at most, as a share of the whole
		new    []int   // blocks that are translated, in the new order
	}{
		{"nothing", pageOf(plainHead, tenBlocks(), plainTail), 0, nil},
		{"one block", pageOf(plainHead, changed, plainTail), 0.15, []int{2}},
		{"white space", pageOf(plainHead+"\n\n", strings.Split(strings.ReplaceAll(strings.Join(tenBlocks(), "\n"), " ", "\u00a0 "), "\n"), plainTail), 0, nil},
		{"NFD", text(norm.NFD.String(pageOf(plainHead, tenBlocks(), plainTail).GetText())), 0, nil},
		{"byline", pageOf(plainHead, tenBlocks(), "박바다 기자 sea@example.com\n\nⓒ 새들일보. 무단전재 및 재배포 금지"), 0, nil},
		{"advertisement", pageOf(plainHead+"\n글자크기 설정\n광고", tenBlocks(), plainTail+"\n\n0개의 댓글\n로그인 후 댓글작성이 가능합니다."), 0, nil},
		{"date line", pageOf("입력 2026-03-02 10:45 수정 2026-03-02 15:20", tenBlocks(), plainTail), 0, nil},
		{"date line, another day", pageOf("2026-03-03 00:10", tenBlocks(), plainTail), 0.15, []int{9}}, // 이날
		{"moved", pageOf(plainHead, moved(tenBlocks(), 3, 7), plainTail), 0, nil},
		{"deleted", pageOf(plainHead, slices.Delete(tenBlocks(), 5, 6), plainTail), 0, nil},
		{"inserted", pageOf(plainHead, slices.Insert(tenBlocks(), 4, "누리조선은 이 돈으로 도크 2기를 더 짓는다고 했다."), plainTail), 0.15, []int{4}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			llm := llmtest.New(t, llmtest.Options{})
			g := open(t, "", server.Limits{}, modelAt(llm))
			was, full := edited(t, g, llm, ship(pageOf(plainHead, tenBlocks(), plainTail)))
			if n := len(was.GetArticle().GetBlocks()); n != 10 {
				t.Fatalf("the article has %d blocks, want 10", n)
			}
			is, cost := edited(t, g, llm, ship(test.source))
			if got := float64(cost.CompletionTokens) / float64(full.CompletionTokens); got > test.tokens {
				t.Errorf("%s: %d of %d completion tokens (%.2f), want at most %.2f", test.name, cost.CompletionTokens, full.CompletionTokens, got, test.tokens)
			}
			if want := len(languages) * min(1, len(test.new)); cost.Requests != want {
				t.Errorf("%s: %d requests, want %d", test.name, cost.Requests, want)
			}
			checkOrigins(t, was, is, test.new)
			t.Logf("%s: %.3f of the completion tokens, %.3f of the prompt tokens", test.name,
				float64(cost.CompletionTokens)/float64(full.CompletionTokens), float64(cost.PromptTokens)/float64(full.PromptTokens))
		})
	}
}

// moved moves the paragraph at from to to.
func moved(paragraphs []string, from, to int) []string {
	p := paragraphs[from]
	return slices.Insert(slices.Delete(paragraphs, from, from+1), to, p)
}

// checkOrigins checks that every block says where it came from, and that reused
// ones are what they were, byte for byte.
func checkOrigins(t *testing.T, was, is *yeokv1.TranslateArticleResponse, made []int) {
	t.Helper()
	for i, tr := range is.GetTranslations() {
		old := map[string]string{}
		for k, b := range was.GetTranslations()[i].GetBlocks() {
			if b.GetOrigin() != yeokv1.Block_TRANSLATED {
				t.Errorf("%s: block %d of the first revision is %v, want TRANSLATED", tr.GetLanguageCode(), k, b.GetOrigin())
			}
			old[was.GetArticle().GetBlocks()[k].GetText()] = b.GetText()
		}
		want := yeokv1.Provenance_HIT
		if made != nil {
			want = yeokv1.Provenance_PARTIAL
		}
		if got := tr.GetProvenance().GetCacheStatus(); got != want {
			t.Errorf("%s: %v, want %v", tr.GetLanguageCode(), got, want)
		}
		for k, b := range tr.GetBlocks() {
			origin := yeokv1.Block_REUSED
			if slices.Contains(made, k) {
				origin = yeokv1.Block_TRANSLATED
			}
			if b.GetOrigin() != origin {
				t.Errorf("%s: block %d is %v, want %v", tr.GetLanguageCode(), k, b.GetOrigin(), origin)
			}
			source := is.GetArticle().GetBlocks()[k]
			if source.Origin != nil {
				t.Errorf("block %d of the article itself has the origin %v", k, source.GetOrigin())
			}
			if origin == yeokv1.Block_REUSED && b.GetText() != old[source.GetText()] {
				t.Errorf("%s: block %d = %q, was %q", tr.GetLanguageCode(), k, b.GetText(), old[source.GetText()])
			}
		}
	}
}

// TestAnEditIsSeen: the model is shown the neighbours' translations and what the
// block was before.
func TestAnEditIsSeen(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	req := ship(pageOf(plainHead, tenBlocks(), plainTail))
	req.TargetLanguageCodes = []string{"en"}
	was, _ := edited(t, g, llm, req)
	changed := tenBlocks()
	changed[2] = strings.Replace(changed[2], "62%", "64%", 1)
	req.Source = pageOf(plainHead, moved(changed, 2, 5), plainTail)
	edited(t, g, llm, req)
	prompt := llm.Requests()[1].User
	_, after, _ := strings.Cut(prompt, "ARTICLE>>>")
	blocks := was.GetTranslations()[0].GetBlocks()
	for _, want := range []string{
		"(P6 was) 회사는 올해 들어 모두 14척을 수주해 연간 목표의 62%를 채웠다.",
		"(P6 was translated) " + blocks[2].GetText(),
		"(P5) " + blocks[5].GetText(),
		"(P7) " + blocks[6].GetText(),
	} {
		if !strings.Contains(after, want) && !strings.Contains(prompt, want) {
			t.Errorf("the prompt for the edited block lacks %q:\n%s", want, prompt)
		}
	}
	// Once more in the other direction: context is no part of a key.
	req.Source = pageOf(plainHead, tenBlocks(), plainTail)
	if _, cost := edited(t, g, llm, req); cost.Requests != 0 {
		t.Errorf("going back to the first revision cost %d requests, want 0", cost.Requests)
	}
	req.Source = pageOf(plainHead, changed, plainTail)
	if _, cost := edited(t, g, llm, req); cost.Requests != 0 {
		t.Errorf("the edit without the move cost %d requests, want 0", cost.Requests)
	}
}

// TestAnotherTermAsksForItsBlocks: a changed glossary pays for the blocks that
// hold the term, and for no others.
func TestAnotherTermAsksForItsBlocks(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	req := ship(pageOf(plainHead, tenBlocks(), plainTail))
	req.TargetLanguageCodes = []string{"en"}
	term := func(to string) []*yeokv1.GlossaryEntry {
		return []*yeokv1.GlossaryEntry{
			{Source: "새들대", Targets: map[string]string{"en": to}},
			{Source: "노을중공업", Targets: map[string]string{"en": to}},
		}
	}
	req.GlossaryEntries = term("Saedeul University")
	edited(t, g, llm, req)
	req.GlossaryEntries = term("Saedeul National University")
	resp, cost := edited(t, g, llm, req)
	if cost.Requests == 0 {
		t.Fatal("a changed term cost nothing")
	}
	for i, b := range resp.GetTranslations()[0].GetBlocks() {
		if translated := b.GetOrigin() == yeokv1.Block_TRANSLATED; translated != (i == 8) {
			t.Errorf("block %d after another term: %v", i, b.GetOrigin())
		}
	}
}

// TestDoubtfulBlocksAreReused: what an editor has been warned of stays as it is
// when another block is edited, and is still said to be doubtful.
func TestDoubtfulBlocksAreReused(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	llm.Fail(llmtest.Rule{Fault: llmtest.ChangedNumber, Block: "P1"})
	g := open(t, "", server.Limits{}, modelAt(llm))
	req := ship(pageOf(plainHead, tenBlocks(), plainTail))
	req.TargetLanguageCodes = []string{"en"}
	was, _ := edited(t, g, llm, req)
	if got := was.GetTranslations()[0].GetState(); got != yeokv1.Translation_NEEDS_REVIEW {
		t.Fatalf("state = %v, want NEEDS_REVIEW", got)
	}
	again, cost := edited(t, g, llm, req)
	if tr := again.GetTranslations()[0]; cost.Requests != 0 || tr.GetState() != yeokv1.Translation_NEEDS_REVIEW ||
		tr.GetProvenance().GetCacheStatus() != yeokv1.Provenance_HIT || len(tr.GetFindings()) == 0 {
		t.Errorf("the same again: %d requests, %v %v with %d findings, want a HIT with the doubt", cost.Requests, tr.GetState(), tr.GetProvenance().GetCacheStatus(), len(tr.GetFindings()))
	}
	changed := tenBlocks()
	changed[6] = strings.Replace(changed[6], "7%", "8%", 1)
	req.Source = pageOf(plainHead, changed, plainTail)
	is, cost := edited(t, g, llm, req)
	tr := is.GetTranslations()[0]
	if cost.Requests != 1 || strings.Join(llm.Requests()[len(llm.Requests())-1].Asked, " ") != "P7" {
		t.Errorf("an edit beside a doubtful block cost %d requests, the last for %q, want one for P7", cost.Requests, llm.Requests()[len(llm.Requests())-1].Asked)
	}
	doubt := func(f *yeokv1.Finding) bool {
		return f.GetBlockId() == "p1" && f.GetSeverity() == yeokv1.Finding_ERROR
	}
	if tr.GetState() != yeokv1.Translation_NEEDS_REVIEW || !slices.ContainsFunc(tr.GetFindings(), doubt) {
		t.Errorf("after the edit: %v, findings %v, want the doubt about p1", tr.GetState(), tr.GetFindings())
	}
	if was, is := was.GetTranslations()[0].GetBlocks()[0], tr.GetBlocks()[0]; was.GetText() != is.GetText() || is.GetOrigin() != yeokv1.Block_REUSED {
		t.Errorf("p1 = %v, was %v", is, was)
	}
	llm.Heal()
	before := llm.Stats().Requests
	healed := &yeokv1.TranslateArticleResponse{}
	if err := callGRPC(t, g, req, healed, "cache-control", "no-cache"); err != nil {
		t.Fatal(err)
	}
	if got := healed.GetTranslations()[0].GetState(); got != yeokv1.Translation_COMPLETE || llm.Stats().Requests == before {
		t.Errorf("no-cache: %v after %d requests, want COMPLETE and paid", got, llm.Stats().Requests-before)
	}
	req.Source = pageOf(plainHead, tenBlocks(), plainTail)
	if got, _ := edited(t, g, llm, req); got.GetTranslations()[0].GetProvenance().GetCacheStatus() != yeokv1.Provenance_HIT {
		t.Errorf("the first revision after no-cache: %v, want HIT", got.GetTranslations()[0].GetProvenance())
	}
}

// TestOriginInStream: a block event says whether it was paid for, to everybody
// what concerns him.
func TestOriginInStream(t *testing.T) {
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	origins := func(source *yeokv1.ArticleSource) string {
		stream, err := g.grpc.StreamTranslateArticle(t.Context(), &yeokv1.StreamTranslateArticleRequest{
			Source: source, ArticleId: "cms-7", TargetLanguageCodes: []string{"en"},
		})
		if err != nil {
			t.Fatal(err)
		}
		counts := map[yeokv1.Block_Origin]int{}
		for {
			event, err := stream.Recv()
			if err != nil {
				break
			}
			if b := event.GetBlock(); b != nil {
				counts[b.GetOrigin()]++
			}
		}
		return fmt.Sprintf("%d reused, %d translated", counts[yeokv1.Block_REUSED], counts[yeokv1.Block_TRANSLATED])
	}
	changed := tenBlocks()
	changed[2] = strings.Replace(changed[2], "62%", "64%", 1)
	for _, step := range []struct {
		name   string
		source *yeokv1.ArticleSource
		want   string
	}{
		{"first", pageOf(plainHead, tenBlocks(), plainTail), "0 reused, 10 translated"},
		{"edit", pageOf(plainHead, changed, plainTail), "9 reused, 1 translated"},
		{"again", pageOf(plainHead, changed, plainTail), "10 reused, 0 translated"},
	} {
		if got := origins(step.source); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
	}
}

// TestOriginInJSON: the field is there in translations and absent in articles.
func TestOriginInJSON(t *testing.T) {
	b, err := protojson.Marshal(&yeokv1.Block{Id: "p1", Origin: yeokv1.Block_REUSED.Enum()})
	if err != nil || !strings.Contains(string(b), `"REUSED"`) {
		t.Errorf("protojson.Marshal = %s, %v", b, err)
	}
	llm := llmtest.New(t, llmtest.Options{})
	g := open(t, "", server.Limits{}, modelAt(llm))
	body, err := protojson.Marshal(ship(text(page)))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // paid, remembered, stored as bytes
		answer, code, _ := g.send(t, "POST", "/v1/articles:translate", body)
		got := &yeokv1.TranslateArticleResponse{}
		if err := protojson.Unmarshal(answer, got); err != nil || code != 200 {
			t.Fatalf("POST = %d, %v", code, err)
		}
		if strings.Contains(string(answer), "ORIGIN_UNSPECIFIED") || !proto.Equal(got.GetArticle().GetBlocks()[0], &yeokv1.Block{
			Id: "p1", Kind: yeokv1.Block_PARAGRAPH, Text: got.GetArticle().GetBlocks()[0].GetText(),
		}) {
			t.Errorf("article's block = %v", got.GetArticle().GetBlocks()[0])
		}
		for _, tr := range got.GetTranslations() {
			hit := tr.GetProvenance().GetCacheStatus() == yeokv1.Provenance_HIT
			for _, b := range tr.GetBlocks() {
				if reused := b.GetOrigin() == yeokv1.Block_REUSED; reused != hit {
					t.Errorf("%s: %s is %v in a %v", tr.GetLanguageCode(), b.GetId(), b.GetOrigin(), tr.GetProvenance().GetCacheStatus())
				}
			}
		}
	}
}
