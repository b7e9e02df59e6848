package server

import (
	"errors"
	"testing"

	yeokv1 "yeok/api/yeok/v1"
)

func TestDecodeStrictlyNamesTheField(t *testing.T) {
	tests := []struct {
		name, body, field, reason string
	}{
		{"empty", "", "body", "JSON_INVALID"},
		{"not JSON", "hello", "body", "JSON_INVALID"},
		{"cut", `{"source":{"text":"가`, "body", "JSON_INVALID"},
		{"an array", `[1]`, "body", "VALUE_INVALID"},
		{"unknown at the top", `{"sauce":{}}`, "sauce", "FIELD_UNKNOWN"},
		{"unknown below", `{"source":{"txt":"가"}}`, "source.txt", "FIELD_UNKNOWN"},
		{"unknown in a list", `{"source":{"article":{"blocks":[{"id":"p1"},
			{"id":"p2","colour":1}]}}}`, "source.article.blocks[1].colour", "FIELD_UNKNOWN"},
		{"unknown after Korean", `{"source":{"text":"가나다"},"x":1}`, "x", "FIELD_UNKNOWN"},
		{"wrong type", `{"articleId":7}`, "articleId", "VALUE_INVALID"},
		{"wrong enum", `{"source":{"article":{"blocks":[{"kind":"POEM"}]}}}`, "source.article.blocks[0].kind", "VALUE_INVALID"},
		{"wrong time", `{"source":{"text":"가","publishTime":"yesterday"}}`, "source.publishTime", "VALUE_INVALID"},
		{"bad UTF-8", "{\"source\":{\"text\":\"a\xff\"}}", "source.text", "NOT_UTF8"},
		{"bad UTF-8 in a list", "{\"targetLanguageCodes\":[\"en\",\"\xff\"]}", "targetLanguageCodes[1]", "NOT_UTF8"},
		{"two at once", `{"source":{"text":"가","html":"나"}}`, "source.html", "VALUE_INVALID"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := decodeStrictly([]byte(test.body), &yeokv1.TranslateArticleRequest{})
			var field *fieldError
			if !errors.As(err, &field) {
				t.Fatalf("decodeStrictly(%q) = %v, want a field error", test.body, err)
			}
			if field.field != test.field || field.reason != test.reason {
				t.Errorf("decodeStrictly(%q) = %s %s (%s), want %s %s", test.body, field.field, field.reason, field.description, test.field, test.reason)
			}
		})
	}
}

func TestDecodeStrictlyTakesBothSpellings(t *testing.T) {
	for _, body := range []string{`{"articleId":"a"}`, `{"article_id":"a"}`} {
		req := &yeokv1.TranslateArticleRequest{}
		if err := decodeStrictly([]byte(body), req); err != nil || req.GetArticleId() != "a" {
			t.Errorf("decodeStrictly(%q) = %v, %v; want article id a", body, req, err)
		}
	}
}

func FuzzDecodeStrictly(f *testing.F) {
	f.Add([]byte(`{"source":{"article":{"blocks":[{"id":"p1"},{"colour":1}]}}}`))
	f.Add([]byte("{\"source\":{\"text\":\"a\xff\"}}"))
	f.Add([]byte(`]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		err := decodeStrictly(body, &yeokv1.TranslateArticleRequest{})
		var field *fieldError
		if err != nil && (!errors.As(err, &field) || field.field == "") {
			t.Errorf("decodeStrictly(%q) = %v, want an error that names a field", body, err)
		}
	})
}
