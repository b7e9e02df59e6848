package translate

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"yeok/translate/check"
	"yeok/translate/language"
)

//go:embed prompts
var builtin embed.FS

// prompts are the templates in use.
type prompts struct {
	bySize  map[PromptSize]prompt
	version string // a hash of all of them
}

// prompt is one size: the system message, which is the same bytes for every
// article and language, and the template of the user message. Models that were
// tuned to translate have no system message.
type prompt struct {
	system system
	user   *template.Template
	leaks  leaks
}

// system is a system message, with what every call needs of it.
type system struct {
	text   string
	json   []byte // of the text
	tokens int    // estimated
}

func newSystem(text string) system { return system{text, jsonOf(text), estimateTokens(text)} }

// loadPrompts reads the templates, each from dir if it has a file of that name.
// Every mistake in a template shows here, not at the first article.
func loadPrompts(dir string) (*prompts, error) {
	p := &prompts{bySize: make(map[PromptSize]prompt)}
	k := newKey("prompts")
	for _, size := range promptSizes {
		system, err := readPrompt(dir, string(size)+".system.txt")
		if err != nil && !(size == PromptTuned && errors.Is(err, fs.ErrNotExist)) {
			return nil, err
		}
		source, err := readPrompt(dir, string(size)+".user.tmpl")
		if err != nil {
			return nil, err
		}
		user, err := template.New(string(size) + ".user.tmpl").Option("missingkey=error").Parse(source)
		if err != nil {
			return nil, fmt.Errorf("prompt template: %w", err)
		}
		if err := user.Execute(io.Discard, sampleData); err != nil {
			return nil, fmt.Errorf("prompt template: %w", err)
		}
		k.add(system, source)
		p.bySize[size] = prompt{newSystem(system), user, leaksOf(system)}
	}
	p.version = k.sum()[:12]
	return p, nil
}

func readPrompt(dir, name string) (string, error) {
	if dir != "" {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if !errors.Is(err, fs.ErrNotExist) {
			return string(data), err
		}
	}
	data, err := builtin.ReadFile("prompts/" + name)
	return string(data), err
}

// promptData is what a user template may use.
type promptData struct {
	Scope       []segmentText      // what the model is shown, in reading order
	Asked       []string           // tags of what it is to translate
	Nonce       string             // of the fence around Scope
	Facts       []string           // about Scope; equal for all languages
	Language    *language.Language // the target
	Terms       []check.Term       // that occur in what is asked
	Done        []segmentText      // translations next to what is asked
	Before      []earlierText      // what an editor has changed since it was translated
	Problems    []segmentText      // what was wrong with earlier translations
	Independent bool               // strings of a user interface
	Insist      bool               // the model refused before
}

// segmentText is a text under its tag.
type segmentText struct{ Tag, Text string }

// sampleData lets every branch of a template run.
var sampleData = promptData{
	Scope:    []segmentText{{"T", "제목"}},
	Nonce:    "00000000",
	Asked:    []string{"T", "P1"},
	Facts:    []string{"published 2025-07-21 (Monday), Korean time"},
	Language: &language.Language{Name: "English"},
	Terms:    []check.Term{{Source: "제목", Target: "title", Strict: true}},
	Done:     []segmentText{{"S1", "deck"}},
	Before:   []earlierText{{"T", "제목", "title"}},
	Problems: []segmentText{{"T", "is too long"}},
	Insist:   true, Independent: true,
}

// nonce names the fence around what the model is shown. It comes from the content,
// so that an article cannot hold its own closing line, and is the same for every
// language and attempt.
func nonce(scope []segmentText) string {
	k := newKey("fence")
	for _, s := range scope {
		k.add(s.Tag, s.Text)
	}
	return k.sum()[:8]
}

// wish is what an attempt asks beyond a plain translation.
type wish struct {
	problems map[*unit]string
	sampling sampling
	insist   bool
}

// chat is the request for the segments of g. It fails only with a template of the
// operator's own that cannot render this article.
func (j *job) chat(c *client, g group, w wish) (chat, error) {
	data := promptData{
		Language:    j.req.Target,
		Independent: j.req.Independent,
		Insist:      w.insist,
		Facts:       j.factsOf(g.scope),
		Done:        j.settled(g),
		Before:      j.before(c, g, w),
	}
	for _, u := range g.scope {
		data.Scope = append(data.Scope, segmentText{u.tag, u.shown})
	}
	data.Nonce = nonce(data.Scope)
	for _, u := range g.asked {
		data.Asked = append(data.Asked, u.tag)
		for _, term := range u.terms {
			term.Target, _, _ = strings.Cut(term.Target, "|") // the others are only allowed
			data.Terms = appendTerm(data.Terms, term)
		}
		if problem := w.problems[u]; problem != "" {
			data.Problems = append(data.Problems, segmentText{u.tag, problem})
		}
	}
	p := j.t.prompts.bySize[c.model.Profile.Prompt]
	var rendered bytes.Buffer
	if err := p.user.Execute(&rendered, data); err != nil {
		return chat{}, fmt.Errorf("prompt template: %w", err)
	}
	user := strings.TrimSpace(rendered.String())
	prefix := data.Nonce
	if g.hasty {
		prefix = ""
	}
	return chat{
		tenant:    j.req.Tenant,
		article:   j.article,
		batch:     j.req.Batch,
		code:      j.req.Target.Code,
		expected:  answerTokens(g.asked, j.req.Target),
		system:    p.system,
		user:      user,
		messages:  messagesOf(p.system, user),
		maxTokens: maxTokens(g.asked, j.req.Target),
		sampling:  w.sampling,
		prefix:    prefix,
	}, nil
}

// settled lists the translations of the neighbours of what is asked, when they
// stand: a paragraph that is translated alone should call a person what the
// paragraph before called her.
func (j *job) settled(g group) []segmentText {
	if len(g.scope) == len(g.asked) {
		return nil
	}
	var done []segmentText
	for i, u := range j.units {
		asked := func(i int) bool {
			return 0 <= i && i < len(j.units) && slices.Contains(g.asked, j.units[i])
		}
		if asked(i) || !asked(i-1) && !asked(i+1) {
			continue
		}
		if s, ok := j.good(u); ok {
			var hidden escaper
			done = append(done, segmentText{u.tag, hidden.hide(s.Text)})
		}
	}
	return done
}
