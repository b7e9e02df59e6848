package server_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/testing/protocmp"

	yeokv1 "yeok/api/yeok/v1"
)

// What a fuzz target asks of every answer, whatever was sent.

// faultOfRefusal is what is wrong with an error that a caller got, and with what
// the model was asked for before it; "" if nothing is.
func faultOfRefusal(err error, paid int) string {
	reason, field := reasonAndField(err)
	code := status.Code(err)
	switch {
	case code == codes.Internal && reason == "MODEL_BAD_ANSWER": // of a text that the fake cannot translate
		return ""
	case paid > 0:
		return fmt.Sprintf("it asked the model %d times", paid)
	case code == codes.ResourceExhausted && reason == "": // grpc-go's bound on a message
		return ""
	case proto.Size(status.Convert(err).Proto()) > 4<<10:
		return "it is longer than some clients take headers"
	case reason == "":
		return "it gives no reason"
	case code == codes.InvalidArgument && field == "":
		return "it names no field"
	case code == codes.InvalidArgument, code == codes.NotFound, code == codes.FailedPrecondition && reason == "NO_ARTICLE_FOUND",
		code == codes.ResourceExhausted && reason == "REQUEST_TOO_LARGE":
		return ""
	}
	return "it is not the caller's fault"
}

// faultOfHTTP is faultOfRefusal for whatever answer a path has.
func faultOfHTTP(r *http.Request, resp *http.Response, body []byte, paid int) string {
	switch code := resp.StatusCode; {
	case paid > 0:
		return "the model was asked"
	case code >= 500:
		return "it is not the caller's fault"
	case r.Method == http.MethodHead, code == http.StatusNotModified:
		if len(body) > 0 {
			return "it has a body"
		}
	case code == http.StatusOK:
		if !json.Valid(body) {
			return "it is no JSON"
		}
	case code == http.StatusMethodNotAllowed && resp.Header.Get("Allow") == "":
		return "it says not what is allowed"
	case code >= 400:
		s := struct {
			Details []struct{ Reason string }
		}{}
		if json.Unmarshal(body, &s) != nil || len(s.Details) == 0 || s.Details[0].Reason == "" {
			return "it gives no reason"
		}
	}
	return ""
}

// rpc describes the method of a full name.
func rpc(t testing.TB, fullMethod string) protoreflect.MethodDescriptor {
	t.Helper()
	name := strings.ReplaceAll(strings.TrimPrefix(fullMethod, "/"), "/", ".")
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		t.Fatal(err)
	}
	return d.(protoreflect.MethodDescriptor)
}

func messageOf(t testing.TB, d protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	m, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		t.Fatal(err)
	}
	return m.New().Interface()
}

// emptyAnswer is a message for what the method answers, emptyRequest one for what
// it takes.
func emptyAnswer(t testing.TB, fullMethod string) proto.Message {
	return messageOf(t, rpc(t, fullMethod).Output())
}

func emptyRequest(t testing.TB, fullMethod string) proto.Message {
	return messageOf(t, rpc(t, fullMethod).Input())
}

// ask makes a call by the door. A stream is read to its end.
func (g fuzzed) ask(t *testing.T, d door, req proto.Message) (proto.Message, error) {
	t.Helper()
	if stream, ok := req.(*yeokv1.StreamTranslateArticleRequest); ok {
		read := streamGRPC
		if d.name != doors[0].name {
			read = streamSSE
		}
		events, err := read(t, g.gate, stream)
		return gathered(events), err
	}
	resp := emptyAnswer(t, methodOf(req).grpc)
	return resp, d.call(t, g.gate, req, resp)
}

// gathered is the answer that a stream amounts to.
func gathered(events []*yeokv1.StreamTranslateArticleResponse) *yeokv1.TranslateArticleResponse {
	resp := &yeokv1.TranslateArticleResponse{}
	for _, e := range events {
		switch {
		case e.GetArticle() != nil:
			resp.Article = e.GetArticle()
		case e.GetTranslation() != nil:
			resp.Translations = append(resp.Translations, e.GetTranslation())
		}
	}
	slices.SortFunc(resp.Translations, func(a, b *yeokv1.Translation) int {
		return cmp.Compare(a.GetLanguageCode(), b.GetLanguageCode())
	})
	return resp
}

