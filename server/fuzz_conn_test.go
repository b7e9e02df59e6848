package server_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	yeokv1 "yeok/api/yeok/v1"
)

// FuzzConnection says bytes, in pieces that end where they have the byte \x00, behind
// a GET that every connection answers by itself the next time. Whatever they are, the
// answers are those that net/http alone gives.
func FuzzConnection(f *testing.F) {
	g := openFuzzed(f)
	if err := callGRPC(f, g.gate, &yeokv1.TranslateArticleRequest{Source: text(page), ArticleId: "cms-1"}, &yeokv1.TranslateArticleResponse{}); err != nil {
		f.Fatal(err)
	}
	usual, tagged, clean := get(english), get(english, `If-None-Match: "a"`), "POST /v1/articles:clean HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
	for _, seed := range []string{
		usual, tagged, usual + usual, usual + "\x00" + usual, usual[:40] + "\x00" + usual[40:], clean + usual, clean[:len(clean)-2] + "\x00{}" + usual,
		get("/v1/articles/cms-1/translations/ja") + get("/v1/languages") + usual, strings.Replace(usual, "GET", "HEAD", 1), get(english, "Connection: close") + usual,
		get(english, "Transfer-Encoding: chunked") + "0\r\n\r\n" + usual, "\r\n" + usual, usual[:len(usual)-1] + "\x00\n" + usual, get("/v1/languages") + usual[:len(usual)-1] + "\x00\n" + usual,
		get("/v1/articles/cms%2D1"), strings.ReplaceAll(usual, "\r\n", "\n"), get(english, "If-None-Match: *", "X-Request-Id: 1"), get(english, "Accept-Encoding: gzip") + usual,
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	attached, plain := stage(f, g.srv, true), stage(f, g.srv, false)
	f.Fuzz(func(t *testing.T, said []byte, eager bool) {
		play := func(th *theatre) string {
			pieces := [][]byte{[]byte(usual), []byte(tagged)}
			s := newScript(slices.Concat(pieces, bytes.Split(bytes.Clone(said), []byte{0}))...)
			s.eager = eager
			heard, _ := th.play(t, s)
			return heard
		}
		play(plain) // what is stored and what is made now are told apart
		paid := g.paid(func() {
			want, got := play(plain), play(attached)
			if diff := cmp.Diff(comparable(want), comparable(got)); diff != "" {
				t.Errorf("%q (eager %v): heard otherwise than from net/http (-want +got):\n%s", said, eager, diff)
			}
		})
		if paid > 0 {
			t.Skip("paid work says when it was made")
		}
	})
}
