package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
	"yeok/translate/language"
)

// The memory holds seven kinds of record, told apart by the first letters of
// their key:
//
//	whole/TENANT/FINGERPRINT   a finished translation, under no article's name
//	segment/TENANT/FINGERPRINT one segment that passed its checks
//	doubtful/TENANT/FINGERPRINT one that did not, of an answer that was given
//	article/TENANT/ID          the newest revision of an article
//	newest/TENANT/ID           the id of that revision alone
//	revision/TENANT/ID/REV     an earlier revision
//	filed/TENANT/ID/LANGUAGE   which whole belongs to that article and revision
//
// Only a fingerprint decides what may be reused; the others say what a name means
// today, and meant before. (Two epochs, which end the life of stored answers, are
// in answer.go.)
func wholeKey(tenant, fp string) string   { return fingerprintKey("whole", tenant, fp) }
func articleKey(tenant, id string) string { return "article/" + tenant + "/" + id }
func newestKey(tenant, id string) string  { return "newest/" + tenant + "/" + id }
func revisionKey(tenant, id, revision string) string {
	return "revision/" + tenant + "/" + id + "/" + revision
}
func filedKey(tenant, id, language string) string {
	return "filed/" + tenant + "/" + id + "/" + language
}

// fingerprintKey names what is found by a fingerprint alone. The fingerprint depends
// on the tenant too; the name is there so that it can be seen.
func fingerprintKey(kind, tenant, fingerprint string) string {
	if tenant == "" {
		return kind + "/" + fingerprint
	}
	return fmt.Sprintf("%s/%s/%s", kind, tenant, fingerprint)
}

// filing is the record behind filedKey.
type filing struct {
	Revision string `json:"revision"`
	Whole    string `json:"whole"` // key of the whole translation
}

// putAll stores entries in one commit. If that fails it puts them one by one,
// since only Put keeps in memory what cannot be written.
func (s *Server) putAll(entries map[string]cache.Entry) error {
	if s.cache.PutAll(entries) == nil {
		return nil
	}
	var errs []error
	for key, e := range entries {
		errs = append(errs, s.cache.Put(key, e))
	}
	return errors.Join(errs...)
}

// newest is the id of an article's newest revision, "" if there is none.
func (s *Server) newest(tenant, id string) string {
	value, _ := s.cache.Get(newestKey(tenant, id))
	return string(value)
}

// fileTranslation makes a whole translation the newest of its article, unless
// the article has moved on to another revision in the meantime.
func (s *Server) fileTranslation(w *translation) {
	if !s.isNewest(w.job) {
		return
	}
	if key, e, ok := s.filingOf(w); ok {
		s.noteStore(s.cache.Put(key, e))
	}
}

// isNewest reports whether the job's revision is filed, and no other one after it.
func (s *Server) isNewest(j *job) bool { return s.newest(j.tenant, j.id) == j.revision }

// filingOf is the record that files a translation of the newest revision, false if it
// is there.
func (s *Server) filingOf(w *translation) (key string, e cache.Entry, ok bool) {
	j := w.job
	key, value := filedKey(j.tenant, j.id, w.target.Code), w.filing()
	if old, ok := s.cache.Get(key); ok && string(old) == value {
		return "", e, false
	}
	return key, cache.Entry{Value: []byte(value), Tags: w.tags("")}, true
}

// filing is the record that files this translation under its article.
func (w *translation) filing() string {
	value, err := json.Marshal(filing{Revision: w.job.revision, Whole: wholeKey(w.job.tenant, w.fingerprint)})
	if err != nil {
		return "" // two strings always have a JSON form
	}
	return string(value)
}

func (s *Server) articleAt(key string) *yeokv1.Article {
	value, ok := s.cache.Look(key)
	if !ok {
		return nil
	}
	a := &yeokv1.Article{}
	if proto.Unmarshal(value, a) != nil {
		return nil
	}
	return a
}

func (s *Server) filedArticle(tenant, id string) (*yeokv1.Article, error) {
	if err := checkArticleID(id); err != nil {
		return nil, err
	}
	if a := s.articleAt(articleKey(tenant, id)); a != nil {
		return a, nil
	}
	return nil, notFound("ARTICLE_NOT_FOUND", "articles/%s is not remembered", id)
}

// knowsArticle is filedArticle for who only wants to know that it is there: its
// newest revision's id says so, unless a store has dropped that record alone.
func (s *Server) knowsArticle(tenant, id string) error {
	err := checkArticleID(id)
	if err == nil && s.newest(tenant, id) == "" {
		_, err = s.filedArticle(tenant, id)
	}
	return err
}

func checkArticleID(id string) error {
	if !articleIDs.MatchString(id) {
		return invalid("article", "ID_INVALID", "%q does not match %s", clip(id), articleIDs)
	}
	return nil
}

// filedTranslation returns an article's newest translation, and the record that
// says that it is.
func (s *Server) filedTranslation(tenant, id string, target *language.Language) (*yeokv1.Translation, cache.Seen, error) {
	if err := s.knowsArticle(tenant, id); err != nil {
		return nil, cache.Seen{}, err
	}
	missing := notFound("TRANSLATION_NOT_FOUND", "articles/%s has no remembered translation into %s", id, target.Code)
	key := filedKey(tenant, id, target.Code)
	f, value, ok := s.filingAt(tenant, key)
	if !ok {
		return nil, cache.Seen{}, missing
	}
	t := s.whole(f.Whole)
	if t == nil {
		return nil, cache.Seen{}, missing
	}
	markHit(t)
	t.Name = "articles/" + id + "/translations/" + target.Code
	t.Provenance.SourceRevisionId = f.Revision
	return t, cache.Seen{Key: key, Value: value}, nil
}

// filingAt reads a filing of a tenant's, and how it is written. One that leads to
// another tenant's translation came with an import, and leads nowhere.
func (s *Server) filingAt(tenant, key string) (f filing, written string, ok bool) {
	value, ok := s.cache.Get(key)
	if !ok || json.Unmarshal(value, &f) != nil || f.Whole != wholeKey(tenant, path.Base(f.Whole)) {
		return filing{}, "", false
	}
	return f, string(value), true
}

func notFound(reason, format string, args ...any) error {
	return detailed(codes.NotFound, reason, fmt.Sprintf(format, args...)).Err()
}

// Marks before the tags under which a purge finds a record.
const (
	tenantMark   = "tenant:"
	articleMark  = "article:"
	languageMark = "language:"
	modelMark    = "model:"
	glossaryMark = "glossary:"
)

func (w *translation) tags(model string) []string {
	tags := []string{tenantMark + w.job.tenant, articleMark + w.job.id, languageMark + w.target.Code}
	if model != "" {
		tags = append(tags, modelMark+model)
	}
	if w.job.glossaryRevision != "" {
		tags = append(tags, glossaryMark+w.job.glossaryRevision)
	}
	return tags
}