// checkAgain asks the same by both doors, which must have the same answer for
// nothing.
func (g fuzzed) checkAgain(t *testing.T, req, first proto.Message) {
	t.Helper()
	for _, d := range doors {
		var again proto.Message
		var err error
		if paid := g.paid(func() { again, err = g.ask(t, d, req) }); paid > 0 {
			t.Errorf("%v asked the model %d times when it came again over %s", req, paid, d.name)
		}
		if err != nil {
			t.Errorf("%v over %s = %v, was %v", req, d.name, err, first)
			continue
		}
		if diff := gocmp.Diff(first, again, protocmp.Transform(), unpaid()); diff != "" {
			t.Errorf("%v has another answer over %s (-first +again):\n%s", req, d.name, diff)
		}
	}
}

// unpaid ignores what an answer says of its price.
func unpaid() gocmp.Option {
	return gocmp.Options{
		protocmp.IgnoreFields(&yeokv1.Provenance{}, "cache_status", "usage", "create_time"),
		protocmp.IgnoreFields(&yeokv1.Block{}, "origin"),
		protocmp.IgnoreFields(&yeokv1.TranslationEstimate{}, "cache_status", "usage", "reserved_usage"),
	}
}

// faultsOfAnswer lists what in an answer is not as the proto says.
func faultsOfAnswer(req, resp proto.Message) []string {
	switch resp := resp.(type) {
	case *yeokv1.CleanArticleResponse:
		return append(faultsOfArticle(resp.GetArticle()), faultsOfLedger(resp)...)
	case *yeokv1.TranslateArticleResponse:
		faults := faultsOfArticle(resp.GetArticle())
		if order, ok := req.(*yeokv1.TranslateArticleRequest); ok && order.GetDryRun() == (len(resp.GetEstimates()) == 0) {
			faults = append(faults, "estimates and translations are for dry runs and others")
		}
		if order, ok := req.(*yeokv1.TranslateArticleRequest); ok && !order.GetDryRun() && len(resp.GetTranslations()) == 0 {
			faults = append(faults, "nothing is translated")
		}
		for _, tr := range resp.GetTranslations() {
			faults = append(faults, faultsOfTranslation(resp.GetArticle(), tr)...)
		}
		return faults
	case *yeokv1.TranslateTextResponse:
		return faultsOfTexts(req.(*yeokv1.TranslateTextRequest), resp)
	}
	return []string{fmt.Sprintf("it is a %T", resp)}
}

func faultsOfArticle(a *yeokv1.Article) (faults []string) {
	if a.GetLanguageCode() != "ko" || a.GetRevisionId() == "" || a.GetTitle() == "" && len(a.GetBlocks()) == 0 {
		faults = append(faults, "the article has no language, revision or text")
	}
	ids := map[string]bool{}
	for _, b := range a.GetBlocks() {
		if b.GetId() == "" || ids[b.GetId()] || b.GetKind() == yeokv1.Block_KIND_UNSPECIFIED {
			faults = append(faults, fmt.Sprintf("block %v has no id or kind of its own", b))
		}
		ids[b.GetId()] = true
	}
	return faults
}

func faultsOfLedger(resp *yeokv1.CleanArticleResponse) (faults []string) {
	if r := resp.GetKeptRatio(); !(r >= 0 && r <= 1) {
		faults = append(faults, fmt.Sprintf("keptRatio is %v", r))
	}
	for _, r := range resp.GetRemovals() {
		if r.GetLine() < 1 || r.GetReason() == yeokv1.Removal_REASON_UNSPECIFIED || r.GetRule() == "" {
			faults = append(faults, fmt.Sprintf("removal %v is not accounted for", r))
		}
	}
	return faults
}

