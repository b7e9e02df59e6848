package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
)

// stage is a yeok that remembers one article, and its peers with the same
// answers.
type stage struct {
	b    *bench
	yeok *gateway
	rec  recording

	plain, inProcess, raw, usual, nginx, redis *process
	plainAddr, inProcessAddr, rawAddr          string
	usualAddr, nginxAddr, redisPort            string

	tags                  map[string]string // strong ETag by address
	body, bodyWire, query string            // files: what is posted, as JSON and framed; what gRPC's GET asks
	sizes                 [4]int            // posted in and out, gotten, wire of posted
}

const translationPath = "/v1/articles/%s/translations/en"

// hits measures remembered answers under load.
func hits(b *bench) (report, error) { return compareHits(b, false) }

// latency measures them one at a time.
func latency(b *bench) (report, error) { return compareHits(b, true) }

func compareHits(b *bench, single bool) (report, error) {
	var r report
	s, err := b.setStage()
	if err != nil {
		return r, err
	}
	r.say("One article of 10 blocks in four languages, asked for again and again: %d bytes in and %d out by POST, %d by GET, %d over gRPC.",
		s.sizes[0], s.sizes[1], s.sizes[2], s.sizes[3])
	for _, group := range s.groups(single) {
		r.say("**%s**", group.title)
		results, err := b.sideBySide(group.contenders)
		if err != nil {
			return r, fmt.Errorf("%s: %w", group.title, err)
		}
		r.compare(group.contenders, results, group.reference, single)
	}
	return r, nil
}

// setStage starts everybody.
func (b *bench) setStage() (*stage, error) {
	m, err := b.startModel(0, 0)
	if err != nil {
		return nil, err
	}
	s := &stage{b: b, rec: recording{filepath.Join(b.dir, "recording")}, tags: map[string]string{}}
	if s.yeok, err = b.startYeok(serverCore, m); err != nil {
		return nil, err
	}
	if err := s.yeok.fill(b.ctx, 1); err != nil {
		return nil, err
	}
	if err := s.record(); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return s, s.startPeers()
}

func (s *stage) startPeers() error {
	var errs [6]error
	s.plain, s.plainAddr, errs[0] = s.b.startPeer(s.rec, "plain", "")
	s.inProcess, s.inProcessAddr, errs[1] = s.b.startPeer(s.rec, "gateway", "")
	s.raw, s.rawAddr, errs[2] = s.b.startPeer(s.rec, "grpc", "raw")
	s.usual, s.usualAddr, errs[3] = s.b.startPeer(s.rec, "grpc", "default")
	s.nginx, s.nginxAddr, errs[4] = s.b.startNginx(s.rec)
	s.redis, s.redisPort, errs[5] = s.b.startRedis(serverCore)
	for i, err := range errs {
		if errors.Is(err, errNotInstalled) {
			errs[i] = nil
		}
	}
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	if err := s.fillRedis(); err != nil {
		return err
	}
	return s.learnTags()
}

func (s *stage) fillRedis() error {
	if s.redis == nil {
		return nil
	}
	for key, file := range map[string]string{"posted": postedJSON, "gotten": filepath.Join(site, fmt.Sprintf(translationPath, articleID(0)))} {
		value, err := s.rec.read(file)
		if err != nil {
			return err
		}
		if err := setRedis(s.redisPort, key, value); err != nil {
			return err
		}
	}
	return nil
}

// learnTags asks everybody for the ETag that a 304 needs.
func (s *stage) learnTags() error {
	for _, address := range []string{s.yeok.http, s.plainAddr, s.nginxAddr} {
		if address == "" {
			continue
		}
		resp, err := http.Get("http://" + address + fmt.Sprintf(translationPath, articleID(0)))
		if err != nil {
			return err
		}
		_ = resp.Body.Close() // only the header counts
		if s.tags[address] = resp.Header.Get("ETag"); s.tags[address] == "" {
			return fmt.Errorf("%s sends no ETag: %s", address, resp.Status)
		}
	}
	return nil
}

