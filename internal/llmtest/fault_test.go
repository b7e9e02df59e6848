package llmtest_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"yeok/internal/llmtest"
)

// seen is what a client saw of a fault, beside what it would have seen without.
type seen struct {
	answer
	blocks map[string]string
	good   map[string]string
	took   time.Duration
}

// ended reports whether the answer came to its regular end for this reason.
func (s seen) ended(finish string) bool {
	return s.status == 200 && s.err == nil && s.done && s.finish == finish
}

// differs lists the blocks that are not as they should be.
func (s seen) differs() []string {
	var out []string
	for tag := range s.good {
		if s.blocks[tag] != s.good[tag] {
			out = append(out, tag)
		}
	}
	return slices.Sorted(slices.Values(out))
}

// spoiledOnly is a regular answer in which this block alone is not as it should be.
func (s seen) spoiledOnly(tag string) bool {
	return s.ended("stop") && slices.Equal(s.differs(), []string{tag})
}

func refused(status int, code string) func(seen) bool {
	return func(s seen) bool { return s.status == status && strings.Contains(s.raw, code) && s.text == "" }
}

// half is an answer that stops half-way.
func half(s seen) bool { return s.status == 200 && len(s.differs()) > 0 && s.text != "" }

var hangul = regexp.MustCompile(`\p{Hangul}`)

