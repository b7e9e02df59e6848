package server

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/article"
	"yeok/cache"
	"yeok/desk"
	"yeok/translate"
	"yeok/translate/glossary"
	"yeok/translate/language"
)

// job is one article on its way through yeok: valid, cleaned and named.
type job struct {
	tenant           string // whose memory it is; "" where no keys are asked for
	id               string // the {article} of articles/{article}
	named            string // the id if the caller gave it; "" if it is a hash of the content
	revision         string
	article          article.Article
	reading          *translate.Reading // of the article, for all languages
	targets          []*language.Language
	glossary         []glossary.Entry
	glossaryRevision string
	control          cacheControl
	came             time.Time // when it was asked for
	batch            bool      // nobody waits
	turn             desk.Turn
	admission        func() error   // whether it may wait for a model; asked once for all languages
	filing           *articleFiling // nil if there is nothing to file
	epochs           []cache.Seen   // of the memory when the job began
}

// articleRequest is what the unary and the streaming call have in common.
type articleRequest interface {
	GetSource() *yeokv1.ArticleSource
	GetTargetLanguageCodes() []string
	GetArticleId() string
	GetGlossaryEntries() []*yeokv1.GlossaryEntry
	GetPriority() yeokv1.TranslateArticleRequest_Priority
}

func (s *Server) newJob(ctx context.Context, req articleRequest) (*job, error) {
	if id := req.GetArticleId(); id != "" && !articleIDs.MatchString(id) {
		return nil, invalid("articleId", "ID_INVALID", "%q does not match %s", clip(id), articleIDs)
	}
	targets, err := targetsFrom(req.GetTargetLanguageCodes())
	if err != nil {
		return nil, err
	}
	terms, glossaryRevision, err := s.termsFrom(req.GetGlossaryEntries())
	if err != nil {
		return nil, err
	}
	tenant := tenantOf(ctx)
	epochs := s.epochs(tenant)
	batch := req.GetPriority() == yeokv1.TranslateArticleRequest_BATCH
	turn := s.desk.Turn(func() bool { return batch })
	cleaning, err := s.clean(ctx, turn, req.GetSource())
	if err != nil {
		return nil, err
	}
	j := &job{
		tenant:           tenant,
		epochs:           epochs,
		article:          cleaning.Article,
		reading:          translate.Read(cleaning.Article, false),
		revision:         revisionOf(cleaning.Article),
		targets:          targets,
		glossary:         terms,
		glossaryRevision: glossaryRevision,
		control:          s.controlOf(ctx),
		came:             time.Now(),
		batch:            batch,
		turn:             turn,
		admission:        sync.OnceValue(func() error { return s.translator.Admit(tenant, batch) }),
	}
	j.named = req.GetArticleId()
	j.id = cmp.Or(j.named, j.revision)
	return j, nil
}

// termsFrom puts a request's own terms before the house's, and names the two
// together.
func (s *Server) termsFrom(entries []*yeokv1.GlossaryEntry) ([]glossary.Entry, string, error) {
	if len(entries) == 0 {
		return s.glossary, s.glossaryRevision, nil
	}
	if n := len(entries); n > s.limits.Terms {
		return nil, "", invalid("glossaryEntries", "TOO_MANY", "holds %d entries; at most %d are taken", n, s.limits.Terms)
	}
	terms, err := glossaryFrom(entries)
	if err != nil {
		return nil, "", err
	}
	return slices.Concat(terms, s.glossary), glossaryRevisionOf(s.glossaryRevision, terms), nil
}

// glossaryRevisionOf names a list of terms on top of those that base names; ""
// is no terms at all.
func glossaryRevisionOf(base string, terms []glossary.Entry) string {
	if len(terms) == 0 {
		return base
	}
	content, err := json.Marshal(terms)
	if err != nil {
		return base // terms are texts, times and flags, which always have a JSON form
	}
	return hexID(sha256.Sum256(append([]byte(base), content...)))
}

// clean finds the article in a request's source.
func (s *Server) clean(ctx context.Context, turn desk.Turn, p *yeokv1.ArticleSource) (cleaning article.Cleaning, err error) {
	_, span := s.phase(ctx, "clean")
	defer func() { endPhase(span, err) }()
	src, err := sourceFrom(p, s.limits)
	if err != nil {
		return article.Cleaning{}, err
	}
	turn.Do(func() { cleaning, err = article.Clean(src, article.Options{}) })
	switch {
	case errors.Is(err, article.ErrEmpty):
		return cleaning, invalid("source", "ARTICLE_EMPTY", "holds no visible text")
	case err != nil:
		return cleaning, err
	}
	if n := characters(cleaning.Article); n > s.limits.ArticleChars {
		return cleaning, invalid("source", "ARTICLE_TOO_LONG", "holds an article of %d characters; at most %d are taken", n, s.limits.ArticleChars)
	}
	return cleaning, nil
}

func characters(a article.Article) int {
	n := utf8.RuneCountInString(a.Title)
	for _, b := range a.Blocks {
		n += utf8.RuneCountInString(b.Text)
	}
	return n
}

func (j *job) name() string { return "articles/" + j.id }

func (j *job) translationName(target *language.Language) string {
	return j.name() + "/translations/" + target.Code
}

func (j *job) proto() *yeokv1.Article { return articleProto(j.name(), j.revision, j.article) }

func (j *job) request(target *language.Language) translate.Request {
	return translate.Request{Tenant: j.tenant, Name: j.named, Article: j.article, Reading: j.reading, Target: target, Glossary: j.glossary}
}

// revisionOf names exact content: every field that a reader can see, each
// behind its length so that no two articles look alike.
func revisionOf(a article.Article) string {
	h := sha256.New()
	field := func(parts ...string) {
		for _, p := range parts {
			_ = binary.Write(h, binary.BigEndian, uint64(len(p))) // a hash does not fail
			h.Write([]byte(p))
		}
	}
	list := func(parts []string) {
		field(fmt.Sprint(len(parts)))
		field(parts...)
	}
	field(a.LanguageCode, a.Title, stamp(a.PublishTime), stamp(a.UpdateTime), a.CopyrightNotice, a.Section, a.CanonicalURL)
	list(a.TitleTags)
	list(a.Subtitles)
	list(a.Bylines)
	for _, b := range a.Blocks {
		field(b.ID, fmt.Sprint(b.Kind), b.Text, b.HTML, b.Credit)
	}
	sum := h.Sum(nil)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20]))
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// clip keeps a caller's own words in an error short.
func clip(s string) string { return clipAt(s, 80) }

func clipAt(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