// record keeps yeok's answers to an article that it remembers.
func (s *stage) record() error {
	path := fmt.Sprintf(translationPath, articleID(0))
	file := filepath.Join(s.rec.dir, site, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	body := order(articleID(0), article(0, 10))
	posted, err := s.yeok.post(s.b.ctx, body)
	_, gotten, err2 := s.yeok.get(s.b.ctx, path)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	translated, fetched, err := s.overGRPC()
	if err != nil {
		return err
	}
	wire := make([][]byte, 4)
	for i, message := range []proto.Message{translateRequest(), getRequest(), translated, fetched} {
		if wire[i], err = proto.Marshal(message); err != nil {
			return err
		}
	}
	s.body, s.bodyWire, s.query = s.file("body.json"), s.file("body.grpc"), s.file("query.grpc")
	s.sizes = [4]int{len(body), len(posted), len(gotten), len(wire[2])}
	return errors.Join(
		os.WriteFile(file, gotten, 0o600), os.WriteFile(s.file(postedJSON), posted, 0o600),
		os.WriteFile(s.file(postedWire), wire[2], 0o600), os.WriteFile(s.file(gottenWire), wire[3], 0o600),
		os.WriteFile(s.body, body, 0o600), os.WriteFile(s.bodyWire, framed(wire[0]), 0o600), os.WriteFile(s.query, framed(wire[1]), 0o600),
	)
}

func (s *stage) file(name string) string { return filepath.Join(s.rec.dir, name) }

func translateRequest() *yeokv1.TranslateArticleRequest {
	return &yeokv1.TranslateArticleRequest{
		Source:    &yeokv1.ArticleSource{Content: &yeokv1.ArticleSource_Text{Text: article(0, 10).text()}},
		ArticleId: articleID(0),
	}
}

func getRequest() *yeokv1.GetTranslationRequest {
	return &yeokv1.GetTranslationRequest{Article: articleID(0), LanguageCode: "en"}
}

// overGRPC asks yeok the same over gRPC, and makes sure that it paid nothing.
func (s *stage) overGRPC() (*yeokv1.TranslateArticleResponse, *yeokv1.GetTranslationResponse, error) {
	conn, err := dial(s.yeok.grpc)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(s.b.ctx, 10*time.Second)
	defer cancel()
	client := yeokv1.NewTranslationServiceClient(conn)
	translated, err := client.TranslateArticle(ctx, translateRequest())
	if err != nil {
		return nil, nil, err
	}
	for _, t := range translated.GetTranslations() {
		if t.GetProvenance().GetCacheStatus() != yeokv1.Provenance_HIT {
			return nil, nil, fmt.Errorf("%s is no hit", t.GetName())
		}
	}
	fetched, err := client.GetTranslation(ctx, getRequest())
	return translated, fetched, err
}

// framed puts gRPC's five bytes before a message.
func framed(message []byte) []byte {
	var b bytes.Buffer
	b.WriteByte(0)
	_ = binary.Write(&b, binary.BigEndian, uint32(len(message))) // a buffer does not fail
	b.Write(message)
	return b.Bytes()
}

// group is a table of contenders.
type group struct {
	title, reference string
	contenders       []contender
}

const (
	self          = "**yeok**"
	plainName     = "bare net/http"
	gatewayName   = "grpc-gateway in process, default"
	rawName       = "gRPC, stored bytes"
	usualName     = "gRPC, default"
	nginxName     = "nginx, static file"
	redisName     = "Redis GET"
	translateCall = "/yeok.v1.TranslationService/TranslateArticle"
	getCall       = "/yeok.v1.TranslationService/GetTranslation"
)

func (s *stage) groups(single bool) []group {
	path := fmt.Sprintf(translationPath, articleID(0))
	web := func(name string, p *process, address, path, data, tag string) contender {
		l := h2load{url: "http://" + address + path, data: data, single: single}
		if data != "" {
			l.header = []string{"content-type: application/json"}
		}
		if tag != "" {
			l.header, l.want = []string{"if-none-match: " + tag}, "304"
		}
		return s.contender(name, p, l)
	}
	call := func(name string, p *process, address, method, data string) contender {
		return s.contender(name, p, h2load{url: "http://" + address + method, data: data, h2: true, single: single,
			header: []string{"content-type: application/grpc", "te: trailers"}})
	}
	redis := func(key string) contender {
		return contender{redisName, func() (result, error) {
			if s.redis == nil {
				return result{}, errNotInstalled
			}
			return s.b.redisGet(s.redis, s.redisPort, key, single)
		}}
	}
	return []group{
		{"POST /v1/articles:translate", plainName, []contender{
			web(plainName, s.plain, s.plainAddr, translatePath, s.body, ""),
			web(self, s.yeok.process, s.yeok.http, translatePath, s.body, ""),
			web(gatewayName, s.inProcess, s.inProcessAddr, translatePath, s.body, ""),
			redis("posted"),
		}},
		{"GET /v1/articles/{article}/translations/en", plainName, []contender{
			web(plainName, s.plain, s.plainAddr, path, "", ""),
			web(self, s.yeok.process, s.yeok.http, path, "", ""),
			web(gatewayName, s.inProcess, s.inProcessAddr, path, "", ""),
			web(nginxName, s.nginx, s.nginxAddr, path, "", ""),
			redis("gotten"),
		}},
		{"The same with If-None-Match: 304", plainName + ", 200", []contender{
			web(plainName+", 200", s.plain, s.plainAddr, path, "", ""),
			web(plainName, s.plain, s.plainAddr, path, "", s.tags[s.plainAddr]),
			web(self, s.yeok.process, s.yeok.http, path, "", s.tags[s.yeok.http]),
			web(nginxName, s.nginx, s.nginxAddr, path, "", s.tags[s.nginxAddr]),
		}},
		{"gRPC TranslateArticle", rawName, []contender{
			call(rawName, s.raw, s.rawAddr, translateCall, s.bodyWire),
			call(self, s.yeok.process, s.yeok.grpc, translateCall, s.bodyWire),
			call(usualName, s.usual, s.usualAddr, translateCall, s.bodyWire),
		}},
		{"gRPC GetTranslation", rawName, []contender{
			call(rawName, s.raw, s.rawAddr, getCall, s.query),
			call(self, s.yeok.process, s.yeok.grpc, getCall, s.query),
			call(usualName, s.usual, s.usualAddr, getCall, s.query),
		}},
	}
}

func (s *stage) contender(name string, p *process, l h2load) contender {
	return contender{name, func() (result, error) {
		if p == nil {
			return result{}, errNotInstalled
		}
		if p == s.yeok.process {
			defer s.b.profileHits(s.yeok, l)()
		}
		return s.b.h2load(p, l)
	}}
}
