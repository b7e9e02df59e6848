package translate

import (
	"encoding/json"
	"fmt"
	"testing"
)

// formPart decodes a part as the test needs it.
type formPart struct {
	Choices []struct {
		Delta struct{ Content, Role string }
	}
	Other string
}

func isFormText(part []byte, text string) bool {
	var p formPart
	return json.Unmarshal(part, &p) == nil && len(p.Choices) == 1 && p.Choices[0].Delta.Content == text && p.Other == ""
}

func TestForm(t *testing.T) {
	const part = `{"id":"x","choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":null}]}`
	for _, test := range []struct {
		name, first, next string
		want              string
		ok                bool
	}{
		{"text", fmt.Sprintf(part, "one"), fmt.Sprintf(part, " 둘"), " 둘", true},
		{"no text", fmt.Sprintf(part, "one"), fmt.Sprintf(part, ""), "", true},
		{"escaped", fmt.Sprintf(part, "one"), fmt.Sprintf(part, `\n`), "", false},
		{"end of a string inside", fmt.Sprintf(part, "one"), fmt.Sprintf(part, `a","role":"b`), "", false},
		{"no UTF-8", fmt.Sprintf(part, "one"), fmt.Sprintf(part, "\xff"), "", false},
		{"another end", fmt.Sprintf(part, "one"), `{"id":"x","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}`, "", false},
		{"learnt of what is escaped", fmt.Sprintf(part, `\n`), fmt.Sprintf(part, "a"), "", false},
		{"content is something else", `{"choices":[{"delta":{"content":"a"}}],"Other":{"content":"b"}}`, `{"choices":[{"delta":{"content":"a"}}],"Other":{"content":"c"}}`, "", false},
		{"content in a text", `{"choices":[{"delta":{"role":"\"content":"a"}}]}`, `{"choices":[{"delta":{"role":"\"content":"a"}}]}`, "", false},
		{"shorter than both ends", fmt.Sprintf(part, "one"), `{"id":"x"}]}`, "", false},
	} {
		var f form
		f.learn([]byte(test.first), isFormText)
		if got, ok := f.text([]byte(test.next)); ok != test.ok || ok && got != test.want {
			t.Errorf("%s: text = %q, %t, want %q, %t", test.name, got, ok, test.want, test.ok)
		}
	}
}

func TestFormGivesUp(t *testing.T) {
	var f form
	asked := 0
	for i := range 100 {
		f.learn(fmt.Appendf(nil, `{"noise":%d,"content":"a"}`, i), func([]byte, string) bool {
			asked++
			return false
		})
	}
	if asked != mostForms {
		t.Errorf("a stream without a form was asked %d times, want %d", asked, mostForms)
	}
}

// FuzzForm wants what a form says of a part to be what decoding says.
func FuzzForm(f *testing.F) {
	f.Add([]byte(`{"choices":[{"delta":{"content":"a"}}]}`), []byte(`{"choices":[{"delta":{"content":"b"}}]}`))
	f.Add([]byte(`{"choices":[{"delta":{"content":"a","Content":"x"}}]}`), []byte(`{"choices":[{"delta":{"content":"b","Content":"x"}}]}`))
	f.Fuzz(func(t *testing.T, first, next []byte) {
		var form form
		form.learn(first, isFormText)
		if text, ok := form.text(next); ok && !isFormText(next, text) {
			t.Errorf("a form of %q says %q of %q", first, text, next)
		}
	})
}