// faults says how each fault looks to a client.
var faults = map[llmtest.Fault]func(seen) bool{
	llmtest.TooManyRequests: func(s seen) bool { return s.status == 429 && s.header.Get("Retry-After") == "2" },
	llmtest.TooManyRequestsDate: func(s seen) bool {
		at, err := http.ParseTime(s.header.Get("Retry-After"))
		return s.status == 429 && err == nil && time.Until(at) > 0 && time.Until(at) < 4*time.Second
	},
	llmtest.TooManyRequestsMillis: func(s seen) bool {
		return s.status == 429 && s.header.Get("Retry-After-Ms") == "1500" && s.header.Get("Retry-After") == ""
	},
	llmtest.InsufficientQuota:     refused(429, "insufficient_quota"),
	llmtest.ServerError:           refused(500, "server_error"),
	llmtest.BadGateway:            refused(502, "<html>"),
	llmtest.Unavailable:           func(s seen) bool { return s.status == 503 && s.header.Get("Retry-After") == "2" },
	llmtest.Unauthorized:          refused(401, "invalid_api_key"),
	llmtest.Forbidden:             refused(403, "denied"),
	llmtest.ModelNotFound:         refused(404, "model_not_found"),
	llmtest.ContextLengthExceeded: refused(400, "context_length_exceeded"),
	llmtest.BadRequest:            refused(400, "We could not parse"),

	llmtest.ConnectionReset: func(s seen) bool { return s.status == 0 && errors.Is(s.err, syscall.ECONNRESET) },
	llmtest.Hang:            func(s seen) bool { return s.status == 0 && os.IsTimeout(s.err) },
	llmtest.Stall:           func(s seen) bool { return half(s) && os.IsTimeout(s.err) && s.finish == "" },
	llmtest.CutStream:       func(s seen) bool { return half(s) && s.err == nil && s.finish == "" && !s.done },
	llmtest.ResetStream:     func(s seen) bool { return half(s) && errors.Is(s.err, syscall.ECONNRESET) && !s.done },
	llmtest.SlowDrip:        func(s seen) bool { return half(s) && os.IsTimeout(s.err) && len(s.text) < 100 },
	llmtest.KeepAlive:       func(s seen) bool { return s.ended("stop") && s.comments > 10 && len(s.differs()) == 0 },
	llmtest.MalformedJSON:   func(s seen) bool { return half(s) && !s.done && strings.HasSuffix(s.raw, `"content":`+"\n\n") },
	llmtest.InvalidUTF8:     func(s seen) bool { return s.ended("stop") && !utf8.ValidString(s.raw) },
	llmtest.UsageMissing:    func(s seen) bool { return s.ended("stop") && s.usage == nil && len(s.differs()) == 0 },
	llmtest.EmptyChoices:    func(s seen) bool { return s.ended("") && s.choices == 0 },
	llmtest.EmptyContent:    func(s seen) bool { return s.ended("stop") && s.text == "" },
	llmtest.LengthReached:   func(s seen) bool { return s.ended("length") && half(s) },
	llmtest.ContentFiltered: func(s seen) bool { return s.ended("content_filter") && half(s) },
	llmtest.HugeAnswer:      func(s seen) bool { return s.ended("stop") && len(s.text) > 10<<20 },
	llmtest.RepetitionLoop: func(s seen) bool {
		return s.ended("length") && s.usage["completion_tokens"] == 4096.0 && s.blocks["P1"] == s.good["P1"]
	},
	llmtest.ErrorInTheStream: func(s seen) bool { return half(s) && !s.done && strings.Contains(s.raw, `data: {"error":`) },

	llmtest.Refusal:         func(s seen) bool { return s.ended("stop") && strings.HasPrefix(s.text, "I'm sorry") },
	llmtest.InjectionObeyed: func(s seen) bool { return s.ended("stop") && s.text == "HACKED" },
	llmtest.Preamble: func(s seen) bool {
		return s.ended("stop") && strings.HasPrefix(s.text, "Here is the translation:\n") && len(s.differs()) == 0
	},
	llmtest.CodeFence: func(s seen) bool {
		return strings.HasPrefix(s.text, "```\n[[T]]") && strings.HasSuffix(s.text, "\n```")
	},
	llmtest.Think: func(s seen) bool {
		thought, answer, ended := strings.Cut(s.text, "\n</think>\n")
		return ended && strings.HasPrefix(thought, "<think>\n") && maps.Equal(blocks(answer), s.good)
	},
	llmtest.ThinkUnclosed: func(s seen) bool {
		return strings.HasPrefix(s.text, "<think>\n") && !strings.Contains(s.text, "</think>") && s.ended("stop")
	},
	llmtest.MarkerSingle:     func(s seen) bool { return strings.Contains(s.text, "\n[P1] ") && len(s.blocks) == 0 },
	llmtest.MarkerBold:       func(s seen) bool { return strings.Contains(s.text, "\n**[[P1]]** ") },
	llmtest.MarkerLenticular: func(s seen) bool { return strings.Contains(s.text, "\n【P1】") && len(s.blocks) == 0 },
	llmtest.MarkerColon:      func(s seen) bool { return strings.Contains(s.text, "\n[[P1]]: ") },
	llmtest.MarkersMissing: func(s seen) bool {
		return s.text == s.good["T"]+"\n"+s.good["P1"]+"\n"+s.good["P2"]
	},
	llmtest.ReversedBlocks: func(s seen) bool { return strings.HasPrefix(s.text, "[[P2]]") && len(s.differs()) == 0 },
	llmtest.ForeignBlock:   func(s seen) bool { return s.blocks["P99"] != "" && len(s.differs()) == 0 },
	llmtest.InWrongLanguage: func(s seen) bool {
		return len(s.differs()) == 3 && regexp.MustCompile(`\p{Han}`).MatchString(s.text)
	},
	llmtest.KoreanEchoed:      func(s seen) bool { return len(s.differs()) == 3 && hangul.MatchString(s.blocks["P1"]) },
	llmtest.TraditionalScript: func(s seen) bool { return s.ended("stop") && len(s.differs()) == 0 },

	llmtest.AnswerSays: func(s seen) bool { return s.ended("stop") && s.text == "What the rule says." },
	llmtest.BlockSays:  func(s seen) bool { return s.spoiledOnly("P2") && s.blocks["P2"] == "What the rule says." },
	llmtest.BlockAdds: func(s seen) bool {
		return s.spoiledOnly("P2") && s.blocks["P2"] == s.good["P2"]+" What the rule says."
	},

	llmtest.MissingBlock: func(s seen) bool { _, there := s.blocks["P2"]; return !there && s.spoiledOnly("P2") },
	llmtest.RepeatedBlock: func(s seen) bool {
		return strings.Count(s.text, "[[P2]]") == 2 && strings.Count(s.text, s.good["P2"]) == 2
	},
	llmtest.DoubledBlock: func(s seen) bool {
		return strings.Count(s.text, "[[P2]]") == 2 && strings.Count(s.text, s.good["P2"]) == 1
	},
	llmtest.CopiedBlock:  func(s seen) bool { return s.blocks["P2"] == s.good["P1"] && s.spoiledOnly("P2") },
	llmtest.MergedBlocks: func(s seen) bool { return s.blocks["P1"] == s.good["P1"]+" "+s.good["P2"] && len(s.blocks) == 2 },
	llmtest.EmptyBlock:   func(s seen) bool { text, there := s.blocks["P2"]; return there && text == "" && s.spoiledOnly("P2") },
	llmtest.BlockEchoed: func(s seen) bool {
		return strings.HasPrefix(s.blocks["P2"], "회사 관계자는") && s.spoiledOnly("P2")
	},
	llmtest.HangulLeft: func(s seen) bool { return s.blocks["P2"] == s.good["P2"]+" 회사" && s.spoiledOnly("P2") },
	llmtest.ChangedNumber: func(s seen) bool {
		return s.spoiledOnly("P1") && s.blocks["P1"] == strings.Replace(s.good["P1"], "21", "31", 1)
	},
	llmtest.DroppedNumber: func(s seen) bool {
		return s.spoiledOnly("P1") && !strings.ContainsAny(s.blocks["P1"], "0123456789") && strings.Contains(s.blocks["P1"], "won")
	},
	llmtest.InventedURL:      func(s seen) bool { return s.spoiledOnly("P2") && strings.Contains(s.blocks["P2"], "https://") },
	llmtest.BlockHacked:      func(s seen) bool { return s.spoiledOnly("P2") && s.blocks["P2"] == "HACKED" },
	llmtest.BlockCut:         func(s seen) bool { return s.spoiledOnly("P2") && strings.HasPrefix(s.good["P2"], s.blocks["P2"]) },
	llmtest.InlineTokensLost: func(s seen) bool { return s.spoiledOnly("P2") && !strings.Contains(s.blocks["P2"], "<x1>") },
}

