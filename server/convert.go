package server

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/article"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

// articleIDs is the form of a caller's article id: what fits a URL path and a
// file name anywhere.
var articleIDs = regexp.MustCompile(`^[a-z0-9-]{1,63}$`)

// ownIDs are what findings and segments call the headline and the subtitles. A
// block of such an id would be taken for one of them.
var ownIDs = regexp.MustCompile(`^(title|subtitle[0-9]+)$`)

// sourceFrom checks a request's source. After it, the source is valid as far as
// can be told without reading the page.
func sourceFrom(p *yeokv1.ArticleSource, limits Limits) (article.Source, error) {
	src := article.Source{URL: p.GetUrl(), PublishTime: timeFrom(p.GetPublishTime())}
	if t := p.GetPublishTime(); t != nil && !t.IsValid() {
		return src, invalid("source.publishTime", "TIME_INVALID", "is not a valid time")
	}
	switch content := p.GetContent().(type) {
	case nil:
		return src, invalid("source", "ARTICLE_EMPTY", "set one of text, html and article")
	case *yeokv1.ArticleSource_Text:
		src.Text = content.Text
		return src, checkText("source.text", content.Text, limits)
	case *yeokv1.ArticleSource_Html:
		src.HTML = content.Html
		return src, checkText("source.html", content.Html, limits)
	case *yeokv1.ArticleSource_Article:
		a, err := articleFrom(content.Article, limits)
		src.Article = &a
		return src, err
	default:
		return src, invalid("source", "ARTICLE_EMPTY", "set one of text, html and article")
	}
}

func checkText(field, text string, limits Limits) error {
	switch {
	case text == "":
		return invalid(field, "ARTICLE_EMPTY", "is empty")
	case len(text) > limits.SourceBytes:
		return invalid(field, "ARTICLE_TOO_LONG", "is %d bytes long; at most %d are taken", len(text), limits.SourceBytes)
	case !utf8.ValidString(text):
		return invalid(field, "NOT_UTF8", "is not valid UTF-8")
	}
	return nil
}

func articleFrom(p *yeokv1.Article, limits Limits) (article.Article, error) {
	a := article.Article{
		LanguageCode:    p.GetLanguageCode(),
		Title:           p.GetTitle(),
		TitleTags:       p.GetTitleTags(),
		Subtitles:       p.GetSubtitles(),
		PublishTime:     timeFrom(p.GetPublishTime()),
		UpdateTime:      timeFrom(p.GetUpdateTime()),
		Bylines:         p.GetBylines(),
		CopyrightNotice: p.GetCopyrightNotice(),
		Section:         p.GetSection(),
		CanonicalURL:    p.GetCanonicalUrl(),
	}
	if code := a.LanguageCode; code != "" && code != "ko" {
		return a, invalid("source.article.languageCode", "LANGUAGE_UNSUPPORTED", "%q is not served as a source; the source language is ko", clip(code))
	}
	a.LanguageCode = "ko"
	for _, author := range p.GetAuthors() {
		a.Authors = append(a.Authors, article.Author{
			Name: author.GetName(), Email: author.GetEmail(), Role: author.GetRole(), Agency: author.GetAgency(),
		})
	}
	if len(p.GetBlocks()) == 0 && a.Title == "" {
		return a, invalid("source.article.blocks", "ARTICLE_EMPTY", "is empty")
	}
	if n := len(p.GetBlocks()); n > limits.Blocks {
		return a, invalid("source.article.blocks", "ARTICLE_TOO_LONG", "holds %d blocks; at most %d are taken", n, limits.Blocks)
	}
	return a, blocksFrom(&a, p.GetBlocks(), limits)
}

func blocksFrom(a *article.Article, blocks []*yeokv1.Block, limits Limits) error {
	seen := make(map[string]bool, len(blocks))
	size := len(a.Title)
	for i, b := range blocks {
		field := func(name string) string { return fmt.Sprintf("source.article.blocks[%d].%s", i, name) }
		if b.GetText() == "" && b.GetHtml() == "" {
			return invalid(field("text"), "ARTICLE_EMPTY", "is empty")
		}
		if id := b.GetId(); ownIDs.MatchString(id) {
			return invalid(field("id"), "ID_RESERVED", "%q is what the headline and the subtitles are called", clip(id))
		}
		if id := b.GetId(); id != "" && seen[id] {
			return invalid(field("id"), "ID_DUPLICATE", "%q is the id of an earlier block", clip(id))
		}
		seen[b.GetId()] = true
		size += len(b.GetText()) + len(b.GetHtml())
		a.Blocks = append(a.Blocks, article.Block{
			ID: b.GetId(), Kind: kindFrom(b.GetKind()), Text: b.GetText(), HTML: b.GetHtml(), Credit: b.GetCredit(),
		})
	}
	if size > limits.SourceBytes {
		return invalid("source.article", "ARTICLE_TOO_LONG", "is %d bytes long; at most %d are taken", size, limits.SourceBytes)
	}
	return nil
}

