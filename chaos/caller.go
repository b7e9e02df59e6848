package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	yeokv1 "yeok/api/yeok/v1"
)

// A caller is as patient as a newsroom's system is: it tries another gateway when
// one does not answer, and again when it is told to come back.
const (
	tries   = 8
	oneTry  = time.Minute
	pause   = 300 * time.Millisecond
	maxLine = 8 << 20 // of an event
)

// call is one way to ask for a translation.
type call func(ctx context.Context, g *gateway, order []byte, got *answer) error

// answer is what a caller has got so far.
type answer struct {
	*yeokv1.TranslateArticleResponse
	lastEventID string // of an event stream that broke
}

// calls are the ways to ask.
func calls() []call { return []call{overHTTP, overGRPC, overEvents} }

// persist asks one gateway after the other, first the one of that number, until one
// answers for good.
func persist(ctx context.Context, gateways []*gateway, first int, by call, order []byte) (*yeokv1.TranslateArticleResponse, error) {
	got := &answer{}
	var err error
	for i := range tries {
		one, cancel := context.WithTimeout(ctx, oneTry)
		err = by(one, gateways[(first+i)%len(gateways)], order, got)
		cancel()
		if err == nil && !worthAnotherTry(got.TranslateArticleResponse) {
			return got.TranslateArticleResponse, nil
		}
		if err != nil && !passes(err) || ctx.Err() != nil {
			break
		}
		time.Sleep(pause)
	}
	if err == nil {
		return got.TranslateArticleResponse, nil
	}
	return nil, err
}

// passes says whether an error may pass: the gateway was not there, or said so.
func passes(err error) bool {
	s, ok := status.FromError(err)
	return !ok || s.Code() == codes.Unavailable || s.Code() == codes.DeadlineExceeded || s.Code() == codes.Canceled
}

// worthAnotherTry says whether a language failed for a reason that may pass.
func worthAnotherTry(resp *yeokv1.TranslateArticleResponse) bool {
	for _, t := range resp.GetTranslations() {
		if t.GetState() == yeokv1.Translation_FAILED && codes.Code(t.GetError().GetCode()) == codes.Unavailable {
			return true
		}
	}
	return false
}

// reasonOf is the reason that an error gives; "" if it gives none.
func reasonOf(s *spb.Status) string {
	for _, detail := range s.GetDetails() {
		info := &errdetails.ErrorInfo{}
		if detail.UnmarshalTo(info) == nil && info.GetDomain() == "yeok" {
			return info.GetReason()
		}
	}
	return ""
}

func client() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
}

// web is the client of all callers over HTTP.
var web = client()

func overHTTP(ctx context.Context, g *gateway, order []byte, got *answer) error {
	body, err := post(ctx, g.address()+"/v1/articles:translate", order)
	if err != nil {
		return err
	}
	got.TranslateArticleResponse = &yeokv1.TranslateArticleResponse{}
	return protojson.Unmarshal(body, got.TranslateArticleResponse)
}

// post sends a JSON body. What is not 200 is an error: a gRPC status if the body
// is one.
func post(ctx context.Context, url string, order []byte, header ...string) ([]byte, error) {
	resp, err := send(ctx, url, order, header...)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = statusIn(resp.StatusCode, body)
	}
	return body, err
}

func send(ctx context.Context, url string, order []byte, header ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(order))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return web.Do(req)
}

func statusIn(code int, body []byte) error {
	s := &spb.Status{}
	if protojson.Unmarshal(body, s) == nil && s.GetCode() != 0 {
		return status.FromProto(s).Err()
	}
	return fmt.Errorf("HTTP %d: %.200s", code, body)
}

func overGRPC(ctx context.Context, g *gateway, order []byte, got *answer) error {
	req := &yeokv1.TranslateArticleRequest{}
	if err := protojson.Unmarshal(order, req); err != nil {
		return err
	}
	_, conn := g.now()
	resp, err := yeokv1.NewTranslationServiceClient(conn).TranslateArticle(ctx, req)
	if err == nil {
		got.TranslateArticleResponse = resp
	}
	return err
}

// overEvents reads an event stream. It goes on where an earlier one broke, at
// whatever gateway.
func overEvents(ctx context.Context, g *gateway, order []byte, got *answer) error {
	if got.GetTranslations() != nil && worthAnotherTry(got.TranslateArticleResponse) {
		got.lastEventID, got.TranslateArticleResponse = "", nil // a language failed: anew
	}
	resp, err := send(ctx, g.address()+"/v1/articles:streamTranslate", order, "Accept", "text/event-stream", "Last-Event-ID", got.lastEventID)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxLine))
		return errors.Join(err, statusIn(resp.StatusCode, body))
	}
	if got.TranslateArticleResponse == nil {
		got.TranslateArticleResponse = &yeokv1.TranslateArticleResponse{}
	}
	var name string
	lines := bufio.NewScanner(resp.Body)
	for lines.Buffer(nil, maxLine); lines.Scan(); {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "event":
			name = value
		case "id":
			got.lastEventID = value
		case "data":
			if done, err := got.take(name, []byte(value)); done || err != nil {
				return err
			}
		}
	}
	return errors.Join(lines.Err(), io.ErrUnexpectedEOF)
}

// take adds one event to the answer.
func (a *answer) take(name string, data []byte) (done bool, err error) {
	var m proto.Message
	switch name {
	case "article":
		a.Article = &yeokv1.Article{}
		m = a.Article
	case "translation":
		t := &yeokv1.Translation{}
		a.Translations = append(a.Translations, t)
		m = t
	case "error":
		return true, statusIn(http.StatusOK, data)
	default:
		return name == "done", nil
	}
	return false, protojson.Unmarshal(data, m)
}
