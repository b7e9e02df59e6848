package translate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"yeok/translate/check"
	"yeok/translate/language"
)

// key is a SHA-256 over fields with their lengths in front, so that no two lists
// of fields give the same bytes.
type key struct{ hash hash.Hash }

// newKey begins a key; what it is for is its first field.
func newKey(purpose string) key {
	k := key{sha256.New()}
	k.add(purpose)
	return k
}

func (k key) add(fields ...string) {
	for _, field := range fields {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(field)))
		k.hash.Write(length[:])
		k.hash.Write([]byte(field))
	}
}

// addList adds fields as one: how many there are is part of the key.
func (k key) addList(fields []string) {
	k.add(fmt.Sprint(len(fields)))
	k.add(fields...)
}

func (k key) addTerms(terms []check.Term) {
	k.add(fmt.Sprint(len(terms)))
	for _, t := range terms {
		k.add(t.Source, t.Target, fmt.Sprint(t.Strict))
	}
}

func (k key) addFacts(u *unit) {
	k.add(fmt.Sprint(len(u.facts)))
	for _, f := range u.facts {
		k.add(f.words, f.meaning)
	}
}

func (k key) sum() string { return hex.EncodeToString(k.hash.Sum(nil)) }

// addMaker adds all that is equal for the segments of one request.
func (t *Translator) addMaker(k key, req Request) {
	k.add(req.Tenant, req.Target.Code, t.family(req.Target), t.prompts.version, factsVersion, check.Version, fmt.Sprint(req.Independent))
}

// Fingerprint is the key of the whole answer to req: it changes with everything
// that the answer depends on, and with nothing else. Known is not part of it. The
// facts and the names of the house follow from the text and the day of publication,
// which stand for them.
func (t *Translator) Fingerprint(req Request) string {
	k := newKey("article")
	t.addMaker(k, req)
	a := req.Article
	k.add(published(a.PublishTime), a.Title)
	k.addList(a.Subtitles)
	k.add(fmt.Sprint(len(a.Blocks)))
	for _, b := range a.Blocks {
		k.add(b.ID, fmt.Sprint(b.Kind), b.Text, b.HTML, b.Credit)
	}
	k.add(houseVersion())
	r := req.reading()
	units := copied(r.units)
	req.addTerms(r, units, false)
	for _, u := range units {
		k.addTerms(u.terms)
	}
	return k.sum()
}

// SegmentFingerprints lists the keys of each segment of req, by segment id. A
// translation may be reused if it was stored under any of them, the first one
// first; a new one is to be stored under all.
//
// A long segment stands by itself and has one key, without its neighbours,
// although the model sees them: an edit should pay for the changed paragraph, not
// for three, and a wire story is paid once whoever prints it. What "네" or "3위"
// means hangs on the text around it. A short one is therefore reused in another
// article only between the same neighbours; in a later revision of its own article
// the name of the article stands for them, so that what nobody edited stays as it
// was, byte for byte. Where a text stands twice in an article, only its neighbours
// tell which is which.
func (t *Translator) SegmentFingerprints(req Request) map[string][]string {
	keys := make(map[string][]string)
	units := req.reading().unitsFor(req)
	count := make(map[string]int, len(units))
	for _, u := range units {
		count[u.text]++
	}
	textAt := func(i int) string {
		if i < 0 || i >= len(units) {
			return ""
		}
		return units[i].text
	}
	for i, u := range units {
		switch {
		case req.Independent || utf8.RuneCountInString(u.text) >= longSegment:
			keys[u.id] = []string{t.segmentKey(req, u, "alone")}
		case req.Name == "" || count[u.text] > 1:
			keys[u.id] = []string{t.segmentKey(req, u, "between", textAt(i-1), textAt(i+1))}
		default:
			keys[u.id] = []string{
				t.segmentKey(req, u, "between", textAt(i-1), textAt(i+1)),
				t.segmentKey(req, u, "within", req.Name),
			}
		}
	}
	return keys
}

// longSegment is the length in characters from which a segment stands by itself:
// longer than nearly all headlines, captions and answers, and no longer than the
// sentences of news are. The check of lengths begins its band for long texts
// here, too.
const longSegment = 60

// segmentKey is the key of a segment in a place. The day of publication is part of
// it only where a date is not resolved: the others are facts, and a corrected date
// line that leaves them as they are costs nothing.
func (t *Translator) segmentKey(req Request, u *unit, place ...string) string {
	k := newKey("segment")
	t.addMaker(k, req)
	k.add(fmt.Sprint(u.role), u.text, u.html)
	k.addList(place)
	k.addTerms(u.terms)
	k.addFacts(u)
	if u.loose {
		k.add(published(req.Article.PublishTime))
	}
	return k.sum()
}

// family is what the first model for a target is called without the parts of its name that
// change while its translations stay what they are: the path of a reseller, the
// date of a snapshot. It is the first model that answers for the text; the others
// only help out, and adding one must not pay for everything again.
func (t *Translator) family(target *language.Language) string {
	i := slices.IndexFunc(t.clients, func(c *client) bool { return c.serves(target) })
	if i < 0 {
		return ""
	}
	m := t.clients[i].model
	name := strings.ToLower(m.Name)
	name = name[strings.LastIndex(name, "/")+1:]
	return snapshot.ReplaceAllString(name, "") + " " + string(m.Profile.Prompt)
}

var snapshot = regexp.MustCompile(`-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$`)