// kindFrom takes an unnamed kind for what most blocks are.
func kindFrom(k yeokv1.Block_Kind) article.Kind {
	if k == yeokv1.Block_KIND_UNSPECIFIED {
		return article.Paragraph
	}
	return article.Kind(k)
}

// targetsFrom turns language codes into languages, in the order asked, each
// once.
func targetsFrom(codes []string) ([]*language.Language, error) {
	if len(codes) == 0 {
		return language.Targets(), nil
	}
	var targets []*language.Language
	seen := map[string]bool{}
	for i, code := range codes {
		target, err := targetFrom(fmt.Sprintf("targetLanguageCodes[%d]", i), code)
		if err != nil {
			return nil, err
		}
		if !seen[target.Code] {
			seen[target.Code] = true
			targets = append(targets, target)
		}
	}
	return targets, nil
}

func targetFrom(field, code string) (*language.Language, error) {
	if target, ok := language.Lookup(code); ok {
		return target, nil
	}
	served := ""
	for _, l := range language.Targets() {
		served += ", " + l.Code
	}
	return nil, invalid(field, "LANGUAGE_UNSUPPORTED", "%q is not served; served are %s", clip(code), served[2:])
}

func glossaryFrom(entries []*yeokv1.GlossaryEntry) ([]glossary.Entry, error) {
	out := make([]glossary.Entry, 0, len(entries))
	for i, e := range entries {
		field := fmt.Sprintf("glossaryEntries[%d]", i)
		if e.GetSource() == "" {
			return nil, invalid(field+".source", "TERM_EMPTY", "is empty")
		}
		if len(e.GetTargets()) == 0 {
			return nil, invalid(field+".targets", "TERM_EMPTY", "is empty")
		}
		targets := make(map[string]string, len(e.GetTargets()))
		for code, term := range e.GetTargets() {
			target, err := targetFrom(field+".targets", code)
			if err != nil {
				return nil, err
			}
			if term == "" {
				return nil, invalid(field+".targets."+code, "TERM_EMPTY", "is empty")
			}
			targets[target.Code] = term
		}
		out = append(out, glossary.Entry{Source: e.GetSource(), Targets: targets, Strict: e.GetStrict()})
	}
	return out, nil
}

func articleProto(name, revision string, a article.Article) *yeokv1.Article {
	p := &yeokv1.Article{
		Name:            name,
		RevisionId:      revision,
		LanguageCode:    a.LanguageCode,
		Title:           a.Title,
		TitleTags:       a.TitleTags,
		Subtitles:       a.Subtitles,
		PublishTime:     timeProto(a.PublishTime),
		UpdateTime:      timeProto(a.UpdateTime),
		Bylines:         a.Bylines,
		CopyrightNotice: a.CopyrightNotice,
		Section:         a.Section,
		CanonicalUrl:    a.CanonicalURL,
		Blocks:          blocksProto(a.Blocks),
	}
	for _, author := range a.Authors {
		p.Authors = append(p.Authors, &yeokv1.Author{
			Name: author.Name, Email: author.Email, Role: author.Role, Agency: author.Agency,
		})
	}
	return p
}

func blocksProto(blocks []article.Block) []*yeokv1.Block {
	out := make([]*yeokv1.Block, len(blocks))
	for i, b := range blocks {
		out[i] = &yeokv1.Block{
			Id: b.ID, Kind: yeokv1.Block_Kind(b.Kind), Text: b.Text,
			Html: optional(b.HTML), Credit: optional(b.Credit),
		}
	}
	return out
}

func removalsProto(removals []article.Removal) []*yeokv1.Removal {
	out := make([]*yeokv1.Removal, len(removals))
	for i, r := range removals {
		out[i] = &yeokv1.Removal{
			Line: int32(r.Line), Text: r.Text, Reason: yeokv1.Removal_Reason(r.Reason), Rule: r.Rule,
		}
	}
	return out
}

// optional leaves a field out where there is nothing to say.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func timeFrom(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

func timeProto(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func hexID(sum [32]byte) string { return hex.EncodeToString(sum[:16]) }