// endless are the faults that only the client ends.
var endless = map[llmtest.Fault]bool{llmtest.Hang: true, llmtest.Stall: true, llmtest.SlowDrip: true}

func TestFaults(t *testing.T) {
	good := want(t, promptFor("English", all...))
	for _, fault := range llmtest.Faults() {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			looksRight, ok := faults[fault]
			if !ok {
				t.Fatal("the test does not know this fault")
			}
			s := llmtest.New(t, llmtest.Options{
				RetryAfter: 1500 * time.Millisecond,
				Rules:      []llmtest.Rule{{Fault: fault, Times: 1, Text: "What the rule says."}},
			})
			began := time.Now()
			client := patient
			if endless[fault] {
				client = impatient
			}
			got := seen{answer: askAs(t, client, s, promptFor("English", all...)), good: good, took: time.Since(began)}
			got.blocks = blocks(got.text)
			if !looksRight(got) {
				t.Errorf("status %d, finish %q, [DONE] %t, %v after %v, text %.300q, raw %.300q",
					got.status, got.finish, got.done, got.err, got.took, got.text, got.raw)
			}
			if again := ask(t, s, promptFor("English", all...)); !maps.Equal(blocks(again.text), good) {
				t.Errorf("the next request was struck too: %d %q %v", again.status, again.text, again.err)
			}
			if n := s.Stats().Faults[fault]; n != 1 {
				t.Errorf("Stats: struck %d times, want once", n)
			}
		})
	}
	if len(faults) != len(llmtest.Faults()) {
		t.Errorf("the test knows %d faults, the package %d", len(faults), len(llmtest.Faults()))
	}
}

// TestFaultsInOnePiece goes through the faults of the wire for an answer that
// is not streamed.
func TestFaultsInOnePiece(t *testing.T) {
	for fault, looksRight := range map[llmtest.Fault]func(answer) bool{
		llmtest.CutStream:        func(a answer) bool { return a.status == 200 && a.err != nil },
		llmtest.ResetStream:      func(a answer) bool { return a.status == 200 && errors.Is(a.err, syscall.ECONNRESET) },
		llmtest.Stall:            func(a answer) bool { return a.status == 200 && os.IsTimeout(a.err) },
		llmtest.MalformedJSON:    func(a answer) bool { return a.status == 200 && a.err == nil && !strings.HasSuffix(a.raw, "}") },
		llmtest.ErrorInTheStream: func(a answer) bool { return a.status == 200 && strings.HasPrefix(a.raw, `{"error":`) },
		llmtest.EmptyChoices:     func(a answer) bool { return a.status == 200 && strings.Contains(a.raw, `"choices":[]`) },
		llmtest.UsageMissing:     func(a answer) bool { return a.finish == "stop" && a.usage == nil },
		llmtest.LengthReached:    func(a answer) bool { return a.finish == "length" },
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			s := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: fault}}})
			client := patient
			if endless[fault] {
				client = impatient
			}
			got := askAs(t, client, s, promptFor("English", all...), func(body map[string]any) { delete(body, "stream") })
			if !looksRight(got) {
				t.Errorf("status %d, finish %q, %v, raw %.300q", got.status, got.finish, got.err, got.raw)
			}
		})
	}
}

