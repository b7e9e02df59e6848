package server

import (
	"crypto/rand"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"github.com/maypok86/otter/v2"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
	"yeok/cache"
)

// answers holds whole answers in the very bytes that go out, so that a hit
// costs what the network costs: decoding and encoding a translation takes ten
// times longer than sending it.
//
// An answer belongs to the exact bytes of a request, and to records of the
// memory that it was made from. It is served only while those records say what
// they said then, which a watch on them tells in nanoseconds. So nothing has to
// be told to answers when an article moves on, an entry expires or another
// gateway purges: they stop being good by themselves. They live in memory alone,
// since they can be made again from the memory for nothing.
type answers struct {
	cache *cache.Cache
	held  *otter.Cache[answerKey, *answer]
	seeds [2]maphash.Seed
}

// answerKey names a request: its door, its tenant and every byte of it.
type answerKey struct {
	tenant string // so that no collision can lead from one to another
	hash   [2]uint64
}

// answer is one stored answer, in the form of one door.
type answer struct {
	watch *cache.Watch // on the records that it was made from
	body  []byte       // protobuf wire over gRPC, JSON over HTTP
	tag   string       // ETag of a GET over HTTP
	made  time.Time    // of the oldest translation in it; zero if it holds none

	plain, packed form // over HTTP, each made when first asked for
}

// answerOverhead is what an answer costs in memory beside its bytes, which is
// mostly its records.
const answerOverhead = 1 << 10

// packedShare is the part of its body that an answer in gzip is counted as: it
// is made after the answer was weighed. News in JSON shrinks to under a third.
const packedShare = 3

