package main_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	yeokv1 "yeok/api/yeok/v1"
)

// findings reads the lines that `yeok check` prints.
func findings(t *testing.T, stdout string) [][]*yeokv1.Finding {
	t.Helper()
	var all [][]*yeokv1.Finding
	for line := range strings.Lines(stdout) {
		var one struct{ Findings []json.RawMessage }
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("yeok check: line %q: %v", line, err)
		}
		found := []*yeokv1.Finding{}
		for _, body := range one.Findings {
			var f yeokv1.Finding
			if err := protojson.Unmarshal(body, &f); err != nil {
				t.Fatalf("yeok check: finding %s: %v", body, err)
			}
			found = append(found, &f)
		}
		all = append(all, found)
	}
	return all
}

func TestCheck(t *testing.T) {
	in := `{"source":"새벽전자가 공장을 짓는다.","target":"Saebyeok Electronics is building a plant.","languageCode":"EN"}
{"source":"새벽전자가 공장을 짓는다.","target":"","languageCode":"ja","id":"p7","role":"body"}
{"source":"새벽전자가 공장을 짓는다.","target":"Saebyeok Electronics is building a 공장.","languageCode":"en-US","publishTime":"2025-03-04T00:30:00Z"}
`
	got := call{dir: t.TempDir(), stdin: in}.run(t, "check")
	if got.code != 0 {
		t.Fatalf("yeok check: exit %d, stderr %q", got.code, got.stderr)
	}
	if first, _, _ := strings.Cut(got.stdout, "\n"); first != `{"findings":[]}` {
		t.Errorf("yeok check: a good pair gives %s", first)
	}
	found := findings(t, got.stdout)
	if len(found) != 3 {
		t.Fatalf("yeok check: %d lines for 3", len(found))
	}
	if len(found[1]) != 1 || found[1][0].GetCheck() != yeokv1.Finding_MISSING || found[1][0].GetBlockId() != "p7" || found[1][0].GetSeverity() != yeokv1.Finding_ERROR {
		t.Errorf("yeok check: an empty target gives %v", found[1])
	}
	hangul := found[2]
	if len(hangul) == 0 || hangul[0].GetCheck() != yeokv1.Finding_HANGUL || hangul[0].GetTargetText() != "공장" || hangul[0].GetTargetSpan().GetStart() != 35 {
		t.Errorf("yeok check: Hangul in the target gives %v", hangul)
	}
}

// TestCheckBadLines answers what came before the bad line, and names it.
func TestCheckBadLines(t *testing.T) {
	const good = `{"source":"가다.","target":"He goes.","languageCode":"en"}`
	for bad, want := range map[string]string{
		`{"source":`: "line 3: not a line of JSON",
		`{"source":"가","target":"A","languageCode":"en","tone":"x"}`:     `unknown field "tone"`,
		`{"source":"가","target":"A","languageCode":"zh-Hant"}`:           `"zh-Hant" is not served; served are zh-Hans, en, ja, vi`,
		`{"source":"가","target":"A","languageCode":"en","role":"lead"}`:  `role: "lead" is none of body, title`,
		`{"target":"A","languageCode":"en"}`:                             "source: is missing",
		`{"source":"가","target":"A","languageCode":"en"} {}`:             "more than one object",
		`{"source":"가","target":"A","languageCode":"en","id":["p1"]}`:    "line 3: not a line of JSON",
		`{"source":"` + strings.Repeat("가", 6<<20) + `","target":"", "}`: "line 3: ",
	} {
		got := call{dir: t.TempDir(), stdin: good + "\n\n" + bad + "\n" + good + "\n"}.run(t, "check")
		if got.code != 1 || !strings.Contains(got.stderr, want) || strings.Count(got.stdout, "\n") != 1 {
			t.Errorf("yeok check of %.60q: exit %d, stdout %q, stderr %q; want exit 1, one line, and %q", bad, got.code, got.stdout, got.stderr, want)
		}
	}
}

// TestCheckStreams asks again only when the answer to the line before is there.
func TestCheckStreams(t *testing.T) {
	cmd := call{dir: t.TempDir()}.command("check")
	cmd.Stdin = nil
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answer := json.NewDecoder(out)
	for i := range 3 {
		if _, err := io.WriteString(in, `{"source":"가다.","target":"He goes.","languageCode":"en"}`+"\n"); err != nil {
			t.Fatal(err)
		}
		var one struct{ Findings []json.RawMessage }
		if err := answer.Decode(&one); err != nil {
			t.Fatalf("yeok check: answer %d: %v", i, err)
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("yeok check after the end of its input: %v", err)
	}
}