// faultsOfTranslation also looks whether every finding points into the texts.
func faultsOfTranslation(a *yeokv1.Article, tr *yeokv1.Translation) (faults []string) {
	said := func(format string, args ...any) {
		faults = append(faults, tr.GetLanguageCode()+": "+fmt.Sprintf(format, args...))
	}
	switch state := tr.GetState(); {
	case state == yeokv1.Translation_FAILED:
		if reason, _ := reasonAndField(status.FromProto(tr.GetError()).Err()); reason != "MODEL_BAD_ANSWER" {
			said("it fails because of %q", reason)
		}
		return faults
	case state != yeokv1.Translation_COMPLETE && state != yeokv1.Translation_NEEDS_REVIEW:
		said("its state is %v", state)
	case state == yeokv1.Translation_NEEDS_REVIEW && len(tr.GetFindings()) == 0:
		said("it needs review and has no finding")
	}
	if len(tr.GetBlocks()) != len(a.GetBlocks()) || len(tr.GetSubtitles()) != len(a.GetSubtitles()) {
		said("%d blocks and %d subtitles", len(tr.GetBlocks()), len(tr.GetSubtitles()))
		return faults
	}
	source, target := textsOf(a.GetTitle(), a.GetSubtitles(), a.GetBlocks()), textsOf(tr.GetTitle(), tr.GetSubtitles(), tr.GetBlocks())
	for i, b := range tr.GetBlocks() {
		if was := a.GetBlocks()[i]; b.GetId() != was.GetId() || b.GetKind() != was.GetKind() {
			said("block %v stands where %v was", b, was)
		}
	}
	for id, text := range source {
		if text != "" && target[id] == "" && tr.GetState() == yeokv1.Translation_COMPLETE {
			said("%s is empty", id)
		}
	}
	for _, f := range tr.GetFindings() {
		from, known := source[f.GetBlockId()]
		if f.GetMessage() == "" || f.GetCheck() == 0 || f.GetSeverity() == 0 || f.GetBlockId() != "" && !known {
			said("finding %v says not what or where", f)
		}
		if !pointsAt(f.GetSourceSpan(), from, f.GetSourceText()) || !pointsAt(f.GetTargetSpan(), target[f.GetBlockId()], f.GetTargetText()) {
			said("finding %v points not at its words in %q and %q", f, from, target[f.GetBlockId()])
		}
	}
	return faults
}

// textsOf maps the ids that findings use to texts.
func textsOf(title string, subtitles []string, blocks []*yeokv1.Block) map[string]string {
	texts := map[string]string{"title": title}
	for i, s := range subtitles {
		texts[fmt.Sprintf("subtitle%d", i+1)] = s
	}
	for _, b := range blocks {
		texts[b.GetId()] = b.GetText()
	}
	return texts
}

// pointsAt takes one white space for another: what is read folds them.
func pointsAt(span *yeokv1.TextSpan, text, words string) bool {
	if span == nil {
		return true
	}
	runes := []rune(text)
	return 0 <= span.GetStart() && span.GetStart() < span.GetEnd() && int(span.GetEnd()) <= len(runes) && spaced(string(runes[span.GetStart():span.GetEnd()])) == spaced(words)
}

func spaced(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, s)
}

func faultsOfTexts(req *yeokv1.TranslateTextRequest, resp *yeokv1.TranslateTextResponse) (faults []string) {
	if len(resp.GetTranslations()) != len(req.GetTexts()) {
		return []string{fmt.Sprintf("%d translations of %d texts", len(resp.GetTranslations()), len(req.GetTexts()))}
	}
	for i, tr := range resp.GetTranslations() {
		switch tr.GetState() {
		case yeokv1.Translation_FAILED:
			if reason, _ := reasonAndField(status.FromProto(tr.GetError()).Err()); reason != "MODEL_BAD_ANSWER" {
				faults = append(faults, fmt.Sprintf("texts[%d] fails because of %q", i, reason))
			}
		case yeokv1.Translation_COMPLETE, yeokv1.Translation_NEEDS_REVIEW:
			if (tr.GetText() == "") != (req.GetTexts()[i] == "") {
				faults = append(faults, fmt.Sprintf("texts[%d] is %q", i, tr.GetText()))
			}
		default:
			faults = append(faults, fmt.Sprintf("texts[%d] is %v", i, tr.GetState()))
		}
		for _, f := range tr.GetFindings() {
			if !pointsAt(f.GetSourceSpan(), req.GetTexts()[i], f.GetSourceText()) || !pointsAt(f.GetTargetSpan(), tr.GetText(), f.GetTargetText()) {
				faults = append(faults, fmt.Sprintf("texts[%d]: finding %v points not at its words", i, f))
			}
		}
	}
	return faults
}