func TestTraditionalScript(t *testing.T) {
	s := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.TraditionalScript}}})
	got := ask(t, s, promptFor("Simplified Chinese", all...)).text
	if !regexp.MustCompile(`[韓業產經濟億萬國]`).MatchString(got) || regexp.MustCompile(`[韩业产经济亿万国]`).MatchString(got) {
		t.Errorf("traditional characters: %s", got)
	}
}

func TestRulesChooseTheirRequests(t *testing.T) {
	type request struct {
		language string
		tags     []string
	}
	english, japanese, title := request{"English", all}, request{"Japanese", all}, request{"English", []string{"T"}}
	for _, test := range []struct {
		name     string
		rule     llmtest.Rule
		requests []request
		want     string // s for a request that was struck
	}{
		{"always", llmtest.Rule{}, []request{english, japanese, title}, "sss"},
		{"by number", llmtest.Rule{Request: 2}, []request{english, english, english}, "-s-"},
		{"by language", llmtest.Rule{Language: "ja"}, []request{english, japanese, english, japanese}, "-s-s"},
		{"by block", llmtest.Rule{Block: "P2"}, []request{title, english, title}, "-s-"},
		{"twice", llmtest.Rule{Times: 2}, []request{english, english, english}, "ss-"},
		{"once in a language", llmtest.Rule{Times: 1, Language: "ja"}, []request{english, japanese, japanese}, "-s-"},
	} {
		test.rule.Fault = llmtest.ServerError
		s := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{test.rule}})
		got := ""
		for _, r := range test.requests {
			if ask(t, s, promptFor(r.language, r.tags...)).status == 500 {
				got += "s"
			} else {
				got += "-"
			}
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestRulesAddUp(t *testing.T) {
	s := llmtest.New(t, llmtest.Options{})
	s.Fail(
		llmtest.Rule{Fault: llmtest.BlockHacked, Block: "T"},
		llmtest.Rule{Fault: llmtest.MissingBlock, Block: "P1"},
		llmtest.Rule{Fault: llmtest.CodeFence},
		llmtest.Rule{Fault: llmtest.Preamble},
	)
	got := ask(t, s, promptFor("English", all...)).text
	const wantPrefix = "Here is the translation:\n\n```\n[[T]] HACKED\n[[P2]] "
	if !strings.HasPrefix(got, wantPrefix) {
		t.Errorf("four rules: %q, want it to begin with %q", got, wantPrefix)
	}
	s.Heal()
	if diff := cmp.Diff(want(t, promptFor("English", all...)), blocks(ask(t, s, promptFor("English", all...)).text)); diff != "" {
		t.Errorf("after Heal (-want +got):\n%s", diff)
	}
}

func TestScript(t *testing.T) {
	s := llmtest.New(t, llmtest.Options{})
	ask(t, s, promptFor("English", "T"))
	s.Script(llmtest.TooManyRequests, "", llmtest.ServerError)
	var got []string
	for range 4 {
		got = append(got, strconv.Itoa(ask(t, s, promptFor("English", "T")).status))
	}
	if diff := cmp.Diff([]string{"429", "200", "500", "200"}, got); diff != "" {
		t.Errorf("Script (-want +got):\n%s", diff)
	}
}

func TestUnknownFaultIsLoud(t *testing.T) {
	s := llmtest.New(t, llmtest.Options{Rules: []llmtest.Rule{{Fault: "typo"}}})
	if got := ask(t, s, promptFor("English", "T")); got.status != 501 {
		t.Errorf("a fault that does not exist: %d, want 501", got.status)
	}
}

// TestHangEndsWithTheServer guards tests against waiting for ever.
func TestHangEndsWithTheServer(t *testing.T) {
	s, err := llmtest.Start(llmtest.Options{Rules: []llmtest.Rule{{Fault: llmtest.Hang}}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan answer)
	go func() { done <- ask(t, s, promptFor("English", "T")) }()
	for s.Stats().InFlight == 0 {
		time.Sleep(time.Millisecond)
	}
	s.Close()
	if got := <-done; !errors.Is(got.err, io.EOF) && !errors.Is(got.err, syscall.ECONNRESET) {
		t.Errorf("a request that hung when the server closed: %v", got.err)
	}
}