func newAnswers(c *cache.Cache, maxBytes int64) (*answers, error) {
	held, err := otter.New(&otter.Options[answerKey, *answer]{
		MaximumWeight: uint64(maxBytes),
		Weigher: func(_ answerKey, a *answer) uint32 {
			return uint32(len(a.body) + len(a.body)/packedShare + answerOverhead)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("server: answers: %w", err)
	}
	return &answers{cache: c, held: held, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}, nil
}

// find returns the answer to a request, if there is one and it is still good.
func (a *answers) find(key answerKey, now time.Time) *answer {
	found, ok := a.held.GetIfPresent(key)
	if !ok {
		return nil
	}
	if a.expired(found, now) || !found.watch.Holds(now) {
		a.held.Invalidate(key)
		return nil
	}
	return found
}

// expired says whether a translation in the answer has outlived what is
// remembered. Its records may be younger: an article can come back to words that
// were translated long before.
func (a *answers) expired(found *answer, now time.Time) bool {
	ttl := a.cache.TTL()
	return ttl > 0 && !found.made.IsZero() && now.Sub(found.made) > ttl
}

// keep remembers an answer. An answer whose records have changed while it was
// made is not worth keeping.
func (a *answers) keep(key answerKey, kept *answer) {
	if kept.watch.Holds(time.Now()) {
		a.held.Set(key, kept)
	}
}

// key names a request by its tenant, its door and its bytes, each behind its
// length. It is not a cryptographic hash, because a hit has no time for one: no
// other process can foresee it, and the tenant stands beside it.
func (a *answers) key(tenant, door string, request []byte) answerKey {
	key := answerKey{tenant: tenant}
	for i, seed := range a.seeds {
		var h maphash.Hash
		h.SetSeed(seed)
		maphash.WriteComparable(&h, len(tenant))
		_, _ = h.WriteString(tenant) // a hash does not fail
		maphash.WriteComparable(&h, len(door))
		_, _ = h.WriteString(door)
		_, _ = h.Write(request)
		key.hash[i] = h.Sum64()
	}
	return key
}

// messageKey names a decoded request of an RPC.
func (a *answers) messageKey(tenant, method string, request proto.Message) (key answerKey, ok bool) {
	wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	return a.key(tenant, method, wire), err == nil
}

// Every answer also depends on two records that change when something is purged
// or paid for again, because an answer cannot tell what of it that concerns.
const purgeEpochKey = "epoch"

func tenantEpochKey(tenant string) string { return "epoch/" + tenant }

// epochs are read before anything else that an answer is made from.
func (s *Server) epochs(tenant string) []cache.Seen {
	return []cache.Seen{s.epoch(purgeEpochKey), s.epoch(tenantEpochKey(tenant))}
}

// epoch reads an epoch, and begins one where there is none: memory does not
// hold what is not there, so that every hit would look into the file for it.
func (s *Server) epoch(key string) cache.Seen {
	value, ok := s.cache.Get(key)
	if !ok {
		s.noteStore(newEpoch(s.cache, key))
		value, _ = s.cache.Get(key)
	}
	return cache.Seen{Key: key, Value: string(value)}
}

// newEpoch ends the life of stored answers, here and in every gateway with the
// same memory.
func newEpoch(c *cache.Cache, key string) error {
	return c.Put(key, cache.Entry{Value: []byte(rand.Text())})
}

// purge forgets what has all of the tags, in the memory and in stored answers,
// and reports how many entries and bytes that is; a dry run only counts.
func purge(c *cache.Cache, tags []string, dryRun bool) (entries int, bytes int64, err error) {
	if entries, bytes, err = c.Purge(tags, dryRun); err != nil || dryRun {
		return entries, bytes, err
	}
	return entries, bytes, newEpoch(c, purgeEpochKey)
}

// wireAnswer is an answer on its way out of the gRPC server: strictCodec sends
// its bytes as they are.
type wireAnswer struct{ *answer }

// stored returns the stored answer to a decoded request, or nil.
func (s *Server) stored(tenant, method string, control cacheControl, req any) *answer {
	message, ok := req.(proto.Message)
	if !ok || !answerableMethod(method) || control != (cacheControl{}) {
		return nil
	}
	key, ok := s.answers.messageKey(tenant, method, message)
	if !ok {
		return nil
	}
	return s.answers.find(key, time.Now())
}

// store keeps an answer for whom asks the same again, under the records that
// it was made from.
func (s *Server) store(tenant, method string, req, resp proto.Message, made time.Time, records []cache.Seen) {
	key, ok := s.answers.messageKey(tenant, method, req)
	if !ok {
		return
	}
	if wire, err := proto.Marshal(resp); err == nil {
		s.answers.keep(key, &answer{watch: s.cache.Watch(records), body: wire, made: made})
	}
}

// storeArticleAnswer keeps the answer to TranslateArticle if the caller paid for none
// of it: it was remembered, or others' work that he found under way. The answer to
// whoever paid says so, and is nobody else's.
func (s *Server) storeArticleAnswer(j *job, work []*translation, req *yeokv1.TranslateArticleRequest, resp *yeokv1.TranslateArticleResponse) {
	if j.control != (cacheControl{}) {
		return
	}
	records := append(j.epochs, cache.Seen{Key: newestKey(j.tenant, j.id), Value: j.revision})
	var oldest time.Time
	for i, w := range work {
		provenance := resp.GetTranslations()[i].GetProvenance()
		if provenance.GetCacheStatus() != yeokv1.Provenance_HIT {
			return
		}
		records = append(records, cache.Seen{Key: filedKey(j.tenant, j.id, w.target.Code), Value: w.filing()})
		if made := provenance.GetCreateTime().AsTime(); oldest.IsZero() || made.Before(oldest) {
			oldest = made
		}
	}
	s.store(j.tenant, yeokv1.TranslationService_TranslateArticle_FullMethodName, req, resp, oldest, records)
}

// storeTextAnswer does the same for TranslateText. Strings are filed under no
// name, so only the epochs can end it.
func (s *Server) storeTextAnswer(j *textJob, req *yeokv1.TranslateTextRequest, resp *yeokv1.TranslateTextResponse) {
	failed := func(t *yeokv1.TextTranslation) bool { return t.GetState() == yeokv1.Translation_FAILED }
	hit := resp.GetProvenance().GetCacheStatus() == yeokv1.Provenance_HIT
	if hit && j.control == (cacheControl{}) && !slices.ContainsFunc(resp.GetTranslations(), failed) {
		s.store(j.request.Tenant, yeokv1.TranslationService_TranslateText_FullMethodName, req, resp,
			resp.GetProvenance().GetCreateTime().AsTime(), j.epochs)
	}
}
